"""Scenes and chunks: what each action reads, and what an episode shares with others."""

from dataclasses import replace

import pytest

from episodec.digest import digest_bytes
from episodec.engine.action import ActionId, Artifact, Source
from episodec.film.rows import unpack
from episodec.spec.types_of_picture import SceneSection
from episodec.spec.types_of_tracks import StaticMove
from episodec.stages.check import lower_check
from episodec.stages.lowering import BackendChoice, Lowering, LoweringError
from episodec.stages.picture import frame_plan_of, lower_picture
from episodec.stages.render import lower_scene
from tests.stages.test_picture import EPISODE

FILES = {name: Source(name, digest_bytes(name.encode())) for name in ("points.ply", "deformation.pth", "alpha.png")}
FILMED = replace(EPISODE, camera=(StaticMove(40),))


def lowering(scene: SceneSection, **changes: object) -> Lowering:
    at = Lowering(
        replace(FILMED, scene=scene),
        lambda _, needed: BackendChoice(needed or "toy"),
        FILES,
        portrait=FILES["alpha.png"],
    )
    return replace(at, size=(64, 64), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scene", "backend", "roles", "name"),
    [
        (SceneSection(), "toy", {"portrait.png"}, "alpha/scene/toy"),
        (SceneSection(file="points.ply"), "ply", {"model.ply"}, "d13-001/scene"),
        (
            SceneSection(file="points.ply", deformation="deformation.pth"),
            "4dgs-checkpoint",
            {"point_cloud.ply", "deformation.pth"},
            "d13-001/scene",
        ),
    ],
)
def test_a_scene_is_made_of_what_the_spec_names(scene: SceneSection, backend: str, roles: set[str], name: str) -> None:
    (action,) = lower_scene(lowering(scene)).actions
    assert (action.backend, set(action.inputs), action.id) == (backend, roles, name)


def test_landmarks_of_the_author_come_with_the_portrait() -> None:
    marks = Source("marks.json", digest_bytes(b"marks"))
    (action,) = lower_scene(lowering(SceneSection(), landmarks=marks)).actions
    assert action.inputs["landmarks.json"] == (marks,)
    trained = lower_scene(lowering(SceneSection(kind="hybrid"), landmarks=marks)).actions
    assert {one.stage for one in trained if "landmarks.json" in one.inputs} == {"views", "motion"}
    (action,) = lower_scene(lowering(SceneSection(file="points.ply"), landmarks=marks)).actions
    assert "landmarks.json" not in action.inputs


def test_a_deformation_without_its_points_is_refused() -> None:
    with pytest.raises(LoweringError, match="a deformation needs its points"):
        lower_scene(lowering(SceneSection(deformation="deformation.pth")))


def test_a_character_without_a_portrait_has_no_scene_of_its_own() -> None:
    with pytest.raises(LoweringError, match="no portrait"):
        lower_scene(lowering(SceneSection(), portrait=None))


def test_chunks_cover_the_episode_and_a_still_picture_has_chunks_of_one_content() -> None:
    at = lowering(SceneSection())
    rendered = [action for action in lower_picture(at).actions if action.stage == "render"]
    assert [action.id for action in rendered] == ["d13-001/render/0000-0030", "d13-001/render/0030-0040"]
    assert sum(int(str(action.params["frames"])) for action in rendered) == len(frame_plan_of(at).scene_time) == 40
    for action in rendered:
        (rows,) = action.inputs["frames.rows"]
        assert len(unpack(rows.content).order) == action.params["frames"]  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["a.compressed.ply", "b.SPZ", "c.sog", "d.splat", "e.ksplat", "f.lcc"])
def test_a_scene_in_the_form_of_another_viewer_is_named_by_its_suffix(name: str) -> None:
    files = FILES | {name: Source(name, digest_bytes(b""))}
    with pytest.raises(LoweringError, match="is a scene in the format") as caught:
        lower_scene(lowering(SceneSection(file=name), files=files))
    assert (caught.value.path, "splat-transform" in caught.value.hint) == (("scene", "file"), True)
    taken = lowering(SceneSection(file=name), files=files, choose=lambda _stage, _needed: BackendChoice("theirs"))
    (action,) = lower_scene(taken).actions  # Another package's backend may read it.
    assert action.backend == "theirs"


def test_the_check_of_rendered_frames_knows_what_is_behind_the_character() -> None:
    picture = Artifact(ActionId("picture"), "picture.mp4")
    at = lowering(SceneSection())
    rendered = next(one for one in lower_picture(at).actions if one.stage == "render")
    (check,) = lower_check(at, picture).actions
    assert check.params["background"] == rendered.params["background"]
    (ready,) = lower_check(replace(at, episode=replace(at.episode, camera=(), scene=SceneSection())), picture).actions
    assert "background" not in ready.params
