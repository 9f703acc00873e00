"""A trace of a build: a bar an action, on as many lanes as ran at once."""

import json
from pathlib import Path

from episodec.engine.action import ActionId
from episodec.engine.events import (
    ActionFailed,
    ActionHit,
    ActionMade,
    ActionStarted,
    BuildReported,
    BuildStarted,
    EpisodePublished,
    Event,
    Took,
)
from episodec.engine.key import ActionKey
from episodec.engine.plan import NeverMade
from episodec.report.trace_file import TraceFile
from tests.builds.studio import Studio
from tests.cli.command import toy

KEY = ActionKey("k")


def started(name: str) -> ActionStarted:
    return ActionStarted(ActionId(name), KEY, name[0], "toy", NeverMade(), 1, Path("log"))


def test_what_ran_at_once_lies_on_lanes_of_its_own() -> None:
    report = BuildReported(2, 1, 3.0, 5, 2.0, (Took(ActionId("a"), 2.0),), ())
    events: list[tuple[float, Event]] = [
        (10.0, BuildStarted(1, 0, 3, 3, None)),
        (10.5, started("a")),
        (10.5, started("b")),
        (11.0, ActionMade(ActionId("b"), KEY, 0.5, unchanged=True)),
        (11.0, started("c")),
        (12.0, ActionFailed(ActionId("c"), ValueError("no"), Path("log"), "")),
        (12.5, ActionMade(ActionId("a"), KEY, 2.0, unchanged=False)),
        (12.5, ActionHit(ActionId("d"), KEY)),
        (12.6, EpisodePublished("s", "n", ("dist/x",))),
        (12.7, report),
    ]
    moments = iter(moment for moment, _ in events)
    trace = TraceFile(["episodec", "build"], lambda: next(moments))
    for _, event in events:
        trace.hear(event)
    tree = json.loads(trace.content())
    bars = {one["name"]: one for one in tree["traceEvents"] if one["ph"] == "X"}
    assert {name: (one["ts"], one["dur"], one["tid"]) for name, one in bars.items()} == {
        "a": (500_000, 2_000_000, 1),
        "b": (500_000, 500_000, 2),
        "c": (1_000_000, 1_000_000, 2),
    }
    assert bars["a"]["args"]["critical"] is True
    assert "critical" not in bars["b"]["args"]
    assert bars["c"]["args"]["error"] == "no"
    assert bars["b"]["args"]["reason"] == "never made"
    assert tree["otherData"]["hits"] == 1
    assert {one["args"]["name"] for one in tree["traceEvents"] if one["ph"] == "M"} == {
        "episodec build",
        "slot 1",
        "slot 2",
    }


def test_a_build_writes_its_trace_and_says_its_report(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "series").start(1)
    ran = toy(studio, "build", "-v", "--trace", "build.trace.json")
    assert ran.returncode == 0
    assert "report  3 made, 0 from the cache; " in ran.stderr
    tree = json.loads((studio.root / "build.trace.json").read_text())
    assert len([one for one in tree["traceEvents"] if one["ph"] == "X"]) == 3
    stream = toy(studio, "build", "-B", "--json").stdout.splitlines()
    (report,) = [one for one in map(json.loads, stream) if one["event"] == "build-reported"]
    assert report["critical_path"][0]["seconds"] >= 0
