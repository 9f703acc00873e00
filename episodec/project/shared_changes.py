"""Changes of what episodes share: series.yaml, characters and their files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from episodec.digest import Canonical, Digest, encode
from episodec.project.changes import FileChange, FilmChanges, file_changes
from episodec.project.changes_fields import FieldChange, field_changes
from episodec.project.characters import LoadedCharacter
from episodec.project.loading import Project
from episodec.spec.structure import section


@dataclass(frozen=True, slots=True)
class SharedChange:
    """The changes of a file that many episodes depend on."""

    file: str  # series.yaml or a character.yaml, relative to the root.
    character: str | None  # By name; None: the series itself.
    fields: tuple[FieldChange, ...]
    files: tuple[FileChange, ...]  # The portrait, the voice tokens, …


def shared_changes(before: Project | None, after: Project | None, roots: tuple[str, str]) -> tuple[SharedChange, ...]:
    """The changes in the series and in the characters that both versions have."""
    if before is None or after is None:
        return ()
    changes = [*_series(before, after), *_characters(before.characters(), after.characters(), roots)]
    return tuple(one for one in changes if one.fields or one.files)


def without_shared(changes: FilmChanges, shared: tuple[SharedChange, ...]) -> FilmChanges:
    """An episode's changes, without those that come from the series."""
    reported = {
        (one.name, encode([one.before, one.after])) for some in shared if some.character is None for one in some.fields
    }
    own = tuple(one for one in changes.fields if (one.name, encode([one.before, one.after])) not in reported)
    return replace(changes, fields=own)


def _series(before: Project, after: Project) -> Iterator[SharedChange]:
    if before.series is not None and after.series is not None:
        fields = tuple(field_changes(section(before.series), section(after.series)))
        yield SharedChange(after.series_file.path, None, fields, ())


def _characters(
    before: Mapping[str, LoadedCharacter], after: Mapping[str, LoadedCharacter], roots: tuple[str, str]
) -> Iterator[SharedChange]:
    for name in sorted(before.keys() & after.keys()):
        old, new = before[name], after[name]
        path = new.document.path
        fields = tuple(field_changes(_facts_of(old), _facts_of(new)))
        roles = {**_roles(old), **_roles(new)}
        yield SharedChange(path, name, fields, tuple(file_changes(_files(old), _files(new), roots, roles)))


def _facts_of(identity: LoadedCharacter) -> Mapping[str, Canonical]:
    return section(identity.character)


def _files(reference: LoadedCharacter) -> dict[str, Digest]:
    return {path: digest for path, digest in reference.files.items() if path != reference.document.path}


def _roles(identity: LoadedCharacter) -> dict[str, str]:
    named = (
        ("portrait", identity.portrait),
        ("landmarks", identity.landmarks),
        ("voice tokens", identity.tokens),
        ("reference recording", identity.recording),
        ("background", identity.background),
    )
    return {source.path: role for role, source in named if source is not None}
