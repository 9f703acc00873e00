"""An episode that is ready to build."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from episodec.digest import Digest, digest_value
from episodec.engine.action import ActionId
from episodec.engine.notes import Note, ToldNote
from episodec.project.spec_source import SpecSource
from episodec.spec.structure import plain
from episodec.spec.types import Episode
from episodec.stages import Lowered
from episodec.stages.lowering import action_id


@dataclass(frozen=True, slots=True)
class Loaded:
    """One episode, ready to build."""

    spec: str  # Relative to the root.
    episode: Episode
    lowered: Lowered
    own: Mapping[str, Digest]  # Files of its own: the spec and what it names.
    shared: Mapping[str, Digest]  # Files that other episodes hang on too; ABSENT where there is none.
    profile: str
    folder: str  # Where it is published, relative to the root.
    lines: Mapping[str, int] = field(default_factory=dict)  # By stage: the line of the spec's section that it reads.
    decides: tuple[str, ...] = ()  # Of its own files, those whose texts were read while lowering: camera paths.
    source: SpecSource | None = None  # Where its parts stand in the spec.

    @property
    def prefix(self) -> str:
        """What the ids of its own actions begin with: `d13-072/`."""
        return f"{action_id(self.episode)}/"

    def told(self, name: ActionId, notes: Iterable[Note]) -> tuple[ToldNote, ...]:
        """What one of its actions told, as this episode's author hears it."""
        stage = next(action.stage for action in self.lowered.actions if action.id == name)
        line = self.lines.get(stage)
        return tuple(ToldNote(name, one, line, one.code in self.episode.allow) for one in notes)

    @property
    def digest(self) -> Digest:
        """Of the canonical episode: the same however its spec is written. Worked out each time."""
        return digest_value("episode/1", plain(self.episode))
