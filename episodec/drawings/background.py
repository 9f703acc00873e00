"""The still background behind a scene: colours from top to bottom, or a picture; and its falloff of light.

Values are sRGB, 0 to 1. Only sums, products, quotients and roots are used, so every machine gets the same result.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from episodec.faces.png_rows import missing_share

Floats = NDArray[np.float32]
Colour = tuple[float, float, float]

HEAD = (0.5, 0.42)  # The usual position of a head: fractions of the width and of the height, from the top left.
REACH = 0.62  # The distance, in heights of the frame, at which three quarters of the falloff are reached.


def background_of(order: WorkOrder, size: tuple[int, int]) -> Floats | Colour:
    """The background of the order's frames: a colour, or (h, w, 3) of this size, width and height.

    Raises:
        BackendError: its picture cannot be read.
    """
    background: Any = order.params["background"]
    falloff = float(background["falloff"])
    if pictures := [path for role, path in order.inputs.items() if role.startswith("background.")]:
        (path,) = pictures[0]
        return lit(of_picture(path, size), falloff)
    colours = [values(colour) for colour in background["colours"]]
    return lit(gradient(colours, size), falloff) if len(colours) > 1 or falloff else colours[0]


def values(colour: str) -> Colour:
    """`#202028` as values of 0 to 1."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red / 255, green / 255, blue / 255


def gradient(colours: Sequence[Colour], size: tuple[int, int]) -> Floats:
    """(h, w, 3): the colours, evenly spaced from the middle of the first row to that of the last one."""
    width, height = size
    stops = np.array([*colours, colours[-1]], np.float64)
    place = np.arange(height) * ((len(colours) - 1) / max(height - 1, 1))
    before = np.minimum(place.astype(np.int64), len(colours) - 1)
    part = (place - before)[:, None]
    column = stops[before] * (1 - part) + stops[before + 1] * part
    return np.repeat(column[:, None], width, axis=1).astype(np.float32)


def of_picture(path: Path, size: tuple[int, int]) -> Floats:
    """(h, w, 3): a picture that fills the frame, centred; transparent parts are black.

    Raises:
        BackendError: it cannot be read.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        if missing := missing_share(path.read_bytes()):
            raise ValueError(f"{missing:.1%} of its rows are missing")  # noqa: TRY301 - Told as all that is wrong.
        with Image.open(path, formats=["PNG", "JPEG"]) as image:
            turned = ImageOps.exif_transpose(image)
            opaque = Image.alpha_composite(Image.new("RGBA", turned.size, (0, 0, 0, 255)), turned.convert("RGBA"))
    except (OSError, UnidentifiedImageError, ValueError, Image.DecompressionBombError) as error:
        raise BackendError("the background picture cannot be read", facts={"error": error}) from error
    fitted = ImageOps.fit(opaque.convert("RGB"), size, Image.Resampling.LANCZOS)
    return np.asarray(fitted, np.float32) / np.float32(255)


def lit(picture: Floats, falloff: float) -> Floats:
    """The picture with `falloff` of its light removed far from the head; light is taken as the square of a value."""
    if not falloff:
        return picture
    height, width = picture.shape[:2]
    across = (np.arange(width) + 0.5 - HEAD[0] * width) / (REACH * height)
    down = (np.arange(height) + 0.5 - HEAD[1] * height) / (REACH * height)
    near = 1.0 / (1.0 + across[None, :] ** 2 + down[:, None] ** 2)
    light = 1.0 - falloff * (1.0 - near * near)
    shaded: Floats = (picture * np.sqrt(light)[..., None]).astype(np.float32)
    return shaded
