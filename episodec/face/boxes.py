"""The boxes of a face and its parts in a picture, from its landmarks."""

from episodec.face.landmarks import (
    CHIN,
    LEFT_EYE_CORNERS,
    LEFT_LOWER_LID,
    LEFT_UPPER_LID,
    LIPS_ABOVE,
    LIPS_BELOW,
    RIGHT_EYE_CORNERS,
    RIGHT_LOWER_LID,
    RIGHT_UPPER_LID,
    Floats,
    Points,
    eye_distance,
)

Box = tuple[float, float, float, float]
"""Left, top, width, height in pixels."""

EYES = {"right": (RIGHT_EYE_CORNERS, (*RIGHT_UPPER_LID, *RIGHT_LOWER_LID)),
        "left": (LEFT_EYE_CORNERS, (*LEFT_UPPER_LID, *LEFT_LOWER_LID))}  # fmt: skip


def tight_boxes(points: Points) -> dict[str, Box]:
    """The bounding boxes of `face` (forehead to chin), `eyes` (both, with their lids) and `mouth`."""
    eyes = [index for _, lids in EYES.values() for index in lids]
    parts = {"face": points, "eyes": points[eyes], "mouth": points[[*LIPS_ABOVE, *LIPS_BELOW]]}
    return {name: _around(part) for name, part in parts.items()}


def square_face(points: Points) -> Box:
    """The square from brows to chin, as face detectors give it: 1.5 times as high as eyes to chin."""
    right, left = (_middle(points, corners) for corners, _ in EYES.values())
    eyes = (right + left) / 2
    side = 1.5 * float(((points[CHIN] - eyes) ** 2).sum()) ** 0.5
    return (float(eyes[0]) - side / 2, float(eyes[1]) + 0.26 * eye_distance(points) - side / 2, side, side)


def square_eyes(points: Points) -> tuple[Box, Box]:
    """The squares around lids and brow, as eye detectors give them; the one on the picture's left first."""
    side = 0.66 * eye_distance(points)
    right, left = (
        (float(x) - side / 2, float(y) - 0.03 * eye_distance(points) - side / 2, side, side)
        for x, y in (_middle(points, corners) for corners, _ in EYES.values())
    )
    return right, left


def _middle(points: Points, corners: tuple[int, int]) -> Floats:
    middle: Floats = points[list(corners)].mean(axis=0)
    return middle


def _around(points: Points) -> Box:
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return left, top, right - left, bottom - top
