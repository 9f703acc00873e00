"""Moves to poses. Each pose follows from its own frame alone, so any frame can be computed without the others."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from episodec.film.curve import through
from episodec.film.exact import Floats
from episodec.film.moves import CameraSegment, Dolly, Ease, Key, Keys, Orbit, Path, Still, Vector
from episodec.film.pose import look_at
from episodec.film.rotation import Quaternion, quaternion, rotation, slerp
from episodec.film.track_errors import refuse

LEAST_FOV_DEG, GREATEST_FOV_DEG = 1.0, 179.0
GREATEST_COORDINATE_M = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class CameraPoses:
    """The view of a camera, one row per frame."""

    camera_to_world: Floats  # (N, 4, 4) float64, OpenGL convention, not yet quantised.
    fov_y_deg: Floats  # (N,) float64.


def shots(segment: CameraSegment, frames: Sequence[int]) -> CameraPoses:
    """The poses of these frames of a segment, counted from its start.

    Raises:
        BadTrack: a value that no camera can have, or a camera without a direction of view.
    """
    if segment.frames < 1:
        raise refuse(("frames",), f"a segment of {segment.frames} frames", "a segment lasts at least one frame")
    if any(not 0 <= frame < segment.frames for frame in frames):
        raise ValueError(f"frames {min(frames)} to {max(frames)} of a segment of {segment.frames}")
    match segment.move:
        case Still() as still:
            return _still(still, len(frames))
        case Orbit() as orbit:
            return _orbit(orbit, segment.frames, frames)
        case Dolly() as dolly:
            return _dolly(dolly, segment.frames, frames)
        case Keys() as keys:
            return _keys(keys, segment.frames, frames)
        case Path() as path:
            return _along(path, segment.frames, frames)


def eased(part: Fraction, ease: Ease) -> Fraction:
    """The share of the way covered after a share t of the time: t, or 3t^2 - 2t^3 with a soft start and end."""
    return part if ease == "linear" else part * part * (3 - 2 * part)


def _still(move: Still, count: int) -> CameraPoses:
    _check_point(("position",), move.position)
    _check_point(("look_at",), move.look_at)
    pose = look_at(np.array([move.position]), np.array([move.look_at]))
    return CameraPoses(np.repeat(pose, count, axis=0), _same_fov(move.fov_y_deg, count))


def _orbit(move: Orbit, length: int, frames: Sequence[int]) -> CameraPoses:
    _check_point(("look_at",), move.look_at)
    if not 0 < move.radius <= GREATEST_COORDINATE_M:
        hint = f"a radius is above 0 and at most {GREATEST_COORDINATE_M:g} metres"
        raise refuse(("radius",), f"an orbit radius of {move.radius:g} m", hint)
    if not -90 < move.elevation_deg < 90:
        hint = "an elevation lies between -90 and 90 degrees, exclusive: there the up direction is undefined"
        raise refuse(("elevation_deg",), f"an elevation of {move.elevation_deg:g} degrees", hint)
    for name, angle in (("from_deg", move.from_deg), ("to_deg", move.sweep_deg)):
        if not math.isfinite(angle):
            raise refuse((name,), f"an angle of {angle:g} degrees", "give a finite number")
    elevation = math.radians(move.elevation_deg)
    level, height = move.radius * math.cos(elevation), move.radius * math.sin(elevation)
    azimuths = [math.radians(azimuth_deg(move, length, frame)) for frame in frames]
    way = [(level * math.sin(azimuth), height, level * math.cos(azimuth)) for azimuth in azimuths]
    target = np.array([move.look_at])
    position = target + np.array(way).reshape(-1, 3)
    poses = look_at(position, np.repeat(target, len(frames), axis=0), ("elevation_deg",))
    return CameraPoses(poses, _same_fov(move.fov_y_deg, len(frames)))


def azimuth_deg(move: Orbit, length: int, frame: int) -> float:
    """The azimuth at a frame, 0 to 360.

    Reduced as a fraction: after a whole turn it is exactly the same number, so rows of a second turn equal those of the
    first.
    """
    part = eased(Fraction(frame, length), move.ease)
    return float((Fraction(move.from_deg) + Fraction(move.sweep_deg) * part) % 360)


def _dolly(move: Dolly, length: int, frames: Sequence[int]) -> CameraPoses:
    for name, point in (("from_position", move.start), ("to_position", move.end), ("look_at", move.look_at)):
        _check_point((name,), point)
    part = np.array([float(eased(Fraction(frame, length), move.ease)) for frame in frames]).reshape(-1, 1)
    start, end = np.array([move.start]), np.array([move.end])
    position = start * (1 - part) + end * part
    target = np.repeat(np.array([move.look_at]), len(frames), axis=0)
    return CameraPoses(look_at(position, target, ("to_position",)), _same_fov(move.fov_y_deg, len(frames)))


def _keys(move: Keys, length: int, frames: Sequence[int]) -> CameraPoses:
    _check_keys(move.keys, length)
    values = np.array([(*key.position, *key.look_at, key.fov_y_deg) for key in move.keys])
    knots = np.array([float(key.frame) for key in move.keys])
    is_soft = move.ease == "smooth"
    curve = through(
        knots,
        values,
        rests_first=is_soft or move.keys[0].frame > 0,
        rests_last=is_soft or move.keys[-1].frame < length - 1,
    )
    samples = curve.at(np.array(frames, dtype=np.float64))
    return CameraPoses(look_at(samples[:, :3], samples[:, 3:6], ("keys",)), samples[:, 6])


def _check_keys(keys: Sequence[Key], length: int) -> None:
    if not keys:
        raise refuse(("keys",), "there are no keys", "a keyframed move has at least one")
    before = -1
    for index, key in enumerate(keys):
        if not before < key.frame < length:
            sentence = f"the key at frame {key.frame} is out of order or outside its segment of {length} frames"
            raise refuse(("keys", index, "frame"), sentence, "write keys in the order of their frames")
        before = key.frame
        _check_point(("keys", index, "position"), key.position)
        _check_point(("keys", index, "look_at"), key.look_at)
        check_fov(("keys", index, "fov_y_deg"), key.fov_y_deg)
        # Here the flaw has the key's own field; between keys `look_at` finds it again, without one.
        look_at(np.array([key.position]), np.array([key.look_at]), ("keys", index, "position"))


def _along(path: Path, length: int, frames: Sequence[int]) -> CameraPoses:
    """Positions and fields of view on a C1 curve through the poses, rotations along the shorter way between two."""
    count = len(path.fov_y_deg)
    # A file with as many poses as the segment has frames is taken pose by pose, whether it is a cycle or not.
    steps = Fraction(count, length) if path.is_cycle else Fraction(max(count - 1, 0), max(length - 1, 1))
    places = [frame * steps for frame in frames]
    knots = list(range(-2, count + 3)) if path.is_cycle and count > 1 else list(range(count))
    nearest = [knot % count for knot in knots]
    values = np.concatenate([path.camera_to_world[:, :3, 3], path.fov_y_deg[:, None]], axis=1)[nearest]
    curve = through(np.array(knots, dtype=np.float64), values, rests_first=False, rests_last=False)
    samples = curve.at(np.array([float(place) for place in places]))
    turns = [quaternion(tuple(map(tuple, pose[:3, :3].tolist()))) for pose in path.camera_to_world]
    poses = np.zeros((len(frames), 4, 4))
    poses[:, :3, :3] = [rotation(_turned(turns, place)) for place in places]
    poses[:, :3, 3] = samples[:, :3]
    poses[:, 3, 3] = 1.0
    return CameraPoses(poses, samples[:, 3])


def _turned(turns: Sequence[Quaternion], place: Fraction) -> Quaternion:
    before = math.floor(place)
    part = float(place - before)
    here = turns[before % len(turns)]
    return here if part == 0 else slerp(here, turns[(before + 1) % len(turns)], part)


def check_fov(path: tuple[str | int, ...], fov_y_deg: float) -> None:
    """Refuse a field of view that no camera can have.

    Raises:
        BadTrack: it is outside 1 to 179 degrees, or not a number.
    """
    if not LEAST_FOV_DEG <= fov_y_deg <= GREATEST_FOV_DEG:
        hint = f"it lies between {LEAST_FOV_DEG:g} and {GREATEST_FOV_DEG:g} degrees"
        raise refuse(path, f"a field of view of {fov_y_deg:g} degrees", hint)


def _same_fov(fov_y_deg: float, count: int) -> Floats:
    check_fov(("fov_y_deg",), fov_y_deg)
    return np.full(count, float(fov_y_deg))


def _check_point(path: tuple[str | int, ...], point: Vector) -> None:
    if not all(abs(value) <= GREATEST_COORDINATE_M for value in point):
        hint = f"coordinates are numbers of at most {GREATEST_COORDINATE_M:g} metres"
        raise refuse(path, f"a point at {', '.join(f'{value:g}' for value in point)}", hint)
