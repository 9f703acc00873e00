"""What of a portrait spoils the scenes that are made of it: no face, a face that is cut, an open mouth, a silhouette
that lacks a part of the face. Who is told of it, this does not know.
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
        "no face is found in the portrait: the head stays flat, and no lips move",
        "a portrait shows a face from in front; or name the points of its face: `landmarks`",
    ),
    "cut": ("the face is cut by the edge of the portrait", "a portrait shows the whole head, with room around it"),
    "open mouth": ("the mouth is open in the portrait: lips do not close well from there", "take one with closed lips"),
    "eaten": ("the silhouette of the portrait lacks a part of the face", "mend its alpha channel, or give it one"),
}
"""A sentence and a hint each."""

OPEN = 0.07  # Of the eye distance, between the lips: closed ones have up to 0.03, a smile that shows teeth 0.18.
BEYOND = 0.02  # Of the eye distance: a point that lies so far outside of the picture is cut off.
EATEN = 0.02  # Of the face's area that the silhouette lacks.


def flaws_of(path: Path) -> list[Flaw]:
    """Of a portrait that `check_portrait` has passed.

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
    found: list[tuple[Flaw, bool]] = [
        ("cut", bool(outside > BEYOND * unit)),
        ("open mouth", lip_gap(marks.points) > OPEN * unit),
        ("eaten", _lost(rgba, marks) > EATEN),
    ]
    return [name for name, is_so in found if is_so]


def _lost(rgba: NDArray[np.uint8], marks: Landmarks) -> float:
    """The share of the face that is not taken for a part of the person; 0 where nobody can be told from the background,
    which the scene's backend says.
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
