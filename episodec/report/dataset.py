"""The answer of `dataset inspect` as lines."""

from episodec.questions.dataset import Contents, DatasetFrame
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


def _frame(frame: DatasetFrame) -> list[str]:
    angles = [f"{frame.azimuth_deg:.1f}", f"{frame.elevation_deg:.1f}"]
    return [frame.kind, frame.split, escape(frame.file), f"{frame.time:.4f}", *angles, f"{frame.distance_m:.3f} m"]
