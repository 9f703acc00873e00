"""The effect of a row on a scene: none at rest, else what the row asks for and no more."""

from dataclasses import replace

import numpy as np
import pytest

from episodec.errors import BackendError
from episodec.splat.rig.channels import absence, body_share, closures, parts_share, presence
from episodec.splat.rig.model import LEFT_EYE, LEFT_LOWER, LEFT_UPPER, MOUTH, RIGHT_EYE, RIGHT_UPPER, Row, empty_rig
from episodec.splat.rig.pose import PART_LOGIT, posed
from episodec.splat.scene import at
from tests.splat.rig.rigs import little_rig, little_scene
from tests.splat.scenes import same


def test_a_row_at_rest_gives_the_scene_itself() -> None:
    scene = little_scene(slices=3)
    for row in (Row(), Row({"jawOpen": 0.0, "eyeBlinkLeft": 0.0}), Row(head=(0.0, 0.0, 0.0))):
        assert same(posed(scene, little_rig(3), row, time=0.3), at(scene, 0.3))
    still = little_scene()
    assert posed(still, little_rig(), Row()) is still


def test_an_empty_rig_moves_nothing() -> None:
    scene = little_scene()
    assert posed(scene, empty_rig(), Row({"jawOpen": 1.0}, (9.0, 0.0, 0.0), 1.0)) is scene


def test_the_rig_of_another_scene_is_refused() -> None:
    with pytest.raises(BackendError, match="another scene's"):
        posed(little_scene(), replace(little_rig(), count=7), Row({"jawOpen": 1.0}))


def test_skin_moves_with_its_triangle_and_the_rest_stays() -> None:
    scene = little_scene()
    moved = posed(scene, little_rig(), Row({"browInnerUp": 0.5}))
    assert moved.count == scene.count  # Brows bring no parts.
    np.testing.assert_allclose(moved.means[:2, 1] - scene.means[:2, 1], 0.025, atol=1e-6)
    np.testing.assert_array_equal(moved.means[2:], scene.means[2:])
    np.testing.assert_array_equal(moved.opacity_logits, scene.opacity_logits)


def test_shapes_add_up() -> None:
    scene = little_scene()
    moved = posed(scene, little_rig(), Row({"browInnerUp": 1.0, "jawOpen": 1.0}))
    np.testing.assert_allclose(moved.means[0, 1], -0.05, atol=1e-6)


def test_what_is_stretched_grows() -> None:
    scene = little_scene()
    moved = posed(scene, little_rig(), Row({"jawOpen": 1.0}))
    grown = moved.log_scales[:3] - scene.log_scales[:3]
    assert (grown[:2] > 0.04).all()
    assert not grown[2].any()


def test_the_mouths_parts_come_and_the_line_between_the_lips_goes() -> None:
    scene, rig = little_scene(), little_rig()
    slightly, fully = (posed(scene, rig, Row({"jawOpen": weight})) for weight in (0.02, 0.5))
    assert slightly.opacity_logits[4] < fully.opacity_logits[4]
    np.testing.assert_allclose(fully.opacity_logits[4], PART_LOGIT, atol=1e-5)
    assert slightly.opacity_logits[2] == 3
    assert fully.opacity_logits[2] == -40
    assert (fully.opacity_logits[5:] == -40).all()  # Eyes rest.
    np.testing.assert_allclose(fully.means[4], [0, -0.05, 0.1], atol=1e-5)


def test_a_lid_goes_along_its_way() -> None:
    scene, rig = little_scene(), little_rig()
    half, shut = (posed(scene, rig, Row({"eyeBlinkLeft": weight})) for weight in (0.5, 1.0))
    np.testing.assert_allclose(half.means[6], [0, 0.2, 0.11], atol=1e-6)
    np.testing.assert_allclose(shut.means[6], [0, 0.1, 0.1], atol=1e-6)
    assert (shut.harmonics[6] > shut.harmonics[5]).all()  # Its own colour when it is shut.
    assert shut.opacity_logits[4] == -40  # The mouth rests.


def test_parts_are_borne_by_the_slices() -> None:
    scene, rig = little_scene(slices=3), little_rig(3)
    row = Row({"jawOpen": 0.5})
    low, middle = (posed(scene, rig, row, time=time) for time in (0.0, 0.75))
    np.testing.assert_allclose(middle.means - low.means, np.tile([0, 0.015, 0], (7, 1)), atol=1e-6)


def test_the_head_turns_about_the_neck_and_shoulders_stay() -> None:
    scene, rig = little_scene(), little_rig()
    aside = posed(scene, rig, Row(head=(10.0, 0.0, 0.0)))
    away = scene.means[0] - np.array(rig.neck.pivot)
    np.testing.assert_allclose(aside.means[0, 0], np.sin(np.radians(10)) * away[2], atol=1e-3)  # To its left: +x.
    up = posed(scene, rig, Row(head=(0.0, 10.0, 0.0)))
    assert up.means[0, 2] < scene.means[0, 2]
    assert up.means[0, 1] > scene.means[0, 1]
    rolled = posed(scene, rig, Row(head=(0.0, 0.0, 10.0)))
    assert rolled.means[0, 0] > scene.means[0, 0]
    for turned in (aside, up, rolled):
        np.testing.assert_array_equal(turned.means[3], scene.means[3])
        np.testing.assert_array_equal(turned.quaternions[3], scene.quaternions[3])


def test_breath_moves_the_trunk_alone() -> None:
    scene = little_scene()
    breathing = posed(scene, little_rig(), Row(breath=1.0))
    assert breathing.means[3, 1] > scene.means[3, 1]
    np.testing.assert_array_equal(breathing.means[0], scene.means[0])


def test_a_group_is_there_by_what_moves_it() -> None:
    weights = {"mouthSmileLeft": 0.4, "mouthPressLeft": 0.3, "eyeLookUpRight": 0.1, "browInnerUp": 1.0}
    there = presence(weights)
    assert (there[MOUTH], there[LEFT_EYE], there[RIGHT_EYE]) == (0.4, 0.0, 0.1)
    closed, apart, present = (
        absence(weights, shows_teeth=False)[MOUTH],
        absence({**weights, "jawOpen": 0.2}, shows_teeth=False)[MOUTH],
        absence(weights, shows_teeth=True)[MOUTH],
    )
    assert (closed, present) == (0.0, 0.4)
    assert body_share(apart) == 0.0
    assert [parts_share(x) for x in (0.0, 0.05, 0.1, 1.0)] == [0.0, 0.5, 1.0, 1.0]
    assert [body_share(x) for x in (0.0, 0.1, 0.2, 1.0)] == [1.0, 1.0, 0.0, 0.0]


def test_lids_follow_more_than_blinks() -> None:
    assert closures({}) == [0.0] * 4
    assert closures({"eyeBlinkLeft": 1.0, "eyeWideLeft": 1.0})[LEFT_UPPER] == 1.0
    assert closures({"eyeWideLeft": 1.0})[LEFT_UPPER] < 0 < closures({"eyeLookDownLeft": 1.0})[LEFT_UPPER]
    assert closures({"eyeSquintLeft": 1.0})[LEFT_LOWER] == 1.0
    assert closures({"eyeBlinkLeft": 1.0})[RIGHT_UPPER] == 0.0
