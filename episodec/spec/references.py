"""The files that an episode, a character or a series names.

Knows no file system: `project` checks that they exist and are inside the project.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from episodec.spec.diagnostic import Diagnostic, Span, diagnose
from episodec.spec.document import Document, Path
from episodec.spec.types import Episode, Series
from episodec.spec.types_of_character import Character, CharacterScene
from episodec.spec.types_of_tracks import FileMove

_ABSOLUTE = re.compile(r"[/\\~]|[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class FileReference:
    """A file that a spec names, relative to the spec."""

    text: str  # As written, with `/`.
    span: Span | None  # None: a default, not given by the author.
    role: str  # The field: `voice.file`, `camera[1].file`, `portrait`.


def references(value: Episode | Character | Series, document: Document) -> list[FileReference]:
    """All files that an episode, a character or a series names, defaults included."""
    return [FileReference(text, document.spans.get(path), role(path)) for text, path in _named(value)]


def check_path_forms(value: Episode | Character | Series, document: Document) -> Iterator[Diagnostic]:
    """Refuse paths that could mean different files on different machines."""
    for reference in references(value, document):
        reason = None
        if _ABSOLUTE.match(reference.text):
            reason = "is absolute or an address"
        elif "\\" in reference.text:
            reason = "has backslashes"
        elif reference.text != reference.text.strip() or "\n" in reference.text or reference.text.endswith("/"):
            reason = "starts or ends with a blank, or ends with a slash"
        if reason:
            hint = "write it relative to this file, with `/`: `recordings/072.wav`"
            yield diagnose("F403", f"the path in `{reference.role}` {reason}", document.path, reference.span, hint=hint)


def _named(value: Episode | Character | Series) -> Iterator[tuple[str, Path]]:
    if value.background is not None:
        yield from _present((value.background.file, ("background", "file")))
    if isinstance(value, Series):
        return
    if isinstance(value, Character):
        yield value.portrait or f"{value.name}-ref.png", ("portrait",)
        yield from _present((value.landmarks, ("landmarks",)))
        yield value.voice.tokens or f"ref_{value.name}.npy", ("voice", "tokens")
        yield from _present((value.voice.recording, ("voice", "recording")))
        yield from scene_files(value.scene)
        return
    if value.voice:
        yield from _present((value.voice.file, ("voice", "file")), (value.voice.timings, ("voice", "timings")))
    if value.foley:
        yield from _present((value.foley.file, ("foley", "file")))
    if value.video:
        yield value.video.file, ("video", "file")
    if value.performance:
        yield from _present((value.performance.file, ("performance", "file")))
    scene = value.scene
    yield from _present((scene.file, ("scene", "file")), (scene.deformation, ("scene", "deformation")))
    for index, move in enumerate(value.camera):
        if isinstance(move, FileMove):
            yield move.file, ("camera", index, "file")


def scene_files(scene: CharacterScene) -> Iterator[tuple[str, Path]]:
    """The files from which a character's scene is made besides its portrait, with their fields."""
    views, training = scene.views, scene.training
    yield from _present((views.model, ("scene", "views", "model")), (views.images, ("scene", "views", "images")))
    for place, clip in scene.motions():
        yield from _present((clip.video, (*place, "video")), (clip.images, (*place, "images")))
    yield from _present((training.initial, ("scene", "training", "initial")))


def _present(*named: tuple[str | None, Path]) -> Iterator[tuple[str, Path]]:
    return ((text, path) for text, path in named if text is not None)


def role(path: Path) -> str:
    """A field as people read it: `scene.motion[1].video`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
