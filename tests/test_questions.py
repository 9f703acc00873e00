"""Questions as values: what a plan says is what a build does, and asking changes nothing."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from episodec.building.build import build
from episodec.building.run_context import Stop
from episodec.digest import Canonical, digest_bytes
from episodec.engine.action import ActionId, Input, Literal, Notes
from episodec.engine.events import ActionMade, EpisodePublished, Event, FilesRemoved
from episodec.engine.notes import notes_text
from episodec.engine.plan import Lost
from episodec.questions.graph import graph
from episodec.questions.impact import impact
from episodec.questions.pins import pinned
from episodec.questions.plan import SeriesPlan, plan
from episodec.questions.status import status
from episodec.questions.why import differences, why
from episodec.series.request import Request
from episodec.series.session import places
from episodec.stages.lowering import Lowered, Lowering
from tests.builds import short
from tests.builds.studio import ROOT, Studio

Edit = Callable[[Studio, int], object]

EDITS: dict[str, Edit] = {
    "words": lambda studio, turn: studio.episode(1, text=f"Words of turn {turn}."),
    "old words": lambda studio, _turn: studio.episode(1),
    "prompt": lambda studio, turn: studio.episode(2, prompt=f"a harbour, take {turn}"),
    "title": lambda studio, turn: studio.episode(2, title=f"Title {turn}"),
    "video": lambda studio, turn: studio.write("episodes/media/001.mp4", f"other video {turn}"),
    "new episode": lambda studio, _turn: studio.episode(3),
    "episode gone": lambda studio, _turn: (studio.root / "episodes/003.episode.yaml").unlink(missing_ok=True),
    "deliverable gone": lambda studio, _turn: (studio.root / "dist/video/alpha_d13_episode1.mp4").unlink(
        missing_ok=True
    ),
    "deliverable changed": lambda studio, _turn: studio.write("dist/video/alpha_d13_episode2.mp4", "mine"),
}


def request(studio: Studio) -> Request:
    return Request(
        targets=(str(studio.root / "episodes"),),
        jobs=2,
        environment=studio.environment,
        backends=studio.backends,
        worker_path=(ROOT,),
        lower=studio.lower,
    )


def planned(studio: Studio) -> SeriesPlan:
    (first,) = plan(request(studio))
    return first


def done(studio: Studio) -> list[Event]:
    events: list[Event] = []
    build(request(studio), events.append, Stop())
    return events


@settings(max_examples=8)
@given(st.lists(st.sampled_from(sorted(EDITS)), min_size=1, max_size=4))
def test_a_build_does_what_the_plan_says(edits: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder)).start(2)
        done(studio)
        for turn, edit in enumerate(edits):
            EDITS[edit](studio, turn)
            output = planned(studio)
            assert output == planned(studio)  # Asking changes nothing.
            events = done(studio)
            certain = {one.id for plans in output.plans for one in plans.actions if one.reason is not None}
            maybe = {one.id for plans in output.plans for one in plans.actions if one.reason is None}
            by_name = {one.id for one in events if isinstance(one, ActionMade)}
            assert certain <= by_name <= certain | maybe
            written = {path for one in events if isinstance(one, EpisodePublished) for path in one.written}
            assert written <= {path for plans in output.plans for path in plans.writes}
            removed = {path for one in events if isinstance(one, FilesRemoved) for path in one.paths}
            assert removed == {path for plans in output.plans for path in plans.removes} | set(output.removes)
        assert planned(studio).plans == ()


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    built = Studio(tmp_path).start(2)
    done(built)
    return built


def test_why_compares_with_the_last_build(studio: Studio) -> None:
    studio.episode(1, text="Other words.")
    (first,) = why(request(studio), str(studio.root / "dist/static/audio/alpha_d13_episode1_voice.wav")).actions
    (change,) = first.changes
    assert (first.id, first.verdict, change.part) == ("d13-001/voice", "miss", "params.text")
    assert (change.before, change.after) == ("Words of episode 1.", "Other words.")
    assert first.seconds is not None


def _with_rows_and_notes(at: Lowering) -> Lowered:
    """As always, and the video depends on bytes made by lowering, too, and on the voice's notes."""
    built = short.lower(at)
    voice, video = (next(one for one in built.actions if one.stage == stage) for stage in ("voice", "video"))
    more: dict[str, tuple[Input, ...]] = {
        "rows.bin": (Literal(b"rows"),),
        "notes.json": (Notes((("voice", voice.id),)),),
    }
    messages = replace(video, inputs={**video.inputs, **more})
    return replace(built, actions=tuple(messages if one is video else one for one in built.actions))


def test_why_tells_the_digest_of_every_input_that_is_known(studio: Studio) -> None:
    studio.lower = _with_rows_and_notes
    target = str(studio.root / "dist/video/alpha_d13_episode1.mp4")
    studio.episode(1, text="Other words.")
    (first,) = why(request(studio), target).actions
    by_name = {each.role: each.digest for each in first.inputs}
    assert (first.verdict, by_name["rows.bin"], by_name["notes.json"]) == ("pending", digest_bytes(b"rows"), None)
    done(studio)
    for verdict in ("hit", "miss"):
        (first,) = why(request(studio), target).actions
        by_name = {each.role: each.digest for each in first.inputs}
        assert first.verdict == verdict
        assert by_name.pop("rows.bin") == digest_bytes(b"rows")
        assert by_name.pop("notes.json") == digest_bytes(notes_text([("voice", ())]))
        (video,) = by_name.values()
        assert video == digest_bytes((studio.root / "episodes/media/001.mp4").read_bytes())
        studio.write("episodes/media/001.mp4", "another video")


def test_a_part_of_a_key_is_found_though_its_name_holds_dots() -> None:
    before: Mapping[str, Canonical] = {"inputs": {"recording.wav": ["a"], "x": ["b"]}, "params": {"a": 1}}
    after: Mapping[str, Canonical] = {"inputs": {"recording.wav": ["c"], "x": ["b"]}, "params": {"a": 1, "b": {"c": 2}}}
    rows = [(one.part, one.before, one.after) for one in differences(before, after)]
    assert rows == [("inputs.recording.wav", ["a"], ["c"]), ("params.b", None, {"c": 2})]


def test_impact_of_a_file_follows_its_readers(studio: Studio) -> None:
    (first,) = impact(request(studio), [str(studio.root / "episodes/media/001.mp4")])
    assert (first.how, first.reads, first.behind) == ("input", ("d13-001/video",), ())
    assert first.seconds is not None


def test_status_is_current_after_a_build(studio: Studio) -> None:
    (first,) = status(request(studio))
    assert [episode.state for episode in first.episodes] == ["current", "current"]


def test_the_graph_has_every_action_once(studio: Studio) -> None:
    nodes = graph(request(studio))
    assert len({node.id for node in nodes}) == len(nodes) == 6


def test_results_of_untraced_episodes_are_pinned(studio: Studio) -> None:
    ((place, _),) = places(request(studio).targets)
    traced, _ = pinned(place, request(studio))
    studio.episode(1, title="Another title")  # Its trace has fallen; its results are as they were.
    assert pinned(place, request(studio)) == (traced, set())
    assert len(traced) == 6


def test_a_lost_result_is_a_reason_of_its_own(studio: Studio) -> None:
    (first,) = why(request(studio), str(studio.root / "dist/video/alpha_d13_episode1.mp4")).actions
    digest = first.outputs["video.mp4"]
    assert digest is not None
    digits = digest.rpartition(":")[2]
    (studio.root / "cache" / "blobs" / digits[:2] / digits[2:]).unlink()
    studio.episode(1, title="Another title")
    (two,) = planned(studio).plans
    assert [(action.id, action.reason) for action in two.actions] == [(ActionId("d13-001/video"), Lost())]
