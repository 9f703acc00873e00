"""Which frame of a generated clip stands for which moment of a scene, and from where it is seen.

A model that moves a picture begins with that picture: a camera that goes from side to side is two clips, both from the
front, of which the one to the left runs backwards.
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

_LEVEL = 1e-6  # What may be left of a turn, or of metres.

FRONT, LEFT, RIGHT = "front", "left", "right"
"""Where a clip's camera goes: it stays before the character, or moves to a side of the picture."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One wanted frame: at which scene time, and which of which clip's frames it is."""

    scene_time: float
    clip: str
    index: int


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """Every wanted frame in order, and where the camera is that sees the picture which all clips begin with."""

    moments: tuple[Moment, ...]
    front: tuple[float, float, float]  # Metres, world; it looks along -z.
    arc_deg: float  # How far the camera comes to each side; 0 when it stands still.

    @property
    def clips(self) -> tuple[str, ...]:
        """Each once, in the order in which they are first wanted."""
        return tuple(dict.fromkeys(moment.clip for moment in self.moments))


def plan_clip(rows: Rows, frames: int, *, turns_back: bool) -> ClipPlan:
    """The plan for clips of so many frames.

    With one camera, scene time 0 is the first frame of the clip and 1 the last; where it `turns_back`, scene time 1/2
    is the first, and both ends are the last. With an orbit, the frame goes by the camera's angle: none before the
    front, the last at the orbit's ends.

    Raises:
        BackendError: the cameras neither stand before the character nor orbit around it at the height of its middle.
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
        raise BackendError("a camera that orbits passes the portrait in the middle as it is", hint=hint)
    moments = [
        Moment(time, RIGHT if angle > 0 else LEFT, _place(abs(angle) / most, frames))
        for time, angle in zip(times, yaw.tolist(), strict=True)
    ]
    return ClipPlan(tuple(moments), front, round(math.degrees(most), 6))


def in_json(plan: ClipPlan, source: Mapping[str, Any], clips: Sequence[Mapping[str, Any]]) -> str:
    """motion.json: what the clips were, and of each frame which of theirs it was and when it is seen."""
    frames = [{"source_frame": each.index, "scene_time": each.scene_time, "clip": each.clip} for each in plan.moments]
    return json.dumps({"source": source, "clips": clips, "frames": frames}, ensure_ascii=False, indent=1) + "\n"


def _place(share: float, frames: int) -> int:
    """The frame at this share of a clip, the nearest one, halves upwards."""
    return math.floor(share * (frames - 1) + 0.5)


def _orbit(poses: NDArray[np.float64]) -> tuple[tuple[float, float, float], NDArray[np.float64]]:
    """Where an upright, level orbit of (F, 4, 4) passes the front, and each camera's angle from there in radians.

    By least squares from position = centre + radius (sin, 0, cos): the centre is not told.
    """
    yaw = np.arctan2(poses[:, 0, 2], poses[:, 2, 2])
    yaw[np.abs(yaw) < _LEVEL] = 0.0
    sin, cos, none, one = np.sin(yaw), np.cos(yaw), np.zeros(len(yaw)), np.ones(len(yaw))
    turned = np.stack([cos, none, sin, none, one, none, -sin, none, cos], axis=1).reshape(-1, 3, 3)
    places = poses[:, :3, 3]
    rows = np.concatenate([np.stack([one, none, sin], axis=1), np.stack([none, one, cos], axis=1)])
    found, *_ = np.linalg.lstsq(rows, np.concatenate([places[:, 0], places[:, 2]]), rcond=None)
    left = np.abs(rows @ found - np.concatenate([places[:, 0], places[:, 2]])).max()
    is_level = np.ptp(places[:, 1]) < _LEVEL and np.allclose(poses[:, :3, :3], turned, atol=_LEVEL)
    if left > _LEVEL or not is_level or np.abs(yaw).max() > math.pi / 2:
        hint = "a moving picture begins with the portrait: the camera stands before it, or orbits at its height"
        facts = {"first camera at": places[0].round(3).tolist(), "last at": places[-1].round(3).tolist()}
        raise BackendError("the cameras of the motion do not fit a portrait", facts=facts, hint=hint)
    return (float(found[0]), float(places[0, 1]), float(found[1] + found[2])), yaw
