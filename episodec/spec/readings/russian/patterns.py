"""How numbers are written in Russian texts: parts of the rules' patterns."""

import re

Match = re.Match[str]

INT = r"(?:[1-9]\d{0,2}(?:\s\d{3})+(?!\d)|\d+)"
NUM = rf"{INT}(?:[.,]\d+)?"
FREE = r"(?<!\w)(?<!\w[.,:/\\])"
"""A pattern for the place before a number."""
END = r"(?![^\W²³⁰¹⁴-⁹])(?![.,:/]\d)"
"""A pattern for the place after a number."""
DASH = r"\s?[-–—]\s?"
YEAR = r"(?:1\d|20)\d\d"
