"""Reads and checks files of landmarks set by the author."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

from episodec.errors import BackendError
from episodec.face.landmarks import BRIDGE, CHIN, COUNT, LEFT_EYE_CORNERS, NOSE_TIP, RIGHT_EYE_CORNERS

MOST_BYTES = 1_000_000
OF_THE_FACE = (RIGHT_EYE_CORNERS[0], LEFT_EYE_CORNERS[1], NOSE_TIP, CHIN)

Points = list[tuple[float, float]]


def points_of(path: Path) -> Points:
    """468 points in pixels.

    Raises:
        BackendError: the file does not hold 468 points, or they are not an upright face's in MediaPipe's order.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        tree = json.loads(content) if len(content) <= MOST_BYTES else None
    except (OSError, ValueError, RecursionError) as error:
        raise BackendError("the landmarks are not valid JSON", facts={"file": path.name, "error": error}) from error
    if not isinstance(tree, list) or len(tree) != COUNT:
        count = len(tree) if isinstance(tree, list) else "no list"
        raise BackendError(f"there must be {COUNT} landmarks", facts={"file": path.name, "found": count})
    wrong = next((number for number, point in enumerate(tree) if not _is_point(point)), None)
    if wrong is not None:
        facts = {"file": path.name, "landmark": wrong}
        raise BackendError("a landmark must be two numbers", facts=facts, hint="`[x, y]`, in pixels")
    points = [(float(x), float(y)) for x, y in tree]
    if not _is_face(points):
        hint = "33 and 263 are the outer corners of the right and the left eye, 168, 1 and 152 bridge, nose and chin"
        raise BackendError(
            "the landmarks are not an upright face's in MediaPipe's order", facts={"file": path.name}, hint=hint
        )
    return points


def outside(points: Points, size: tuple[int, int]) -> int | None:
    """The first landmark among eyes, nose and chin that is outside a portrait of this width and height."""
    width, height = size
    return next((each for each in OF_THE_FACE if not _is_within(points[each], width, height)), None)


def _is_within(point: tuple[float, float], width: int, height: int) -> bool:
    return 0 <= point[0] <= width and 0 <= point[1] <= height


def _is_point(point: object) -> bool:
    return isinstance(point, list) and len(point) == 2 and all(map(_is_number, point))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_face(points: Sequence[tuple[float, float]]) -> bool:
    right, left = points[RIGHT_EYE_CORNERS[0]], points[LEFT_EYE_CORNERS[1]]
    down = [points[each][1] for each in (BRIDGE, NOSE_TIP, CHIN)]
    return left[0] - right[0] >= 4 and down[0] < down[1] < down[2]
