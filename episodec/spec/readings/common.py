"""Parts that rules of all languages share: a reading, the precedence of rules, and the words around a place.

Knows no language.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple


class Reading(NamedTuple):
    """A piece of a sentence and its spoken form. The range is half-open, in characters."""

    start: int
    end: int
    spoken: str


Read = Callable[[re.Match[str]], Iterable[Reading]]
Rule = tuple[re.Pattern[str], Read]

NEAR = 80
"""The number of characters searched before a place."""

_ROMAN = re.compile(r"M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})")
_ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_WORD_BEFORE = re.compile(r"([^\W\d_]+)\s(?:[-−+±~≈<>≤≥«(\"“„$€£₽№]\s?)*$")
_GOES_ON = re.compile(r"[\w.!?…]")
_BEGINS = re.compile(r"\s[«\"(]?[A-ZА-ЯЁ]")
_WORD_AFTER = re.compile(r"\s[«\"“„(]?([^\W\d_]+(?:-[^\W\d_]+)*)")


def apply(rules: Sequence[Rule], sentence: str, taken: Iterable[tuple[int, int]]) -> list[Reading]:
    """The readings of a sentence, in order. An earlier rule takes precedence; no reading overlaps a taken range.

    All pieces that a rule gives for one match are used, or none.
    """
    is_taken = bytearray(len(sentence))
    for start, end in taken:
        is_taken[start:end] = b"\1" * (end - start)
    readings: list[Reading] = []
    for pattern, read in rules:
        for match in pattern.finditer(sentence):
            pieces = list(read(match))
            if any(any(is_taken[piece.start : piece.end]) for piece in pieces):
                continue
            readings += [piece for piece in pieces if piece.spoken != sentence[piece.start : piece.end]]
            for piece in pieces:
                is_taken[piece.start : piece.end] = b"\1" * (piece.end - piece.start)
    return sorted(readings)


def at(match: re.Match[str], group: int | str, spoken: str) -> Reading:
    """A reading of the text that this group matched."""
    return Reading(match.start(group), match.end(group), spoken)


def fixed(spoken: str) -> Read:
    """A rule whose answer is always the same."""

    def read(match: re.Match[str]) -> Iterator[Reading]:
        yield at(match, 0, spoken)

    return read


def as_written(match: re.Match[str]) -> Iterator[Reading]:
    """Leave the match unchanged, and out of reach of later rules."""
    yield at(match, 0, match[0])


def word_before(text: str, end: int) -> str:
    """The word that ends before this place, in lower case, skipping signs; empty after any other mark."""
    match = _WORD_BEFORE.search(text[max(0, end - NEAR) : end])
    return match[1].lower() if match else ""


def word_after(text: str, start: int) -> str:
    """The word after a space from this place, as written; empty if there is none."""
    match = _WORD_AFTER.match(text, start)
    return match[1] if match else ""


def stop(match: re.Match[str]) -> str:
    """The full stop that an abbreviation's last dot also is, if only marks follow it."""
    return "." if match[0].endswith(".") and not _GOES_ON.search(match.string, match.end()) else ""


def stop_of_unit(match: re.Match[str]) -> str:
    """The same after a unit: since no name follows a unit, a capital letter begins a sentence here too."""
    begins = _BEGINS.match(match.string, match.end())
    return "." if begins and match[0].endswith(".") else stop(match)


def roman(text: str) -> int | None:
    """The value of a Roman numeral; None if the text is not one."""
    if not text or not _ROMAN.fullmatch(text):
        return None
    digits = [_ROMAN_DIGITS[letter] for letter in text]
    return sum(-one if one < after else one for one, after in zip(digits, [*digits[1:], 0], strict=True))


def alternatives(words: Iterable[str]) -> str:
    """A pattern for any of the words, longer ones first; a space matches any space, or none after a dot."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", r"\s?" if "." in word else r"\s") for word in ordered)


def listed(text: str) -> tuple[str, ...]:
    """The words of a table that is written as a text."""
    return tuple(text.split())
