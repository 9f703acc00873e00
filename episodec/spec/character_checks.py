"""What the schema cannot say of a character: fields of its scene that exclude each other, frames held out, a register
upside down.

Knows nothing of files: whether they exist, and how many pictures a list names, is for `project` to see.
"""

from collections.abc import Iterator

from episodec.spec.diagnostic import Diagnostic, diagnose
from episodec.spec.document import Document, Path
from episodec.spec.types import CharacterScene, VoiceIdentity

_CIRCLE = ("radius", "elevation_deg", "from_deg", "to_deg", "look_at", "fov_y_deg")
_SAMPLED = ("prompt", "negative_prompt", "seed", "steps")


def check_register(voice: VoiceIdentity, document: Document) -> Iterator[Diagnostic]:
    """A range of pitch goes up."""
    if voice.register is not None and voice.register[0] >= voice.register[1]:
        least, most = voice.register
        message = f"no voice has this register: {least:g} Hz is not below {most:g} Hz"
        span = document.span("voice", "register")
        yield diagnose("E219", message, document.path, span, hint="write the lower number first: [180, 230]")


def check_character_scene(scene: CharacterScene, document: Document) -> Iterator[Diagnostic]:
    """Everything that is wrong within a character's scene."""
    yield from _check_sources(scene, document)
    yield from _check_circle(scene, document)
    yield from _check_held_out(scene, document)


def _check_sources(scene: CharacterScene, document: Document) -> Iterator[Diagnostic]:
    """Of two sources one would be ignored, and so would what only another source reads."""
    views, motion = scene.views, scene.motion
    if views.model and views.images:
        yield _ignored(("views", "images"), "`model` gives the views", "remove one of the two", document)
    if motion.video and motion.images:
        yield _ignored(("motion", "images"), "`video` gives the motion", "remove one of the two", document)
    taken = "video" if motion.video else "images" if motion.images else None
    for name in _SAMPLED if taken else ():
        if _is_said(document, "motion", name):
            yield _ignored(("motion", name), f"`{taken}` gives the motion", f"remove `{name}`, or `{taken}`", document)
    for name in _CIRCLE if views.images else ():
        if _is_said(document, "views", name):
            hint = f"remove `{name}`, or `images`"
            yield _ignored(("views", name), "the file in `images` says where the cameras are", hint, document)
    if motion.camera == "fixed" and _is_said(document, "motion", "arc_deg"):
        yield _ignored(("motion", "arc_deg"), "the camera is `fixed`", "say `camera: orbit`, or remove it", document)


def _check_circle(scene: CharacterScene, document: Document) -> Iterator[Diagnostic]:
    views, motion = scene.views, scene.motion
    if views.count > 1 and views.from_deg == views.to_deg and not views.images:
        message = f"the {views.count} cameras of the views all stand in one place"
        span = document.span("scene", "views", "to_deg")
        yield diagnose("E242", message, document.path, span, hint="let `to_deg` differ from `from_deg`")
    if motion.camera == "orbit" and motion.arc_deg == 0:
        message = "the camera of the motion orbits by no degree"
        span = document.span("scene", "motion", "arc_deg")
        yield diagnose("E242", message, document.path, span, hint="say `camera: fixed`, or an arc")


def _check_held_out(scene: CharacterScene, document: Document) -> Iterator[Diagnostic]:
    """The first and the last frame bound the times that are learned, so they are never held out."""
    frames, training = scene.motion.frames, scene.training
    for name, frame in (("val", training.val), ("test", training.test)):
        if not 0 < frame < frames - 1:
            message = f"frame {frame} cannot be held out of {frames} moving frames"
            hint = f"`training.{name}` is from 1 to {frames - 2}: the first and the last frame are learned"
            yield diagnose("E243", message, document.path, document.span("scene", "training", name), hint=hint)
    if training.val == training.test:
        message = f"frame {training.val} is both validation and test"
        span = document.span("scene", "training", "test")
        yield diagnose("E243", message, document.path, span, hint="hold out two different frames")


def _ignored(path: Path, reason: str, hint: str, document: Document) -> Diagnostic:
    message = f"`scene.{'.'.join(map(str, path))}` would be ignored: {reason}"
    return diagnose("E242", message, document.path, document.key_span("scene", *path), hint=hint)


def _is_said(document: Document, section: str, name: str) -> bool:
    return ("scene", section, name) in document.key_spans
