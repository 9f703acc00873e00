"""The events of a build, as values. Only `report` turns them into text; nothing else prints."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from episodec.engine.action import ActionId
from episodec.engine.key import ActionKey
from episodec.engine.notes import EpisodeNote
from episodec.engine.plan import Reason


@dataclass(frozen=True, slots=True)
class BuildStarted:
    """The graph is linked; the run begins."""

    episodes: int  # Episodes to judge: those whose trace is out of date.
    current: int  # Episodes whose trace is valid: only file signatures were checked.
    actions: int
    misses: int  # Actions that are certain to run; more may follow.
    seconds_predicted: float | None  # None when nothing similar has run before.


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
    log: Path  # Its output while it runs, line by line.


@dataclass(frozen=True, slots=True)
class ActionMade:
    """An action ran and its result is recorded. `unchanged`: the bytes equal its previous result (early cutoff)."""

    id: ActionId
    key: ActionKey
    seconds: float
    unchanged: bool


@dataclass(frozen=True, slots=True)
class NoteTold:
    """A note on a result that was made or reused, once for each episode that the action belongs to."""

    spec: str
    note: EpisodeNote


@dataclass(frozen=True, slots=True)
class ActionRetried:
    """An action failed in a way that its backend calls transient; it will run again."""

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
    """An action cannot run, because one that it needs failed."""

    id: ActionId
    because: ActionId


@dataclass(frozen=True, slots=True)
class WaitingForOther:
    """Another build is running the same action; this one waits for its result."""

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
    """The new sound of an episode, voice and ambience, is ready to hear while the rest is still being made."""

    spec: str
    path: str  # Relative to the project root, unless the cache lies elsewhere.


@dataclass(frozen=True, slots=True)
class PreviewWritten:
    """Some frames of an episode are ready to view; the episode itself is not published."""

    spec: str
    path: str  # Relative to the project root.
    is_ahead: bool = False  # Whether it shows only what this build made first, and the whole preview follows.


@dataclass(frozen=True, slots=True)
class PublishFailed:
    """An episode, or the index page (`spec` is then its path), was made but could not be put in dist/."""

    spec: str
    error: Exception


@dataclass(frozen=True, slots=True)
class FilesRemoved:
    """Deliverables that no spec claims any more were removed from dist/."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileKept:
    """A file in dist/ was left alone although one of our manifests lists it: it was edited by hand."""

    path: str


@dataclass(frozen=True, slots=True)
class Interrupting:
    """The user asked to stop: running actions finish (or, the second time, are stopped)."""

    running: int


@dataclass(frozen=True, slots=True)
class BuildFinished:
    """The end of a build, with its totals."""

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
    """The time that the actions of a run took; emitted at the end, if any ran."""

    made: int
    hit: int  # Results from the cache, and of twins.
    seconds: float  # Of all actions that ran, added up.
    bytes_made: int
    critical_seconds: float
    critical_path: tuple[Took, ...]  # The longest chain, each needed by the next.
    slowest: tuple[Took, ...]


@dataclass(frozen=True, slots=True)
class ResultsShared:
    """Counts of a build's reads from its shared cache and writes to it; emitted at the end, if any were needed."""

    url: str
    hits: int  # Results that the cache had.
    bytes_fetched: int
    disbelieved: int  # Records in it that are not trusted.
    written: int  # Results.
    bytes_written: int
    dropped: int  # Results that were made faster than they could be written.
    errors: int  # Failed requests; a missing result is not a failure.
    earlier: int  # Results that another machine wrote first, with other bytes: the next build takes them.


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
    | ResultsShared
)
