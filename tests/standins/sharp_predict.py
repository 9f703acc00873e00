# ruff: noqa: T201  # The interface and the manners of other people's programs.
"""Stands in for Apple SHARP's `sharp predict`: its flags, files and failures, no model.

Its Gaussians are the picture's pixels, the middle third 1.5 m away, the rest twice as far, each over a wider faint one.
"""

import argparse
import math
import os
import struct
import sys
from pathlib import Path

from PIL import Image
from plain import failure, note  # type: ignore[import-not-found]  # It lies in the tree's src, which PYTHONPATH names.

GRID = 48
NEAR_M, FAR_M = 1.5, 3.0
NAMES: tuple[str, ...] = ("x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1", "scale_2")
NAMES += ("rot_0", "rot_1", "rot_2", "rot_3")


def flags() -> argparse.Namespace:
    top = argparse.ArgumentParser(allow_abbrev=False)
    predict = top.add_subparsers(required=True).add_parser("predict", allow_abbrev=False)
    predict.add_argument("-i", type=Path, required=True)
    predict.add_argument("-o", type=Path, required=True)
    predict.add_argument("-c", type=Path)
    predict.add_argument("--render", action=argparse.BooleanOptionalAction, default=False)
    predict.add_argument("--device", choices=["cpu", "mps", "cuda", "default"], default="default")
    predict.add_argument("-v", action="store_true")
    return top.parse_args()


def main() -> None:
    note("sharp")
    asked = flags()
    if asked.c is None:
        raise RuntimeError("urlopen error: no network")  # It would download its checkpoint.
    asked.c.read_bytes()
    if not asked.i.exists() or failure() == "no images":
        print("No valid images found.", asked.i)
        return
    if failure() == "exit 1":
        raise RuntimeError("CUDA out of memory")
    asked.o.mkdir(parents=True, exist_ok=True)
    out = asked.o / f"{asked.i.stem}.ply"
    with Image.open(asked.i) as image:
        content = ply(image.convert("RGB"), focal_px(image))
    match failure():
        case "no file":
            return
        case "empty file":
            content = b""
        case "cut short":
            content = content[:-1]
        case "wrong name":
            out = asked.o / "other.ply"
        case _:
            pass
    out.write_bytes(content)
    if failure() == "old file":
        os.utime(out, (1, 1))


def focal_px(image: Image.Image) -> float:
    exif = image.getexif().get_ifd(0x8769)
    actual = 30.0 if failure() == "no exif" else exif.get(0xA405) or exif.get(0x920A) or 30.0
    return float(actual) * math.hypot(*image.size) / math.hypot(36, 24)


def ply(image: Image.Image, focal: float) -> bytes:
    width, height = image.size
    rows = [row for at in range(GRID * GRID) for row in gaussians(image, focal, at % GRID, at // GRID)]
    if failure() == "nothing":
        rows = [(*row[:6], -9.0, *row[7:]) for row in rows]
    if failure() == "not a number":
        rows[7] = (math.nan, *rows[7][1:])
    pose = [float(at % 5 == 0) for at in range(16)]
    pose[3] = 0.5 if failure() == "another camera" else 0.0
    lens = [focal, 0, width / 2, 0, focal, height / 2, 0, 0, 1]
    size = (height + 1, width) if failure() == "another picture" else (width, height)
    extras = [
        ("extrinsic", "float", struct.pack("<16f", *pose)),
        ("intrinsic", "float", struct.pack("<9f", *lens)),
        ("image_size", "uint", struct.pack("<2I", *size)),
        ("frame", "int", struct.pack("<2i", 1, len(rows))),
        ("disparity", "float", struct.pack("<2f", 1 / FAR_M, 1 / NEAR_M)),
        ("color_space", "uchar", bytes([1 if failure() == "linear colours" else 0])),
        ("version", "uchar", bytes([1, 5, 0])),
    ]
    head = ["ply", "format binary_little_endian 1.0", f"element vertex {len(rows)}"]
    head += [f"property float {name}" for name in NAMES]
    for name, kind, content in extras:
        rows_of = len(content) // (1 if kind == "uchar" else 4)
        head += [f"element {name} {rows_of}", f"property {kind} {name}"]
    body = b"".join(struct.pack("<14f", *row) for row in rows)
    return "\n".join([*head, "end_header", ""]).encode() + body + b"".join(content for _, _, content in extras)


def gaussians(image: Image.Image, focal: float, column: int, row: int) -> list[tuple[float, ...]]:
    width, height = image.size
    u, v = (column + 0.5) / GRID * width, (row + 0.5) / GRID * height
    is_near = max(abs(u / width - 0.5), abs(v / height - 0.5)) < 1 / 6
    depth = NEAR_M if is_near else FAR_M
    x, y = (u - width / 2) / focal * depth, (v - height / 2) / focal * depth
    colour = image.getpixel((int(u), int(v)))
    assert isinstance(colour, tuple)
    dc = [(part / 255 - 0.5) / 0.28209479 for part in colour]
    wide, high = (math.log(0.7 * side / GRID / focal * depth) for side in (width, height))
    solid = (x, y, depth, *dc, math.inf, wide, high, -7.0, 1.0, 0.0, 0.0, 0.0)
    return [solid, (x, y, depth + 0.1, *dc, -6.0, wide, high, -7.0, 0.5, 0.5, 0.5, 0.5)]


if __name__ == "__main__":
    main()
    sys.exit()
