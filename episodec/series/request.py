"""What a command asks of one series."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from episodec.engine.cache import Fetch
from episodec.engine.executor import Executor
from episodec.project.asked import Asked
from episodec.project.finishing import Lower
from episodec.project.loaded import Loaded
from episodec.series.goals import Goals, check_stages

HEARD = "mix"  # The stage whose result is all that an episode sounds.
SOON_S = 1e6  # What is added to its seconds, and so to those of all chains to it, where it is wanted first.

MakeExecutor = Callable[[Mapping[str, str], Path], Executor]
"""From backends' targets by name and the store's folder."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a command is asked for."""

    targets: tuple[str, ...] = ()  # Paths, episode numbers and ranges; none: the series here, whole.
    asked: Asked = Asked()
    jobs: int | None = None  # None: as the machine's settings say, else one a processor.
    keep_going: bool = False
    force: bool = False
    remake: tuple[str, ...] = ()  # Stages whose results are made anew, though they are in the cache.
    goals: Goals | None = None  # What of the episodes is made; None: all, and it is published.
    hears: bool = False  # Whether an episode's new mix is wanted as soon as it is made, before all else.
    only_reads: bool = False  # A question: nothing is made, and a cache that cannot be written is good enough.
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    backends: Mapping[str, str] | None = None  # Other backends than the installed ones, for tests and benchmarks.
    worker_path: tuple[str, ...] = ()  # Where workers look for their modules first.
    lower: Lower | None = None  # Another lowering than the stages', likewise.
    executor: MakeExecutor | None = None  # Another executor than local processes, likewise.
    fetch: Fetch | None = None  # Gets results that lie elsewhere; None: nothing does.

    def has_contracts(self) -> bool:
        """Whether stages have the contracts of ours: another lowering makes what it likes of their names."""
        return self.lower is None

    def looks_at_all(self) -> bool:
        """Whether episodes that stand are looked at, too."""
        return self.force or bool(self.remake) or self.goals is not None


def check_options(request: Request, loaded: Sequence[Loaded], wanted: int) -> None:
    """Refuse stages that the command line names and no episode has: once all that are wanted (so many) were looked at,
    since one that stands may have them.

    Raises:
        UsageError: naming one.
    """
    if loaded and len(loaded) == wanted:
        check_stages(request.remake, loaded, "--remake")
        check_stages(request.asked.backends, loaded, "--backend")
