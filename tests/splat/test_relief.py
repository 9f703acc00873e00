import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from episodec.errors import BackendError
from episodec.splat.rasterise import render
from episodec.splat.relief import DISTANCE_M
from episodec.splat.relief.body import relief, source_view
from episodec.splat.relief.portrait import look_at
from episodec.splat.relief.surface import quaternions
from episodec.splat.scene import LoadedScene
from episodec.splat.scene_file import encode_scene
from episodec.splat.view import View
from tests.splat.portraits import drawn


@pytest.fixture(scope="module")
def body() -> LoadedScene:
    return relief(drawn(), None, slices=4)


@pytest.fixture(scope="module")
def narrow() -> LoadedScene:
    """Of a portrait that is small and three times as high as it is wide: a relief costs by its width."""
    return relief(drawn(64, 200), None, slices=4)


def from_aside(degrees: float) -> View:
    """The source camera, gone round the body."""
    source = source_view(256, 256)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[cos, 0, sin, 0], [0, 1, 0, 0], [-sin, 0, cos, 0], [0, 0, 0, 1]])
    return View(turn @ source.camera_to_world, source.intrinsics, source.size)


def test_from_the_front_the_portrait_is_seen(body: LoadedScene) -> None:
    portrait = look_at(drawn(), None)
    picture = render(body.scene, source_view(512, 512)).astype(float)
    squares = ((picture - portrait.rgb)[portrait.mask] ** 2).mean()
    assert 10 * math.log10(255**2 / squares) >= 28


def test_a_portrait_without_alpha_is_cut_out_of_its_background() -> None:
    actual, expected = look_at(drawn(has_alpha=False), None).mask, look_at(drawn(), None).mask
    assert (actual & expected).sum() / (actual | expected).sum() > 0.85


@pytest.mark.parametrize("degrees", range(0, 360, 30))
def test_all_around_there_are_no_holes(body: LoadedScene, degrees: int) -> None:
    """On white and on black the inside of the silhouette looks the same: no background comes through."""
    views = [render(body.scene, from_aside(degrees), background=(c, c, c)).astype(int) for c in (0.0, 1.0)]
    through = np.abs(views[0] - views[1]).max(axis=2)
    silhouette = through < 128
    inside = silhouette.copy()
    for axis in (0, 1):  # Two pixels in from the edge, where Gaussians are soft.
        for step in (-2, -1, 1, 2):
            inside &= np.roll(silhouette, step, axis)
    assert silhouette.mean() > 0.1
    filled = np.maximum.accumulate(silhouette, axis=1) & np.maximum.accumulate(silhouette[:, ::-1], axis=1)[:, ::-1]
    assert (filled & ~silhouette).mean() < 0.02
    assert np.percentile(through[inside], 99.5) < 40


def test_it_moves_a_little_and_begins_as_the_portrait(body: LoadedScene) -> None:
    slices = body.scene.slices
    assert slices is not None
    moved = np.linalg.norm(slices.means - body.scene.means, axis=2)
    assert moved[0].max() == 0
    assert 0.001 < moved[2].max() < 0.05


def test_what_was_not_found_is_told(body: LoadedScene) -> None:
    assert body.notes == (("face-not-found", "no face was found: the head stays flat"),)


def test_the_same_portrait_gives_the_same_bytes(narrow: LoadedScene) -> None:
    assert encode_scene(relief(drawn(64, 200), None, slices=4, threads=2).scene) == encode_scene(narrow.scene)


def test_odd_sizes_are_taken(narrow: LoadedScene) -> None:
    assert narrow.scene.slices is not None
    assert relief(drawn(101, 67), None, slices=1).scene.slices is None


def test_nobody_to_be_seen_is_refused() -> None:
    empty = drawn()
    empty[..., 3] = 0
    with pytest.raises(BackendError, match="cannot be told"):
        relief(empty, None)
    with pytest.raises(BackendError, match="too wide"):
        relief(np.zeros((64, 1000, 4), np.uint8), None)


def test_quaternions_are_those_of_their_rotations() -> None:
    from episodec.splat.reference import rotations

    values = np.random.default_rng(1).normal(size=(200, 4)).astype(np.float32)
    actual = quaternions(rotations(values))
    assert np.abs(rotations(actual) - rotations(values)).max() < 1e-5
    assert source_view(2, 2).camera_to_world[2, 3] == DISTANCE_M


_SHAPE = """
from episodec.digest import digest_bytes
from episodec.splat.relief.portrait import look_at
from episodec.splat.relief.shape import shape_of
from tests.splat.portraits import drawn
shape = shape_of(look_at(drawn(256, 256), None))
print(digest_bytes(shape.front.tobytes() + shape.back.tobytes()))
"""


def test_a_shape_is_the_same_by_any_linear_algebra_of_this_machine() -> None:
    """OpenBLAS has kernels for each family of processors, whose sums end in other bits."""

    def answered(core: str) -> str:
        child, env = [sys.executable, "-c", _SHAPE], {**os.environ, "OPENBLAS_CORETYPE": core}
        root = Path(__file__).parents[2]
        return subprocess.run(child, env=env, cwd=root, capture_output=True, text=True, check=True).stdout

    assert answered("Haswell") == answered("Nehalem")
