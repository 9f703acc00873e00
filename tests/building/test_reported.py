"""The report of a run: the chain that bounds its time, the slowest actions, and the check for disk space before it."""

from pathlib import Path

import pytest

from episodec.building.reported import reported
from episodec.building.room import MARGIN, PLENTY, check_room
from episodec.building.run_context import RunResult
from episodec.digest import digest_bytes
from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Blob, Record
from episodec.engine.events import BuildReported
from episodec.engine.graph import critical_path, link
from episodec.engine.plan import judge_all
from episodec.errors import StoreError
from episodec.series.session import linked, opened, places
from tests.builds.studio import Studio
from tests.test_questions import request


def action(name: str, *needs: str) -> Action:
    inputs = {f"{one}.x": (action(one).artifact(),) for one in needs}
    return Action(ActionId(name), "stage", "toy", ("out.x",), inputs=inputs)


GRAPH = link([action("a"), action("b", "a"), action("c", "a"), action("d", "b", "c"), action("e")])


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ({"a": 1, "b": 2, "c": 3, "d": 1, "e": 4}, "acd"),
        ({"a": 1, "b": 2, "c": 3, "d": 1, "e": 6}, "e"),
        ({"b": 2, "d": 1}, "bd"),
        ({"a": 1, "d": 1}, "ad"),  # What lies between was in the cache.
        ({}, ""),
    ],
)
def test_the_critical_path_is_the_chain_that_took_longest(seconds: dict[str, float], expected: str) -> None:
    assert "".join(critical_path(GRAPH, {ActionId(name): one for name, one in seconds.items()})) == expected


def test_a_report_counts_what_ran_and_what_it_wrote() -> None:
    blob = Blob(digest_bytes(b"x"), 10)
    records = {name: Record({"out.x": blob}, place + 1.0) for place, name in enumerate(GRAPH.actions)}
    ran = tuple(name for name in GRAPH.actions if name != "a")
    report = reported(GRAPH, RunResult(records, {}, {}, (*ran, ran[0]), interrupted=False))
    assert (report.made, report.hit, report.bytes_made) == (4, 1, 40)
    assert report.critical_seconds == sum(one.seconds for one in report.critical_path)
    assert "a" not in {one.id for one in report.critical_path}
    assert [one.seconds for one in report.slowest] == sorted((one.seconds for one in report.slowest), reverse=True)


def test_a_build_tells_it_and_one_that_makes_nothing_does_not(tmp_path: Path) -> None:
    studio = Studio(tmp_path).start(1)
    studio.build()
    (report,) = [one for one in studio.events if isinstance(one, BuildReported)]
    assert (report.made, len(report.slowest)) == (3, 3)
    studio.build()
    assert not [one for one in studio.events if isinstance(one, BuildReported)]


def test_a_build_that_would_not_fit_is_refused_before_it_begins(tmp_path: Path) -> None:
    studio = Studio(tmp_path).start(2)
    studio.build("episodes/001.episode.yaml")
    ((place, targets),) = places(request(studio).targets)
    with opened(place, targets, request(studio), lambda _: None) as session:
        graph = linked(session.load())
        plan = judge_all(graph, session.knowledge())
        kinds = {(one.stage, one.backend) for one in graph}
        needed = sum(session.cache.usual_size(*kind) for kind in kinds)
        assert needed > 0
        names = set(graph.actions)
        check_room(session, graph, plan, (), free=lambda _: needed + min(needed, MARGIN))
        check_room(session, graph, plan, names, free=lambda _: PLENTY)
        with pytest.raises(StoreError, match="not enough disk space") as refusal:
            check_room(session, graph, plan, (), free=lambda _: needed + min(needed, MARGIN) - 1)
        assert "gc --max-size" in str(refusal.value)
        with pytest.raises(StoreError, match="not enough disk space"):
            check_room(session, graph, plan, names, free=lambda _: 2 * needed + min(2 * needed, MARGIN) - 1)
