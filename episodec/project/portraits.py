"""A character's portrait and the candidates for it: their places, default prompts, and how one replaces the other. Does
not know how the pictures are made.

Candidates are in characters/NAME/candidates/, which no build reads and which git ignores by a .gitignore in it.
"""

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from episodec.digest import Digest, digest_bytes
from episodec.errors import ProjectError, UsageError
from episodec.project.documents import read_document
from episodec.project.schemas import language
from episodec.project.tree import SERIES_FILE, Place
from episodec.spec.diagnostic import Diagnostic
from episodec.spec.near import did_you_mean
from episodec.spec.parse import parse_character, parse_series
from episodec.wholefile import write_whole

CANDIDATES = "candidates"
MOST_PARAMETERS = 1 << 20  # Bytes of a file of parameters.

_NAMED = ("hair", "eyes", "skin", "expression")  # Facts whose value needs its name: "purple hair".
_BEFORE, _AFTER = "frontal portrait of one character", "looking at the camera, plain white background, photorealistic"


@dataclass(frozen=True, slots=True)
class PortraitSubject:
    """A character, for making its portrait. Paths are absolute."""

    name: str
    folder: Path  # The folder of character.yaml.
    portrait: Path  # It may not exist yet.
    identity: Mapping[str, str]

    @property
    def candidates(self) -> Path:
        """The default folder of its candidates."""
        return self.folder / CANDIDATES


def characters(place: Place) -> list[str]:
    """The characters of a series by name, sorted."""
    return sorted(path.parent.name for path in Path(place.folder(), "characters").glob("*/character.yaml"))


def has_portrait(place: Place) -> bool:
    """Whether the series' own character has a portrait. Errors in its files are left to builds to report."""
    series_reading = read_document(place.root, os.path.join(place.series, SERIES_FILE))
    if series_reading.document is None or not series_reading.is_sound:
        return False
    series, _ = parse_series(series_reading.document, language())
    if series is None or series.character is None:
        return False
    name = series.character
    folder = os.path.join(place.series, "characters", name)
    character_reading = read_document(place.root, os.path.join(folder, "character.yaml"))
    if character_reading.document is None or not character_reading.is_sound:
        return False
    character, _ = parse_character(character_reading.document, name, language())
    return character is not None and Path(place.root, folder, character.portrait or f"{name}-ref.png").is_file()


def portrait_subject(place: Place, name: str) -> tuple[PortraitSubject | None, list[Diagnostic], dict[str, str]]:
    """The character, the diagnostics of its character.yaml, and the texts that were read, by path. Neither its portrait
    nor its voice is checked: a damaged portrait can be replaced.

    Raises:
        UsageError: there is no such character.
        ProjectError: its portrait is a link or not a regular file, or character.yaml puts it outside the project.
    """
    there = characters(place)
    if name not in there:
        hint = did_you_mean(name, there) or f"there are: {', '.join(there) or 'none'}"
        raise UsageError("there is no such character", facts={"character": name}, hint=hint)
    path = os.path.join(place.series, "characters", name, "character.yaml")
    reading = read_document(place.root, path)
    texts, diagnostics, character = {path: reading.text}, list(reading.diagnostics), None
    if reading.document is not None and reading.is_sound:
        character, more = parse_character(reading.document, name, language())
        diagnostics += more
    if character is None:
        return None, diagnostics, texts
    folder = Path(place.root, path).parent
    portrait = Path(os.path.normpath(folder / (character.portrait or f"{name}-ref.png")))
    _check_place(place, portrait)
    return PortraitSubject(name, folder, portrait, character.identity), diagnostics, texts


def _check_place(place: Place, portrait: Path) -> None:
    if portrait.is_symlink():
        hint = "replace the file that it leads to, or replace the link by a copy"
        raise ProjectError("the portrait is a link, which is not replaced", facts={"file": portrait}, hint=hint)
    if not Path(os.path.realpath(portrait.parent)).is_relative_to(os.path.realpath(place.root)):
        raise ProjectError("the portrait is outside the project", facts={"file": portrait})
    if portrait.exists() and not portrait.is_file():
        facts = {"path": portrait}
        raise ProjectError("the portrait is not a regular file", facts=facts, hint="move it away")


def default_prompt(identity: Mapping[str, str]) -> str | None:
    """The prompt for the portrait of a character with these facts, in their order; None if there are none."""
    facts = [_fact(name, value.strip()) for name, value in identity.items() if value.strip()]
    return ", ".join([_BEFORE, *facts, _AFTER]) if facts else None


def _fact(name: str, value: str) -> str:
    """A fact for the prompt: `neutral, mouth closed` of an expression becomes `neutral expression, mouth closed`."""
    first, comma, rest = value.partition(",")
    noun = name.replace("_", " ").casefold()
    if noun not in _NAMED or noun in value.casefold():
        return value
    return f"{first} {noun}{comma}{rest}"


def next_seed(folder: Path) -> int:
    """A seed above those of all candidates in the folder, so that each call gives new pictures."""
    ends = (path.stem.rpartition("_")[2] for path in folder.glob("candidate_*_*.json"))
    return max((int(end) for end in ends if end.isdecimal()), default=0) + 1


def prepared(who: PortraitSubject) -> Path:
    """The character's folder of candidates, created if missing, and ignored by git.

    Raises:
        ProjectError: it cannot be created, or is a link, through which nothing is written.
    """
    if who.candidates.is_symlink():
        hint = "move the link away, or name a folder with --to"
        raise ProjectError("the folder for candidates is a link", facts={"folder": who.candidates}, hint=hint)
    ignored = who.candidates / ".gitignore"
    try:
        who.candidates.mkdir(exist_ok=True)
        if not ignored.exists():
            write_whole(ignored, b"*\n")
    except OSError as error:
        facts = {"folder": who.candidates, "reason": error.strerror or error}
        raise ProjectError("the folder for candidates cannot be created", facts=facts) from error
    return who.candidates


def parameters_of(candidate: Path, digest: Digest) -> bytes | None:
    """The parameters of a candidate with this content: the JSON beside it; None if there is none.

    Raises:
        ProjectError: the file cannot be read, or is about no picture or another one.
    """
    path = candidate.with_suffix(".json")
    content = _read(path, MOST_PARAMETERS + 1)
    if content is None:
        return None
    picture_digest = _recorded_picture(content)
    if picture_digest != digest:
        facts = {"file": path, "tells of": picture_digest or "none", "candidate": digest}
        hint = "give an edited picture another name"
        raise ProjectError("the parameters beside the candidate belong to another picture", facts=facts, hint=hint)
    return content


@dataclass(frozen=True, slots=True)
class Pick:
    """The candidate chosen as the portrait."""

    content: bytes
    parameters: bytes | None


def exchange(who: PortraitSubject, pick: Pick) -> Path | None:
    """Put the candidate in the portrait's place, with its parameters; where the old one is kept, if there was one.

    The old one is saved first, with its parameters; then the picture is replaced atomically, then the parameters. After
    a kill in between, picking the same candidate again completes the exchange.

    Raises:
        ProjectError: a file cannot be written.
    """
    beside = who.portrait.with_suffix(".json")
    old, parameters = _read(who.portrait), _read(beside)
    kept = None
    if old is not None and old != pick.content:
        digits = digest_bytes(old).rpartition(":")[2][:8]
        kept = prepared(who) / f"{who.portrait.stem}.{digits}{who.portrait.suffix}"
        _write(kept, old)
        if parameters is not None:
            _write(kept.with_suffix(".json"), parameters)
    if old != pick.content:
        _write(who.portrait, pick.content)
    if pick.parameters is not None:
        _write(beside, pick.parameters)
    elif parameters is not None and _recorded_picture(parameters) not in (None, digest_bytes(pick.content)):
        beside.unlink(missing_ok=True)
    return kept


def _recorded_picture(parameters: bytes) -> object:
    """The digest of the picture that these parameters belong to; None if they are not parameters."""
    try:
        tree = json.loads(parameters.decode())
    except (ValueError, RecursionError):
        return None
    return tree.get("picture") if isinstance(tree, dict) else None


def _read(path: Path, most: int = -1) -> bytes | None:
    """The file's first `most` bytes, or all of them; None if it does not exist."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # Opening a pipe would block until something is written to it.
            raise _unreadable(path, "it is not a plain file")
        with path.open("rb") as file:
            return file.read(most)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error.strerror) from error


def _unreadable(path: Path, reason: object) -> ProjectError:
    return ProjectError("a file cannot be read", facts={"file": path, "reason": reason})


def _write(path: Path, content: bytes) -> None:
    try:
        write_whole(path, content)
    except OSError as error:
        facts = {"file": path, "reason": error.strerror or error}
        raise ProjectError("a file cannot be written", facts=facts) from error


def owner_of(candidate: Path) -> str | None:
    """The character whose folder of candidates contains this picture."""
    parts = PurePosixPath(os.path.realpath(candidate)).parts
    return parts[-3] if len(parts) > 4 and parts[-2] == CANDIDATES and parts[-4] == "characters" else None
