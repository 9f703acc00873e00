"""A film's face against its performance: whether lips move as they should and when, and how often the eyes blink.

Series of numbers, one a frame; not a number where nobody looked, or no face was seen. Knows no pictures, and judges
nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.video.gates import Reading

Floats = NDArray[np.float64]

FACE = ("lip_sync", "lip_offset", "blinks")  # What is measured, by the names of gates.
FARTHEST = 6  # Frames by which lips are looked for earlier and later.
LEAST_SEEN = 20  # Frames that are held against each other, of a second of speech or more: fewer tell nothing.
AROUND = 8  # Frames around an opening that count as speech: closed lips between two words are a part of it.
REST = 0.01  # An opening that is none, in distances between the eyes.
LEAST_SHARE = 0.8  # Of the frames in which blinks are counted, that show a face.
SHUT, OPEN = 0.8, 0.9  # Of how far the lids are apart around: closed further is a blink, open further its end.
AROUND_S = 1.0  # Before a moment, and after it: where the lids are open at most times.
COUNTED_S = 30.0  # Blinks are counted in so many seconds.


@dataclass(frozen=True, slots=True, eq=False)
class FilmedFace:
    """What a performance asks of each frame (F,), and what the film shows of it."""

    opening: Floats  # How far apart the lips should be, in distances between the eyes.
    lips: Floats  # How far apart they are, in any unit.
    lids: Floats  # Of both eyes, as far as they are apart.

    def readings(self, rate: int) -> dict[str, Reading | None]:
        """What it comes to over an episode, by the names of gates."""
        sync, found = lip_sync(self.opening, self.lips), blinks(self.lids, rate)
        likeness, offset = (None, None) if sync is None else (sync.likeness, sync.offset)
        often = None if found is None else in_30_s(len(found), len(self.lids), rate)
        return {"lip_sync": _whole(likeness), "lip_offset": _whole(offset), "blinks": _whole(often)}

    def per_frame(self) -> dict[str, list[float | None]]:
        """The numbers of each frame."""
        return {"opening": _listed(self.opening), "lips": _listed(self.lips), "lids": _listed(self.lids)}


def _whole(value: float | None) -> Reading | None:
    return None if value is None else Reading(value, value)


def _listed(values: Floats) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


@dataclass(frozen=True, slots=True)
class LipSync:
    """How a film's lips go with a performance."""

    likeness: float  # Pearson's correlation frame by frame, -1 to 1.
    offset: int  # Frames by which the film's lips come late, where they are most alike.
    frames: int  # That were compared.


def lip_sync(opening: Floats, lips: Floats) -> LipSync | None:
    """How far apart lips should be (F,) and how far they are in the film (F,), while something is said; the units may
    differ. None where too few frames show it, or lips never move.
    """
    spoken = _around(opening > REST, AROUND)
    likeness = {offset: _likeness(opening, lips, spoken, offset) for offset in range(-FARTHEST, FARTHEST + 1)}
    here = likeness[0]
    if here is None:
        return None
    best = max((each, -abs(offset), offset) for offset, each in likeness.items() if each is not None)
    return LipSync(here, best[2], int(np.count_nonzero(spoken & ~np.isnan(lips))))


def _likeness(opening: Floats, lips: Floats, spoken: NDArray[np.bool_], offset: int) -> float | None:
    """The correlation of the film's lips with how they should be so many frames before."""
    count = len(opening)
    there, here = slice(max(0, -offset), count - max(0, offset)), slice(max(0, offset), count - max(0, -offset))
    should, are = opening[there], lips[here]
    both = spoken[there] & ~np.isnan(are)
    if np.count_nonzero(both) < LEAST_SEEN:
        return None
    x, y = should[both] - should[both].mean(), are[both] - are[both].mean()
    size = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / size if size > 0 else None


def _around(mask: NDArray[np.bool_], frames: int) -> NDArray[np.bool_]:
    """Where the mask holds, and so many frames before and after."""
    count = np.concatenate([[0], np.cumsum(mask)])
    at = np.arange(len(mask))
    found: NDArray[np.bool_] = count[np.minimum(at + frames + 1, len(mask))] > count[np.maximum(at - frames, 0)]
    return found


def blinks(lids: Floats, rate: int) -> list[int] | None:
    """The frames in which a blink is seen first, of lids that are so far apart (F,) in any unit; None where the face is
    seen too seldom.
    """
    (seen,) = np.nonzero(~np.isnan(lids))
    step = int(np.median(np.diff(seen))) if len(seen) > 1 else 1
    if len(seen) < LEAST_SEEN or len(seen) < LEAST_SHARE * len(lids) / step:
        return None
    apart, found, is_shut = lids[seen], [], False
    for place, frame in enumerate(seen):
        share = apart[place] / _open_around(seen, apart, int(frame), round(AROUND_S * rate))
        if share < SHUT and not is_shut:
            found.append(int(frame))
        is_shut = share < (OPEN if is_shut else SHUT)
    return found


def _open_around(seen: NDArray[np.intp], apart: Floats, frame: int, reach: int) -> float:
    """How far lids are apart before a frame and after it, at most times; the lesser one: looking down is no blink."""
    first, here, last = np.searchsorted(seen, [frame - reach, frame, frame + reach + 1])
    sides = (apart[first:here], apart[here:last])
    return min(float(np.median(each)) for each in sides if len(each) >= len(apart[first:last]) / 4)


def in_30_s(count: int, frames: int, rate: int) -> float:
    """How many blinks that are in 30 s."""
    return count * COUNTED_S * rate / frames
