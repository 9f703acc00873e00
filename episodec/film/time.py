"""Scene time, from 0 to 1, as exact fractions: which moment of the scene a frame shows.

Of n samples, sample k is at k / (n - 1): here, in baked scenes and in datasets alike.
"""

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction

from episodec.film.moves import Hold, Linear, Loop, Pingpong, TimeKeys, TimeSegment
from episodec.film.track_errors import refuse


def sample_time(sample: int, count: int) -> Fraction:
    """The scene time of one sample of `count`: 0 for the first, 1 for the last."""
    if not 0 <= sample < count or count < 2:
        raise ValueError(f"sample {sample} of {count}")
    return Fraction(sample, count - 1)


def scene_times(segment: TimeSegment, frames: Sequence[int]) -> list[Fraction]:
    """The scene times of these frames of a segment, counted from its start; each follows from its own frame alone.

    Raises:
        BadTrack: a time outside 0 to 1, a period below 2, keys out of order.
    """
    if segment.frames < 1:
        raise refuse(("frames",), f"a segment of {segment.frames} frames", "a segment lasts at least one frame")
    if any(not 0 <= frame < segment.frames for frame in frames):
        raise ValueError(f"frames {min(frames)} to {max(frames)} of a segment of {segment.frames}")
    match segment.map:
        case Loop(period):
            _check_period(period)
            return [sample_time(frame % period, period) for frame in frames]
        case Pingpong(period):
            _check_period(period)
            around = 2 * (period - 1)
            return [sample_time(min(frame % around, -frame % around), period) for frame in frames]
        case Linear(start, end):
            first, last = _checked(("start",), start), _checked(("end",), end)
            steps = max(segment.frames - 1, 1)
            return [first + (last - first) * Fraction(frame, steps) for frame in frames]
        case Hold(at):
            return [_checked(("at",), at)] * len(frames)
        case TimeKeys(keys):
            knots = _checked_keys(keys, segment.frames)
            return [_between(knots, frame) for frame in frames]


def _between(knots: Sequence[tuple[int, Fraction]], frame: int) -> Fraction:
    after = bisect_right(knots, frame, key=lambda knot: knot[0])
    if after == 0:
        return knots[0][1]
    if after == len(knots):
        return knots[-1][1]
    (start, low), (end, high) = knots[after - 1], knots[after]
    return low + (high - low) * Fraction(frame - start, end - start)


def _checked_keys(keys: Sequence[tuple[int, float]], length: int) -> list[tuple[int, Fraction]]:
    if not keys:
        raise refuse(("keys",), "there are no keys", "a keyframed map has at least one")
    before = -1
    checked_keys: list[tuple[int, Fraction]] = []
    for index, (frame, at) in enumerate(keys):
        if not before < frame < length:
            sentence = f"the key at frame {frame} is out of order or outside its segment of {length} frames"
            raise refuse(("keys", index, "frame"), sentence, "write keys in the order of their frames")
        before = frame
        checked_keys.append((frame, _checked(("keys", index, "at"), at)))
    return checked_keys


def _checked(path: tuple[str | int, ...], at: float) -> Fraction:
    if not 0 <= at <= 1:  # NaN too.
        raise refuse(path, f"a scene time of {at:g}", "scene time runs from 0 to 1")
    return Fraction(at)


def _check_period(period: int) -> None:
    if period < 2:
        raise refuse(("period",), f"a period of {period} samples", "a period has at least two: its start and its end")
