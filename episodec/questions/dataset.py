"""The contents of a dataset, given as a zip, a folder, or a character whose dataset is in the cache."""

import math
import os
import posixpath
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from episodec.errors import RejectedSpecs, UsageError
from episodec.questions.font import find_font
from episodec.series.request import Request
from episodec.series.session import opened, places
from episodec.splat.cloud import read_cloud
from episodec.splat.dataset import CLOUD, SPLITS, DatasetShots
from episodec.splat.dataset_read import read_shots, unzipped


@dataclass(frozen=True, slots=True)
class DatasetFrame:
    """One frame of a dataset, and the direction and distance of its camera from the world's origin."""

    kind: str  # `spatial` or `temporal`.
    split: str  # `train`, `val` or `test`.
    file: str
    time: float
    azimuth_deg: float  # 0 in front of the character, growing towards its left.
    elevation_deg: float
    distance_m: float


@dataclass(frozen=True, slots=True)
class Contents:
    """A dataset in numbers."""

    source: str  # The file or folder, or the character's name.
    size: tuple[int, int]  # Pixels, width and height.
    fov_y_deg: float
    points: int | None  # Of the cloud to start from; None: it has none.
    frames: tuple[DatasetFrame, ...]


def dataset(
    request: Request, name: str, notice: Callable[[str], None] = lambda _: None
) -> tuple[Contents, DatasetShots]:
    """The dataset in a .zip, in a folder of D-NeRF's layout, or the one made for a character of the series here.

    Raises:
        UsageError: there is no such dataset, it is not made yet, a file cannot be read, or there are several series
            here.
        RejectedSpecs: all episodes that could have it have errors.
        BackendError: the dataset is damaged.
    """
    path = Path(name)
    members: Mapping[str, bytes]
    if os.path.isfile(path):
        members = unzipped(_content(path))
    elif os.path.isdir(path):
        members = _unpacked(path)
    else:
        members = unzipped(_trained_dataset(request, name, notice))
    shots = read_shots(members)
    points = len(read_cloud(members[CLOUD]).means) if CLOUD in members else None
    fov_y_deg = round(math.degrees(2 * math.atan(shots.size[1] / 2 / shots.intrinsics[1])), 6)
    frames = []
    for shot, file in zip(shots.shots, shots.files, strict=True):
        x, y, z = (float(one) for one in shot.camera_to_world[:3, 3])
        distance = math.hypot(x, y, z)
        elevation = math.degrees(math.asin(y / distance)) if distance else 0.0
        azimuth = math.degrees(math.atan2(x, z)) % 360
        # Rounded before the modulo: 359.9999999 and 0 are one direction.
        place = (round(azimuth, 6) % 360, round(elevation, 6), round(distance, 9))
        frames.append(DatasetFrame(shot.kind, shot.split, file, shot.time, *place))
    return Contents(name, shots.size, fov_y_deg, points, tuple(frames)), shots


class _Folder(Mapping[str, bytes]):
    """The files of an unpacked dataset by their names in its zip, read on access: its pictures may exceed memory.

    A name that leads out of the folder is treated as missing, as in a zip.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, name: str) -> bytes:
        if name != posixpath.normpath(name) or name.startswith(("/", "../")):
            raise KeyError(name)
        try:
            if not stat.S_ISREG((self._folder / name).stat().st_mode):
                raise KeyError(name)
        except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # ValueError: no file has such a name.
            raise KeyError(name) from error
        except OSError as error:
            raise _unreadable(self._folder / name, error) from error
        return _content(self._folder / name)

    def __iter__(self) -> Iterator[str]:
        files = (path for path in self._folder.rglob("*") if path.is_file())
        return iter(sorted(path.relative_to(self._folder).as_posix() for path in files))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _unpacked(path: Path) -> Mapping[str, bytes]:
    """The files of a folder of D-NeRF's layout."""
    folder = _Folder(path)
    tables = [f"transforms_{split}.json" for split in SPLITS]
    if not any(name in folder for name in tables):
        facts = {"folder": path, "lacks": tables[0]}
        raise UsageError(
            "this folder is not a dataset", facts=facts, hint="name a folder of D-NeRF's layout, or a character"
        )
    return folder


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError("a file cannot be read", facts={"file": path, "reason": error.strerror or error})


def _trained_dataset(request: Request, name: str, notice: Callable[[str], None]) -> bytes:
    """The character's dataset as a zip, made for its first episode with a trained scene."""
    (place, targets), *others = places(request.targets)
    if others:
        raise UsageError("there are several series here", hint="change to the folder of one with -C")
    with opened(place, targets, request, notice) as session:
        loaded = [one for one in session.load_selected() if one.episode.character == name]
        if not loaded and session.project.has_errors():
            raise RejectedSpecs("some specs have errors", hint="`episodec validate` shows them")
        if not loaded:
            hint = "name a dataset.zip, a folder of D-NeRF's layout, or a character of an episode"
            raise UsageError(
                "there is no such file, and no episode with such a character", facts={"given": name}, hint=hint
            )
        for episode in loaded:
            action = next((action for action in episode.lowered.actions if action.stage == "dataset"), None)
            if action is None:
                continue
            outputs = session.made_files(episode, action)
            if outputs is None:
                facts = {"character": name, "episode": episode.spec}
                hint = f"make it: `episodec build {episode.spec}`"
                raise UsageError(
                    "the character's dataset has not been made yet for its present files", facts=facts, hint=hint
                )
            (file,) = outputs.values()
            return file.read_bytes()
    hint = "set `scene: hybrid` in its character.yaml, or in an episode"
    raise UsageError("this character has no trained scene, so it has no dataset", facts={"character": name}, hint=hint)


def picture(contents: Contents, shots: DatasetShots) -> bytes:
    """A PNG of the cameras and times."""
    import io

    from episodec.drawings.dataset_picture import draw_dataset

    facts = f"{len(shots.shots)} frames   {shots.size[0]} x {shots.size[1]} pixels   {contents.fov_y_deg:.1f}°"
    if contents.points is not None:
        facts += f"   {contents.points} points"
    file = io.BytesIO()
    draw_dataset(shots, os.path.basename(contents.source) or contents.source, facts, find_font()).save(file, "PNG")
    return file.getvalue()
