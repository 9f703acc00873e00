"""The character of a portrait without its background: for models that trust alpha."""

import numpy as np
from numpy.typing import NDArray

from episodec.engine.backend import WorkOrder

FAINT = 8  # Of 255: lower alpha is noise, which would enlarge the box in which a model frames the character.


def figure_of(order: WorkOrder, rgba: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], tuple[tuple[str, str], ...]]:
    """(h, w, 4) with the character's own alpha, and notes to the author: pairs of code and sentence.

    Uses the portrait's alpha if it has any; else a segmentation of the person, which hair and smoke can defeat.

    Raises:
        BackendError: the person cannot be told from the background.
    """
    import cv2

    from episodec.faces.heads import marks_of
    from episodec.splat.relief.portrait import CUT_OUT, look_at

    if (rgba[..., 3] < 128).any():
        alpha = np.where(rgba[..., 3] < FAINT, 0, rgba[..., 3]).astype(np.uint8)
        return np.concatenate([rgba[..., :3], alpha[..., None]], axis=2), ()
    height, width = rgba.shape[:2]
    mask = look_at(rgba, marks_of(order, rgba)).mask.astype(np.float32)
    share = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)
    alpha = np.clip(np.rint(share * 255), 0, 255).astype(np.uint8)
    return np.concatenate([rgba[..., :3], alpha[..., None]], axis=2), (CUT_OUT,)
