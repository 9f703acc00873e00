"""Frames a portrait as a camera sees it, on white, and resizes pictures: for models that need particular sizes.

The portrait is upright in the plane z = 0, with the height that `splat.relief` defines.
"""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.film.rows import Rows, unpack
from episodec.splat.relief import HEIGHT_M
from episodec.splat.white import on_white

LEAST_SHOWN = 0.1  # Of the picture's height that the portrait must fill.

Picture = NDArray[np.uint8]
Box = tuple[float, float, float, float]


def read_rows(path: Path) -> Rows:
    """The cameras of a file, one per frame, in order; `pack` stores equal ones once.

    Raises:
        BackendError: the file is damaged, has no frames, or its pictures are not square.
    """
    try:
        rows = unpack(path.read_bytes())
    except ValueError as error:
        raise BackendError("the cameras cannot be read", facts={"file": path.name, "error": error}) from error
    if rows.size[0] != rows.size[1] or not len(rows.order):
        facts = {"size": f"{rows.size[0]}x{rows.size[1]}", "frames": len(rows.order)}
        raise BackendError("the cameras' frames must be square, and at least one", facts=facts)
    return rows


def seen_box(rows: Rows, front: tuple[float, float, float], width: int, height: int) -> Box:
    """Left, top, right, bottom of the view of a camera at `front` that looks along -z with the rows' lens.

    In pixels of a portrait of this width and height; it may extend beyond it.

    Raises:
        BackendError: that camera hardly sees the portrait, or not at all.
    """
    (fx, fy, cx, cy), (x, y, z) = rows.intrinsics[int(rows.order[0])].tolist(), front
    pixels = height / HEIGHT_M  # Of the portrait, per metre.
    across, down = rows.size
    left = width / 2 + (x - cx * z / fx) * pixels
    top = height / 2 - (y + cy * z / fy) * pixels
    box = (left, top, left + across * z / fx * pixels, top + down * z / fy * pixels)
    visible_height = min(box[3], height) - max(box[1], 0)
    if z <= 0 or min(box[2], width) <= max(box[0], 0) or visible_height < LEAST_SHOWN * (box[3] - box[1]):
        raise BackendError("the first frame's camera hardly sees the portrait", facts={"camera at": front})
    return box


def default_box(width: int, height: int) -> Box:
    """The box of the default camera: a square as high as the portrait, around its middle."""
    return ((width - height) / 2, 0.0, (width + height) / 2, float(height))


def framed(rgba: Picture, box: Box, side: int) -> Picture:
    """(side, side, 3): the box of an (h, w, 4) picture, on white, its aspect kept.

    Parts of the box outside the picture are white; parts of the picture outside the box are cropped.
    """
    from PIL import Image

    image = Image.fromarray(on_white(rgba))
    # Reduced first by a whole factor: a box far beyond a large picture would otherwise need that much more memory.
    shrink = max(1, int((box[3] - box[1]) / side / 2))
    picture = np.asarray(image.reduce(shrink))
    height, width = picture.shape[:2]
    left, top, right, bottom = (each / shrink for each in box)
    before, after = (
        [max(0, math.ceil(each)) for each in two] for two in ((-left, -top), (right - width, bottom - height))
    )
    padded = np.pad(picture, ((before[1], after[1]), (before[0], after[0]), (0, 0)), constant_values=255)
    moved = (left + before[0], top + before[1], right + before[0], bottom + before[1])
    # Pillow rejects a box that exceeds the edge by a rounding error.
    high, wide = (float(each) for each in padded.shape[:2])
    inside = (max(moved[0], 0.0), max(moved[1], 0.0), min(moved[2], wide), min(moved[3], high))
    return np.asarray(Image.fromarray(padded).resize((side, side), Image.Resampling.LANCZOS, box=inside))


def opaque(rgb: Picture) -> Picture:
    """(h, w, 4): the picture with full alpha."""
    return np.concatenate([rgb, np.full((*rgb.shape[:2], 1), 255, np.uint8)], axis=2)


def off_white(rgb: Picture, alpha: Picture) -> Picture:
    """(h, w, 4), straight alpha: the colours that equal (h, w, 3) when composited on white with (h, w) alpha.

    The nearest colours where alpha is too small for that; white where it is 0.
    """
    share = alpha[..., None] / 255.0
    colour = np.where(share > 0, 255 - (255.0 - rgb) / np.maximum(share, 1 / 255), 255)
    return np.concatenate([np.clip(colour, 0, 255).round().astype(np.uint8), alpha[..., None]], axis=2)


def resized(picture: Picture, side: int) -> Picture:
    """A square (h, h, 3) or (h, h, 4) picture at another size; unchanged at its own."""
    from PIL import Image

    if picture.shape[0] == side:
        return picture
    # Pillow weights colours by alpha: transparent pixels do not bleed.
    return np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS))
