"""Faces that perform: what chunks read of a rig and of a performance, and which chunks a changed word costs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from episodec.backends.rasterise import _faces
from episodec.engine.action import Action, Artifact
from episodec.performance.track import pack, quantised
from episodec.spec.types_of_character import CharacterScene
from episodec.spec.types_of_delivery import Film
from episodec.spec.types_of_picture import Performance, SceneSection, Video
from episodec.spec.types_of_sound import Voice
from episodec.stages import lower
from episodec.stages.lowering import Lowering, Modelling
from episodec.timebase import AtFrame
from tests.stages.test_render import FILES, lowering
from tests.toys.orders import task

AT = lowering(SceneSection())
SPOKEN = replace(AT, episode=replace(AT.episode, voice=Voice(text="One word.")))


def actions(at: Lowering, stage: str) -> list[Action]:
    return [one for one in lower(at).actions if one.stage == stage]


def asked(at: Lowering, **changes: object) -> Lowering:
    return replace(at, episode=replace(at.episode, **changes))  # type: ignore[arg-type]


def test_a_chunk_reads_the_rig_of_its_scene_and_its_own_rows_of_the_performance() -> None:
    (rig,) = actions(SPOKEN, "rig")
    (scene,) = actions(SPOKEN, "scene")
    assert (rig.id, rig.inputs, rig.outputs) == (
        "alpha/rig/scene/toy",
        {"still.scene": (scene.artifact(),)},
        ("mouth.rig", "face.json"),
    )
    chunks = actions(SPOKEN, "render")
    assert [one.inputs["mouth.rig"] for one in chunks] == [(rig.artifact("mouth.rig"),)] * 2
    (performance,) = actions(SPOKEN, "performance")
    rows = [(performance.artifact(f"performance_00{number}.rows"),) for number in range(2)]
    assert [one.inputs["performance.rows"] for one in chunks] == rows


def test_without_a_performance_a_chunk_reads_scene_and_rows_alone() -> None:
    for at in (asked(SPOKEN, performance=None), lowering(SceneSection(file="points.ply"), portrait=None)):
        actions = lower(at).actions
        assert not {"rig", "performance"} & {one.stage for one in actions}
        roles = [set(one.inputs) for one in actions if one.stage in ("render", "check")]
        assert roles == [{"still.scene", "frames.rows"}] * 2 + [{"picture.mp4"}]


@pytest.mark.parametrize(
    ("at", "name"),
    [
        (AT, "alpha/rig/scene/toy"),
        (replace(AT, modelling=Modelling(CharacterScene(kind="hybrid"))), "alpha/rig/train/toy"),
        (asked(AT, overrides={"rig": {"x": 1}}), "d13-001/rig"),
        (asked(AT, backends={"rig": "theirs"}), "d13-001/rig"),
        (asked(AT, overrides={"scene": {"x": 1}}), "d13-001/rig"),
        (lowering(SceneSection(file="points.ply")), "d13-001/rig"),
    ],
)
def test_a_rig_is_one_action_for_all_episodes_that_show_its_scene(at: Lowering, name: str) -> None:
    (rig,) = actions(at, "rig")
    assert rig.id == name


def test_every_film_of_an_episode_performs_alike() -> None:
    at = asked(SPOKEN, deliver=(Film((64, 64)), Film((36, 64))))
    chunks = actions(at, "render")
    assert [one.id.split("/")[1] for one in chunks] == ["render"] * 2 + ["36x64"] * 2
    first, other = chunks[:2], chunks[2:]
    for role in ("mouth.rig", "performance.rows"):
        assert [one.inputs[role] for one in first] == [one.inputs[role] for one in other]
    assert len(actions(at, "rig")) == len(actions(at, "performance")) == 1
    checks = actions(at, "check")
    assert {one.inputs["performance.json"] for one in checks} == {
        (Artifact(actions(at, "performance")[0].id, "performance.json"),)
    }


def test_a_frame_by_itself_performs_by_its_own_row() -> None:
    chunk, _, still = actions(replace(SPOKEN, still=AtFrame(7)), "render")
    assert still.outputs == ("frame.png",)
    assert (still.params["frame"], still.inputs["performance.rows"]) == (7, chunk.inputs["performance.rows"])
    *_, still = actions(replace(SPOKEN, still=AtFrame(33)), "render")
    assert still.params["frame"] == 3
    *_, still = actions(replace(asked(SPOKEN, performance=None), still=AtFrame(33)), "render")
    assert "frame" not in still.params


@pytest.mark.parametrize(("frame", "row"), [(0, 0), (1, 1), (29, 29), (30, 0), (31, 1)])
def test_the_renderer_takes_the_face_of_the_frame_also_of_a_chunks_first(tmp_path: Path, frame: int, row: int) -> None:
    *_, still = actions(replace(SPOKEN, still=AtFrame(frame)), "render")
    head = np.zeros((30, 3))
    head[:, 0] = range(30)
    track = quantised(np.zeros((30, 52)), head, np.zeros(30))
    order = task(tmp_path, "rasterise", params=dict(still.params), inputs={"performance.rows": (pack(track),)}).order
    (face,) = _faces(order)
    assert (len(face), face.head[0, 0]) == (1, track.head[row, 0])


def test_a_capture_plays_on_the_frames() -> None:
    files = FILES | {"a.csv": FILES["alpha.png"]}
    at = replace(asked(AT, performance=Performance(file="a.csv")), files=files)
    assert all("performance.rows" in one.inputs for one in actions(at, "render"))


def test_a_ready_video_is_not_held_to_a_performance() -> None:
    at = asked(SPOKEN, camera=(), video=Video("points.ply"))
    (check,) = actions(at, "check")
    assert set(check.inputs) == {"picture.mp4"}


@pytest.mark.parametrize(
    ("at", "why"),
    [
        (SPOKEN, None),
        (asked(SPOKEN, performance=None), "`performance: none`"),
        (asked(SPOKEN, performance=Performance(file="points.ply")), "its face follows a capture"),
        (asked(SPOKEN, camera=(), video=Video("points.ply")), "no face performs"),
        (lowering(SceneSection(file="points.ply"), portrait=None), "no face performs"),
    ],
)
def test_marks_for_expressions_that_no_face_shows_are_told(at: Lowering, why: str | None) -> None:
    marked = asked(at, voice=Voice(text="[smile] One [sad] word [smile] more."))
    remarks = [one for one in lower(marked).remarks if one.code == "E282"]
    assert [(one.path, why in one.sentence if why else None) for one in remarks] == (
        [(("voice", "text"), True)] if why else []
    )
    assert all("`[smile]`, `[sad]` would be ignored" in one.sentence for one in remarks)
    assert "E282" not in {one.code for one in lower(at).remarks}
