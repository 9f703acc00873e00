"""Parts of a narration that no voice says: characters without a sound, and Markdown, each at its place."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import islice, pairwise

from episodec.spec.diagnostic import MAX_SHOWN, Diagnostic, diagnose
from episodec.spec.document import Document
from episodec.spec.passages import has_marks, malformed_marks
from episodec.spec.readings import LANGUAGES
from episodec.spec.readings.common import listed
from episodec.spec.scalars import describe_character
from episodec.spec.sentences import lexicon_spans, says
from episodec.spec.text_places import place_in_text
from episodec.spec.types import Episode

_TEXT = ("voice", "text")
_SOUNDING = frozenset("°№§©®™±×÷¬µ−≈≠≤≥√∞‰")
"""Signs that are read out, or that voices know by name."""
_JOINING = "\u200d\ufe0e\ufe0f\u20e3"  # They combine several characters into one emoji.
_SCRIPTS = frozenset(listed("LATIN CYRILLIC GREEK COMBINING MICRO FEMININE MASCULINE OHM KELVIN ANGSTROM MODIFIER"))
"""First words of the Unicode names of letters that Russian and English voices say."""

_MARKDOWN: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("a heading", re.compile(r"^[ \t]*#{1,6}[ \t]+\S.*$", re.MULTILINE), "remove the `#`"),
    ("a quotation", re.compile(r"^[ \t]*>[ \t]+\S.*$", re.MULTILINE), "remove the `>`"),
    (
        "a list",
        re.compile(r"^[ \t]*[*+-][ \t]+\S.*$", re.MULTILINE),
        "remove the mark; begin dialogue with a dash: —",
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
    """A warning for anything that a voice would skip or read aloud unintentionally; an error for malformed marks."""
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
        message = f"`{_short(text[start:end])}` is not a valid {'pause' if is_pause else 'expression'}"
        hint = "use `[smile]`, `[sad]` or `[neutral]`"
        hint = "give its minimum length in seconds: `[pause 0.4]`" if is_pause else hint
        yield diagnose("E262", message, document.path, place_in_text(document, _TEXT, text, start, end), hint=hint)
    if is_recorded and not wrong and has_marks(text):
        message = "the text of a recording has pause marks, which would have no effect"
        yield diagnose("E262", message, document.path, document.span(*_TEXT), hint="remove the marks")


def _markdown(text: str, document: Document) -> Iterator[Diagnostic]:
    """Warnings for Markdown: captions would show the marks, and voices say some of them."""
    taken: list[tuple[int, int]] = []
    for what, pattern, hint in _MARKDOWN:
        for match in islice(pattern.finditer(text), MAX_SHOWN):
            start = match.start() + len(match[0]) - len(match[0].lstrip())
            if not any(first < match.end() and start < last for first, last in taken):
                taken.append((start, match.end()))
                message = f"the voice text holds {what} in Markdown: `{_short(text[start : match.end()])}`"
                yield diagnose(
                    "E251", message, document.path, place_in_text(document, _TEXT, text, start, match.end()), hint=hint
                )


def _mute(text: str, episode: Episode, document: Document) -> Iterator[Diagnostic]:
    known = lexicon_spans(text, episode.lexicon)
    primary = episode.language.partition("-")[0].lower()
    is_mute = _is_strange if primary in LANGUAGES else _is_picture
    for start, end in islice(_runs(text, is_mute), MAX_SHOWN):
        line = text[text.rfind("\n", 0, start) + 1 :].partition("\n")[0]
        # A line of nothing else is a separate error (E205).
        if says(line) and not any(first < end and start < last for first, last in known):
            message = f"the voice text has characters without a sound: {_named(text[start:end])}"
            hint = "remove them, or give their spoken form in the lexicon: `lexicon: {WRITTEN: SPOKEN}`"
            yield diagnose("E250", message, document.path, place_in_text(document, _TEXT, text, start, end), hint=hint)


def _runs(text: str, is_mute: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """The ranges of adjacent characters without a sound."""
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
    """Whether it is an emoji, an arrow or box drawing: a sign beyond Latin-1 that no voice has a word for."""
    if character < "\u0100" or character in _SOUNDING:
        return False
    return unicodedata.category(character) in {"So", "Sm", "Sk", "Co", "Cn"} or character in _JOINING


def _is_strange(character: str) -> bool:
    """Whether it is a picture, or a letter of a script that Russian and English voices do not say."""
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
