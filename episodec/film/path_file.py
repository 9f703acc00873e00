"""Camera paths of other tools, from their text: nerfstudio's camera_path.json and Blender's (D-NeRF's) transforms.json.

nerfstudio (viewer and Blender add-on): `camera_path[]` with `camera_to_world`, 16 numbers row by row. Without it,
`keyframes[]` with `matrix`: numbers row by row from the viewer, a text of a list column by column from the add-on.
`fov` is vertical, in degrees. transforms.json: `frames[].transform_matrix`, 4 rows, and either one `camera_angle_x`,
the horizontal field of view in radians, or the focal lengths `fl_y` (`fl_x`) with `h` (`w`) in pixels. All poses are
camera-to-world in the OpenGL convention. Times in these files are ignored: the time track sets them.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NoReturn

import numpy as np

from episodec.film.camera import GREATEST_COORDINATE_M, GREATEST_FOV_DEG, LEAST_FOV_DEG
from episodec.film.exact import Floats, frozen
from episodec.film.moves import Path
from episodec.film.rotation import orthonormal
from episodec.film.track_errors import refuse

GREATEST_LENGTH = 1 << 24  # Characters of a file; a path of 10 000 poses has some 6 million.

Up = Literal["y", "z"]

# The +Z-up world of Blender and nerfstudio, whose characters look along -Y, in our world: x, z, -y.
_FROM_Z_UP = ((1, 0, 0), (0, 0, 1), (0, -1, 0))


def read_path(text: str, aspect: float, up: Up = "y") -> Path:
    """The path in a file's text.

    aspect: width by height of the pictures to render, for a file with only a horizontal field of view and no size.
    up: the axis that points up in the file's world.

    Raises:
        BadTrack: the error, with its place in the file; its own path is ("file",).
    """
    tree = _parsed(text)
    _check_lenses(tree)
    if "frames" in tree:
        poses, fovs, is_cycle = *_transforms(tree, aspect), False
    elif "camera_path" in tree or "keyframes" in tree:
        poses, fovs, is_cycle = *_nerfstudio(tree), bool(tree.get("is_cycle", False))
    else:
        _refuse("it is neither a nerfstudio camera path nor a Blender transforms file", "it has no list of poses")
    stacked = np.array(poses, dtype=np.float64)
    if up == "z":
        rows = [sum(int(factor) * stacked[:, k, :] for k, factor in enumerate(row)) for row in _FROM_Z_UP]
        stacked[:, :3, :] = np.stack([np.asarray(row) for row in rows], axis=1)
    return Path(frozen(stacked), frozen(np.array(fovs, dtype=np.float64)), is_cycle)


_PERSPECTIVE = ("perspective", "pinhole", "simple_pinhole", "simple_radial", "radial", "opencv", "full_opencv")
_BENDS = ("k1", "k2", "k3", "k4", "k5", "k6", "p1", "p2")  # OpenCV's coefficients.
_STRAIGHT = 1e-3  # Of a coefficient: it moves a point at the edge by a thousandth of its distance from the centre.
_MIDDLE = 0.01  # Of a side: how near its half the principal point is.


def _check_lenses(tree: Mapping[str, Any]) -> None:
    """Refuse lenses other than the perspective one, the only one that is rendered, wherever a file names them.

    A file may name one for all of its poses or for a single one.
    nerfstudio: `camera_type` of paths (also `fisheye`, `equirectangular`, `omnidirectional`, `vr180`), `camera_model`
    of transforms.json (also `OPENCV_FISHEYE`, `EQUIRECTANGULAR`, …). instant-ngp: `is_fisheye`.
    """
    places = [("", tree)]
    for name in ("frames", "camera_path", "keyframes"):
        entries = tree.get(name)
        if isinstance(entries, list):
            places += [(f"{name}[{index}].", entry) for index, entry in enumerate(entries) if isinstance(entry, dict)]
    for place, entry in places:
        for name in ("camera_type", "camera_model", "camera"):
            kind = entry.get(name)
            if isinstance(kind, str) and kind.lower() not in _PERSPECTIVE:
                _refuse(f"`{place}{name}` is {kind[:40]!r}", "only perspective cameras are supported")
        if entry.get("is_fisheye") not in (None, False, 0):
            _refuse(f"`{place}is_fisheye` is set", "only perspective cameras are supported")


def bent_by(text: str) -> str | None:
    """The first difference of a transforms.json's pictures from a plain lens: distortion, or an off-centre principal
    point.

    None if there is none. A path is rendered with a plain lens, whatever its own was; pictures keep their distortion.

    Raises:
        BadTrack: it is not a transforms.json.
    """
    tree = _parsed(text)
    for index, entry in enumerate(_entries(tree, "frames")):
        of = {**tree, **entry}
        for name in _BENDS:
            if name in of and abs(_number(of[name], name)) > _STRAIGHT:
                return f"frames[{index}] has lens distortion: `{name}` is {of[name]:g}"
        for middle, side in (("cx", "w"), ("cy", "h")):
            if middle in of and side in of:
                place, whole = _number(of[middle], middle), _number(of[side], side)
                if whole > 0 and abs(place / whole - 0.5) > _MIDDLE:
                    return f"frames[{index}] has an off-centre principal point: `{middle}` is {place:g} of {whole:g}"
    return None


def _parsed(text: str) -> Mapping[str, Any]:
    if len(text) > GREATEST_LENGTH:
        _refuse(f"it has {len(text)} characters", f"a path file has at most {GREATEST_LENGTH}")
    try:
        tree = json.loads(text, parse_constant=_no_number)
    except RecursionError:
        _refuse("it is nested too deeply to be a path file")
    except ValueError as error:
        if isinstance(error, _NoNumber):
            _refuse(f"it holds {error}", "poses are finite numbers")
        _refuse(f"it is not JSON: {error}")
    if not isinstance(tree, dict):
        _refuse("it is not a JSON object")
    return tree


class _NoNumber(ValueError):
    """NaN or an infinity, which Python's JSON parser accepts."""


def _no_number(name: str) -> NoReturn:
    raise _NoNumber(name)


def _nerfstudio(tree: Mapping[str, Any]) -> tuple[list[Floats], list[float]]:
    """The dense path where there is one; otherwise the keyframes it was drawn from."""
    name, matrix = ("camera_path", "camera_to_world") if tree.get("camera_path") else ("keyframes", "matrix")
    poses, fovs = [], []
    for index, entry in enumerate(_entries(tree, name)):
        place = f"{name}[{index}]"
        poses.append(_pose(_flat(entry.get(matrix), f"{place}.{matrix}"), f"{place}.{matrix}"))
        fovs.append(_fov(_number(entry.get("fov"), f"{place}.fov"), f"{place}.fov"))
    return poses, fovs


def _transforms(tree: Mapping[str, Any], aspect: float) -> tuple[list[Floats], list[float]]:
    poses, fovs = [], []
    for index, entry in enumerate(_entries(tree, "frames")):
        place = f"frames[{index}].transform_matrix"
        poses.append(_pose(_flat(entry.get("transform_matrix"), place), place))
        # nerfstudio's variant has intrinsics for each frame, and for all frames at the top.
        fovs.append(_transforms_fov({**tree, **entry}, aspect))
    return poses, fovs


def _transforms_fov(of: Mapping[str, Any], aspect: float) -> float:
    if "fl_y" in of and "h" in of:
        focal, height = _number(of["fl_y"], "fl_y"), _number(of["h"], "h")
        return _fov(math.degrees(2 * math.atan2(height / 2, focal)), "fl_y")
    if "w" in of and "h" in of:
        width, height = _number(of["w"], "w"), _number(of["h"], "h")
        if width <= 0 or height <= 0:
            _refuse(f"its pictures have {width:g} x {height:g} pixels")
        aspect = width / height
    if "camera_angle_x" in of:
        half = _number(of["camera_angle_x"], "camera_angle_x") / 2
        if not 0 < half < math.pi / 2:
            _refuse(f"`camera_angle_x` is {2 * half:g}", "it is an angle in radians, between 0 and pi")
        return _fov(math.degrees(2 * math.atan(math.tan(half) / aspect)), "camera_angle_x")
    if "fl_x" in of and "w" in of:
        half = math.atan2(_number(of["w"], "w") / 2, _number(of["fl_x"], "fl_x"))
        return _fov(math.degrees(2 * math.atan(math.tan(half) / aspect)), "fl_x")
    hint = "Blender's files have `camera_angle_x`, nerfstudio's `fl_y` and `h`"
    raise refuse(("file",), "it gives no field of view", hint, "file")


def _entries(tree: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    entries = tree.get(name)
    if not isinstance(entries, list) or not entries:
        _refuse(f"`{name}` holds no poses")
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict):
            _refuse(f"`{name}[{index}]` is not an object")
    return entries


def _flat(value: Any, place: str) -> list[float]:
    """16 numbers row by row, from any of the forms that tools write."""
    by_column = isinstance(value, str)
    if by_column:
        try:
            value = json.loads(value, parse_constant=_no_number)
        except (ValueError, RecursionError):
            _refuse(f"`{place}` is a text, but not of a list of numbers")
    if isinstance(value, list) and value and all(isinstance(row, list) for row in value):
        value = [number for row in value for number in row]
    if not isinstance(value, list) or len(value) not in {12, 16} or (len(value) == 12 and by_column):
        _refuse(f"`{place}` is not a matrix of 4 x 4 numbers")
    numbers = [_number(one, place) for one in value]
    if by_column:
        numbers = [numbers[4 * column + row] for row in range(4) for column in range(4)]
    return numbers if len(numbers) == 16 else [*numbers, 0.0, 0.0, 0.0, 1.0]


def _pose(numbers: Sequence[float], place: str) -> Floats:
    """A rigid pose from 16 numbers row by row."""
    rows = [list(numbers[4 * row : 4 * row + 4]) for row in range(4)]
    if any(abs(found - wanted) > 1e-6 for found, wanted in zip(rows[3], (0, 0, 0, 1), strict=True)):
        columns = [row[3] for row in rows]
        is_other = columns[:3] == [0, 0, 0]
        hint = "it seems to be written column by column; write it row by row" if is_other else "the last row is 0 0 0 1"
        _refuse(f"`{place}` is not a camera-to-world matrix", hint)
    turned = orthonormal([row[:3] for row in rows[:3]])
    if turned is None:
        _refuse(f"`{place}` is not a rotation", "its first three columns must be orthogonal and not mirrored")
    if any(abs(row[3]) > GREATEST_COORDINATE_M for row in rows[:3]):
        _refuse(f"`{place}` is farther away than {GREATEST_COORDINATE_M:g} metres")
    pose = np.eye(4)
    pose[:3, :3] = turned
    pose[:3, 3] = [row[3] for row in rows[:3]]
    return pose


def _fov(degrees: float, place: str) -> float:
    inside = min(max(degrees, LEAST_FOV_DEG), GREATEST_FOV_DEG)
    if abs(inside - degrees) > 1e-6:  # The difference is rounding on the way through focal lengths.
        hint = f"it lies between {LEAST_FOV_DEG:g} and {GREATEST_FOV_DEG:g} degrees"
        _refuse(f"`{place}` is a vertical field of view of {degrees:g} degrees", hint)
    return inside


def _number(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(f"`{place}` is not a number" if value is not None else f"`{place}` is missing")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        _refuse(f"`{place}` is not a finite number")
    return number


def _refuse(sentence: str, hint: str = "nerfstudio's viewer and Blender add-on write such files") -> NoReturn:
    raise refuse(("file",), sentence, hint, "file")
