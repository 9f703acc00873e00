"""Exact time: frames, samples and seconds as whole numbers and fractions, ranges half-open.

Frame i shows the scene at time i / rate and sounds samples [i * spf, (i + 1) * spf), spf = 48 000 / rate.
"""

from dataclasses import dataclass
from fractions import Fraction

SAMPLE_RATE = 48_000  # Hz; audio is resampled to it once, on input.
RATES = (24, 25, 30, 48, 50, 60)  # Frames per second; each divides the sample rate.


@dataclass(frozen=True, slots=True)
class AtFrame:
    """The moment of one frame, by its number."""

    number: int


@dataclass(frozen=True, slots=True)
class AtSecond:
    """A moment in seconds from the first frame's beginning."""

    seconds: Fraction


Moment = AtFrame | AtSecond


def frame_at(moment: Moment, rate: int) -> int:
    """The number of the frame that is shown at this moment."""
    match moment:
        case AtFrame(number=number):
            return number
        case AtSecond(seconds=passed):
            return int(passed * rate)


def samples_per_frame(rate: int) -> int:
    """The number of samples in one frame: 1600 at 30 frames per second.

    Raises:
        ValueError: a rate that does not divide 48 000 into whole samples a frame, or is not offered.
    """
    if rate not in RATES:
        offered = ", ".join(map(str, RATES))
        raise ValueError(f"{rate} frames a second is not one of {offered}: a frame must hold a whole number of samples")
    return SAMPLE_RATE // rate


def group_frames(rate: int) -> int:
    """The number of frames in a group of pictures of our videos, half a second: 15 at 30 frames per second."""
    return max(1, rate // 2)


def seconds(frames: int, rate: int) -> Fraction:
    """The exact length of this many frames, in seconds."""
    return Fraction(frames, rate)


def sample_range(frame: int, rate: int) -> tuple[int, int]:
    """The half-open range of samples that belongs to this frame."""
    length = samples_per_frame(rate)
    return frame * length, (frame + 1) * length


def frames_text(frames: int) -> str:
    """`1 frame`, `900 frames`."""
    return f"{frames} frame{'' if frames == 1 else 's'}"
