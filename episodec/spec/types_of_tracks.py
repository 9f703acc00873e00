"""The types of the segments of the camera track and the time track.

`frames` of a segment: a spec may give `seconds` instead, and nothing for the last segment; `lengths` fills it in.
"""

from dataclasses import dataclass
from typing import Literal

Vector = tuple[float, float, float]  # Metres, world; +Y up, the character looks along +Z.


@dataclass(frozen=True, slots=True)
class StaticMove:
    """The camera does not move."""

    frames: int
    move: Literal["static"] = "static"
    position: Vector = (0.0, 0.0, 2.6)
    look_at: Vector = (0.0, 0.0, 0.0)
    fov_y_deg: float = 35.0


@dataclass(frozen=True, slots=True)
class OrbitMove:
    """The camera circles the target, from one azimuth to another, plus whole turns."""

    frames: int
    move: Literal["orbit"] = "orbit"
    radius: float = 2.6  # Metres.
    elevation_deg: float = 0.0
    from_deg: float = 0.0  # Azimuth, 0 in front of the character, growing towards its left.
    to_deg: float = 360.0
    turns: int = 0
    look_at: Vector = (0.0, 0.0, 0.0)
    fov_y_deg: float = 35.0
    ease: Literal["linear", "smooth"] = "linear"


@dataclass(frozen=True, slots=True)
class DollyMove:
    """The camera travels on a straight line."""

    frames: int
    from_position: Vector
    to_position: Vector
    move: Literal["dolly"] = "dolly"
    look_at: Vector = (0.0, 0.0, 0.0)
    fov_y_deg: float = 35.0
    ease: Literal["linear", "smooth"] = "smooth"


@dataclass(frozen=True, slots=True)
class CameraKey:
    """One key of a keyframed move, at a frame counted from the segment's start."""

    frame: int
    position: Vector
    look_at: Vector = (0.0, 0.0, 0.0)
    fov_y_deg: float = 35.0


@dataclass(frozen=True, slots=True)
class KeyframesMove:
    """The camera passes smoothly (C1) through keys."""

    frames: int
    keys: tuple[CameraKey, ...]
    move: Literal["keyframes"] = "keyframes"
    ease: Literal["linear", "smooth"] = "smooth"


@dataclass(frozen=True, slots=True)
class FileMove:
    """The camera follows a path file: nerfstudio camera_path.json or Blender transforms.json."""

    frames: int
    file: str  # Relative to the spec.
    move: Literal["file"] = "file"
    up: Literal["y", "z"] = "y"  # The axis that points up in the file's world; z in Blender's and nerfstudio's own.


CameraMove = StaticMove | OrbitMove | DollyMove | KeyframesMove | FileMove


@dataclass(frozen=True, slots=True)
class LoopTime:
    """Scene time runs through its samples again and again: frame i shows sample i mod period."""

    frames: int
    map: Literal["loop"] = "loop"
    period: int = 24  # Samples; sample k is at scene time k / (period - 1).


@dataclass(frozen=True, slots=True)
class PingpongTime:
    """Scene time runs back and forth."""

    frames: int
    map: Literal["pingpong"] = "pingpong"
    period: int = 24


@dataclass(frozen=True, slots=True)
class LinearTime:
    """Scene time runs evenly from one value to another."""

    frames: int
    map: Literal["linear"] = "linear"
    start: float = 0.0  # Scene time, 0 to 1.
    end: float = 1.0


@dataclass(frozen=True, slots=True)
class HoldTime:
    """Scene time does not move."""

    frames: int
    map: Literal["hold"] = "hold"
    at: float = 0.5


@dataclass(frozen=True, slots=True)
class TimeKey:
    """One key of a keyframed time map, at a frame counted from the segment's start."""

    frame: int
    at: float


@dataclass(frozen=True, slots=True)
class KeyframesTime:
    """Scene time passes through keys."""

    frames: int
    keys: tuple[TimeKey, ...]
    map: Literal["keyframes"] = "keyframes"


TimeMove = LoopTime | PingpongTime | LinearTime | HoldTime | KeyframesTime
