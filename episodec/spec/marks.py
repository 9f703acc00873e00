"""Marks in a narration that no voice says: characters without a sound, and Markdown, each at its place."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import islice, pairwise

from episodec.spec.diagnostic import MAX_SHOWN, Diagnostic, Span, diagnose
from episodec.spec.document import Document
from episodec.spec.passages import has_marks, malformed_marks
from episodec.spec.readings import LANGUAGES
from episodec.spec.readings.common import listed
from episodec.spec.scalars import describe_character
from episodec.spec.sentences import lexicon_spans, says
from episodec.spec.types import Episode

_TEXT = ("voice", "text")
_SOUNDING = frozenset("°№§©®™±×÷¬µ−≈≠≤≥√∞‰")
"""Signs that are read, or that voices know by their names."""
_JOINING = "\u200d\ufe0e\ufe0f\u20e3"  # They make one emoji of several characters.
_SCRIPTS = frozenset(listed("LATIN CYRILLIC GREEK COMBINING MICRO FEMININE MASCULINE OHM KELVIN ANGSTROM MODIFIER"))
"""First words of the names of letters that Russian and English voices say."""

_MARKDOWN: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("a heading", re.compile(r"^[ \t]*#{1,6}[ \t]+\S.*$", re.MULTILINE), "remove the `#`"),
    ("a quotation", re.compile(r"^[ \t]*>[ \t]+\S.*$", re.MULTILINE), "remove the `>`"),
    (
        "a list",
        re.compile(r"^[ \t]*[*+-][ \t]+\S.*$", re.MULTILINE),
        "remove the mark; a dialogue begins with a dash: —",
    ),
    (
        "a list",
        re.compile(r"^[ \t]*1[.)][ \t]+\S.*(?=\n[ \t]*2[.)][ \t])", re.MULTILINE),
        "say the numbers in words, or leave them out",
    ),
    ("code", re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL), "remove the backticks"),
    ("a link", re.compile(r"!?\[[^\]\n]{1,300}\]\([^)\s]{1,600}\)"), "keep the words, without the address"),
    (
        "bold text",
        re.compile(r"\*\*(?=\S)[^*\n]+(?<=\S)\*\*|(?<!\w)__(?=\S)[^_\n]+(?<=\S)__(?!\w)"),
        "remove the marks",
    ),
    (
        "text in italics",
        re.compile(
            r"(?<![\w*])\*(?=[^\s*])[^*\n]+(?<=[^\s*])\*(?![\w*])|(?<![\w_])_(?=[^\s_])[^_\n]+(?<=[^\s_])_(?![\w_])"
        ),
        "remove the marks",
    ),
    ("struck out text", re.compile(r"~~(?=\S)[^~\n]+(?<=\S)~~"), "remove the marks"),
)


def check_marks(episode: Episode, document: Document) -> Iterator[Diagnostic]:
    """A warning for what a voice would pass over, or read aloud though nobody means it; an error for marks that are
    none.
    """
    text = episode.voice.text if episode.voice else None
    if text is None or episode.voice is None:
        return
    yield from _pauses(text, document, is_recorded=episode.voice.file is not None)
    yield from _markdown(text, document)
    if episode.voice.file is None and not text.isascii():
        yield from _mute(text, episode, document)


def _pauses(text: str, document: Document, *, is_recorded: bool) -> Iterator[Diagnostic]:
    wrong = list(malformed_marks(text))
    for start, end in wrong[:MAX_SHOWN]:
        is_pause = text[start:end].lstrip("[ \t").lower().startswith(("pause", "пауза"))
        message = f"`{_short(text[start:end])}` is no {'pause' if is_pause else 'expression'}"
        hint = "there are `[smile]`, `[sad]` and `[neutral]`"
        hint = "write how many seconds it lasts at least: `[pause 0.4]`" if is_pause else hint
        yield diagnose("E262", message, document.path, _place(document, text, start, end), hint=hint)
    if is_recorded and not wrong and has_marks(text):
        message = "the text of a recording has pauses in it, which would move nothing"
        yield diagnose("E262", message, document.path, document.span(*_TEXT), hint="remove the marks")


def _markdown(text: str, document: Document) -> Iterator[Diagnostic]:
    """Captions would show the marks, and voices say some of them."""
    taken: list[tuple[int, int]] = []
    for what, pattern, hint in _MARKDOWN:
        for match in islice(pattern.finditer(text), MAX_SHOWN):
            start = match.start() + len(match[0]) - len(match[0].lstrip())
            if not any(first < match.end() and start < last for first, last in taken):
                taken.append((start, match.end()))
                message = f"the voice text holds {what} in Markdown: `{_short(text[start : match.end()])}`"
                yield diagnose("E251", message, document.path, _place(document, text, start, match.end()), hint=hint)


def _mute(text: str, episode: Episode, document: Document) -> Iterator[Diagnostic]:
    known = lexicon_spans(text, episode.lexicon)
    primary = episode.language.partition("-")[0].lower()
    is_mute = _is_strange if primary in LANGUAGES else _is_picture
    for start, end in islice(_runs(text, is_mute), MAX_SHOWN):
        line = text[text.rfind("\n", 0, start) + 1 :].partition("\n")[0]
        # A line of nothing else is an error by itself (E205).
        if says(line) and not any(first < end and start < last for first, last in known):
            message = f"the voice text holds what has no sound: {_named(text[start:end])}"
            hint = "remove it, or say in the lexicon how it is spoken: `lexicon: {WRITTEN: SPOKEN}`"
            yield diagnose("E250", message, document.path, _place(document, text, start, end), hint=hint)


def _runs(text: str, is_mute: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """Where characters without a sound stand side by side."""
    places = [place for place, character in enumerate(text) if is_mute(character)]
    if not places:
        return
    start = places[0]
    for place, after in pairwise([*places, len(text) + 1]):
        if after > place + 1:
            end = place + 1
            while end < len(text) and text[end] in _JOINING:
                end += 1
            yield start, end
            start = after


def _is_picture(character: str) -> bool:
    """An emoji, an arrow, a line of a box: a sign beyond those of Latin-1 that no voice has a word for."""
    if character < "\u0100" or character in _SOUNDING:
        return False
    return unicodedata.category(character) in {"So", "Sm", "Sk", "Co", "Cn"} or character in _JOINING


def _is_strange(character: str) -> bool:
    """A picture, or a letter of a script that voices of Russian and English do not say."""
    if character < "\u0250" or "\u0400" <= character < "\u0500":
        return False
    is_foreign = character.isalpha() and unicodedata.name(character, "").partition(" ")[0] not in _SCRIPTS
    return is_foreign or _is_picture(character)


def _named(run: str) -> str:
    if len(run.rstrip(_JOINING)) == 1:
        return f"`{run}` ({describe_character(run[0])})"
    return f"`{_short(run)}`"


def _short(text: str) -> str:
    line = text.splitlines()[0]
    return line if len(line) <= 40 and line == text else f"{line[:39]}…"


def _place(document: Document, text: str, start: int, end: int) -> Span | None:
    """Where this range of the voice text stands in the spec: the piece of that text, counted from the value's start.

    The whole value where the piece is not written so: behind an escape, or over the end of a folded line.
    """
    if _TEXT not in document.value_marks:
        return document.span(*_TEXT)
    begin, end_mark = document.value_marks[_TEXT]  # Not the span, which ends before lines that look like comments.
    piece = text[start:end].splitlines()[0]
    lines = document.lines[begin.line : end_mark.line + 1]
    lines[-1] = lines[-1][: end_mark.column]
    is_block = document.lines[begin.line][begin.column : begin.column + 1] in {"|", ">"}
    lines[0] = "" if is_block else " " * begin.column + lines[0][begin.column :]
    before = len(_all(text[: start + len(piece)], piece)) - 1
    match = [
        (row, column) for row, line in enumerate(lines) for column in _all(unicodedata.normalize("NFC", line), piece)
    ]
    if before >= len(match):
        return document.span(*_TEXT)
    row, column = match[before]
    line = begin.line + 1 + row
    return Span(line, column + 1, line, column + len(piece) + 1)


def _all(text: str, piece: str) -> list[int]:
    """Where the piece stands, each character in one of them."""
    return [match.start() for match in re.finditer(re.escape(piece), text)]
