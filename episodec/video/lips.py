"""Compares the face in a film with its performance: correlation and delay of the lips, and the number of blinks.

Works on series of numbers, one per frame; NaN where the face was not measured or not found. Knows no pictures and has
no thresholds for pass or fail.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.video.gates import MeasuredRange

Floats = NDArray[np.float64]

FACE = ("lip_sync", "lip_offset", "blinks")  # The measurements, by the names of gates.
FARTHEST = 6  # Frames: the largest delay that is tried, in both directions.
LEAST_SEEN = 20  # Frames of speech, a second or more: fewer give no meaningful correlation.
AROUND = 8  # Frames around an opening that count as speech: closed lips between two words are a part of it.
REST = 0.01  # The largest opening of closed lips, in distances between the eyes.
LEAST_SHARE = 0.8  # The least share of frames with a face for counting blinks.
# Shares of the usual lid distance nearby: a blink begins below the first and ends above the second.
SHUT, OPEN = 0.8, 0.9
AROUND_S = 1.0  # The time before and after a moment from which the usual lid distance is taken.
COUNTED_S = 30.0  # Seconds to which the number of blinks refers.


@dataclass(frozen=True, slots=True, eq=False)
class FilmedFace:
    """The performance of each frame (F,), and the same as measured in the film."""

    opening: Floats  # The intended distance of the lips, in distances between the eyes.
    lips: Floats  # Their distance in the film, in any unit.
    lids: Floats  # The distance of the lids in the film, the mean of both eyes, in any unit.

    def readings(self, rate: int) -> dict[str, MeasuredRange | None]:
        """The measurements of the whole episode, by the names of gates."""
        sync, blink_count = lip_sync(self.opening, self.lips), blinks(self.lids, rate)
        likeness, offset = (None, None) if sync is None else (sync.likeness, sync.offset)
        often = None if blink_count is None else in_30_s(len(blink_count), len(self.lids), rate)
        return {"lip_sync": _whole(likeness), "lip_offset": _whole(offset), "blinks": _whole(often)}

    def per_frame(self) -> dict[str, list[float | None]]:
        """The numbers of each frame."""
        return {"opening": _listed(self.opening), "lips": _listed(self.lips), "lids": _listed(self.lids)}


def _whole(value: float | None) -> MeasuredRange | None:
    return None if value is None else MeasuredRange(value, value)


def _listed(values: Floats) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


@dataclass(frozen=True, slots=True)
class LipSync:
    """The agreement of a film's lips with a performance."""

    likeness: float  # Pearson's correlation frame by frame, -1 to 1.
    offset: int  # Frames by which the film's lips are late: the delay with the highest correlation.
    frames: int  # That were compared.


def lip_sync(opening: Floats, lips: Floats) -> LipSync | None:
    """The agreement of intended and measured lip distances, both (F,), during speech; their units may differ. None if
    too few frames show the face, or the lips never move.
    """
    spoken = _around(opening > REST, AROUND)
    likeness = {offset: _likeness(opening, lips, spoken, offset) for offset in range(-FARTHEST, FARTHEST + 1)}
    here = likeness[0]
    if here is None:
        return None
    best = max((each, -abs(offset), offset) for offset, each in likeness.items() if each is not None)
    return LipSync(here, best[2], int(np.count_nonzero(spoken & ~np.isnan(lips))))


def _likeness(opening: Floats, lips: Floats, spoken: NDArray[np.bool_], offset: int) -> float | None:
    """The correlation of the film's lips with the intended ones `offset` frames earlier."""
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
    """The mask, widened by so many frames on both sides."""
    count = np.concatenate([[0], np.cumsum(mask)])
    at = np.arange(len(mask))
    near: NDArray[np.bool_] = count[np.minimum(at + frames + 1, len(mask))] > count[np.maximum(at - frames, 0)]
    return near


def blinks(lids: Floats, rate: int) -> list[int] | None:
    """The first frame of each blink, from lid distances (F,) in any unit; None if too few frames show the face."""
    (known,) = np.nonzero(~np.isnan(lids))
    step = int(np.median(np.diff(known))) if len(known) > 1 else 1
    if len(known) < LEAST_SEEN or len(known) < LEAST_SHARE * len(lids) / step:
        return None
    apart, starts, is_shut = lids[known], [], False
    for place, frame in enumerate(known):
        share = apart[place] / _open_around(known, apart, int(frame), round(AROUND_S * rate))
        if share < SHUT and not is_shut:
            starts.append(int(frame))
        is_shut = share < (OPEN if is_shut else SHUT)
    return starts


def _open_around(visible_frames: NDArray[np.intp], apart: Floats, frame: int, reach: int) -> float:
    """The usual lid distance near a frame: the lesser of the medians before and after. Looking down is no blink."""
    first, here, last = np.searchsorted(visible_frames, [frame - reach, frame, frame + reach + 1])
    sides = (apart[first:here], apart[here:last])
    return min(float(np.median(each)) for each in sides if len(each) >= len(apart[first:last]) / 4)


def in_30_s(count: int, frames: int, rate: int) -> float:
    """The number of blinks per 30 s."""
    return count * COUNTED_S * rate / frames
