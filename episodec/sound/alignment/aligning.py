"""Compares a voice with a reading of the same text: their similarity, and the place of each sound in the voice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from episodec.sound.alignment.closures import LEVELS_A_SECOND, closure, levels
from episodec.sound.alignment.features import FRAMES_A_SECOND, WHOLE_LENGTH, Sound, features
from episodec.sound.alignment.fixed import Integers
from episodec.sound.alignment.path import WarpPath, path

TRACTS = (WHOLE_LENGTH, WHOLE_LENGTH - 1)
"""Candidate lengths of the voice's vocal tract, in eighths of the reading's: that of a man, that of a woman."""

Lips = Literal["open", "closed", "closed before"]
"""The lips during a sound; before the burst of a `p` they are closed."""

_PARTS = 64  # Per frame.
_PARTS_A_LEVEL = FRAMES_A_SECOND * _PARTS // LEVELS_A_SECOND
_BEFORE = 4  # Levels, 20 ms before a burst: the middle of its closure.


@dataclass(frozen=True, slots=True)
class Piece:
    """A sound of the reading: its range of samples, and the state of the lips."""

    start: int
    end: int
    lips: Lips = "open"


@dataclass(frozen=True, slots=True)
class Alignment:
    """The alignment of a reading with a voice."""

    cost: int  # Percent of the cost of the reading played backwards: 0 for equal sounds, about 100 for another text.
    moments: Integers  # (f,): the time of each frame of the reading in the voice, in 64ths of a frame.
    rate: int  # Hz, of the reading.
    reading_levels: Integers
    voice_levels: Integers

    def placed(self, pieces: Sequence[Piece]) -> list[tuple[int, int]]:
        """The ranges of these sounds in the voice, in hundredths of a second; each starts no earlier than the one
        before ends.
        """
        ends = [(self._at(one.start), self._at(one.end)) for one in pieces]
        halves = [0, *((end - start) // 2 for start, end in ends), 0]  # How far a closure may extend into a neighbour.
        shifts = [
            min(max(self._shift(one), -before), own if one.lips == "closed before" else after)
            for one, before, own, after in zip(pieces, halves, halves[1:], halves[2:], strict=False)
        ]
        starts = [self._at(one.start) + shift for one, shift in zip(pieces, shifts, strict=True)]
        ranges: list[tuple[int, int]] = []
        end = 0
        for place, (piece, start) in enumerate(zip(pieces, starts, strict=True)):
            is_closed = piece.lips == "closed"  # It moves as a whole, and the next sound begins where it ends.
            is_followed = place + 1 < len(pieces) and pieces[place + 1].start <= piece.end and not is_closed
            stop = starts[place + 1] if is_followed else self._at(piece.end) + shifts[place] * is_closed
            is_behind = place > 0 and pieces[place - 1].lips == "closed" and piece.start <= pieces[place - 1].end
            first = end if is_behind and piece.lips == "open" else max(_rounded(start), end)
            end = max(_rounded(stop), first)
            ranges.append((first, end))
        return ranges

    def _shift(self, piece: Piece) -> int:
        """How much later than along the path lips close, in 64ths of a frame: at the quietest moment nearby. 0 if the
        reading or the voice is no quieter there than around it.
        """
        if piece.lips == "open":
            return 0
        is_before = piece.lips == "closed before"
        middle = (piece.start if is_before else (piece.start + piece.end) // 2) * LEVELS_A_SECOND // self.rate
        ours = closure(self.reading_levels, middle - _BEFORE if is_before else middle)
        if ours is None:
            return 0
        first, last = (self._moment(one * _PARTS_A_LEVEL) for one in ours)
        theirs = closure(self.voice_levels, (first + last) // (2 * _PARTS_A_LEVEL))
        if theirs is None or theirs[1] - theirs[0] > 2 * (ours[1] - ours[0]):
            return 0  # So long a range holds more than this closure.
        if is_before:
            return theirs[1] * _PARTS_A_LEVEL - last
        return (theirs[0] + theirs[1]) * _PARTS_A_LEVEL // 2 - (first + last) // 2

    def _at(self, sample: int) -> int:
        return self._moment(sample * FRAMES_A_SECOND * _PARTS // self.rate)

    def _moment(self, parts: int) -> int:
        """The time in the voice of a moment of the reading, both in 64ths of a frame; interpolated between frames."""
        last = len(self.moments) - 1
        frame, part = divmod(min(parts, last * _PARTS), _PARTS)
        here, there = int(self.moments[frame]), int(self.moments[min(frame + 1, last)])
        return here + (there - here) * part // _PARTS


def aligned(reading: Sound, voice: Sound) -> Alignment:
    """The alignment of the reading with the voice, with the vocal tract length that makes them most alike."""
    voice_features = features(voice)
    tracts = [features(reading, tract) for tract in TRACTS]
    best, read = min(((path(one, voice_features), one) for one in tracts), key=lambda pair: pair[0].cost)
    cost = 100 * best.cost // max(1, path(read.backwards(), voice_features).cost)
    return Alignment(cost, _moments(best), reading.rate, levels(reading), levels(voice))


def _moments(path: WarpPath) -> Integers:
    """(f,): the middle of the voice's frames aligned with each frame of the reading, in 64ths of a frame."""
    frames = np.arange(int(path.reading[-1]) + 1)
    first, last = (np.searchsorted(path.reading, frames, side=side) for side in ("left", "right"))
    return (path.voice[first] + path.voice[last - 1]) * _PARTS // 2


def _rounded(parts: int) -> int:
    return (parts + _PARTS // 2) // _PARTS
