"""The pictures, cameras and times that a moving scene is trained from, as one zip in D-NeRF's layout.

The zip suits 4DGaussians' reader: `transforms_train.json`, `transforms_val.json`, `transforms_test.json`, a PNG per
frame, and `fused.ply`, the initial points. That reader negates the x of a camera's translation, which is right only for
cameras whose vertical plane contains the world's origin (hustvl/4DGaussians, pull request 223). Each frame therefore
has `transform_matrix`, from which that reader obtains the right camera, and `camera_to_world`, the camera itself; for
episodec's orbits the two are equal. The reader here prefers `camera_to_world`.
"""

import io
import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.splat.cloud import Cloud, write_cloud
from episodec.splat.view import Intrinsics, View, checked_view

Split = Literal["train", "val", "test"]
Kind = Literal["spatial", "temporal"]

SPLITS: tuple[Split, ...] = ("train", "val", "test")
CLOUD = "fused.ply"
_SAME_PLACE = 1e-8  # Metres from the world's origin to a camera's vertical plane taken as 0: ten quanta of a pose.


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame without its pixels.

    Attributes:
        split: `train` is learned from, `val` is evaluated during training, `test` afterwards.
        kind: `spatial`, one of the views around the character at one time, or `temporal`, one of the moving pictures.
        index: within its kind; in other tools' files, within its split.
        time: scene time, 0 to 1.
        camera_to_world: (4, 4) float64, OpenGL convention, metres.
    """

    split: Split
    kind: Kind
    index: int
    time: float
    camera_to_world: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class DatasetShots:
    """The cameras and times of all frames, in the order of the splits, with a common lens."""

    shots: tuple[Shot, ...]
    files: tuple[str, ...]  # The path of each PNG.
    intrinsics: Intrinsics
    size: tuple[int, int]  # Pixels, width and height.


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """F frames of one size through one lens, and the initial points.

    Attributes:
        frames: (F, H, W, 4) uint8, RGBA, straight alpha, sRGB values; transparent parts are over white.
        camera_to_world: (F, 4, 4) float64, OpenGL convention, metres.
        intrinsics: fx, fy, cx, cy in pixels, of all frames.
        times: (F,) float64, scene time, 0 to 1.
        splits: of each frame, `train`, `val` or `test`; frames are in this order.
        kinds: of each frame, `spatial` (around the character, at one time) or `temporal` (moving).
        cloud: encloses all movement.
    """

    frames: NDArray[np.uint8]
    camera_to_world: NDArray[np.float64]
    intrinsics: Intrinsics
    times: NDArray[np.float64]
    splits: tuple[Split, ...]
    kinds: tuple[Kind, ...]
    cloud: Cloud

    @property
    def size(self) -> tuple[int, int]:
        """Pixels of a frame, width and height."""
        return self.frames.shape[2], self.frames.shape[1]

    def view(self, frame: int) -> View:
        """The view of a frame."""
        return View(self.camera_to_world[frame], self.intrinsics, self.size)

    def where(self, split: Split, kind: Kind | None = None) -> NDArray[np.int64]:
        """The indices of the frames of a split and kind, in order."""
        both = enumerate(zip(self.splits, self.kinds, strict=True))
        return np.array([frame for frame, (here, is_of) in both if here == split and kind in (None, is_of)], np.int64)


def write_dataset(
    shots: Sequence[Shot], pictures: Sequence[NDArray[np.uint8]], intrinsics: Intrinsics, cloud: Cloud
) -> bytes:
    """The zip, reproducible: stored, with fixed dates, sorted by name.

    pictures: (S, S, 4) uint8 of each shot, all of one size.

    Raises:
        BackendError: pictures differ in size or are not square, the lens is not centred, a frame is duplicated, a
            camera is invalid, or no time is 1 among those by whose maximum 4DGaussians' reader divides.
    """
    size = _one_size(shots, pictures)
    if (
        abs(intrinsics[0] - intrinsics[1]) > 1e-6
        or abs(2 * intrinsics[2] - size) + abs(2 * intrinsics[3] - size) > 1e-6
    ):
        refuse_dataset("D-NeRF's format requires square pictures and a centred lens", lens=intrinsics, size=size)
    if not math.isclose(max((shot.time for shot in shots if shot.split != "val"), default=0.0), 1.0, abs_tol=1e-12):
        refuse_dataset("no train or test frame has scene time 1, by which 4DGaussians' reader divides")
    members = {CLOUD: write_cloud(cloud)}
    for shot, picture in zip(shots, pictures, strict=True):
        checked_view(View(shot.camera_to_world, intrinsics, (size, size)))
        name = f"{_name(shot)}.png"
        if name in members:
            refuse_dataset("a frame is duplicated in the dataset", frame=name)
        members[name] = _png(picture)
    for split in SPLITS:
        frames = [_entry(shot) for shot in shots if shot.split == split]
        lens = {"fl_x": intrinsics[0], "fl_y": intrinsics[1], "cx": intrinsics[2], "cy": intrinsics[3]}
        angle = {"camera_angle_x": 2 * math.atan(0.5 * size / intrinsics[0]), "w": size, "h": size}
        text = json.dumps({**angle, **lens, "frames": frames}, indent=1, allow_nan=False)
        members[f"transforms_{split}.json"] = f"{text}\n".encode()
    return _zipped(members)


def _one_size(shots: Sequence[Shot], pictures: Sequence[NDArray[np.uint8]]) -> int:
    sizes = sorted({picture.shape for picture in pictures})
    if len(shots) != len(pictures) or len(sizes) != 1 or len(sizes[0]) != 3 or sizes[0][0] != sizes[0][1]:
        refuse_dataset(
            "a dataset's pictures must be squares of one size", frames=len(shots), pictures=len(pictures), sizes=sizes
        )
    if sizes[0][2] != 4 or any(picture.dtype != np.uint8 for picture in pictures):
        refuse_dataset("a dataset's pictures must be 8-bit RGBA", shape=sizes[0])
    return int(sizes[0][0])


def _name(shot: Shot) -> str:
    return f"{shot.split}/{shot.kind}_{shot.index:03}"


def _entry(shot: Shot) -> dict[str, object]:
    camera = np.asarray(shot.camera_to_world, np.float64)
    return {
        "file_path": f"./{_name(shot)}",
        "time": float(shot.time),
        "transform_matrix": _for_their_reader(camera).tolist(),
        "camera_to_world": camera.tolist(),
    }


def _for_their_reader(camera_to_world: NDArray[np.float64]) -> NDArray[np.float64]:
    """The matrix that 4DGaussians' reader, which negates the x of the translation, turns into this camera.

    Negating it mirrors the camera's position at the vertical plane through the origin that contains its right axis. The
    sum is written out: LAPACK and BLAS differ in the last bits between processors, and this goes into a file.
    """
    right, place = camera_to_world[:3, 0], camera_to_world[:3, 3]
    off = right[0] * place[0] + right[1] * place[1] + right[2] * place[2]
    if abs(off) < _SAME_PLACE:
        return camera_to_world
    moved = camera_to_world.copy()
    moved[:3, 3] = place - 2 * off * right
    return moved


def _zipped(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # Unix on every system, for the same bytes.
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, members[name])
    return buffer.getvalue()


def _png(rgba: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(rgba).save(buffer, "PNG")
    return buffer.getvalue()


def refuse_dataset(sentence: str, *, help_: str | None = None, **facts: object) -> NoReturn:
    """Raise an error about a dataset, with an optional hint."""
    raise BackendError(sentence, facts=facts, hint=help_)
