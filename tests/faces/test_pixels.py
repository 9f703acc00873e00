"""A portrait's pixels are those that a picture viewer shows."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from episodec.faces.pixels import rgba_of
from episodec.faces.portrait import check_portrait, portrait_size
from tests.faces.test_portrait import chunk

SIDE = 64
RAMP = np.arange(SIDE * SIDE, dtype=np.uint32).reshape(SIDE, SIDE)

# What EXIF 2.32 (4.6.4, Orientation) says of each number: where row 0 and column 0 of the stored picture are shown.
UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a.transpose(1, 0, 2)[::-1, ::-1],
    8: lambda a: np.rot90(a, 1),
}


def saved(path: Path, image: Image.Image, kind: str = "PNG", **more: Any) -> Path:
    image.save(path, kind, **more)
    check_portrait(path)
    return path


def png(path: Path, bits: int, colour: int, rows: bytes, *between: bytes) -> Path:
    """A picture of 64 by 64 whose rows are packed as the bits say, with chunks before its data."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, bits, colour, 0, 0, 0))
    each = len(rows) // SIDE
    lines = b"".join(b"\0" + rows[at : at + each] for at in range(0, len(rows), each))
    data = chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + b"".join(between) + data)
    check_portrait(path)
    return path


def shades(width: int = SIDE + 16) -> NDArray[np.uint8]:
    """(64, width, 3): no two rows and no two columns are the same."""
    across, down = np.meshgrid(np.arange(width) * 3, np.arange(SIDE) * 3)
    return np.stack([across, down, across // 2 + 20], axis=2).astype(np.uint8)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_a_picture_stands_as_its_exif_says(tmp_path: Path, kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, dict[str, int]] = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}
    path = saved(tmp_path / "a", Image.fromarray(shades()), kind, exif=exif, **options.get(kind, {}))
    expected = UPRIGHT[orientation](shades())
    actual = rgba_of(path)
    assert actual.shape[:2] == expected.shape[:2]
    assert np.abs(actual[..., :3].astype(int) - expected).max() <= (8 if kind == "JPEG" else 0)
    assert portrait_size(path) == expected.shape[1::-1]
    facts = check_portrait(path)
    assert (facts.width, facts.height) == expected.shape[1::-1]


def gbr(profile: ImageCms.ImageCmsProfile) -> bytes:
    """The profile of a screen whose red is sRGB's green, and so on: the tags of its three colours trade places."""
    content = bytearray(profile.tobytes())
    for before, after in ((b"rXYZ", b"_XYZ"), (b"gXYZ", b"rXYZ"), (b"bXYZ", b"gXYZ"), (b"_XYZ", b"bXYZ")):
        at = content.index(before, 128)
        content[at : at + 4] = after
    return bytes(content)


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGB"), ("PNG", "RGBA"), ("JPEG", "RGB"), ("WEBP", "RGB"), ("WEBP", "RGBA")]
)
def test_colours_are_brought_from_their_profile_to_srgb(tmp_path: Path, kind: str, mode: str) -> None:
    profile = gbr(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")))
    image = Image.new(mode, (SIDE, SIDE), (255, 0, 0, 200)[: len(mode)])
    actual = rgba_of(saved(tmp_path / "a", image, kind, icc_profile=profile))[10, 10]
    assert np.abs(actual[:3].astype(int) - (0, 255, 0)).max() <= 3
    assert actual[3] == (200 if mode == "RGBA" else 255)


def test_the_profile_of_srgb_changes_nothing(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    actual = rgba_of(saved(tmp_path / "a", Image.fromarray(shades()), icc_profile=profile))
    assert np.array_equal(actual[..., :3], shades())


LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


@pytest.mark.parametrize("profile", [b"no profile at all", LAB])
def test_a_profile_that_cannot_be_used_is_told(tmp_path: Path, profile: bytes) -> None:
    path = saved(tmp_path / "a", Image.fromarray(shades()), icc_profile=profile)
    assert np.array_equal(rgba_of(path)[..., :3], shades())
    assert "profile" in (check_portrait(path).note or "")


def test_a_gamma_that_is_not_that_of_srgb_is_told(tmp_path: Path) -> None:
    usual, linear = (chunk(b"gAMA", struct.pack(">I", gamma)) for gamma in (45455, 100_000))
    rows = RAMP.astype(np.uint8).repeat(3).tobytes()
    assert check_portrait(png(tmp_path / "usual.png", 8, 2, rows, usual)).note is None
    assert "gamma" in (check_portrait(png(tmp_path / "linear.png", 8, 2, rows, linear)).note or "")


def test_grey_of_sixteen_bits_keeps_its_upper_ones(tmp_path: Path) -> None:
    actual = rgba_of(png(tmp_path / "a.png", 16, 0, (RAMP * 16).astype(">u2").tobytes()))
    assert np.array_equal(actual[..., 0], RAMP * 16 >> 8)


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_the_colour_key_of_a_grey_picture_is_a_hole(tmp_path: Path, bits: int) -> None:
    values = RAMP % (1 << bits) if bits < 16 else RAMP * 16
    key = int(values[3, 5])
    if bits == 16:
        rows = values.astype(">u2").tobytes()
    else:
        planes = values[..., None] >> np.arange(bits)[::-1] & 1
        rows = np.packbits(planes.reshape(SIDE, -1).astype(np.uint8), axis=1).tobytes()
    path = png(tmp_path / "a.png", bits, 0, rows, chunk(b"tRNS", struct.pack(">H", key)))
    actual = rgba_of(path)
    assert np.array_equal(actual[..., 3] == 0, values == key)
    assert np.array_equal(actual[..., 0], values * 255 // ((1 << bits) - 1) if bits < 16 else values >> 8)


@pytest.mark.parametrize("bits", [8, 16])
def test_the_colour_key_of_a_coloured_picture_is_a_hole(tmp_path: Path, bits: int) -> None:
    """Of sixteen bits all count: colours that differ in their lower ones alone are not the key."""
    values = np.stack([RAMP % 256, RAMP // 16 % 256, RAMP * 3 % 7], axis=2) * (1 if bits == 8 else 256)
    values[::2] += bits == 16
    kind = "u1" if bits == 8 else ">u2"
    key = values[3, 5]
    path = png(tmp_path / "a.png", bits, 2, values.astype(kind).tobytes(), chunk(b"tRNS", key.astype(">u2").tobytes()))
    actual = rgba_of(path)
    assert np.array_equal(actual[..., 3] == 0, (values == key).all(axis=2))
    assert np.array_equal(actual[..., :3], values if bits == 8 else values >> 8)


def test_the_alpha_of_a_palette_is_kept(tmp_path: Path) -> None:
    image = Image.fromarray((RAMP % 4).astype(np.uint8), "L").convert("P")
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120])
    actual = rgba_of(saved(tmp_path / "a.png", image, transparency=bytes([0, 80, 160, 255])))
    assert actual[0, :4].tolist() == [[10, 20, 30, 0], [40, 50, 60, 80], [70, 80, 90, 160], [100, 110, 120, 255]]


def test_a_jpeg_of_four_inks_is_read(tmp_path: Path) -> None:
    image = Image.new("CMYK", (SIDE, SIDE), (0, 255, 255, 0))
    actual = rgba_of(saved(tmp_path / "a.jpg", image, "JPEG", quality=100))[9, 9]
    assert np.abs(actual[:3].astype(int) - (255, 0, 0)).max() <= 4


def test_a_grey_jpeg_is_read(tmp_path: Path) -> None:
    actual = rgba_of(saved(tmp_path / "a.jpg", Image.new("L", (SIDE, SIDE), 77), "JPEG"))
    assert actual[5, 5].tolist() == [77, 77, 77, 255]


def test_the_first_picture_of_a_telephones_several_is_read(tmp_path: Path) -> None:
    file = io.BytesIO()
    first = Image.fromarray(shades())
    first.save(file, "MPO", save_all=True, append_images=[Image.new("RGB", (SIDE, SIDE), "red")], quality=100)
    (tmp_path / "a.jpg").write_bytes(file.getvalue())
    check_portrait(tmp_path / "a.jpg")
    assert rgba_of(tmp_path / "a.jpg").shape[:2] == shades().shape[:2]
