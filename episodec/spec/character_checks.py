"""Checks of a character that the schema cannot express: conflicting scene fields, held-out frames, an inverted
register.

Knows nothing of files: `project` checks that they exist and how many pictures a list names.
"""

from collections.abc import Iterator

from episodec.spec.diagnostic import Diagnostic, diagnose
from episodec.spec.document import Document, Path
from episodec.spec.references import role
from episodec.spec.types_of_character import CharacterScene, Motion, VoiceIdentity

_CIRCLE = ("radius", "elevation_deg", "from_deg", "to_deg", "look_at", "fov_y_deg")
_SAMPLED = ("prompt", "negative_prompt", "seed", "steps")


def check_register(voice: VoiceIdentity, document: Document) -> Iterator[Diagnostic]:
    """Check that a range of pitch is ascending."""
    if voice.register is not None and voice.register[0] >= voice.register[1]:
        least, most = voice.register
        message = f"the register is empty: {least:g} Hz is not below {most:g} Hz"
        span = document.span("voice", "register")
        yield diagnose("E219", message, document.path, span, hint="write the lower number first: [180, 230]")


def check_character_scene(scene: CharacterScene, document: Document) -> Iterator[Diagnostic]:
    """Every error within a character's scene."""
    yield from _check_sources(scene, document)
    yield from _check_circle(scene, document)
    yield from _check_held_out(scene, document)


def _check_sources(scene: CharacterScene, document: Document) -> Iterator[Diagnostic]:
    """Refuse a second source, and fields that only another source reads: both would be ignored."""
    views = scene.views
    if views.model and views.images:
        place = ("scene", "views", "images")
        yield _ignored(place, "`model` gives the views", "remove one of the two", document)
    for name in _CIRCLE if views.images else ():
        if (place := ("scene", "views", name)) in document.key_spans:
            hint = f"remove `{name}`, or `images`"
            yield _ignored(place, "the file in `images` gives the cameras", hint, document)
    for where, clip in scene.motions():
        yield from _check_clip(where, clip, document)


def _check_clip(where: Path, clip: Motion, document: Document) -> Iterator[Diagnostic]:
    if clip.video and clip.images:
        yield _ignored((*where, "images"), "`video` gives the motion", "remove one of the two", document)
    taken = "video" if clip.video else "images" if clip.images else None
    for name in _SAMPLED if taken else ():
        if (*where, name) in document.key_spans:
            hint = f"remove `{name}`, or `{taken}`"
            yield _ignored((*where, name), f"`{taken}` gives the motion", hint, document)
    if clip.camera == "fixed" and (*where, "arc_deg") in document.key_spans:
        yield _ignored((*where, "arc_deg"), "the camera is `fixed`", "write `camera: orbit`, or remove it", document)
    if clip.camera == "orbit" and clip.arc_deg == 0:
        message = "the camera of the motion orbits by 0 degrees"
        span = document.span(*where, "arc_deg")
        yield diagnose("E242", message, document.path, span, hint="write `camera: fixed`, or a larger arc")


def _check_circle(scene: CharacterScene, document: Document) -> Iterator[Diagnostic]:
    views = scene.views
    if views.count > 1 and views.from_deg == views.to_deg and not views.images:
        message = f"the {views.count} cameras of the views are all at the same position"
        span = document.span("scene", "views", "to_deg")
        yield diagnose("E242", message, document.path, span, hint="use a `to_deg` that differs from `from_deg`")


def _check_held_out(scene: CharacterScene, document: Document) -> Iterator[Diagnostic]:
    """Check held-out frames: the first and the last bound the learned times, so they are never held out."""
    frames, training = scene.motion.frames, scene.training
    for name, frame in (("val", training.val), ("test", training.test)):
        if not 0 < frame < frames - 1:
            message = f"frame {frame} of {frames} moving frames cannot be held out"
            hint = f"`training.{name}` is between 1 and {frames - 2}: the first and the last frame are always learned"
            yield diagnose("E243", message, document.path, document.span("scene", "training", name), hint=hint)
    if training.val == training.test:
        message = f"frame {training.val} is both validation and test"
        span = document.span("scene", "training", "test")
        yield diagnose("E243", message, document.path, span, hint="hold out two different frames")


def _ignored(path: Path, reason: str, hint: str, document: Document) -> Diagnostic:
    message = f"`{role(path)}` would be ignored: {reason}"
    return diagnose("E242", message, document.path, document.key_span(*path), hint=hint)
