"""A character's trained scene: what each of its stages reads, and what it shares with other episodes."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from episodec.digest import digest_bytes
from episodec.engine.action import Action, ActionId, Literal, Source
from episodec.film.rows import Rows, unpack
from episodec.spec.types_of_character import CharacterScene, Motion, Training, Views
from episodec.spec.types_of_picture import SceneSection
from episodec.spec.types_of_tracks import StaticMove
from episodec.stages import STAGES, lower
from episodec.stages.character import FROM
from episodec.stages.lowering import BackendChoice, Lowering, LoweringError, Modelling
from episodec.stages.picture import lower_picture
from episodec.stages.render import lower_scene
from tests.stages.test_picture import EPISODE

NAMES = ("alpha.png", "alpha.glb", "alpha.mp4", "list.json", "start.ply")
FILES = {name: Source(name, digest_bytes(name.encode())) for name in NAMES}
FILMED = replace(EPISODE, camera=(StaticMove(40),))
HYBRID = CharacterScene(kind="hybrid")
OF_PROFILE = {"views": "relief", "motion": "sway", "train": "hybrid", "dataset": "dnerf", "scene-check": "scene-check"}


def choose(stage: str, needed: str | None) -> BackendChoice:
    return BackendChoice(needed or OF_PROFILE.get(stage, "toy"))


def lowering(scene: CharacterScene = HYBRID, **changes: Any) -> Lowering:
    modelling = Modelling(scene, FILES, {}, {}, changes.pop("quality", "draft"))
    at = Lowering(FILMED, choose, {}, portrait=FILES["alpha.png"], size=(64, 64), modelling=modelling)
    return replace(at, **changes)


def actions(at: Lowering) -> dict[str, Action]:
    return {action.stage: action for action in lower_scene(at).actions}


def rows(action: Action, name: str = "cameras.rows") -> Rows:
    (literal,) = action.inputs[name]
    assert isinstance(literal, Literal)
    return unpack(literal.content)


def test_a_trained_scene_goes_from_the_portrait_to_the_chunks() -> None:
    built = actions(lowering())
    ids = ["alpha/views/relief", "alpha/motion/sway", "alpha/dataset", "alpha/train/hybrid", "alpha/scene-check"]
    assert [action.id for action in built.values()] == ids
    assert set(built["views"].inputs) == set(built["motion"].inputs) == {"portrait.png", "cameras.rows"}
    assert built["views"].outputs == (*(f"view_{k:03}.png" for k in range(10)), "cloud.ply")
    assert built["motion"].outputs == (*(f"frame_{k:03}.png" for k in range(24)), "motion.json")
    assert [one.output for one in built["dataset"].inputs["view.png"]] == list(built["views"].outputs[:-1])  # type: ignore[union-attr]
    assert [one.output for one in built["dataset"].inputs["frame.png"]] == list(built["motion"].outputs[:-1])  # type: ignore[union-attr]
    assert built["dataset"].params == {"val": 8, "test": 16}
    assert built["dataset"].inputs["views.rows"] == built["views"].inputs["cameras.rows"]
    assert built["dataset"].inputs["motion.rows"] == built["motion"].inputs["cameras.rows"]
    assert set(built["train"].inputs) == {"dataset.zip"}
    assert set(built["scene-check"].inputs) == {"still.scene", "dataset.zip"}
    chunk = next(action for action in lower_picture(lowering()).actions if action.stage == "render")
    assert chunk.inputs["still.scene"] == (built["train"].artifact("still.scene"),)


def test_every_clip_is_made_by_itself_and_all_are_in_one_dataset() -> None:
    scene = replace(HYBRID, clips=(Motion(frames=6, camera="orbit", video="alpha.mp4"),))
    by_name = {action.id: action for action in lower_scene(lowering(scene)).actions}
    fixed, orbit, dataset = (by_name[ActionId(f"alpha/{n}")] for n in ("motion/sway", "motion-2/video", "dataset"))
    assert rows(fixed).camera_to_world[0, 0, 3] == 0
    assert rows(orbit).camera_to_world[0, 0, 3] < -0.5 < 0.5 < rows(orbit).camera_to_world[-1, 0, 3]
    assert rows(orbit).scene_time.tolist() == [0, 0.2, 0.4, 0.6, 0.8, 1]
    assert [one.action for one in dataset.inputs["frame.png"]] == [fixed.id] * 24 + [orbit.id] * 6  # type: ignore[union-attr]
    assert dataset.inputs["motion.rows"] == (*fixed.inputs["cameras.rows"], *orbit.inputs["cameras.rows"])
    assert by_name[ActionId("alpha/train/hybrid")].params["slices"] == 24


def test_the_stages_of_a_trained_scene_stand_among_all_in_the_order_of_the_data_flow() -> None:
    assert [stage for stage in STAGES if stage in FROM] == list(FROM)


def test_each_episode_delivers_what_the_training_shows() -> None:
    by_name = {one.path: one.artifact.output for one in lower_scene(lowering()).deliverables}
    assert by_name == {
        "scene/n_training.png": "training.png",
        "scene/n_turntable.webp": "turntable.webp",
        "scene/n_check.json": "scene.json",
        "scene/n_check.png": "scene.png",
        "scene/n.mp4": "scene.mp4",
    }


def test_what_tells_of_the_episode_reads_what_was_measured_of_its_scene() -> None:
    telling = {action.stage: action for action in lower(lowering()).actions}
    measured = telling["scene-check"].artifact("scene.json")
    assert telling["entry"].inputs["scene.json"] == telling["post"].inputs["scene.json"] == (measured,)
    plain = {action.stage: action for action in lower(lowering(CharacterScene())).actions}
    assert "scene.json" not in {*plain["entry"].inputs, *plain["post"].inputs}


@pytest.mark.parametrize(
    ("quality", "training", "numbers"),
    [
        ("draft", Training(), (320, 24_000, 400, 1000, 0)),
        ("production", Training(), (800, 134_000, 3000, 20_000, 3)),
        ("production", Training(quality="draft"), (320, 24_000, 400, 1000, 0)),
        ("draft", Training(size=64, gaussians=500, iterations=7), (64, 500, 400, 7, 0)),
    ],
)
def test_quality_is_a_table_of_numbers_and_each_can_be_said(
    quality: str, training: Training, numbers: tuple[int, ...]
) -> None:
    built = actions(lowering(replace(HYBRID, training=training), quality=quality))
    names = ("gaussians", "coarse_iterations", "iterations", "sh_degree")
    assert (rows(built["views"]).size[0], *(built["train"].params[name] for name in names)) == numbers
    assert set(built["train"].params) == {*names, "slices", "seed"}


def test_views_stand_on_a_circle_and_motion_is_seen_from_in_front() -> None:
    built = actions(lowering())
    around, moving = rows(built["views"]), rows(built["motion"])
    eyes = around.camera_to_world[:, :3, 3]
    assert np.allclose(np.linalg.norm(eyes, axis=1), 2.6)
    turns = np.degrees(np.arctan2(eyes[:, 0], eyes[:, 2])) % 360
    assert np.allclose(np.sort(turns), np.arange(10) * 36)
    assert set(around.scene_time) == {0.5}
    assert np.allclose(moving.camera_to_world[:, :3, 3], [0, 0, 2.6])
    assert moving.scene_time[moving.order].tolist() == [k / 23 for k in range(24)]
    assert (moving.intrinsics[0] == around.intrinsics[0]).all()


def test_an_arc_has_a_camera_at_both_of_its_ends() -> None:
    eyes = rows(actions(lowering(replace(HYBRID, views=Views(count=5, from_deg=-40, to_deg=40))))["views"])
    turns = np.degrees(np.arctan2(eyes.camera_to_world[:, 0, 3], eyes.camera_to_world[:, 2, 3]))
    assert np.allclose(turns, [-40, -20, 0, 20, 40])


def test_the_camera_of_the_motion_can_come_around_and_keeps_the_portrait_in_sight() -> None:
    scene = replace(HYBRID, views=Views(fov_y_deg=50), motion=Motion(camera="orbit", arc_deg=40))
    moving = rows(actions(lowering(scene))["motion"])
    eyes = moving.camera_to_world[:, :3, 3]
    turns = np.degrees(np.arctan2(eyes[:, 0], eyes[:, 2]))
    assert np.allclose(turns[[0, -1]], [-20, 20])
    half_height_m = 2.6 * np.tan(np.radians(17.5))  # Of the portrait, in the plane z = 0.
    assert np.allclose(np.linalg.norm(eyes, axis=1) * np.tan(np.radians(25)), half_height_m)


@pytest.mark.parametrize(
    ("scene", "stage", "backend", "role"),
    [
        (replace(HYBRID, views=Views(model="alpha.glb")), "views", "mesh", "model.glb"),
        (replace(HYBRID, motion=Motion(video="alpha.mp4")), "motion", "video", "video.mp4"),
        (replace(HYBRID, training=Training(initial="start.ply")), "train", "hybrid", "initial.ply"),
    ],
)
def test_an_authors_file_is_an_input_and_chooses_the_backend(
    scene: CharacterScene, stage: str, backend: str, role: str
) -> None:
    action = actions(lowering(scene))[stage]
    assert action.backend == backend
    assert role in action.inputs
    assert not {"model", "images", "video", "initial"} & set(action.params)


def pictures(count: int, *, fov_x: float = 0.6) -> str:
    pose = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 3], [0, 0, 0, 1]]
    frames = [{"file_path": f"p{k}", "transform_matrix": pose} for k in range(count)]
    return json.dumps({"camera_angle_x": fov_x, "frames": frames})


def test_a_list_of_pictures_says_where_their_cameras_are() -> None:
    sources = tuple(FILES.values())[:2]
    scene = replace(HYBRID, views=Views(count=2, images="list.json"))
    modelling = Modelling(scene, FILES, {"list.json": pictures(2)}, {"list.json": sources})
    built = actions(replace(lowering(), modelling=modelling))
    assert built["views"].backend == "images"
    assert built["views"].inputs["image.png"] == sources
    around = rows(built["views"])
    assert around.camera_to_world[around.order][:, 2, 3].tolist() == [3, 3]
    assert around.intrinsics[0, 0] == pytest.approx(160 / np.tan(0.3))
    assert rows(built["motion"]).intrinsics[0, 0] == around.intrinsics[0, 0]


def test_motion_taken_through_another_lens_is_refused() -> None:
    scene = replace(HYBRID, motion=Motion(frames=4, images="list.json"), training=Training(val=1, test=2))
    modelling = Modelling(scene, FILES, {"list.json": pictures(4)}, {"list.json": tuple(FILES.values())[:4]})
    with pytest.raises(LoweringError, match="the motion's pictures have a field of view of"):
        lower_scene(replace(lowering(), modelling=modelling))


def test_refinement_stands_between_where_somebody_is_named_for_it() -> None:
    built = actions(lowering(has_backend=lambda stage: stage == "refine"))
    assert built["refine"].id == "alpha/refine/toy"
    assert built["refine"].outputs == (*(f"frame_{k:03}.png" for k in range(24)), "drift.json")
    assert {one.action for one in built["refine"].inputs["frame.png"]} == {"alpha/motion/sway"}  # type: ignore[union-attr]
    assert {one.action for one in built["dataset"].inputs["frame.png"]} == {"alpha/refine/toy"}  # type: ignore[union-attr]
    assert built["refine"].params["strength"] == 0.35


@pytest.mark.parametrize("field", ["backends", "overrides"])
def test_what_an_episode_says_of_a_stage_makes_that_and_what_follows_its_own(field: str) -> None:
    output: Any = {"motion": "sway" if field == "backends" else {"seed": 1}}
    built = actions(lowering(episode=replace(FILMED, **{field: output})))
    assert built["views"].id == "alpha/views/relief"
    assert [built[stage].id for stage in ("motion", "dataset", "train", "scene-check")] == [
        f"d13-001/{stage}" for stage in ("motion", "dataset", "train", "scene-check")
    ]


def test_titles_and_cameras_of_episodes_change_nothing_of_the_character() -> None:
    other = replace(FILMED, title="U", description="D", camera=(StaticMove(40, fov_y_deg=20.0),), number=2, name="m")
    assert lower_scene(lowering()).actions == lower_scene(lowering(episode=other)).actions


def test_cameras_of_a_character_are_worked_out_once_for_all_its_episodes() -> None:
    other = replace(FILMED, title="U", number=2, name="m")
    first, two = actions(lowering()), actions(lowering(episode=other))
    for stage in ("views", "motion"):
        assert first[stage].inputs["cameras.rows"][0] is two[stage].inputs["cameras.rows"][0]


def test_an_episode_picks_the_kind_of_scene_for_itself() -> None:
    plain = replace(FILMED, scene=SceneSection(kind="portrait"))
    assert [action.stage for action in lower_scene(lowering(episode=plain)).actions] == ["scene"]
    hybrid = replace(FILMED, scene=SceneSection(kind="hybrid"))
    assert "train" in actions(lowering(CharacterScene(), episode=hybrid))


@pytest.mark.parametrize(
    ("scene", "changes", "code"),
    [
        (HYBRID, {"backends": {"scene": "relief"}}, "E241"),
        (HYBRID, {"overrides": {"scene": {"slices": 3}}}, "E241"),
        (CharacterScene(), {"backends": {"views": "relief"}}, "E241"),
    ],
)
def test_what_an_episode_says_in_vain_is_refused(scene: CharacterScene, changes: Any, code: str) -> None:
    with pytest.raises(LoweringError) as refused:
        lower_scene(lowering(scene, episode=replace(FILMED, **changes)))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("scene", "kind", "reason"),
    [
        (SceneSection(file="points.ply"), "hybrid", "the episode names a scene file"),
        (SceneSection(kind="portrait"), "hybrid", "the episode's scene is of kind `portrait`"),
        (SceneSection(), "portrait", "the character's scene is of kind `portrait`"),
    ],
)
def test_all_that_an_episode_says_in_vain_is_told_with_the_reason(scene: SceneSection, kind: Any, reason: str) -> None:
    episode = replace(FILMED, scene=scene, backends={"views": "relief", "train": "toy"}, overrides={"motion": {}})
    with pytest.raises(LoweringError) as refused:
        lower_scene(lowering(CharacterScene(kind=kind), episode=episode))
    by_name = {one.path: one.sentence for one in (refused.value, *refused.value.others)}
    assert by_name == {
        (field, stage): f"`{field}.{stage}` would be ignored: {reason}"
        for field, stage in (("backends", "views"), ("backends", "train"), ("overrides", "motion"))
    }


def test_without_a_portrait_there_is_nothing_to_train() -> None:
    with pytest.raises(LoweringError, match="no portrait"):
        lower_scene(lowering(portrait=None))
