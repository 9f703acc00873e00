"""The files that a character's scene is made of besides its portrait: models, videos, lists of pictures and the
pictures in them. Each is pinned by digest; lists are also read, because lowering takes cameras from them.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from episodec.digest import Digest
from episodec.engine.action import Source
from episodec.project.absent import Absent
from episodec.project.documents import short_text
from episodec.project.references import resolve
from episodec.spec.diagnostic import Diagnostic, diagnose
from episodec.spec.document import Document
from episodec.spec.document import Path as Field
from episodec.spec.picture_list import BadList, Pictures, pictures_of
from episodec.spec.references import scene_files
from episodec.spec.types_of_character import CharacterScene
from episodec.stages.lowering import Modelling
from episodec.store.digests import FileDigests


@dataclass(frozen=True, slots=True)
class SceneFilesReader:
    """Reads the files that one character.yaml names for its scene."""

    root: str
    document: Document
    scene: CharacterScene
    digests: FileDigests
    absent: Absent | None = None

    def read(self) -> tuple[Modelling, list[Diagnostic], dict[str, Digest]]:
        """The files by the text that names them, their diagnostics, and their digests by path."""
        files: dict[str, Source] = {}
        lists: dict[str, str] = {}
        pictures: dict[str, tuple[Source, ...]] = {}
        diagnostics: list[Diagnostic] = []
        folder = os.path.dirname(self.document.path)
        for text, field in scene_files(self.scene):
            path, wrong = resolve(self.root, folder, text, self.document.path, self.document.span(*field))
            if self.absent and (stand_in := self.absent.source(folder, text, wrong)):
                files[text] = stand_in
                continue
            if path is None:
                diagnostics += [wrong] if wrong else []
                continue
            files[text] = Source(path, self.digests.of(path))
            if field[-1] == "images":
                try:
                    content, listed = self._list(path, field)
                    pictures[text] = self._pictures(path, listed.names, field)
                    if listed.have_cameras:
                        lists[text] = content
                except BadList as bad:
                    diagnostics.append(self._wrong(path, bad, field))
        named = {
            one.path: one.digest for one in (*files.values(), *(one for some in pictures.values() for one in some))
        }
        return Modelling(self.scene, files, lists, pictures), diagnostics, named

    def _list(self, path: str, field: Field) -> tuple[str, Pictures]:
        """The text of a list, and its pictures, as many as the character's scene needs.

        Raises:
            BadList: it cannot be used.
        """
        try:
            text = short_text(Path(self.root, path))
        except OSError as error:
            raise BadList(f"it cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise BadList(str(error)) from error
        is_views = field[1] == "views"
        listed = pictures_of(text, needs_cameras=is_views)
        clip = dict(self.scene.motions()).get(field[:-1], self.scene.motion)
        expected, name = (self.scene.views.count, "count") if is_views else (clip.frames, "frames")
        if len(listed.names) != expected:
            raise BadList(f"it lists {len(listed.names)} pictures, and `{field[1]}.{name}` is {expected}")
        if listed.have_cameras:
            _check_cameras(text)
            if not is_views and clip.camera == "orbit":
                raise BadList("it gives the cameras' positions, and so does `camera: orbit`")
        return text, listed

    def _pictures(self, path: str, names: tuple[str, ...], field: Field) -> tuple[Source, ...]:
        """The pictures, pinned.

        Raises:
            BadList: one is missing or outside the project.
        """
        sources = []
        for name in names:
            picture, wrong = resolve(self.root, os.path.dirname(path), name, self.document.path, None)
            if self.absent and (stand_in := self.absent.source(os.path.dirname(path), name, wrong)):
                sources.append(stand_in)
                continue
            if picture is None:
                raise BadList(f"its picture {wrong.message if wrong else name}")
            sources.append(Source(picture, self.digests.of(picture)))
        return tuple(sources)

    def _wrong(self, path: str, bad: BadList, field: Field) -> Diagnostic:
        return diagnose("F421", f"{path}: {bad}", self.document.path, self.document.span(*field))


def _check_cameras(text: str) -> None:
    """Refuse impossible cameras and cameras with different lenses. Imports numpy only if there are any.

    Raises:
        BadList: says what is wrong with them.
    """
    from episodec.film.path_file import bent_by, read_path
    from episodec.film.track_errors import BadTrack

    try:
        path = read_path(text, 1.0)
        bend = bent_by(text)
    except BadTrack as bad:
        raise BadList(bad.flaws[0].sentence) from bad
    if bend is not None:
        raise BadList(f"{bend}; undistort the pictures first, as `colmap image_undistorter` does")
    least, greatest = float(path.fov_y_deg.min()), float(path.fov_y_deg.max())
    if greatest - least > 1e-6:
        raise BadList(f"its cameras have lenses of {least:g} to {greatest:g} degrees; a scene is trained with one")
