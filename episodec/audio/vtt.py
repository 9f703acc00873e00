"""Word times from WebVTT: cues, and timestamps inside them, as written by recorders, aligners and download tools."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from episodec.audio.webvtt import MAX_BYTES, Block, NoWebVtt, blocks, spans
from episodec.audio.words import SpokenWord, estimated
from episodec.errors import BackendError
from episodec.timebase import SAMPLE_RATE

_ROUNDING = 480  # Samples: the length of a recording may be rounded to a hundredth of a second.
# Control characters, soft hyphens, and embedding, joining and tag characters: neither visible nor part of a word.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
_BLINK = SAMPLE_RATE // 20  # Samples: a cue that shows new words is never this short.


@dataclass(frozen=True, slots=True)
class _Cue:
    start: int  # Samples.
    end: int
    spans: tuple[tuple[int, str], ...]  # Each part of its text with the sample at which it begins.


def read_timings(path: Path, samples: int) -> tuple[SpokenWord, ...]:
    """The words of a file of word times, in order, for a sound of `samples` samples.

    A cue of several words without inner timestamps is spread over them in proportion to their letters; each cue counts
    as a sentence.

    Raises:
        BackendError: the file is not WebVTT, its cues are out of order, or one starts after the end of the sound.
    """
    words: list[SpokenWord] = []
    end = 0
    for index, cue in enumerate(_cues(path)):
        if cue.start < end or cue.end < cue.start:
            _refuse(path, "the cues are out of order", cue)
        if cue.start >= samples:
            _refuse(path, f"a cue starts after the end of the recording, {samples / SAMPLE_RATE:.3f} s", cue)
        end = min(cue.end, samples)
        words += _words(path, cue, end, index)
    if not words:
        _refuse(path, "it contains no words")
    return tuple(words)


def timing_notes(path: Path, samples: int) -> Iterator[tuple[str, str]]:
    """Notes to the author about a file that `read_timings` has read: pairs of code and sentence."""
    cues = _cues(path)
    texts = [text for cue in cues for _, text in cue.spans]
    if spread := sum(len(text.split()) for text in texts if len(text.split()) > 1):
        sentence = f"{spread} words share their timestamps with others: their times are estimated from their letters"
        yield "word-times-estimated", sentence
    if (over := cues[-1].end - samples) > _ROUNDING:
        yield "word-times-cut", f"the last cue ends {over / SAMPLE_RATE:.2f} s after the end of the recording"


def cue_ranges(path: Path) -> list[tuple[int, int]]:
    """The range of each cue of a WebVTT file, in samples, half-open; in the order of the file.

    Raises:
        BackendError: the file is not WebVTT.
    """
    return [(block.start, block.end) for block in _blocks(path)]


def _blocks(path: Path) -> list[Block]:
    try:
        with path.open("rb") as file:
            return blocks(file.read(MAX_BYTES + 1))
    except (OSError, NoWebVtt) as error:
        _refuse(path, str(error))


def _cues(path: Path) -> list[_Cue]:
    """The cues with text, without lines repeated from the cue before.

    Roll-up captions, as written by video platforms, show a line again while the next one is spoken. In a file with
    timestamps inside its cues, lines repeated from a cue that ends where this one starts are dropped.
    """
    read = _blocks(path)
    rolls = any(len(spans("\n".join(block.lines))) > 1 for block in read)
    cues: list[_Cue] = []
    before: list[str] = []
    end = 0
    for block in read:
        lines = [line for line in block.lines if line.strip()]
        plain = [" ".join("".join(text for _, text in spans(line)).split()) for line in lines]
        again = _repeated(before, plain) if rolls and block.start <= end else 0
        if again == len(plain) and block.end - block.start > _BLINK:
            again = 0  # The same line, spoken twice.
        before, end = plain, block.end
        parts = [(time, _UNSEEN.sub("", text)) for time, text in spans("\n".join(lines[again:]))]
        if any(text.split() for _, text in parts):
            timed = tuple((block.start if time is None else time, text) for time, text in parts)
            cues.append(_Cue(block.start, block.end, timed))
    return cues


def _repeated(before: list[str], lines: list[str]) -> int:
    """The number of leading lines that repeat the last lines of the cue before."""
    most = min(len(before), len(lines))
    return next((count for count in range(most, 0, -1) if before[-count:] == lines[:count]), 0)


def _words(path: Path, cue: _Cue, end: int, sentence: int) -> list[SpokenWord]:
    """The words of one cue; between inner timestamps they are spread in proportion to their letters."""
    starts = [start for start, _ in cue.spans]
    if sorted(starts) != starts or starts[-1] > end:
        _refuse(path, "the timestamps inside a cue are out of order", cue)
    spoken_words: list[SpokenWord] = []
    for (start, text), stop in zip(cue.spans, [*starts[1:], end], strict=True):
        spoken_words += estimated(text.split(), start, stop, sentence)
    return spoken_words


def _refuse(path: Path, reason: str, cue: _Cue | None = None) -> NoReturn:
    facts: dict[str, object] = {"file": path.name, "reason": reason}
    if cue is not None:
        text = " ".join("".join(part for _, part in cue.spans).split())
        facts["cue"] = f"{cue.start / SAMPLE_RATE:.3f} s: {text[:60]}"
    hint = "one cue per word: `00:00.480 --> 00:00.910`, and the word on the next line"
    raise BackendError("these word times cannot be used", facts=facts, hint=hint)
