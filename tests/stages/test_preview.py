"""A small picture beside the film: a quarter of its pixels, every second frame, under ids of its own."""

from dataclasses import replace

import numpy as np

from episodec.engine.action import Action, Literal
from episodec.film.rows import Rows, unpack
from episodec.project.loaded import LoadedEpisode
from episodec.series.goals import FramesGoal, Preview, cut_of, preview_path
from episodec.spec.types_of_picture import SceneSection
from episodec.spec.types_of_tracks import OrbitMove
from episodec.stages import lower
from tests.stages.test_render import lowering

AT = lowering(SceneSection())
TURNING = (OrbitMove(frames=AT.episode.frames, from_deg=-5, to_deg=5),)
MOVING = replace(AT, episode=replace(AT.episode, camera=TURNING))


def rows_of(action: Action) -> Rows:
    (rows,) = action.inputs["frames.rows"]
    assert isinstance(rows, Literal)
    return unpack(rows.content)


def test_only_where_it_is_asked_for_are_there_small_chunks() -> None:
    plain, asked = lower(MOVING), lower(replace(MOVING, preview=True))
    more = asked.actions[len(plain.actions) :]
    assert asked.actions[: len(plain.actions)] == plain.actions
    assert asked.deliverables == plain.deliverables
    assert {action.stage for action in more if "/preview/" in action.id} == {"render", "picture"}


def test_a_small_chunk_has_half_the_width_and_renders_every_second_frame() -> None:
    actions = {action.id: action for action in lower(replace(MOVING, preview=True)).actions}
    small = {name: action for name, action in actions.items() if action.stage == "render" and "/preview/" in name}
    assert small
    for name, action in small.items():
        whole, less = rows_of(actions[name.replace("/preview/", "/")]), rows_of(action)  # type: ignore[index]
        assert less.size == tuple(side // 4 * 2 for side in whole.size)
        assert len(less.order) == len(whole.order)
        assert action.params["frames"] == len(whole.order)
        assert list(less.order[1::2]) == list(less.order[: len(less.order) // 2 * 2 : 2])  # Shown twice, rendered once.
        poses, full = less.camera_to_world[less.order], whole.camera_to_world[whole.order]
        assert np.array_equal(poses[::2], full[::2])


def test_a_preview_is_cut_from_the_small_chunks() -> None:
    lowered = lower(replace(MOVING, preview=True))
    loaded = LoadedEpisode("s", MOVING.episode, lowered, {}, {}, "draft", "dist")
    frames = MOVING.episode.frames
    small, whole = cut_of(Preview(None), loaded), cut_of(FramesGoal(0, frames), loaded)
    assert all("/preview/" in one.action for one in small.chunks)
    assert not any("/preview/" in one.action for one in whole.chunks)
    assert (small.start_frame, small.end_frame) == (0, frames)
    assert preview_path(small, loaded) == f"dist/_preview/{MOVING.episode.name}_0-{frames}_small.mp4"


def test_a_face_of_a_preview_moves_every_second_frame() -> None:
    performing = replace(MOVING, preview=True)
    small = [action for action in lower(performing).actions if action.stage == "render" and "/preview/" in action.id]
    assert small
    assert all(action.params["step"] == 2 and "performance.rows" in action.inputs for action in small)
