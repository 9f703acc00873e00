"""Characters: character.yaml and its files (portrait, voice tokens, reference recording), each checked once
for each content.
"""

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from episodec import canonical_json
from episodec.digest import Canonical, Digest
from episodec.engine.action import Source
from episodec.errors import BackendError
from episodec.project.absent import Absent
from episodec.project.documents import read_document
from episodec.project.references import resolve
from episodec.project.scene_files import SceneFilesReader
from episodec.spec.checks import without_allowed
from episodec.spec.diagnostic import Diagnostic, diagnose, has_errors
from episodec.spec.document import Document
from episodec.spec.parse import parse_character
from episodec.spec.schema import Language
from episodec.spec.types_of_character import Character
from episodec.stages.lowering import Modelling
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.sealed import decoded, seal, unseal
from episodec.store.trace_log import ABSENT

LOOKED = "looks/1"  # Incremented when `faces.looks` finds other flaws.
CHECKED = "identity/2"  # Incremented when the checks of these files change, so that all are checked again.


@dataclass(frozen=True, slots=True)
class LoadedCharacter:
    """A character with its files; None for a file that is neither named nor present."""

    character: Character
    document: Document  # character.yaml.
    portrait: Source | None
    landmarks: Source | None  # Of the portrait's face; only if character.yaml names them.
    tokens: Source | None
    recording: Source | None  # Of the reference voice; only if character.yaml names it.
    modelling: Modelling  # How its scene is made, without the profile's quality.
    files: dict[str, Digest]  # All files that were looked at, for the trace: relative to the root, ABSENT if missing.
    background: Source | None = None  # The picture behind the character; only if character.yaml names one.
    face: tuple[float, float] | None = None  # See `stages.lowering.Identity`.


@dataclass(frozen=True, slots=True)
class CharacterFile:
    """One of a character's files: its default name, the field that can name another, and its check."""

    default: str
    field: tuple[str, ...]
    code: str  # Of the diagnostic if the check fails.
    check: Callable[[Path], Canonical]  # Its value is remembered for each content of the file.


@dataclass(frozen=True, slots=True)
class CharacterReader:
    """Reads characters from the series' folder."""

    root: str
    series: str  # The series' folder, relative to the root.
    language: Language
    index: Index
    digests: FileDigests
    untold: dict[str, list[Diagnostic]] = field(default_factory=dict)  # By portrait: its flaws are reported once.
    absent: Absent | None = None  # Replaces missing files; None: they are errors.

    def read(self, name: str) -> tuple[LoadedCharacter | None, list[Diagnostic], dict[str, str]]:
        """The character of this name, its diagnostics, and the texts that were read, by path."""
        path = os.path.join(self.series, "characters", name, "character.yaml")
        reading = read_document(self.root, path)
        texts, diagnostics = {path: reading.text}, list(reading.diagnostics)
        character = None
        if reading.document is not None and reading.is_sound:
            character, more = parse_character(reading.document, name, self.language)
            diagnostics += more
        if reading.document is None or character is None:
            return None, diagnostics, texts
        portrait = CharacterFile(portrait_of(name), ("portrait",), "F408", _try_portrait)
        tokens = CharacterFile(tokens_of(name), ("voice", "tokens"), "F407", _try_tokens)
        picture = self.file(reading.document, character.portrait, portrait)
        tokens_file = self.file(reading.document, character.voice.tokens, tokens)
        marks = character.landmarks
        marked = self.file(reading.document, marks, LANDMARKS) if marks else (None, [], {})
        recording = character.voice.recording
        spoken = self.file(reading.document, recording, RECORDING) if recording else (None, [], {})
        ground = character.background.file if character.background else None
        behind = self.file(reading.document, ground, BACKGROUND) if ground else (None, [], {})
        sitting = SceneFilesReader(self.root, reading.document, character.scene, self.digests, self.absent)
        modelling, wrong, named = sitting.read()
        diagnostics += [*picture[1], *marked[1], *tokens_file[1], *spoken[1], *behind[1], *wrong]
        is_seen = not picture[1] and not (self.absent and self.absent.has(picture[0]))
        size = self._size(picture[0]) if (character.boxes or marks) and is_seen else None
        if character.boxes and is_seen:  # A refused portrait has no size.
            diagnostics += check_boxes(character, size, reading.document)
        if marked[0] is not None and is_seen and not (self.absent and self.absent.has(marked[0])):
            diagnostics += self._check_landmarks(marked[0], size, reading.document)
        if has_errors(diagnostics):
            return None, diagnostics, texts
        files = {path: reading.digest, **picture[2], **marked[2], **tokens_file[2], **spoken[2], **behind[2], **named}
        face = _face(character, size)
        sources = (picture[0], marked[0], tokens_file[0], spoken[0])
        return (
            LoadedCharacter(character, reading.document, *sources, modelling, files, behind[0], face),
            diagnostics,
            texts,
        )

    def _size(self, portrait: Source | None) -> tuple[int, int] | None:
        """The portrait's width and height, as measured by its check."""
        if portrait is None:
            return None
        sql = "SELECT path, digest, facts FROM specs WHERE path = ? AND digest = ? AND context = ?"
        for size in decoded(self.index, sql, (portrait.path, portrait.digest, CHECKED), _size_of):
            return size
        from episodec.faces.portrait import portrait_size  # The index was damaged and is empty now.

        return portrait_size(Path(self.root, portrait.path))

    def flaws(self, identity: LoadedCharacter, allow: Collection[str]) -> list[Diagnostic]:
        """Warnings of flaws in this character's portrait that harm its scenes, unless an episode allows them; each is
        reported once. A portrait is examined once for each content.
        """
        portrait = identity.portrait
        if portrait is None or (self.absent and self.absent.has(portrait)):
            return []
        if portrait.path not in self.untold:
            self.untold[portrait.path] = self._warnings(identity, portrait)
        diagnostics = without_allowed(self.untold[portrait.path], allow)
        if diagnostics:
            self.untold[portrait.path] = []
        return diagnostics

    def _warnings(self, identity: LoadedCharacter, portrait: Source) -> list[Diagnostic]:
        flaws = set(self._flaws(portrait))
        if identity.landmarks is not None:  # The author has marked the face.
            flaws.discard("no face")
        if not flaws:
            return []
        from episodec.faces.looks import TELLS

        document = identity.document
        return [
            diagnose("F414", f"{portrait.path}: {sentence}", document.path, document.span("portrait"), hint=hint)
            for flaw, (sentence, hint) in TELLS.items()
            if flaw in flaws
        ]

    def _flaws(self, portrait: Source) -> list[str]:
        sql = "SELECT path, digest, facts FROM specs WHERE path = ? AND digest = ? AND context = ?"
        path = f"{portrait.path}/looks"  # A row of its own: no file can have this path.
        for known in decoded(self.index, sql, (path, portrait.digest, LOOKED), _flaws_in):
            return known
        from episodec.faces.looks import flaws_of

        flaws = list(map(str, flaws_of(Path(self.root, portrait.path))))
        facts = seal(canonical_json.dump(flaws), path, portrait.digest)
        row = (path, portrait.digest, LOOKED, facts)
        self.index.write("INSERT OR REPLACE INTO specs (path, digest, context, facts) VALUES (?, ?, ?, ?)", row)
        return flaws

    def _check_landmarks(self, marks: Source, size: tuple[int, int] | None, document: Document) -> Iterator[Diagnostic]:
        """Check that an author's landmarks are within the portrait. `size`: None if there is no portrait."""
        from episodec.faces.points_file import outside, points_of

        if size is None:
            message = "landmarks need a portrait, and there is none"
        elif (which := outside(points_of(Path(self.root, marks.path)), size)) is not None:
            message = f"{marks.path}: landmark {which} lies outside of the portrait's {size[0]}x{size[1]} pixels"
        else:
            return
        yield diagnose("F412", message, document.path, document.span("landmarks"))

    def file(
        self, document: Document, named: str | None, kind: CharacterFile
    ) -> tuple[Source | None, list[Diagnostic], dict[str, Digest]]:
        """One of the files of a document, with its diagnostics and its digest by path. A named file must exist; a
        default one may be missing.
        """
        folder = os.path.dirname(document.path)
        span = document.span(*kind.field) if named is not None else None
        if named is None and not os.path.lexists(os.path.join(self.root, folder, kind.default)):
            return None, [], {f"{folder}/{kind.default}": ABSENT}
        path, wrong = resolve(self.root, folder, named or kind.default, document.path, span)
        if self.absent and (stand_in := self.absent.source(folder, named or kind.default, wrong)):
            return stand_in, [], {stand_in.path: stand_in.digest}
        if path is None:
            return None, [wrong] if wrong else [], {}
        digest = self.digests.of(path)
        try:
            self._check_once(path, digest, kind.check)
        except BackendError as error:
            facts = [f"{name}: {value}" for name, value in error.facts.items() if name not in ("file", "path")]
            sentence = f"{path}: {error.sentence}" + (f" ({'; '.join(facts)})" if facts else "")
            return None, [diagnose(kind.code, sentence, document.path, span, hint=error.hint)], {}
        return Source(path, digest), [], {path: digest}

    def _check_once(self, path: str, digest: Digest, check: Callable[[Path], Canonical]) -> None:
        if self.index.rows(
            "SELECT 1 FROM specs WHERE path = ? AND digest = ? AND context = ?", (path, digest, CHECKED)
        ):
            return
        facts = seal(canonical_json.dump(check(Path(self.root, path))), path, digest)
        row = (path, digest, CHECKED, facts)
        self.index.write("INSERT OR REPLACE INTO specs (path, digest, context, facts) VALUES (?, ?, ?, ?)", row)


def portrait_of(name: str) -> str:
    """The default name of a character's portrait, beside its character.yaml."""
    return f"{name}-ref.png"


def tokens_of(name: str) -> str:
    """The default name of a character's voice tokens, likewise."""
    return f"ref_{name}.npy"


def _size_of(path: str, digest: str, facts: str) -> tuple[int, int]:
    """The size in the row that a portrait's check wrote. Raises: ValueError, TypeError, if the row is damaged."""
    size: Any = canonical_json.load(unseal(facts, path, digest))
    width, height = size
    return int(width), int(height)


def _flaws_in(path: str, digest: Digest, facts: str) -> list[str]:
    """The flaws in the row that a portrait's check wrote. Raises: ValueError, TypeError, if the row is damaged."""
    tree: Any = canonical_json.load(unseal(facts, path, digest))
    return [str(flaw) for flaw in tree]


def _face(character: Character, size: tuple[int, int] | None) -> tuple[float, float] | None:
    """The centre of the face relative to the portrait's centre: right and up, in heights of the portrait."""
    if size is None or "face" not in character.boxes:
        return None
    x, y, width, height = character.boxes["face"]
    return (x + width / 2 - size[0] / 2) / size[1], (size[1] / 2 - y - height / 2) / size[1]


def check_boxes(character: Character, size: tuple[int, int] | None, document: Document) -> Iterator[Diagnostic]:
    """Check that each box is not empty and lies within a portrait of this size; None: there is no portrait."""
    for name, (x, y, width, height) in character.boxes.items():
        if size is None:
            message, hint = f"the box `{name}` needs a portrait, and there is none", None
        elif not width or not height:
            message, hint = f"the box `{name}` is empty: {width} by {height} pixels", "x, y, width, height"
        elif x + width > size[0] or y + height > size[1]:
            message = f"the box `{name}` ends at {x + width}, {y + height}, the portrait at {size[0]}, {size[1]}"
            hint = "a box is x, y, width, height: not two corners"
        else:
            continue
        yield diagnose("F410", message, document.path, document.span("boxes", name), hint=hint)


# All import their libraries late (numpy: 0.1 s), since a file that was checked before is not checked again.


def _try_portrait(path: Path) -> Canonical:
    """Its width and height."""
    from episodec.faces.portrait import check_portrait

    facts = check_portrait(path)
    return [facts.width, facts.height]


def _try_tokens(path: Path) -> None:
    from episodec.audio.ref_tokens import load_ref_tokens

    load_ref_tokens(path)


def _try_recording(path: Path) -> None:
    from episodec.audio.wav import read_wav

    read_wav(path)


def try_background(path: Path) -> None:
    """Refuse a file that is not a picture."""
    from episodec.drawings.background import of_picture

    of_picture(path, (16, 16))


def _try_landmarks(path: Path) -> None:
    from episodec.faces.points_file import points_of

    points_of(path)


LANDMARKS = CharacterFile("", ("landmarks",), "F412", _try_landmarks)
BACKGROUND = CharacterFile("", ("background", "file"), "F413", try_background)
RECORDING = CharacterFile("", ("voice", "recording"), "F411", _try_recording)
