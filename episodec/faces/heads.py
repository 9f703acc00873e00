"""The head model and portraits brought together: what a portrait's face is, as a fitted head and as boxes."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from episodec.face.data import HEAD
from episodec.face.fit import FittedHead, fit_head
from episodec.face.head import Head, read_head
from episodec.face.landmarks import Landmarks
from episodec.faces.landmarks import read_landmarks
from episodec.splat.white import on_white


@cache
def the_head() -> Head:
    """The head that comes with us."""
    return read_head(HEAD.read_bytes())


def fitted_head(rgba: NDArray[np.uint8], landmarks: Landmarks | None = None) -> FittedHead | None:
    """The head fitted to an (h, w, 4) portrait, in its pixels; None where no face is found.

    landmarks: those that the author has set; by default they are read from the portrait, laid on white.

    Raises:
        BackendError: the landmarks cannot be read.
        ValueError: the landmarks are no face's.
    """
    rgb = on_white(rgba)
    marks = landmarks if landmarks is not None else read_landmarks([rgb])[0]
    return None if marks is None else fit_head(the_head(), marks, rgb)
