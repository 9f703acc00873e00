"""plan.json as builds make it: real worker processes, the tracks of real specs."""

import json
from pathlib import Path

import pytest

from episodec.building.build import build
from episodec.building.outcome import Outcome
from episodec.building.run_context import Stop
from episodec.engine.events import ActionMade, Event
from episodec.film.plan_json import read_plan
from episodec.series.request import Request
from episodec.stages.picture import frame_plan_of, lower_tracks
from tests.builds.studio import ROOT, Studio

SIZED = """\
episodec: 1
title: Alpha
season: d13
character: alpha
disclosure: Voice and pictures are synthetic.
profiles:
  draft: {backends: {}, size: [512, 512]}
"""


class Set(Studio):
    """A series whose episodes are lowered to their picture alone."""

    def film(self, tracks: str) -> Outcome:
        self.write("episodes/series.yaml", SIZED)
        self.write("episodes/characters/alpha/character.yaml", "episodec: 1\ntitle: Alpha\n")
        self.write("episodes/001.episode.yaml", f"episodec: 1\nnumber: 1\ntitle: T\n{tracks}")
        self.events.clear()
        request = Request(
            targets=(str(self.root / "episodes/"),),
            environment=self.environment,
            backends={"plan": "episodec.backends.plan:PlanBackend"},
            worker_path=(ROOT,),
            lower=lambda at: lower_tracks(at, frame_plan_of(at)),
        )
        (outcome,) = build(request, self._note, Stop(), self.notices.append)
        return outcome

    def _note(self, event: Event) -> None:
        self.events.append(event)

    def built_actions(self) -> list[str]:
        return [event.id for event in self.events if isinstance(event, ActionMade)]

    def plan_text(self) -> str:
        return (self.root / "dist/plan/alpha_d13_episode1.json").read_text()


@pytest.fixture
def studio(tmp_path: Path) -> Set:
    return Set(tmp_path / "project")


ORBIT = "camera:\n  - {move: orbit, frames: 300, to_deg: 45}\n  - {move: static, frames: 600}\n"
FILE = "camera:\n  - {move: file, frames: 900, file: paths/one.json}\n"


def pose_file(x: float = 0.0, **changes: object) -> str:
    pose = [1, 0, 0, x, 0, 1, 0, 0, 0, 0, 1, 2.6, 0, 0, 0, 1]
    return json.dumps({"camera_path": [{"camera_to_world": pose, "fov": 35} | changes]})


def test_a_plan_is_delivered_and_made_again_only_when_it_changes(studio: Set) -> None:
    assert studio.film(ORBIT).exit_code == 0
    plan = read_plan(studio.plan_text())
    assert len(plan) == 900
    assert [one.kind for one in plan.stretches] == ["orbit", "static", "loop"]
    assert studio.film("# the same\n" + ORBIT).exit_code == 0
    assert studio.built_actions() == []
    assert studio.film(ORBIT.replace("45", "50")).exit_code == 0
    assert studio.built_actions() == ["d13-001/plan"]


def test_a_path_file_is_followed_and_watched(studio: Set) -> None:
    studio.write("episodes/paths/one.json", pose_file())
    assert studio.film(FILE).exit_code == 0
    assert read_plan(studio.plan_text()).camera_to_world[899, :3, 3].tolist() == [0, 0, 2.6]
    studio.write("episodes/paths/one.json", pose_file(0.5))
    assert studio.film(FILE).exit_code == 0
    assert read_plan(studio.plan_text()).camera_to_world[0, 0, 3] == 0.5


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (pose_file(fov=0), "F420", "`camera_path[0].fov`"),
        (pose_file(fov=float("nan")), "F420", "NaN"),
        (b"\xff\xfe{}", "F420", "UTF-8"),
        (b" " * ((1 << 24) + 1), "F420", "16 MiB"),
    ],
)
def test_a_path_file_that_cannot_be_used_is_told_at_its_field(
    studio: Set, content: str | bytes, code: str, word: str
) -> None:
    studio.write("episodes/paths/one.json", content)
    outcome = studio.film(FILE)
    (actual,) = outcome.diagnostics
    assert (actual.code, actual.span and actual.span.line) == (code, 5)
    assert word in actual.message
    assert not (studio.root / "dist").exists()


def test_a_warning_of_the_camera_is_told_unless_it_is_allowed(studio: Set) -> None:
    inside = "camera:\n  - {move: static, frames: 900, position: [0, 0, 0.1]}\n"
    outcome = studio.film(inside)
    assert (outcome.exit_code, studio.codes(outcome)) == (0, ["E232"])
    assert studio.codes(studio.film(inside + "allow: [E232]\n")) == []
