"""The report of a run: how long its actions took, and how much they wrote."""

from collections.abc import Sequence

from episodec.building.run_context import RunResult
from episodec.engine.action import ActionId
from episodec.engine.events import BuildReported, Took
from episodec.engine.graph import ActionGraph, critical_path

SLOWEST = 5  # How many actions a report lists as slowest.


def reported(graph: ActionGraph, result: RunResult) -> BuildReported:
    """The report of a run over a graph."""
    ran = dict.fromkeys(name for name in result.ran if name in result.records)
    seconds = {name: result.records[name].seconds for name in ran}
    slowest = sorted(ran, key=seconds.__getitem__, reverse=True)[:SLOWEST]

    def took(names: Sequence[ActionId]) -> tuple[Took, ...]:
        return tuple(Took(name, seconds[name]) for name in names)

    path = critical_path(graph, seconds)
    return BuildReported(
        made=len(ran),
        hit=len(result.records) - len(ran),
        seconds=sum(seconds.values()),
        bytes_made=sum(blob.size for name in ran for blob in result.records[name].outputs.values()),
        critical_seconds=sum(seconds[name] for name in path),
        critical_path=took(path),
        slowest=took(slowest),
    )
