"""Converts an author's pictures to the square form that scenes are trained from; nothing is cropped silently."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from episodec.errors import BackendError
from episodec.faces.framing import resized
from episodec.faces.pixels import rgba_of


def square_picture(path: Path, size: int, name: str) -> NDArray[np.uint8]:
    """(size, size, 4) of a PNG: straight alpha, opaque if it has none.

    Raises:
        BackendError: it is not a PNG, or not square; the error calls the picture `name`.
    """
    try:
        rgba = rgba_of(path)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BackendError("a picture cannot be read", facts={"picture": name, "error": error}) from error
    return squared(rgba, size, name)


def squared(rgba: NDArray[np.uint8], size: int, name: str) -> NDArray[np.uint8]:
    """(size, size, 4) of a square (n, n, 4).

    Raises:
        BackendError: it is not square.
    """
    height, width = rgba.shape[:2]
    if height != width:
        side = min(height, width)
        hint = f"crop it to a square yourself, so nothing is lost by chance: {side}x{side} fits"
        raise BackendError("a picture is not square", facts={"picture": name, "found": f"{width}x{height}"}, hint=hint)
    return resized(rgba, size)


def save_picture(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write (h, w, 3) or (h, w, 4) as a PNG."""
    Image.fromarray(pixels).save(path, "PNG")
