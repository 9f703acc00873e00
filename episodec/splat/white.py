"""Pictures with straight alpha laid on white, before which a character is seen and learned."""

import numpy as np
from numpy.typing import NDArray


def on_white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w, 3): what is seen of an (h, w, 4) picture before white."""
    alpha = rgba[..., 3:].astype(np.uint32)
    return ((rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
