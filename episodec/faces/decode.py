"""A picture file's pixels as picture viewers show them: upright by its EXIF, in sRGB by its colour profile, with the
transparency of its colour key, in eight bits. Does not know what the picture shows.
"""

import io
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP")

Pixels = NDArray[np.uint8]

_ORIENTATION = 0x0112  # Exif 2.32, 4.6.4.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING = range(5, 9)  # Orientations that swap width and height.

_BITS_AT = 24  # The offset of a PNG's bit depth.
_USUAL_GAMMA = 1 / 2.2
_GAMMA_STEP = 0.01  # Encoders round it, and some write 0.4545 instead of 0.45455.


@dataclass(frozen=True, slots=True)
class DecodedPicture:
    """A file as a viewer shows it."""

    rgba: Pixels  # (h, w, 4), straight alpha, sRGB.
    notes: tuple[str, ...]  # Properties of the file that are not followed: phrases to follow "the picture's".


def decode_picture(path: Path) -> DecodedPicture:
    """All of a PNG, JPEG or WebP.

    Raises:
        OSError, ValueError, SyntaxError and others of Pillow's: the file is not one of these, or is damaged.
    """
    with Image.open(path, formats=FORMATS) as image:
        image.load()
        notes: list[str] = []
        turned = _orientation(image, notes)
        colours, alpha = _eight_bits(image, path)
        srgb = _in_srgb(colours, image, notes)
        if image.format == "PNG":
            notes += _other_curves(image)
    rgba = np.dstack([np.asarray(srgb), alpha])
    if turned in _TURNS:
        rgba = np.asarray(Image.fromarray(rgba).transpose(_TURNS[turned]))
    return DecodedPicture(np.ascontiguousarray(rgba), tuple(notes))


def decoded_size(path: Path) -> tuple[int, int]:
    """The displayed width and height of a readable picture."""
    with Image.open(path, formats=FORMATS) as image:
        width, height = image.size
        return (height, width) if _orientation(image, []) in _LYING else (width, height)


def _orientation(image: Image.Image, notes: list[str]) -> int:
    """The EXIF orientation; 1 if it is missing or invalid."""
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)
    except (SyntaxError, ValueError, KeyError, struct.error) as error:
        notes.append(f"EXIF data cannot be read ({error}): it is shown as stored")
        return 1
    return orientation if isinstance(orientation, int) and orientation in _TURNS else 1


def _eight_bits(image: Image.Image, path: Path) -> tuple[Image.Image, Pixels]:
    """The colours, in mode L, RGB or CMYK and in the file's colour space, and (h, w) of alpha."""
    key = image.info.get("transparency")
    if image.mode.startswith("I"):  # 16-bit grey, which Pillow would clip at white.
        values = np.asarray(image).astype(np.uint32)
        return Image.fromarray((values >> 8).astype(np.uint8)), _holes(values[..., None], key)
    if image.mode in ("1", "L"):
        grey = image.convert("L")
        # The key is a stored sample, from 0 to 2^bits - 1; but for one bit, Pillow makes it 0 or 255.
        bits = path.read_bytes()[_BITS_AT] if image.mode == "L" and image.format == "PNG" else 8
        level = None if key is None else int(key) * 255 // ((1 << bits) - 1)
        return grey, _holes(np.asarray(grey)[..., None], level)
    if image.mode == "RGB" and key is not None:
        return image, _holes(_full_depth(image, path), key)
    if image.mode in ("RGB", "CMYK"):
        return image, _holes(np.asarray(image), None)
    rgba = image.convert("RGBA")
    return rgba.convert("RGB"), np.asarray(rgba)[..., 3]


def _full_depth(image: Image.Image, path: Path) -> NDArray[np.uint32]:
    """(h, w, 3): a PNG's samples as stored. Pillow keeps the upper byte of sixteen bits, but a key has both."""
    upper = np.asarray(image).astype(np.uint32)
    if path.read_bytes()[_BITS_AT] != 16:
        return upper
    with Image.open(path, formats=["PNG"]) as again:
        again.tile = [tile._replace(args="RGB;16L") for tile in again.tile]  # Swapped: the upper byte is the lower.
        lower = np.asarray(again).astype(np.uint32)
    return ((upper << 8) | lower).astype(np.uint32)


def _holes(values: NDArray[np.unsignedinteger], key: object) -> Pixels:
    """(h, w) of alpha: 0 where (h, w, channels) equals the key, if there is one."""
    if key is None:
        return np.full(values.shape[:2], 255, np.uint8)
    return np.where((values == np.asarray(key)).all(axis=2), 0, 255).astype(np.uint8)


def _in_srgb(colours: Image.Image, image: Image.Image, notes: list[str]) -> Image.Image:
    """The colours as sRGB."""
    from PIL import ImageCms

    content = image.info.get("icc_profile")
    if not content:
        return colours.convert("RGB")
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(content))
        space = profile.profile.xcolor_space.strip()
        meant = colours.convert("RGB") if space == "RGB" and colours.mode == "L" else colours
        if space != {"L": "GRAY"}.get(meant.mode, meant.mode):
            raise ImageCms.PyCMSError(f"it is a {space} profile")  # noqa: TRY301  # Told as all that is wrong with it.
        converted = ImageCms.profileToProfile(meant, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        notes.append(f"colour profile cannot be used ({error}): its values are taken as sRGB")
        return colours.convert("RGB")
    assert converted is not None
    return converted


def _other_curves(image: Image.Image) -> list[str]:
    """Notes about colour data other than a profile, which few viewers follow and episodec does not."""
    if image.info.get("icc_profile") or "srgb" in image.info:  # Both take precedence (PNG, third edition, 4.3).
        return []
    gamma = image.info.get("gamma")
    if gamma is not None and abs(gamma - _USUAL_GAMMA) > _GAMMA_STEP:
        return [f"gamma of {gamma:g} is not followed: its values are taken as sRGB"]
    return []
