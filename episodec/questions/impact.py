"""The dependents of a file: the episodes that are checked again when it changes, and the actions that read it.

Includes all actions that follow, with their predicted times. An upper bound: an unchanged result stops a rebuild.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from episodec.engine.action import Action, ActionId
from episodec.engine.graph import ActionGraph
from episodec.engine.plan import Pending
from episodec.questions.reads import Direct, Readable, asked_about
from episodec.series.request import Request
from episodec.series.session import predicted


@dataclass(frozen=True, slots=True)
class Impact:
    """The dependents of one file."""

    file: str  # Relative to the root, or absolute outside of it.
    how: str  # How it is used: "spec", "series", "input", "backend", "checked" or "nothing".
    episodes: tuple[str, ...]  # Specs that are checked again.
    reads: tuple[ActionId, ...]  # Actions that read the file; where how is "spec" or "series", those that may.
    behind: tuple[ActionId, ...]  # Actions that follow from them, unless a result is unchanged.
    stages: Mapping[str, int]  # Actions of both kinds, by stage.
    seconds: float | None  # Predicted time of all of them; None if none has ever run.
    unreadable: int  # Episodes with errors, whose dependencies are unknown.


def impact(request: Request, files: Sequence[str], notice: Callable[[str], None] = lambda _: None) -> list[Impact]:
    """The dependents of each of these files.

    Raises:
        UsageError: a file is in no series, does not exist, or is a folder.
    """
    with asked_about(request, files, notice) as (series, names):
        seconds = series.session.seconds(series.graph)
        return [_impact(series, series.direct(one), seconds) for one in names]


def _impact(series: Readable, direct: Direct, seconds: Callable[[Action], float | None]) -> Impact:
    own = set(direct.reads)
    behind = [name for name in _behind(series.graph, direct.reads) if name not in own]
    names = [*direct.reads, *behind]
    return Impact(
        file=direct.file,
        how=direct.how,
        episodes=tuple(one.spec for one in direct.episodes),
        reads=direct.reads,
        behind=tuple(behind),
        stages=dict(Counter(series.graph.actions[name].stage for name in names)),
        seconds=_predicted(series, names, seconds),
        unreadable=series.unreadable,
    )


def _behind(graph: ActionGraph, names: Iterable[ActionId]) -> list[ActionId]:
    """All actions that read these actions' outputs, directly or indirectly."""
    readers: dict[ActionId, None] = {}
    todo = list(names)
    while todo:
        for reader in graph.readers[todo.pop()]:
            if reader not in readers:
                readers[reader] = None
                todo.append(reader)
    return list(readers)


def _predicted(series: Readable, names: Iterable[ActionId], seconds: Callable[[Action], float | None]) -> float | None:
    """The prediction of `plan` if these actions were all pending."""
    ids, graph = set(names), series.graph

    def of_wanted(action: Action) -> float | None:
        return seconds(action) if action.id in ids else None

    return predicted(graph, dict.fromkeys(graph.actions, Pending(())), of_wanted, series.session.jobs())
