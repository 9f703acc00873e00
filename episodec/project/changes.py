"""The changes in a film between two lowerings of an episode, as values in the words of the spec. Knows no cache, nor
which actions follow.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from episodec.digest import Canonical, Digest
from episodec.pointers import stand_in
from episodec.project.changes_fields import FieldChange, field_changes
from episodec.project.changes_heard import SentenceChange, sentence_changes
from episodec.project.changes_shown import SegmentChange, Touched, segment_changes, touched
from episodec.project.loaded import LoadedEpisode
from episodec.spec.structure import section
from episodec.store.trace_log import ABSENT

_PICTURES = (".png", ".jpg", ".jpeg", ".webp")
_APART = {"camera", "time"}  # Reported by segments and frames.


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The reported facts of a file."""

    size: int | None  # Bytes; None: the file is missing.
    pixels: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class FileChange:
    """An author's file whose content differs."""

    path: str  # Relative to the root.
    role: str  # "portrait", "voice tokens", …; "" if its name is enough.
    before: FileFacts | None  # None: it did not exist.
    after: FileFacts | None


@dataclass(frozen=True, slots=True)
class FilmChanges:
    """The changes in an episode."""

    sentences: tuple[SentenceChange, ...] = ()
    segments: tuple[SegmentChange, ...] = ()
    touched: tuple[Touched, ...] = ()
    fields: tuple[FieldChange, ...] = ()
    files: tuple[FileChange, ...] = ()

    def is_nothing(self) -> bool:
        """Whether there are no changes."""
        return not (self.sentences or self.segments or self.touched or self.fields or self.files)


def film_changes(before: LoadedEpisode, after: LoadedEpisode, roots: tuple[str, str]) -> FilmChanges:
    """The changes from the earlier to the later version. `roots`: the folders of their files."""
    old, new = (_fields(one) for one in (before, after))
    fields = tuple(field_changes(old, new))
    return FilmChanges(
        sentence_changes(before, after),
        (*segment_changes(before, after, "camera"), *segment_changes(before, after, "time")),
        touched(before, after),
        fields,
        tuple(file_changes(_named(before), _named(after), roots)),
    )


def _fields(loaded: LoadedEpisode) -> dict[str, Canonical]:
    """The episode's fields, without those that are reported separately."""
    fields_of_spec = {name: value for name, value in section(loaded.episode).items() if name not in _APART}
    voice = fields_of_spec.get("voice")
    if isinstance(voice, Mapping):
        fields_of_spec["voice"] = {
            name: value for name, value in voice.items() if name not in ("text", "take", "takes")
        }
    return fields_of_spec


def _named(loaded: LoadedEpisode) -> dict[str, Digest]:
    """The files that the episode names, without its spec."""
    return {path: digest for path, digest in loaded.own.items() if path != loaded.spec}


def file_changes(
    before: Mapping[str, Digest],
    after: Mapping[str, Digest],
    roots: tuple[str, str],
    roles: Mapping[str, str] | None = None,
) -> Iterator[FileChange]:
    """The files that differ, by path."""
    for path in sorted({*before, *after}):
        old, new = before.get(path, ABSENT), after.get(path, ABSENT)
        if old != new:
            facts = [
                None if one == ABSENT else file_facts(root, path) for one, root in zip((old, new), roots, strict=True)
            ]
            yield FileChange(path, (roles or {}).get(path, ""), facts[0], facts[1])


def file_facts(root: str, path: str) -> FileFacts:
    """A file's size, and of a picture its width and height."""
    full = os.path.join(root, path)
    try:
        if stand_in(full) is not None:
            return FileFacts(None)
        size = os.stat(full).st_size
    except OSError:
        return FileFacts(None)
    return FileFacts(size, _pixels(full) if path.lower().endswith(_PICTURES) else None)


def _pixels(path: str) -> tuple[int, int] | None:
    from PIL import Image  # A slow import, and few edits change a picture.

    try:
        with Image.open(path) as picture:
            return picture.size
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
