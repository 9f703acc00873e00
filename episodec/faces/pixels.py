"""The pixels of portraits that were checked before."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from episodec.faces.decode import decode_picture

GREY = 128  # Neutral behind both light and dark hair.

_EXIF_IFD, _FOCAL_LENGTH = 0x8769, 0x920A  # Exif 2.32, 4.6.3 and table 8.


def rgba_of(path: Path) -> NDArray[np.uint8]:
    """(h, w, 4): a checked portrait as picture viewers show it."""
    return decode_picture(path).rgba


def save_opaque(path: Path, rgba: NDArray[np.uint8], focal_mm: float) -> None:
    """Write (h, w, 4) as an RGB picture with this focal length in its EXIF; transparent parts are grey."""
    exif = Image.Exif()
    exif[_EXIF_IFD] = {_FOCAL_LENGTH: IFDRational(round(focal_mm * 1000), 1000)}
    alpha = rgba[..., 3:].astype(np.uint32)
    mixed = (rgba[..., :3] * alpha + GREY * (255 - alpha) + 127) // 255
    Image.fromarray(mixed.astype(np.uint8)).save(path, "PNG", exif=exif)
