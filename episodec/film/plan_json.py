"""plan.json: a frame plan as text that people, scripts and other tools read, one line a frame.

    {
      "format": "episodec-plan/1",
      "rate": 30,                        frames a second
      "size": [512, 512],                pixels, width and height
      "segments": [
        {"track": "camera", "kind": "orbit", "start_frame": 0, "end_frame": 900},
        …
      ],
      "frames": [
        {"frame": 0, "scene_time": 0.0, "samples": [0, 1600], "intrinsics": [fx, fy, cx, cy], "camera_to_world": […]},
        …
      ]
    }

Ranges are half-open; samples are at 48 kHz. `scene_time` runs from 0 to 1; how long its loops are is not in the file.
`intrinsics` are pixels, the middle of the top left one at (0.5, 0.5). `camera_to_world` is a 4 x 4 matrix row by row,
metres, OpenGL convention: +X right, +Y up, the camera looks along its -Z; the character looks along the world's +Z.
Numbers are written so that they are read back to the same bits, and equal plans give equal bytes. A field added later
raises the number in `format`.
"""

import json
from collections.abc import Mapping
from typing import Any, get_args

import numpy as np

from episodec.film.exact import frozen
from episodec.film.plan import FramePlan, Stretch, Track
from episodec.timebase import sample_range, samples_per_frame

FORMAT = "episodec-plan/1"


def write_plan(plan: FramePlan) -> str:
    """The text of plan.json."""
    head = [
        f'"format": {json.dumps(FORMAT)}',
        f'"rate": {plan.rate}',
        f'"size": {json.dumps(plan.size)}',
        f'"segments": {_lines([_segment(stretch) for stretch in plan.stretches])}',
        f'"frames": {_lines([_frame(plan, row) for row in range(len(plan))])}',
    ]
    return "{\n  " + ",\n  ".join(head) + "\n}\n"


def read_plan(text: str) -> FramePlan:
    """The plan that `write_plan` wrote, without the periods of loops.

    Raises:
        ValueError: this is not a plan.json of version 1, or its frames contradict one another.
    """
    tree = json.loads(text)
    format_name = tree.get("format") if isinstance(tree, dict) else None
    if format_name != FORMAT:
        raise ValueError(f"the format of the plan is {format_name!r}, not {FORMAT!r}")
    try:
        plan = _plan(tree)
    except (KeyError, TypeError) as error:
        raise ValueError(f"this plan lacks a field, or one has another type: {error}") from error
    if not all(map(_is_sound, (plan.camera_to_world, plan.intrinsics, plan.scene_time))):
        raise ValueError("the plan holds a number that is not finite")
    if not ((plan.scene_time >= 0) & (plan.scene_time <= 1)).all():
        raise ValueError("the plan holds a scene time outside 0 to 1")
    if [tuple(pair) for pair in plan.samples.tolist()] != [sample_range(i, plan.rate) for i in plan.index.tolist()]:
        raise ValueError("the samples of the plan do not match its frames")
    return plan


def _plan(tree: Mapping[str, Any]) -> FramePlan:
    frames: list[Mapping[str, Any]] = tree["frames"]
    count = len(frames)
    width, height = map(int, tree["size"])
    samples_per_frame(tree["rate"])

    def column(name: str, *shape: int) -> Any:
        return frozen(np.array([one[name] for one in frames], dtype=np.float64).reshape(count, *shape))

    def whole(name: str, *shape: int) -> Any:
        return frozen(np.array([one[name] for one in frames], dtype=np.int64).reshape(count, *shape))

    return FramePlan(
        rate=tree["rate"],
        size=(width, height),
        index=whole("frame"),
        camera_to_world=column("camera_to_world", 4, 4),
        intrinsics=column("intrinsics", 4),
        scene_time=column("scene_time"),
        period=frozen(np.zeros(count, np.int64)),
        samples=whole("samples", 2),
        stretches=tuple(map(read_segment, tree["segments"])),
    )


def read_segment(row: Mapping[str, Any]) -> Stretch:
    """A segment as plan.json has it."""
    track: Track = row["track"]
    if track not in get_args(Track):
        raise ValueError(f"the plan has an unknown track {track!r}")
    return Stretch(track, str(row["kind"]), int(row["start_frame"]), int(row["end_frame"]))


def _segment(of: Stretch) -> str:
    named = {"track": of.track, "kind": of.kind, "start_frame": of.start_frame, "end_frame": of.end_frame}
    return json.dumps(named)


def _frame(plan: FramePlan, row: int) -> str:
    named = {
        "frame": int(plan.index[row]),
        "scene_time": float(plan.scene_time[row]),
        "samples": plan.samples[row].tolist(),
        "intrinsics": plan.intrinsics[row].tolist(),
        "camera_to_world": plan.camera_to_world[row].reshape(16).tolist(),
    }
    return json.dumps(named, allow_nan=False)


def _lines(entries: list[str]) -> str:
    return "[\n    " + ",\n    ".join(entries) + "\n  ]" if entries else "[]"


def _is_sound(values: Any) -> bool:
    return bool(np.isfinite(values).all())
