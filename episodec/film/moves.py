"""Camera moves and scene-time maps, as values. Their lengths are in segments."""

from dataclasses import dataclass
from typing import Literal

from episodec.film.exact import Floats

Vector = tuple[float, float, float]  # Metres, world.
Ease = Literal["linear", "smooth"]


@dataclass(frozen=True, slots=True)
class Still:
    """The camera does not move."""

    position: Vector
    look_at: Vector
    fov_y_deg: float


@dataclass(frozen=True, slots=True)
class Orbit:
    """The camera circles the point it looks at. Half-open: it reaches the end of the arc one frame after the last."""

    look_at: Vector
    radius: float  # Metres.
    elevation_deg: float
    from_deg: float  # Azimuth: 0 on +Z, in front of the character; 90 on +X, its left.
    sweep_deg: float  # The whole way, turns included.
    fov_y_deg: float
    ease: Ease


@dataclass(frozen=True, slots=True)
class Dolly:
    """The camera travels on a straight line. Half-open, so the next segment continues evenly from its end."""

    start: Vector
    end: Vector
    look_at: Vector
    fov_y_deg: float
    ease: Ease


@dataclass(frozen=True, slots=True)
class Key:
    """The position of the camera at one frame of its segment."""

    frame: int
    position: Vector
    look_at: Vector
    fov_y_deg: float


@dataclass(frozen=True, slots=True)
class Keys:
    """The camera passes through keys, each exactly at its frame, at a continuous speed; outside them it rests.

    `smooth` starts and ends at rest. `linear` starts and ends in motion, unless frames before the first or after the
    last key rest.
    """

    keys: tuple[Key, ...]
    ease: Ease


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """The camera follows poses from a file, spread evenly over the segment."""

    camera_to_world: Floats  # (M, 4, 4) float64, rigid, OpenGL convention.
    fov_y_deg: Floats  # (M,) float64.
    is_cycle: bool = False  # The last pose leads back to the first.


Move = Still | Orbit | Dolly | Keys | Path


@dataclass(frozen=True, slots=True)
class CameraSegment:
    """A move and its length."""

    frames: int
    move: Move


@dataclass(frozen=True, slots=True)
class Loop:
    """Frame i shows sample i mod period; sample k is at scene time k / (period - 1)."""

    period: int


@dataclass(frozen=True, slots=True)
class Pingpong:
    """Samples run back and forth, the two ends shown once each: 0 1 2 3 2 1 0 1, and so on."""

    period: int


@dataclass(frozen=True, slots=True)
class Linear:
    """Scene time runs evenly: the first frame shows `start`, the last one `end`."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Hold:
    """Scene time does not move."""

    at: float


@dataclass(frozen=True, slots=True)
class TimeKeys:
    """Scene time runs evenly from key to key, (frame, scene time) each, and is constant outside them."""

    keys: tuple[tuple[int, float], ...]


TimeMap = Loop | Pingpong | Linear | Hold | TimeKeys


@dataclass(frozen=True, slots=True)
class TimeSegment:
    """A map and its length."""

    frames: int
    map: TimeMap
