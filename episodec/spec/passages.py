"""A narration as passages, each spoken in one go, with the pauses and facial expressions that its text asks for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from episodec.pacing import Gap
from episodec.spec.sentences import says, sentences, tidy

LONGEST_PAUSE_S = 60.0

_MARK = re.compile(r"\[pause (\d{1,4}(?:\.\d{1,6})?)(?: ?s)?\]")
_EXPRESSION = re.compile(r"\[(neutral|smile|sad)\]")
_EXPRESSION_AROUND = re.compile(rf"(?:[ \t]*{_EXPRESSION.pattern})+(?:(?=[.,:;!?…])|[ \t]*)")
_EXPRESSION_LINE = re.compile(rf"^(?:[ \t]*{_EXPRESSION.pattern})+[ \t]*(?:\n|\Z)", re.MULTILINE)
# Malformed marks: any bracket that begins like a mark, up to its end or that of its line.
_MEANT = re.compile(
    r"\[[ \t]*(?:pause|пауза|neutral|smile|sad|улыбка|грусть|нейтрально)(?![^\W_])[^\]\n]*\]?", re.IGNORECASE
)
_STOPS = re.compile(r"[.,:;!?…]+(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence, or a part of one between two marks, without the marks."""

    text: str
    gap: Gap


@dataclass(frozen=True, slots=True)
class Narration:
    """Everything that is spoken, in order."""

    passages: tuple[Passage, ...]
    after_s: float = 0.0  # The pause that a mark asks for after the last passage.


@dataclass(frozen=True, slots=True)
class _TextPart:
    """A part of a line, and the pause that a mark asks for after it."""

    text: str
    pause_s: float


def narration(text: str, language: str) -> Narration:
    """The passages of a voice text.

    A blank line begins a paragraph; `[pause 0.4]` is a pause of at least 0.4 s, also within a sentence, which it
    splits. Punctuation after a mark belongs to the part before it. Pauses at one place add up.
    """
    passages: list[Passage] = []
    pause_s, is_paragraph = 0.0, False
    for line in tidy(_plain_faced(text)).splitlines():
        is_paragraph = is_paragraph or (not line.strip() and bool(passages))
        for piece in _pieces(line):
            for sentence in sentences(piece.text, language):
                passages.append(Passage(sentence, Gap(pause_s, is_paragraph)))
                pause_s, is_paragraph = 0.0, False
            pause_s += piece.pause_s
    return Narration(tuple(passages), pause_s)


def expressions(text: str) -> Iterator[tuple[str, str]]:
    """The marks for expressions, `[smile]`, in order: the text before each, and its word."""
    for mark in _EXPRESSION.finditer(text):
        yield text[: mark.start()], mark[1]


def unmarked(text: str) -> str:
    """The text without its marks."""
    return _MARK.sub(" ", _plain_faced(text))


def has_marks(text: str) -> bool:
    """Whether the text has a mark for a pause."""
    return _MARK.search(text) is not None


def malformed_marks(text: str) -> Iterator[tuple[int, int]]:
    """The ranges of malformed marks."""
    for meant in _MEANT.finditer(text):
        mark = _MARK.fullmatch(meant[0])
        is_pause = mark is not None and 0 < float(mark[1]) <= LONGEST_PAUSE_S
        if not is_pause and not _EXPRESSION.fullmatch(meant[0]):
            yield meant.span()


def _plain_faced(text: str) -> str:
    """The text without marks for expressions, and without lines of only such marks.

    These marks split no sentence: a space is left where two words would run into each other.
    """
    text = _EXPRESSION_LINE.sub("", text)

    def between(match: re.Match[str]) -> str:
        before, after = text[: match.start()][-1:], text[match.end() :][:1]
        return " " if before.strip() and after.strip() and after not in ".,:;!?…" else ""

    return _EXPRESSION_AROUND.sub(between, text) if "[" in text else text


def _pieces(line: str) -> list[_TextPart]:
    """The line between its marks; parts without letters or digits join the piece before, else the one after."""
    pieces: list[_TextPart] = []
    before, at = "", 0
    for mark in [*_MARK.finditer(line), None]:
        text, pause_s = (line[at : mark.start()], float(mark[1])) if mark else (line[at:], 0.0)
        at = mark.end() if mark else at
        stops = _STOPS.match(text)
        if stops and pieces and says(pieces[-1].text):
            pieces[-1] = _TextPart(pieces[-1].text + stops[0], pieces[-1].pause_s)
            text = text[stops.end() :]
        text = f"{before} {text}".strip()
        if says(text) or (not pieces and not text):
            pieces.append(_TextPart(text, pause_s))
            before = ""
        elif pieces and says(pieces[-1].text):
            pieces[-1] = _TextPart(f"{pieces[-1].text} {text}".rstrip(), pieces[-1].pause_s + pause_s)
        else:
            pieces.append(_TextPart("", pause_s))
            before = text
    return pieces
