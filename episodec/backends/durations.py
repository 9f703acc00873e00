"""The expected duration of each backend's actions, used until similar ones have run, so that a first build starts its
longest chain first.

Kept apart from the backends so that better numbers change no key. Those of CPU backends were measured on two cores;
those of systems that need a GPU are rough. Measured durations take precedence. Installed packages declare theirs in
their class: `duration`, see `engine.backend.Backend`.
"""

from collections.abc import Mapping

from episodec.engine.action import Action
from episodec.engine.backend import Duration

DURATIONS: Mapping[str, Duration] = {
    "4dgaussians": Duration(each_s=60, step_s=0.03),
    "4dgs-checkpoint": Duration(each_s=2),
    "aac": Duration(each_s=0.1, sound_s=0.08),
    "captions": Duration(each_s=0.04),
    "check": Duration(each_s=0.3, frame_s=0.004),
    "align": Duration(each_s=0.5),
    "capture": Duration(each_s=0.05, frame_s=0.0002),
    "concat": Duration(each_s=0.1, frame_s=0.0003),
    "crossfade": Duration(each_s=0.1),
    "dnerf": Duration(each_s=0.7),
    "entry": Duration(each_s=0.02),
    "espeak": Duration(each_s=0.08),
    "file": Duration(each_s=0.3),
    "fish-speech": Duration(each_s=1, sound_s=1),
    "flux-img2img": Duration(each_s=20, picture_s=8),
    "hunyuan-foley": Duration(each_s=20, sound_s=3),
    "hunyuan3d": Duration(each_s=60),
    "hybrid": Duration(each_s=4, step_s=0.05),
    "images": Duration(each_s=0.5),
    "join": Duration(each_s=0.1),
    "latentsync": Duration(each_s=10, frame_s=0.5),
    "lip-voice": Duration(each_s=0.1, frame_s=0.0005),
    "mesh": Duration(each_s=1),
    "mix": Duration(each_s=0.1, sound_s=0.02),
    "mux": Duration(each_s=0.1),
    "overlay": Duration(each_s=0.3, frame_s=0.0005),
    "performance": Duration(each_s=0.05, frame_s=0.0002),
    "piper": Duration(each_s=4, sound_s=0.5),
    "plan": Duration(each_s=0.02),
    "plan-picture": Duration(each_s=0.1),
    "ply": Duration(each_s=1),
    "post": Duration(each_s=0.01),
    "procedural": Duration(each_s=0.1, sound_s=0.015),
    "pulid": Duration(each_s=30, picture_s=15),
    "rasterise": Duration(each_s=0.1, frame_s=0.02),
    "relief": Duration(each_s=4),
    "rig": Duration(each_s=4),
    "scene-check": Duration(each_s=4),
    "sharp": Duration(each_s=10),
    "stable-audio": Duration(each_s=10, sound_s=0.5),
    "stills": Duration(each_s=0.3, frame_s=0.003),
    "sway": Duration(each_s=5),
    "video": Duration(each_s=1, frame_s=0.01),
    "viewer": Duration(each_s=4, frame_s=0.0005),
    "wan": Duration(each_s=60, picture_s=6),
    "wan-generate": Duration(each_s=60, picture_s=6),
    "x264": Duration(each_s=0.2, frame_s=0.02),
}


def expected_s(duration: Duration, action: Action) -> float:
    """The expected duration of an action in seconds, from the size given by its params and outputs."""
    frames = _number(action, "frames")
    rate, pace = _number(action, "rate"), _number(action, "characters_per_second")
    sound_s = frames / rate if rate else len(str(action.params.get("text", ""))) / pace if pace else 0.0
    steps = _number(action, "iterations") + _number(action, "coarse_iterations")
    pictures = sum(name.endswith((".png", ".webp")) for name in action.outputs)
    return (
        duration.each_s
        + duration.frame_s * frames
        + duration.sound_s * sound_s
        + duration.step_s * steps
        + duration.picture_s * pictures
    )


def _number(action: Action, name: str) -> float:
    value = action.params.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
