"""Maps the scene times and cameras of a motion to the frames of generated clips.

A model that animates a picture begins with it: a camera that moves from side to side needs two clips, both from the
front; the one to the left is played backwards.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.film.rows import Rows

_LEVEL = 1e-6  # Tolerance of a turn, and of metres.

FRONT, LEFT, RIGHT = "front", "left", "right"
"""The camera of a clip: it stays in front of the character, or moves to a side of the picture."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A wanted frame: its scene time, its clip, and the frame of that clip."""

    scene_time: float
    clip: str
    index: int


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """All wanted frames in order, and the camera of the picture that all clips begin with."""

    moments: tuple[Moment, ...]
    front: tuple[float, float, float]  # Metres, world; it looks along -z.
    arc_deg: float  # How far the camera moves to each side; 0 if it is fixed.

    @property
    def clips(self) -> tuple[str, ...]:
        """Each clip once, in the order of first use."""
        return tuple(dict.fromkeys(moment.clip for moment in self.moments))


def plan_clip(rows: Rows, frames: int, *, turns_back: bool) -> ClipPlan:
    """The plan for clips with this number of frames.

    With a fixed camera, scene time 0 is the first frame of the clip and 1 the last; with `turns_back`, scene time 1/2
    is the first, and both ends are the last. With an orbit, the camera's angle decides: the first frame at the front,
    the last at the ends of the orbit.

    Raises:
        BackendError: the cameras are neither fixed in front of the character nor orbit it at the height of its middle.
    """
    times = rows.scene_time[rows.order].tolist()
    poses = rows.camera_to_world[rows.order]  # (F, 4, 4)
    front, yaw = _orbit(poses)
    if not (most := float(np.abs(yaw).max())):
        shares = [abs(2 * time - 1) if turns_back else time for time in times]
        moments = [Moment(time, FRONT, _place(share, frames)) for time, share in zip(times, shares, strict=True)]
        return ClipPlan(tuple(moments), front, 0.0)
    if turns_back:
        hint = "let the camera of the motion be `fixed`, or leave `portrait_at` out"
        raise BackendError("an orbiting camera always has the portrait in the middle", hint=hint)
    moments = [
        Moment(time, RIGHT if angle > 0 else LEFT, _place(abs(angle) / most, frames))
        for time, angle in zip(times, yaw.tolist(), strict=True)
    ]
    return ClipPlan(tuple(moments), front, round(math.degrees(most), 6))


def in_json(plan: ClipPlan, source: Mapping[str, Any], clips: Sequence[Mapping[str, Any]]) -> str:
    """motion.json: the clips, and for each frame its clip, its frame there and its scene time."""
    frames = [{"source_frame": each.index, "scene_time": each.scene_time, "clip": each.clip} for each in plan.moments]
    return json.dumps({"source": source, "clips": clips, "frames": frames}, ensure_ascii=False, indent=1) + "\n"


def _place(share: float, frames: int) -> int:
    """The nearest frame at this share of a clip, halves rounded up."""
    return math.floor(share * (frames - 1) + 0.5)


def _orbit(poses: NDArray[np.float64]) -> tuple[tuple[float, float, float], NDArray[np.float64]]:
    """The azimuth of the front of an upright, level orbit of (F, 4, 4), and each camera's angle from there, in radians.

    By least squares from position = centre + radius (sin, 0, cos): the centre is unknown.
    """
    yaw = np.arctan2(poses[:, 0, 2], poses[:, 2, 2])
    yaw[np.abs(yaw) < _LEVEL] = 0.0
    sin, cos, none, ones = np.sin(yaw), np.cos(yaw), np.zeros(len(yaw)), np.ones(len(yaw))
    turned = np.stack([cos, none, sin, none, ones, none, -sin, none, cos], axis=1).reshape(-1, 3, 3)
    places = poses[:, :3, 3]
    rows = np.concatenate([np.stack([ones, none, sin], axis=1), np.stack([none, ones, cos], axis=1)])
    solution, *_ = np.linalg.lstsq(rows, np.concatenate([places[:, 0], places[:, 2]]), rcond=None)
    left = np.abs(rows @ solution - np.concatenate([places[:, 0], places[:, 2]])).max()
    is_level = np.ptp(places[:, 1]) < _LEVEL and np.allclose(poses[:, :3, :3], turned, atol=_LEVEL)
    if left > _LEVEL or not is_level or np.abs(yaw).max() > math.pi / 2:
        hint = "the motion begins with the portrait: the camera must be in front of it, or orbit at its height"
        facts = {"first camera at": places[0].round(3).tolist(), "last at": places[-1].round(3).tolist()}
        raise BackendError("the cameras of the motion do not fit a portrait", facts=facts, hint=hint)
    return (float(solution[0]), float(places[0, 1]), float(solution[1] + solution[2])), yaw
