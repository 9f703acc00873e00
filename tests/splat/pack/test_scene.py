"""A packed scene is the scene within its steps, with the rig's Gaussians first; a rig keeps what they are bound to."""

import numpy as np

from episodec.splat.pack.rig import DRIVES, drives, pack_rig
from episodec.splat.pack.scene import PackedScene, pack_scene
from episodec.splat.ply import SH0
from episodec.splat.rig.model import Row
from episodec.splat.scene import Scene
from tests.splat.rig.rigs import little_rig, little_scene
from tests.splat.scenes import random_scene


def unpacked(packed: PackedScene, name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """(S, N, C)."""
    values: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = packed.arrays[f"scene.{name}"].values.astype(float)
    return values.swapaxes(1, 2)


def check(scene: Scene, first: list[int]) -> None:
    packed = pack_scene(scene, np.array(first, np.uint32))
    head, order = packed.head, packed.order
    assert sorted(order) == list(range(scene.count))
    assert sorted(order[: len(first)]) == sorted(first)
    means = scene.means[None] if scene.slices is None else scene.slices.means
    places = np.array(head["corner"]) + head["step"] * unpacked(packed, "places")
    assert np.abs(places - means[:, order]).max() <= 0.51 * head["step"]
    sizes = head["least_log_size"] + head["log_size_step"] * unpacked(packed, "sizes")
    assert np.abs(sizes - scene.log_scales[order]).max() <= 0.51 * head["log_size_step"]
    turns = unpacked(packed, "turns") - 128
    turns /= np.linalg.norm(turns, axis=2, keepdims=True)
    moving = scene.quaternions[None] if scene.slices is None else scene.slices.quaternions
    assert moving is not None
    unit = moving[:, order] / np.linalg.norm(moving[:, order], axis=2, keepdims=True)
    assert np.abs((turns * unit).sum(axis=2)).min() > 0.9999
    colours = packed.arrays["scene.colours"].values.T / 255 * head["brightest"]
    expected = np.maximum(scene.harmonics[order, 0] * SH0 + 0.5, 0)
    assert np.abs(colours - expected).max() <= 0.51 * head["brightest"] / 255


def test_a_moving_scene_is_itself_within_its_steps() -> None:
    check(random_scene(200, degree=0, slices=4), [3, 5, 199])


def test_a_still_scene_has_one_slice() -> None:
    check(random_scene(50, degree=3), [])
    assert pack_scene(random_scene(50, degree=0), np.zeros(0, int)).head["slices"] == 1


def test_one_gaussian_is_a_scene() -> None:
    check(random_scene(1, degree=0), [0])


def test_the_rigs_gaussians_keep_what_they_are_bound_to() -> None:
    rig = little_rig()
    packed = pack_scene(little_scene(), rig.body.index)
    _, arrays = pack_rig(rig, packed.order)
    groups = dict(zip(rig.body.index.tolist(), rig.body.group.tolist(), strict=True))
    assert arrays["body.group"].values.tolist() == [groups[each] for each in packed.order[:3].tolist()]


def test_a_row_at_rest_shows_the_scene_and_a_blink_its_lids() -> None:
    still, blink = drives([Row(), Row({"eyeBlinkLeft": 1.0}, (5.0, 0.0, 0.0), 0.5)], shows_teeth=False).T
    assert dict(zip(DRIVES, still.tolist(), strict=True)) == {
        name: 1.0 if name.startswith("own.") else 0.0 for name in DRIVES
    }
    drive = dict(zip(DRIVES, blink.tolist(), strict=True))
    assert (drive["parts.leftEye"], drive["parts.rightEye"], drive["own.leftEye"], drive["lid.leftUpper"]) == (
        1,
        0,
        0,
        1,
    )
    assert (drive["headYaw"], drive["breath"]) == (5.0, 0.5)
