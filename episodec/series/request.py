"""A command's request to one series."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from episodec.engine.cache import Fetch
from episodec.engine.executor import Executor
from episodec.executors.kept import KeptWorkers
from episodec.project.command_overrides import CommandOverrides
from episodec.project.finishing import Lower
from episodec.project.loaded import LoadedEpisode
from episodec.series.goals import Goals, check_stages

HEARD = "mix"  # The stage whose output is an episode's final sound.
SOON_S = 1e6  # Added to its seconds, and so to all chains that lead to it, if it is wanted first.

MakeExecutor = Callable[[Mapping[str, str], Path], Executor]
"""Makes an executor from the backends' targets by name and the store's folder."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command's request: targets, options, and replacements for tests."""

    targets: tuple[str, ...] = ()  # Paths, episode numbers and ranges; none: the whole series here.
    asked: CommandOverrides = CommandOverrides()
    jobs: int | None = None  # None: as the machine's settings say, or one per processor.
    keep_going: bool = False
    force: bool = False
    locked: bool = False  # Whether results of adapters are only taken, never made.
    remake: tuple[str, ...] = ()  # Stages whose results are made again even if they are in the cache.
    goals: Goals | None = None  # The parts of the episodes to make; None: all of them, to be published.
    hears: bool = False  # Whether new mixes are made first and copied out at once.
    only_reads: bool = False  # A question: nothing is made, and a read-only cache is good enough.
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    backends: Mapping[str, str] | None = None  # Backends that replace the installed ones, in tests and benchmarks.
    worker_path: tuple[str, ...] = ()  # Where workers look for modules first.
    lower: Lower | None = None  # Replaces the stages' lowering, likewise.
    executor: MakeExecutor | None = None  # Replaces the local processes, likewise.
    workers: KeptWorkers | None = None  # Keeps the local processes for the next build.
    fetch: Fetch | None = None  # Fetches results from other machines; None: there are none.

    def has_contracts(self) -> bool:
        """Whether episodec's contracts hold for the stages: another lowering may use their names for anything."""
        return self.lower is None

    def looks_at_all(self) -> bool:
        """Whether current episodes are looked at, too."""
        return self.force or bool(self.remake) or self.goals is not None


def check_options(request: Request, loaded: Sequence[LoadedEpisode], count: int) -> None:
    """Refuse stages that the command line names and no episode has. Checked only if all `wanted` episodes were loaded,
    since a skipped one may have them.

    Raises:
        UsageError: names one of them.
    """
    if loaded and len(loaded) == count:
        check_stages(request.remake, loaded, "--remake")
        check_stages(request.asked.backends, loaded, "--backend")
