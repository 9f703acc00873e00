"""A voice beside a reading of the same text: how alike they are, and where each sound of it is in the voice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from episodec.sound.alignment.closures import LEVELS_A_SECOND, closure, levels
from episodec.sound.alignment.features import FRAMES_A_SECOND, WHOLE_LENGTH, Sound, features
from episodec.sound.alignment.fixed import Integers
from episodec.sound.alignment.path import Path, path

TRACTS = (WHOLE_LENGTH, WHOLE_LENGTH - 1)
"""How long the vocal tract of the voice may be, in eighths of the reading's: that of a man, that of a woman."""

Lips = Literal["open", "closed", "closed before"]
"""What lips do during a sound; before the burst of a `p` they are closed."""

_PARTS = 64  # Of a frame.
_PARTS_A_LEVEL = FRAMES_A_SECOND * _PARTS // LEVELS_A_SECOND
_BEFORE = 4  # Levels, 20 ms before a burst: the middle of its closure.


@dataclass(frozen=True, slots=True)
class Piece:
    """A sound of the reading: its range of samples, and what lips do."""

    start: int
    end: int
    lips: Lips = "open"


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where a reading lies in a voice."""

    cost: int  # Percent of what the reading costs backwards: 0 where they sound the same, some 100 for another text.
    moments: Integers  # (f,): when each frame of the reading is in the voice, in 64ths of a frame.
    rate: int  # Hz, of the reading.
    reading_levels: Integers
    voice_levels: Integers

    def placed(self, pieces: Sequence[Piece]) -> list[tuple[int, int]]:
        """Where these sounds are in the voice, in hundredths of a second; none before the end of the one before it."""
        ends = [(self._at(one.start), self._at(one.end)) for one in pieces]
        halves = [0, *((end - start) // 2 for start, end in ends), 0]  # So much of a neighbour a closure may take.
        shifts = [
            min(max(self._shift(one), -before), own if one.lips == "closed before" else after)
            for one, before, own, after in zip(pieces, halves, halves[1:], halves[2:], strict=False)
        ]
        starts = [self._at(one.start) + shift for one, shift in zip(pieces, shifts, strict=True)]
        found: list[tuple[int, int]] = []
        end = 0
        for place, (one, start) in enumerate(zip(pieces, starts, strict=True)):
            is_closed = one.lips == "closed"  # It moves as a whole, and what follows it begins where it ends.
            is_followed = place + 1 < len(pieces) and pieces[place + 1].start <= one.end and not is_closed
            stop = starts[place + 1] if is_followed else self._at(one.end) + shifts[place] * is_closed
            is_behind = place > 0 and pieces[place - 1].lips == "closed" and one.start <= pieces[place - 1].end
            first = end if is_behind and one.lips == "open" else max(_rounded(start), end)
            end = max(_rounded(stop), first)
            found.append((first, end))
        return found

    def _shift(self, piece: Piece) -> int:
        """By how much lips close later than along the path, in 64ths of a frame: at the quietest moment nearby. 0 where
        the reading or the voice is no quieter there than around it.
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
            return 0  # What is so much longer holds more than this closure.
        if is_before:
            return theirs[1] * _PARTS_A_LEVEL - last
        return (theirs[0] + theirs[1]) * _PARTS_A_LEVEL // 2 - (first + last) // 2

    def _at(self, sample: int) -> int:
        return self._moment(sample * FRAMES_A_SECOND * _PARTS // self.rate)

    def _moment(self, parts: int) -> int:
        """A moment of the reading in the voice, both in 64ths of a frame; between frames in proportion."""
        last = len(self.moments) - 1
        frame, part = divmod(min(parts, last * _PARTS), _PARTS)
        here, there = int(self.moments[frame]), int(self.moments[min(frame + 1, last)])
        return here + (there - here) * part // _PARTS


def aligned(reading: Sound, voice: Sound) -> Alignment:
    """The reading in the voice, whose vocal tract is taken to be as long as makes the two most alike."""
    heard = features(voice)
    tracts = [features(reading, tract) for tract in TRACTS]
    found, read = min(((path(one, heard), one) for one in tracts), key=lambda pair: pair[0].cost)
    cost = 100 * found.cost // max(1, path(read.backwards(), heard).cost)
    return Alignment(cost, _moments(found), reading.rate, levels(reading), levels(voice))


def _moments(found: Path) -> Integers:
    """(f,): the middle of the voice's frames that belong to each frame of the reading, in 64ths of a frame."""
    frames = np.arange(int(found.reading[-1]) + 1)
    first, last = (np.searchsorted(found.reading, frames, side=side) for side in ("left", "right"))
    return (found.voice[first] + found.voice[last - 1]) * _PARTS // 2


def _rounded(parts: int) -> int:
    return (parts + _PARTS // 2) // _PARTS
