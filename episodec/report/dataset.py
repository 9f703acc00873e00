"""The answer of `dataset inspect` as lines."""

from episodec.questions.dataset import Contents, Seen
from episodec.text import escape, table


def dataset_lines(answer: Contents) -> list[str]:
    """The lens and the size of all frames, then each one's camera and time."""
    width, height = answer.size
    points = "" if answer.points is None else f", {answer.points} points"
    head = (
        f"{escape(answer.source)}: {len(answer.frames)} frames of {width} x {height}, "
        f"{answer.fov_y_deg:.1f} degrees{points}"
    )
    names = ["kind", "split", "file", "time", "azimuth", "elevation", "distance"]
    return [head, *table([names, *map(_frame, answer.frames)], "  ")]


def _frame(one: Seen) -> list[str]:
    angles = [f"{one.azimuth_deg:.1f}", f"{one.elevation_deg:.1f}"]
    return [one.kind, one.split, escape(one.file), f"{one.time:.4f}", *angles, f"{one.distance_m:.3f} m"]
