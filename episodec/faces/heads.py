"""The head model for portraits and scenes: landmarks of their pictures, and the head fitted to them."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from episodec.face.data import HEAD
from episodec.face.fit import FittedHead, fit_head
from episodec.face.head import Head, read_head
from episodec.face.landmarks import Landmarks
from episodec.faces.landmarks import LANDMARKS_FILE, read_landmarks, read_points
from episodec.splat.rig.front import Front, closer, front_of
from episodec.splat.scene import Scene
from episodec.splat.white import on_white


@cache
def the_head() -> Head:
    """The bundled head."""
    return read_head(HEAD.read_bytes())


def marks_of(order: WorkOrder, rgba: NDArray[np.uint8]) -> Landmarks | None:
    """The landmarks of an order's portrait, (h, w, 4): its author's, or those detected on white; None if no face is
    found.

    Raises:
        BackendError: they cannot be read.
    """
    if LANDMARKS_FILE in order.inputs:
        return read_points(order.input(LANDMARKS_FILE))
    return read_landmarks([on_white(rgba)])[0]


def head_of(order: WorkOrder, rgba: NDArray[np.uint8]) -> FittedHead | None:
    """The head fitted to the face of an order's portrait, (h, w, 4); None if no face is found.

    Raises:
        BackendError: its landmarks cannot be read, or are not a face's.
    """
    try:
        return fitted_head(rgba, marks_of(order, rgba))
    except ValueError as error:
        raise BackendError("the head cannot be fitted to the portrait", facts={"why": str(error)}) from error


def fitted_head(rgba: NDArray[np.uint8], marks: Landmarks | None) -> FittedHead | None:
    """The head fitted to an (h, w, 4) portrait with these landmarks, in its pixels; None without landmarks.

    Raises:
        ValueError: the landmarks are not a face's.
    """
    return None if marks is None else fit_head(the_head(), marks, on_white(rgba))


def fitted_front(scene: Scene, threads: int = 1) -> tuple[Front, FittedHead] | None:
    """A frontal close-up of a scene's face, and the head fitted to that picture; None if no face is found.

    Raises:
        BackendError: landmarks cannot be read.
    """
    front = front_of(scene, threads)
    (marks,) = read_landmarks([front.rgb])
    if marks is None:
        return None
    front = closer(front, marks.points, threads)
    (marks,) = read_landmarks([front.rgb])
    return None if marks is None else (front, fit_head(the_head(), marks, front.rgb))
