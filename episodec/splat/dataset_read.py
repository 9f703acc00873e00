"""Reads a training set's zip: episodec's, or any in D-NeRF's layout with `fused.ply`."""

import io
import json
import math
import zipfile
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.splat.cloud import read_cloud
from episodec.splat.dataset import CLOUD, SPLITS, Dataset, DatasetShots, Shot, Split, refuse_dataset
from episodec.splat.view import Intrinsics, View, checked_view

MAX_BYTES = 8 << 30  # Of an unpacked dataset: larger ones do not fit the trainers.
MOST_TIMES = 200  # The greatest compression ratio, which pictures never reach.
SMALL_BYTES = 1 << 28  # Unpacked size below which the ratio does not matter.
MAX_PIXELS = 1 << 25  # Of a picture: 32 megapixels, 128 MiB.

_WAY_OUT = "make the dataset again; it is made from `views` and `motion`"


def read_dataset(content: bytes) -> Dataset:
    """The dataset in a zip: episodec's, or any in D-NeRF's layout with `fused.ply`.

    Raises:
        BackendError: the content is not such a zip, or is damaged.
    """
    members = unzipped(content)
    shots = read_shots(members)
    if CLOUD not in members:
        refuse_dataset("the dataset has no initial points", lacks=CLOUD, help_=_WAY_OUT)
    frames = np.stack([_pixels(members, file, shots.size) for file in shots.files])
    return Dataset(
        frames,
        np.stack([shot.camera_to_world for shot in shots.shots]),
        shots.intrinsics,
        np.array([shot.time for shot in shots.shots]),
        tuple(shot.split for shot in shots.shots),
        tuple(shot.kind for shot in shots.shots),
        read_cloud(members[CLOUD]),
    )


def read_shots(members: Mapping[str, bytes]) -> DatasetShots:
    """Cameras and times from the JSON files of a dataset. The last picture of a split is read only if its file lacks
    `w` or `h`.

    Raises:
        BackendError: a file is missing or invalid, or the splits have different lenses.
    """
    shots: list[Shot] = []
    files: list[str] = []
    lenses: dict[str, tuple[Intrinsics, tuple[int, int]]] = {}
    for split in SPLITS:
        name = f"transforms_{split}.json"
        if name not in members:
            if split == "val":
                continue  # D-NeRF's own readers do not need it.
            refuse_dataset("the dataset lacks a file", lacks=name, help_=_WAY_OUT)
        table = _object(members[name], name)
        frames = table.get("frames")
        if not isinstance(frames, list) or (split == "train" and not frames):
            refuse_dataset("the dataset's file lists no frames", file=name, help_=_WAY_OUT)
        for place, frame in enumerate(frames):
            shot, file = _shot(frame, split, place, name)
            shots.append(shot)
            files.append(file)
        if frames:
            lenses[name] = _lens(table, members, files[-1], name)
    if len(set(lenses.values())) != 1:
        refuse_dataset(
            "the dataset's files have different lenses", **{name: str(lens) for name, lens in lenses.items()}
        )
    intrinsics, size = next(iter(lenses.values()))
    for shot in shots:
        checked_view(View(shot.camera_to_world, intrinsics, size))
    return DatasetShots(tuple(shots), tuple(files), intrinsics, size)


def unzipped(content: bytes) -> dict[str, bytes]:
    """A zip's files by name.

    Raises:
        BackendError: it is not a zip, is damaged, or would exhaust the memory.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            limit = min(MAX_BYTES, max(SMALL_BYTES, MOST_TIMES * len(content)))
            if (total := sum(member.file_size for member in archive.infolist())) > limit:
                refuse_dataset("the dataset is too large", bytes=total, limit=limit)
            return {member.filename: archive.read(member) for member in archive.infolist() if not member.is_dir()}
    except BackendError:
        raise
    except Exception as error:  # BadZipFile, RuntimeError, zlib.error, LZMAError, …: each compression has its own.
        raise BackendError("the dataset is not a valid zip", facts={"error": error}, hint=_WAY_OUT) from error


def _object(content: bytes, name: str) -> dict[str, object]:
    try:
        tree = json.loads(content)
    except (ValueError, RecursionError) as error:  # Invalid UTF-8 included.
        raise BackendError("a file of the dataset is not valid JSON", facts={"file": name, "error": error}) from error
    if not isinstance(tree, dict):
        refuse_dataset("a file of the dataset does not hold an object", file=name)
    return tree


def _shot(frame: object, split: Split, place: int, name: str) -> tuple[Shot, str]:
    """One frame's entry, and its picture's name in the zip."""
    match frame:
        case {"file_path": str(path), "time": int() | float() as time, "transform_matrix": list(theirs), **rest}:
            matrix = rest.get("camera_to_world", theirs)
        case _:
            refuse_dataset(
                "a frame of the dataset lacks `file_path`, `time` or `transform_matrix`", file=name, frame=place
            )
    try:
        camera = np.array(matrix, np.float64)
    except (TypeError, ValueError, OverflowError):
        camera = np.zeros(0)
    if camera.shape != (4, 4) or not 0 <= time <= 1:
        refuse_dataset("a frame needs a 4x4 camera and a time of 0 to 1", file=name, frame=place, time=time)
    file = path.removeprefix("./") + ("" if path.endswith(".png") else ".png")
    kind, _, number = file.rpartition("/")[2].removesuffix(".png").partition("_")
    is_ours = kind in ("spatial", "temporal") and number.isdecimal()
    index = int(number) if is_ours else place
    shot = Shot(split, "spatial" if is_ours and kind == "spatial" else "temporal", index, time, camera)
    return shot, file


def _lens(
    table: Mapping[str, object], members: Mapping[str, bytes], file: str, name: str
) -> tuple[Intrinsics, tuple[int, int]]:
    """Intrinsics and size from the file's fields; a missing size is taken from a picture."""
    numbers = {key: value for key, value in table.items() if isinstance(value, int | float) and abs(value) < 1e300}
    size = int(numbers.get("w", 0)), int(numbers.get("h", 0))
    if min(size) <= 0:
        height, width = _picture(members, file).shape[:2]
        size = (width, height)
    angle = numbers.get("camera_angle_x")
    if "fl_x" not in numbers and (angle is None or not 0 < angle < math.pi):
        refuse_dataset("the dataset has neither `fl_x` nor `camera_angle_x`", file=name)
    focal = float(numbers["fl_x"]) if "fl_x" in numbers else 0.5 * size[0] / math.tan(0.5 * float(angle or 0))
    middle = float(numbers.get("cx", size[0] / 2)), float(numbers.get("cy", size[1] / 2))
    return (focal, float(numbers.get("fl_y", focal)), *middle), size


def _pixels(members: Mapping[str, bytes], file: str, size: tuple[int, int]) -> NDArray[np.uint8]:
    rgba = _picture(members, file)
    if rgba.shape[:2] != size[::-1]:
        refuse_dataset(
            "a picture of the dataset has a different size", file=file, found=rgba.shape[1::-1], expected=size
        )
    return rgba


def _picture(members: Mapping[str, bytes], file: str) -> NDArray[np.uint8]:
    """(H, W, 4)."""
    from PIL import Image

    if file not in members:
        refuse_dataset("the dataset lacks a picture", lacks=file, help_=_WAY_OUT)
    try:
        with Image.open(io.BytesIO(members[file]), formats=["PNG"]) as image:
            if image.width * image.height > MAX_PIXELS:
                refuse_dataset("a picture of the dataset is too large", file=file, found=image.size, limit=MAX_PIXELS)
            return np.asarray(image.convert("RGBA"))
    except BackendError:
        raise
    except Exception as error:  # OSError, SyntaxError, zlib.error, struct.error, …: it depends on the file.
        raise BackendError("a picture of the dataset cannot be read", facts={"file": file, "error": error}) from error
