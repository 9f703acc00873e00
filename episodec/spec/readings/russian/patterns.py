"""How numbers are written in Russian texts: parts of the rules' patterns."""

import re

Match = re.Match[str]

INT = r"(?:[1-9]\d{0,2}(?:\s\d{3})+(?!\d)|\d+)"
NUM = rf"{INT}(?:[.,]\d+)?"
FREE = r"(?<!\w)(?<!\w[.,:/\\])"
"""Before a number that begins here."""
END = r"(?![^\W²³⁰¹⁴-⁹])(?![.,:/]\d)"
"""After a number that ends here."""
DASH = r"\s?[-–—]\s?"
YEAR = r"(?:1\d|20)\d\d"
