"""Cut-outs of a scene, and a scene held against pictures of itself."""

from dataclasses import replace

import numpy as np
import pytest

from episodec.splat.cloud import FURTHER, Cloud, thinned
from episodec.splat.cutout import cut_out, finer_than
from episodec.splat.dataset import Shot, write_dataset
from episodec.splat.dataset_read import read_dataset
from episodec.splat.fidelity import APART, ORBIT, Fidelity, measure
from episodec.splat.rasterise import render
from episodec.splat.scene import Scene, Slices
from episodec.splat.view import View
from tests.splat.datasets import camera
from tests.splat.scenes import random_scene

SIZE = 40
LENS = (60.0, 60.0, SIZE / 2, SIZE / 2)


def moving(count: int = 30) -> Scene:
    still = random_scene(count, degree=0)
    means = (still.means * np.float32(0.3)).astype(np.float32)
    aside = np.array([0.5, 0, 0], np.float32)
    return replace(still, means=means, slices=Slices(np.stack([means, means + aside])))


def view(eye: tuple[float, float, float] = (0, 0, 4)) -> View:
    return View(camera(eye), LENS, (SIZE, SIZE))


@pytest.mark.parametrize("background", [(0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.2, 0.7, 0.4)])
def test_a_cut_out_over_a_colour_is_the_scene_before_it(background: tuple[float, float, float]) -> None:
    rgba = cut_out(moving(), view()).astype(float) / 255
    over = rgba[..., :3] * rgba[..., 3:] + np.array(background) * (1 - rgba[..., 3:])
    truth = render(moving(), view(), background=background).astype(float) / 255
    assert 0.05 < rgba[..., 3].mean() < 0.95
    assert np.abs(over - truth).max() < 3 / 255


def test_a_finer_cut_out_is_the_mean_of_a_larger_one() -> None:
    large = cut_out(moving(), View(camera((0, 0, 4)), tuple(2 * one for one in LENS), (2 * SIZE, 2 * SIZE)))  # type: ignore[arg-type]
    small = cut_out(moving(), view(), finer=2)
    means = large[..., 3].reshape(SIZE, 2, SIZE, 2).mean(axis=(1, 3))
    assert np.abs(small[..., 3] - means).max() <= 1
    assert (finer_than(200), finer_than(600), finer_than(800)) == (3, 1, 1)


def filmed(scene: Scene) -> bytes:
    """A dataset of what the scene itself shows."""
    shots = [Shot("train", "spatial", k, 0.5, camera((4 * np.sin(k), 0, 4 * np.cos(k)))) for k in range(2)]
    shots += [Shot("train", "temporal", k, float(k), camera((0, 0, 4))) for k in (0, 1)]
    shots.append(Shot("test", "temporal", 2, 0.25, camera((0, 0, 4))))
    pictures = [cut_out(scene, View(shot.camera_to_world, LENS, (SIZE, SIZE)), time=shot.time) for shot in shots]
    return write_dataset(shots, pictures, LENS, Cloud(scene.means, np.zeros((scene.count, 3), np.uint8)))


def test_a_scene_comes_near_to_itself_and_another_less() -> None:
    dataset = read_dataset(filmed(moving()))
    itself, still = measure(moving(), dataset), measure(replace(moving(), slices=None), dataset)
    assert itself.psnr_db.min() > 45
    assert still.psnr_db[dataset.where("train", "temporal")[0]] > 45
    assert still.psnr_db[dataset.where("test")[0]] < 35
    assert len(itself.orbit) == ORBIT


def test_the_frame_difference_is_that_of_frames_thirty_apart() -> None:
    nothing = np.zeros((1, 2, 2, 3), np.uint8)
    orbit = np.repeat(np.arange(ORBIT, dtype=np.uint8), 12).reshape(ORBIT, 2, 2, 3)
    assert Fidelity(nothing, nothing, np.zeros(1), orbit).frame_difference() == APART


def test_a_cloud_encloses_more_than_its_points() -> None:
    means = np.random.default_rng(1).uniform(-1, 1, (6400, 3)).astype(np.float32)
    values = thinned(means, np.zeros((6400, 3), np.uint8), 3200)
    assert len(values.means) == 3250
    reach = np.abs(means).max(axis=0)
    assert (np.abs(values.means).max(axis=0) > reach).all()
    assert (np.abs(values.means) <= FURTHER * reach + 0.01).all()
