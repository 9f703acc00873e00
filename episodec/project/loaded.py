"""An episode that is ready to build."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from episodec.digest import Digest, digest_value
from episodec.engine.action import ActionId
from episodec.engine.notes import EpisodeNote, Note
from episodec.engine.takes import ApprovedTake
from episodec.project.spec_source import SpecSource
from episodec.spec.structure import plain
from episodec.spec.types import Episode
from episodec.stages import Lowered
from episodec.stages.lowering import action_id


@dataclass(frozen=True, slots=True)
class LoadedEpisode:
    """One episode, ready to build."""

    spec: str  # Relative to the root.
    episode: Episode
    lowered: Lowered
    own: Mapping[str, Digest]  # Its own files: the spec and those it names.
    shared: Mapping[str, Digest]  # Files that other episodes depend on, too; ABSENT if missing.
    profile: str
    folder: str  # The folder of publishing, relative to the root.
    lines: Mapping[str, int] = field(default_factory=dict)  # By stage: the line of the spec's section that it reads.
    decides: tuple[str, ...] = ()  # Its own files whose texts lowering has read: camera paths.
    source: SpecSource | None = None  # The lines of its parts in the spec.
    takes_files: Mapping[str, tuple[ApprovedTake, ...]] = field(
        default_factory=dict
    )  # By takes file: its own, its character's.

    @property
    def takes(self) -> tuple[ApprovedTake, ...]:
        """The approved takes that its actions may have."""
        return tuple(lock for locks in self.takes_files.values() for lock in locks)

    @property
    def prefix(self) -> str:
        """The prefix of its own actions' ids: `d13-072/`."""
        return f"{action_id(self.episode)}/"

    def notes_of(self, name: ActionId, notes: Iterable[Note]) -> tuple[EpisodeNote, ...]:
        """An action's notes for this episode's author, with the spec's line and whether they are allowed."""
        stage = next(action.stage for action in self.lowered.actions if action.id == name)
        line = self.lines.get(stage)
        return tuple(EpisodeNote(name, one, line, one.code in self.episode.allow) for one in notes)

    @property
    def digest(self) -> Digest:
        """The digest of the canonical episode, independent of the spec's layout. Computed on each access."""
        return digest_value("episode/1", plain(self.episode))
