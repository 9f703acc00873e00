"""Word times from WebVTT (W3C, webvtt1): cues, and timestamps inside them, as recorders and aligners write them."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from episodec.audio.words import SpokenWord, estimated
from episodec.errors import BackendError
from episodec.timebase import SAMPLE_RATE

_TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)[.,](\d{3})"
_CUE = re.compile(rf"^[ \t]*{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t].*)?$")
_INSIDE = re.compile(rf"<{_TIME}>")
_TAG = re.compile(r"</?[A-Za-z][^>]*>")
_MAX_BYTES = 4 << 20
_ROUNDING = 480  # Samples: the end of a recording may be told to a hundredth of a second.


@dataclass(frozen=True, slots=True)
class _Cue:
    start: int  # Samples.
    end: int
    text: str


def read_timings(path: Path, samples: int) -> tuple[SpokenWord, ...]:
    """The words of a file of word times, for a sound of so many samples, in order. A cue of several words without times
    inside is spread over them by letters; each cue is a sentence of its own here.

    Raises:
        BackendError: it is no WebVTT, its cues are out of order, or lie behind the end of the sound.
    """
    words: list[SpokenWord] = []
    end = 0
    for index, cue in enumerate(_cues(path)):
        if cue.start < end or cue.end < cue.start:
            _refuse(path, "the cues are out of order", cue)
        if cue.start >= samples:
            _refuse(path, f"a cue lies behind the end of the recording, {samples / SAMPLE_RATE:.3f} s", cue)
        end = min(cue.end, samples)
        words += _words(path, cue, end, index)
    if not words:
        _refuse(path, "it names no words")
    return tuple(words)


def timing_notes(path: Path, samples: int) -> Iterator[tuple[str, str]]:
    """What an author should know of a file that `read_timings` has read: codes of notes and their sentences."""
    cues = list(_cues(path))
    texts = [_TAG.sub("", piece) for cue in cues for piece in _INSIDE.split(cue.text)[::5]]
    if spread := sum(len(text.split()) for text in texts if len(text.split()) > 1):
        sentence = f"{spread} words share their times with others: when each is spoken is estimated from its letters"
        yield "word-times-estimated", sentence
    if (over := cues[-1].end - samples) > _ROUNDING:
        yield "word-times-cut", f"the last cue ends {over / SAMPLE_RATE:.2f} s behind the recording"


def cue_ranges(path: Path) -> list[tuple[int, int]]:
    """When each cue of a WebVTT file stands, in samples, half-open; in the order of the file.

    Raises:
        BackendError: it is no WebVTT.
    """
    return [(cue.start, cue.end) for cue in _cues(path)]


def _cues(path: Path) -> list[_Cue]:
    try:
        content = path.read_bytes()
        text = content[:_MAX_BYTES].decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        _refuse(path, str(error))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(content) > _MAX_BYTES or not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        _refuse(path, "it does not begin with WEBVTT")
    cues: list[_Cue] = []
    rows = iter(lines)
    for line in rows:
        found = _CUE.match(line)
        if found is None:
            if "-->" in line:
                _refuse(path, f"these are no times: {line.strip()[:60]}")
            continue
        body: list[str] = []
        for row in rows:
            if not row.strip():
                break
            body.append(row)
        groups = found.groups()
        cues.append(_Cue(_samples(groups[:4]), _samples(groups[4:]), " ".join(body)))
    return cues


def _words(path: Path, cue: _Cue, end: int, sentence: int) -> list[SpokenWord]:
    """The words of one cue: between times inside it they are spread by letters."""
    pieces = _INSIDE.split(cue.text)  # Text, then four groups and a text for each time.
    starts = [cue.start, *(_samples(tuple(pieces[at : at + 4])) for at in range(1, len(pieces), 5))]
    texts = [html.unescape(_TAG.sub("", pieces[at])) for at in range(0, len(pieces), 5)]
    if sorted(starts) != starts or starts[-1] > end:
        _refuse(path, "the times inside a cue are out of order", cue)
    found: list[SpokenWord] = []
    for start, stop, text in zip(starts, [*starts[1:], end], texts, strict=True):
        found += estimated(text.split(), start, stop, sentence)
    return found


def _samples(groups: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, milliseconds = (int(group or 0) for group in groups)
    return ((hours * 60 + minutes) * 60 + seconds) * SAMPLE_RATE + milliseconds * SAMPLE_RATE // 1000


def _refuse(path: Path, reason: str, cue: _Cue | None = None) -> NoReturn:
    facts: dict[str, object] = {"file": path.name, "reason": reason}
    if cue is not None:
        facts["cue"] = f"{cue.start / SAMPLE_RATE:.3f} s: {cue.text[:60]}"
    hint = "a cue for each word: `00:00.480 --> 00:00.910`, and the word on the next line"
    raise BackendError("these word times cannot be used", facts=facts, hint=hint)
