"""Composites pictures with straight alpha on white, the background on which characters are analysed and trained."""

import numpy as np
from numpy.typing import NDArray


def on_white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w, 3): an (h, w, 4) picture composited on white."""
    alpha = rgba[..., 3:].astype(np.uint32)
    return ((rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
