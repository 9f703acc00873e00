"""Plain scalars by YAML 1.2's core schema (specification 1.2.2, section 10.3.2), and characters that texts must not
have.

PyYAML itself follows YAML 1.1, where `072` is 58, `1:30` is 90, `on` is true and dates become objects.
"""

import math
import re
import unicodedata

Scalar = None | bool | int | float | str

MAX_DIGITS = 20  # Of the longest number: int() of a megabyte of digits takes minutes.

# Raw U+0085, U+2028 and U+2029 are line breaks to YAML 1.1's libyaml but not to YAML 1.2: refused, never guessed.
CONTROL = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|\r(?!\n)"
)
# Tag characters can hide a text of any length. They are allowed only in flags of parts of a country (UTS #51, ED-14a):
# after a black flag, three to six letters and digits, then the closing tag.
_FLAG_TAGS = "[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
_TAGS = "[\U000e0000-\U000e007f]"
INVISIBLE = re.compile(
    "[\u202a-\u202e\u2066-\u2069]"
    f"|(?<!\U0001f3f4)(?<![\U000e0020-\U000e007e]){_TAGS}|(?<=\U0001f3f4)(?!{_FLAG_TAGS}){_TAGS}"
)
"""Characters that reorder visible text, or carry text that is not visible."""

MAX_MARKS = 30  # On one letter, as in Unicode's stream-safe text (UAX #15): normalising takes quadratic time.
_FOREIGN = re.compile(rf"[^\w\s\x00-\x7f]{{{MAX_MARKS + 1},}}")  # Covers every longer run of marks, and other signs.

_WORDS: dict[str, Scalar] = {"": None, "~": None}
_WORDS |= dict.fromkeys(("null", "Null", "NULL"), None)
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True)
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)

_STARTS = frozenset("-+.0123456789~nNtTfF")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

# Texts that YAML 1.1 tools take for other types: quoted by the formatter, so that all tools agree.
_YAML_1_1 = re.compile(
    r"(?i:y|n|yes|no|on|off|=|<<)|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?|[-+]?0b[01_]+|[-+]?0x[0-9a-f_]+|"
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?|[-+]?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|"
    r"[-+]?\.[0-9_]+([eE][-+]?[0-9]+)?"
)


class OutOfRange(ValueError):
    """A number that no field can hold; the reader turns it into a diagnostic."""


def marks_at(text: str) -> int | None:
    """The first place where more than MAX_MARKS combining marks are in a row, or None."""
    for run in _FOREIGN.finditer(text):
        count = 0
        for place, character in enumerate(run[0], run.start() + 1):
            count = count + 1 if unicodedata.combining(character) else 0
            if count > MAX_MARKS:
                return place - count
    return None


def resolve(text: str) -> Scalar:
    """The value of a plain scalar.

    Raises:
        OutOfRange: infinity, not-a-number, or more than 20 digits.
    """
    if text and text[0] not in _STARTS:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        if len(text) > MAX_DIGITS + 2:
            raise OutOfRange(f"a number of {len(text)} digits")
        return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
    if _FLOAT.fullmatch(text):
        number = float(text) if len(text) <= 2 * MAX_DIGITS else math.inf
        if not math.isfinite(number):
            raise OutOfRange("a number that is too long or too large")
        return number
    if _SPECIAL.fullmatch(text):
        raise OutOfRange("infinity" if "n" not in text[-1].lower() else "not a number")
    return text


def is_ambiguous(text: str) -> bool:
    """Whether this text, written plainly, is another type to a reader of YAML 1.1 or 1.2."""
    try:
        return not isinstance(resolve(text), str) or _YAML_1_1.fullmatch(text) is not None
    except OutOfRange:
        return True


def describe_character(character: str) -> str:
    """An unprintable character in words: `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X} {name}".rstrip()
