"""`motion.json`: what a moving picture of a character was made of, and which of its frames became which time."""

import json
from collections.abc import Sequence


def motion_note(size: tuple[int, int], rate: float | None, frames: int, taken: Sequence[int]) -> str:
    """The note of F pictures out of a source of so many frames; picture k shows scene time k / (F - 1).

    size: the source's width and height in pixels; rate: its frames a second, None where it has no clock.
    """
    last = len(taken) - 1
    shown = [{"source_frame": index, "scene_time": k / last} for k, index in enumerate(taken)]
    source = {"size": list(size), "fps": rate, "frames": frames}
    return json.dumps({"source": source, "frames": shown}, indent=1) + "\n"


def spread(frames: int, count: int) -> list[int]:
    """Which frames of a source become the `count` pictures: evenly, the first and the last among them."""
    return [(2 * k * (frames - 1) + count - 1) // (2 * (count - 1)) for k in range(count)]
