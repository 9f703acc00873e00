"""A frame plan for other tools: nerfstudio's camera_path.json, D-NeRF's transforms.json and an OpenTimelineIO timeline.

All of them are JSON texts; equal plans give equal bytes.
"""

import json
import math
from typing import Any

from episodec.errors import UsageError
from episodec.film.plan import FramePlan, Stretch
from episodec.film.pose import fov_y_deg

Json = dict[str, Any]


def nerfstudio_path(plan: FramePlan) -> str:
    """camera_path.json as nerfstudio's viewer writes it and `ns-render camera-path` reads it.

    Its world is the same as ours: +Y up (the viewer itself draws +Z up).
    """
    width, height = plan.size
    path = [
        {
            "camera_to_world": plan.camera_to_world[row].reshape(16).tolist(),
            "fov": fov_y_deg(float(plan.intrinsics[row, 1]), height),
            "aspect": width / height,
            "render_time": float(plan.scene_time[row]),
        }
        for row in range(len(plan))
    ]
    keys = [0, len(plan) - 1] if len(plan) > 1 else [0]
    keys = sorted({*keys, *(one.start_frame for one in plan.stretches if one.track == "camera")})
    return _text(
        {
            "camera_type": "perspective",
            "render_height": height,
            "render_width": width,
            "fps": plan.rate,
            "seconds": len(plan) / plan.rate,
            "is_cycle": False,
            "smoothness_value": 0.0,
            "camera_path": path,
            "keyframes": [
                {"matrix": path[row]["camera_to_world"], "fov": path[row]["fov"], "aspect": width / height}
                for row in keys
            ],
        }
    )


def dnerf_transforms(plan: FramePlan, images: str = "./frames/r_{frame:05}") -> str:
    """transforms.json as Blender's NeRF scenes and D-NeRF write it. `images` names a frame's picture, without suffix.

    Raises:
        UsageError: the field of view changes, which this format cannot express.
    """
    width, height = plan.size
    focal = sorted(set(plan.intrinsics[:, 0].tolist()))
    if len(focal) != 1:
        degrees = sorted(fov_y_deg(one, height) for one in focal)
        facts = {"least": f"{degrees[0]:g} degrees", "greatest": f"{degrees[-1]:g} degrees"} if degrees else {}
        sentence = "a D-NeRF transforms.json holds one field of view, but this plan changes it"
        raise UsageError(sentence, facts=facts, hint="export nerfstudio's camera_path.json")
    frames = [
        {
            "file_path": images.format(frame=int(plan.index[row])),
            "time": float(plan.scene_time[row]),
            "transform_matrix": plan.camera_to_world[row].tolist(),
        }
        for row in range(len(plan))
    ]
    angle = 2 * math.atan(width / 2 / focal[0])
    return _text({"camera_angle_x": angle, "w": width, "h": height, "frames": frames})


def timeline(plan: FramePlan, name: str, picture: str | None = None) -> str:
    """An OpenTimelineIO timeline (.otio): a clip per camera segment, scene-time segments as markers, one sound clip.

    picture: the URL of the episode's video; without it, the media of the clips are missing references.
    Schema: opentimelineio.org, "Serialized Data Documentation" (Timeline.1, Stack.1, Track.1, Clip.2, Marker.2).
    """
    length = len(plan)
    whole = Stretch("camera", name, 0, length)
    segments = [one for one in plan.stretches if one.track == "camera"] or [whole]
    video = _track("camera", "Video", [_clip(one, plan, picture) for one in segments])
    video["markers"] = [_marker(one, plan.rate) for one in plan.stretches if one.track == "time"]
    sound = _track("sound", "Audio", [_clip(whole, plan, picture)])
    stack: Json = {
        "OTIO_SCHEMA": "Stack.1",
        "metadata": {},
        "name": "tracks",
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
        "children": [video, sound],
    }
    metadata = {"episodec": {"size": list(plan.size), "rate": plan.rate, "frames": length}}
    top = {"OTIO_SCHEMA": "Timeline.1", "metadata": metadata, "name": name, "global_start_time": None, "tracks": stack}
    return _text(top)


def _track(name: str, kind: str, children: list[Json]) -> Json:
    return {
        "OTIO_SCHEMA": "Track.1",
        "metadata": {},
        "name": name,
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
        "kind": kind,
        "children": children,
    }


def _clip(of: Stretch, plan: FramePlan, picture: str | None) -> Json:
    available = _range(0, len(plan), plan.rate)
    media: Json = {"metadata": {}, "name": "", "available_range": available, "available_image_bounds": None}
    if picture is None:
        media["OTIO_SCHEMA"] = "MissingReference.1"
    else:
        media |= {"OTIO_SCHEMA": "ExternalReference.1", "target_url": picture}
    return {
        "OTIO_SCHEMA": "Clip.2",
        "metadata": {},
        "name": of.kind,
        "source_range": _range(of.start_frame, of.end_frame, plan.rate),
        "effects": [],
        "markers": [],
        "enabled": True,
        "media_references": {"DEFAULT_MEDIA": media},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def _marker(of: Stretch, rate: int) -> Json:
    return {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": {},
        "name": f"scene time: {of.kind}",
        "color": "CYAN",
        "marked_range": _range(of.start_frame, of.end_frame, rate),
        "comment": "",
    }


def _range(start_frame: int, end_frame: int, rate: int) -> Json:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(start_frame)},
        "duration": {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(end_frame - start_frame)},
    }


def _text(tree: Json) -> str:
    return json.dumps(tree, indent=1, allow_nan=False) + "\n"
