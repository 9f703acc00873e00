"""What a build tells while it runs, as values. One module, `report`, turns them into text; nothing else prints."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from episodec.engine.action import ActionId
from episodec.engine.key import ActionKey
from episodec.engine.notes import ToldNote
from episodec.engine.plan import Reason


@dataclass(frozen=True, slots=True)
class BuildStarted:
    """The graph is linked; the run begins."""

    episodes: int  # Episodes to look at: those whose trace did not stand.
    current: int  # Episodes whose trace stands: nothing was looked at but signatures.
    actions: int
    misses: int  # Actions that are certain to run; more may follow from them.
    seconds_predicted: float | None  # None when nothing like it ran before.


@dataclass(frozen=True, slots=True)
class ActionHit:
    """The result was in the cache, or another action of this build made it."""

    id: ActionId
    key: ActionKey
    twin: ActionId | None = None  # The action of this build that made it.


@dataclass(frozen=True, slots=True)
class ActionStarted:
    """An action went to a worker."""

    id: ActionId
    key: ActionKey
    stage: str
    backend: str
    reason: Reason
    attempt: int  # 1 for the first.
    log: Path  # What it prints while it runs, line by line.


@dataclass(frozen=True, slots=True)
class ActionMade:
    """An action ran and its result is recorded. `unchanged`: the bytes are those it gave before (early cutoff)."""

    id: ActionId
    key: ActionKey
    seconds: float
    unchanged: bool


@dataclass(frozen=True, slots=True)
class NoteTold:
    """A result that was made or reused has a note, told for each episode that the action belongs to."""

    spec: str
    note: ToldNote


@dataclass(frozen=True, slots=True)
class ActionRetried:
    """An action failed in a way its backend calls transient; it will run again."""

    id: ActionId
    error: Exception
    attempt: int


@dataclass(frozen=True, slots=True)
class ActionFailed:
    """An action failed for good."""

    id: ActionId
    error: Exception
    log: Path
    log_tail: str


@dataclass(frozen=True, slots=True)
class ActionSkipped:
    """An action cannot run, because one it needs failed."""

    id: ActionId
    because: ActionId


@dataclass(frozen=True, slots=True)
class WaitingForOther:
    """Another build is making this very action; this one waits for its result."""

    id: ActionId


@dataclass(frozen=True, slots=True)
class BlobDamaged:
    """A stored result did not match its digest; it was set aside and is made again."""

    id: ActionId
    output: str


@dataclass(frozen=True, slots=True)
class EpisodePublished:
    """An episode's deliverables are in dist/."""

    spec: str
    name: str
    written: tuple[str, ...]  # Paths that changed, relative to the project root.


@dataclass(frozen=True, slots=True)
class PagePublished:
    """The index page was written anew from the entries of all episodes."""

    written: tuple[str, ...]  # Its path, relative to the project root.


@dataclass(frozen=True, slots=True)
class SoundWritten:
    """The new sound of an episode can be heard, voice and ambience, while the rest is still made."""

    spec: str
    path: str  # Relative to the project root, unless the cache lies elsewhere.


@dataclass(frozen=True, slots=True)
class PreviewWritten:
    """Some frames of an episode can be looked at; the episode itself is not published."""

    spec: str
    path: str  # Relative to the project root.


@dataclass(frozen=True, slots=True)
class PublishFailed:
    """An episode, or the index page (`spec` is its path then), is made and could not be put in dist/."""

    spec: str
    error: Exception


@dataclass(frozen=True, slots=True)
class FilesRemoved:
    """Deliverables that no spec claims any more were removed from dist/."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileKept:
    """A file in dist/ was not touched although a manifest of ours lists it: somebody changed it."""

    path: str


@dataclass(frozen=True, slots=True)
class Interrupting:
    """The user asked to stop: what runs is finished (or, the second time, stopped)."""

    running: int


@dataclass(frozen=True, slots=True)
class BuildFinished:
    """The end, with what it came to."""

    made: int
    hit: int
    failed: int
    skipped: int
    seconds: float
    by_stage: Mapping[str, int]  # Actions made, by stage.


@dataclass(frozen=True, slots=True)
class Took:
    """How long an action ran."""

    id: ActionId
    seconds: float


@dataclass(frozen=True, slots=True)
class BuildReported:
    """What the actions of a run took; told when it has ended, if any ran."""

    made: int
    hit: int  # Results from the cache, and of twins.
    seconds: float  # Of all that ran, one after the other.
    bytes_made: int
    critical_seconds: float
    critical_path: tuple[Took, ...]  # The chain that took longest, each needed by the next.
    slowest: tuple[Took, ...]


Event = (
    BuildStarted
    | ActionHit
    | ActionStarted
    | ActionMade
    | NoteTold
    | ActionRetried
    | ActionFailed
    | ActionSkipped
    | WaitingForOther
    | BlobDamaged
    | EpisodePublished
    | PagePublished
    | SoundWritten
    | PreviewWritten
    | PublishFailed
    | FilesRemoved
    | FileKept
    | Interrupting
    | BuildFinished
    | BuildReported
)
