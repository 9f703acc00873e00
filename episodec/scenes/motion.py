"""`motion.json`: the source of a character's moving picture, and the scene time of each frame used."""

import json
from collections.abc import Sequence


def motion_note(size: tuple[int, int], rate: float | None, frames: int, taken: Sequence[int]) -> str:
    """The text about F pictures taken from a source of `frames` frames; picture k shows scene time k / (F - 1).

    size: the source's width and height in pixels; rate: its frames a second, None if it has no clock.
    """
    last = len(taken) - 1
    frame_rows = [{"source_frame": index, "scene_time": k / last} for k, index in enumerate(taken)]
    source = {"size": list(size), "fps": rate, "frames": frames}
    return json.dumps({"source": source, "frames": frame_rows}, indent=1) + "\n"


def spread(frames: int, count: int) -> list[int]:
    """The source's frames that become the `count` pictures: evenly spaced, including the first and the last."""
    return [(2 * k * (frames - 1) + count - 1) // (2 * (count - 1)) for k in range(count)]
