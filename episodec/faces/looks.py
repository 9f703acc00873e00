"""Flaws of a portrait that spoil the scenes made from it: no face, a cropped face, an open mouth, a silhouette without
a part of the face. Does not know who is warned.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.face.landmarks import Landmarks, eye_distance, lip_gap
from episodec.faces.landmarks import read_landmarks
from episodec.faces.pixels import rgba_of
from episodec.splat.relief.portrait import SIDE, look_at
from episodec.splat.white import on_white

Flaw = Literal["no face", "cut", "open mouth", "eaten"]

TELLS: Mapping[Flaw, tuple[str, str]] = {
    "no face": (
        "no face is found in the portrait: the head stays flat, and the lips do not move",
        "use a portrait with a face from the front, or set the points of its face: `landmarks`",
    ),
    "cut": (
        "the face is cropped by the edge of the portrait",
        "use a portrait with the whole head and some room around it",
    ),
    "open mouth": (
        "the mouth is open in the portrait: the lips will not close well",
        "use a portrait with closed lips",
    ),
    "eaten": ("the silhouette of the portrait lacks a part of the face", "fix its alpha channel, or add one"),
}
"""A sentence and a hint for each flaw."""

OPEN = 0.07  # Of the eye distance, between the lips: closed ones have up to 0.03, a smile that shows teeth 0.18.
BEYOND = 0.02  # Of the eye distance: points this far outside the picture are cropped.
EATEN = 0.02  # The share of the face's area missing from the silhouette.


def flaws_of(path: Path) -> list[Flaw]:
    """The flaws of a portrait that `check_portrait` accepted.

    Raises:
        BackendError: its landmarks cannot be read.
    """
    rgba = rgba_of(path)
    marks = read_landmarks([on_white(rgba)])[0]
    if marks is None:
        return ["no face"]
    height, width = rgba.shape[:2]
    unit = eye_distance(marks.points)
    outside = np.maximum(-marks.points, marks.points - [width, height]).max()
    flaws: list[tuple[Flaw, bool]] = [
        ("cut", bool(outside > BEYOND * unit)),
        ("open mouth", lip_gap(marks.points) > OPEN * unit),
        ("eaten", _lost(rgba, marks) > EATEN),
    ]
    return [name for name, is_so in flaws if is_so]


def _lost(rgba: NDArray[np.uint8], marks: Landmarks) -> float:
    """The share of the face that the segmentation misses; 0 if the person cannot be told from the background, which the
    scene's backend reports.
    """
    import cv2

    try:
        mask = look_at(rgba, marks).mask
    except BackendError:
        return 0.0
    around = cv2.convexHull((marks.points * (SIDE / rgba.shape[0])).astype(np.float32))
    face = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(face, np.rint(around).astype(np.int32), 1)
    inside = face == 1
    return float((inside & ~mask).sum() / max(1, inside.sum()))
