import hashlib
import math
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from episodec.errors import BackendError
from episodec.splat.rasterise import render, render_floats
from episodec.splat.reference import render_reference
from episodec.splat.scene import Scene, columnar
from episodec.splat.scene_file import decode_scene, encode_scene
from episodec.splat.view import View
from tests.splat.scenes import random_scene, view

BACKGROUND = (0.2, 0.5, 1.0)


def check(scene: Scene, view: View, *, is_drawn: bool = False) -> None:
    """The compiled picture is the reference's within 1e-4, but where the reference stood at a threshold."""
    expected = render_reference(scene, view, BACKGROUND)
    picture = render_floats(scene, view, background=BACKGROUND)
    at_threshold = expected.margins < 2e-5
    says_enough = bool(at_threshold.mean() < 0.05)
    assert says_enough or is_drawn
    if is_drawn:
        assume(says_enough)  # An example that says too little gives way to another one.
    # Colours of random coefficients exceed 1: the bound is for pictures whose values are of the order of 1.
    bound = 1e-4 * max(1.0, float(np.abs(expected.picture).max()))
    assert np.abs(picture - expected.picture)[~at_threshold].max(initial=0) < bound


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize("turn_rad", [0.0, 1.0, 3.0])
def test_pictures_are_those_of_the_reference(degree: int, turn_rad: float) -> None:
    check(random_scene(400, degree=degree), view(turn_rad=turn_rad))


scales = st.sampled_from([-30.0, -9.0, -5.0, -3.0, -1.0, 1.0, 3.0])
places = st.floats(-3, 3, width=32)


@st.composite
def odd_gaussians(draw: st.DrawFn) -> Scene:
    """A few Gaussians, also behind the camera, huge, tiny, flat, needles, not turned, faint and opaque."""
    count = draw(st.integers(1, 6))

    def drawn(width: int, values: st.SearchStrategy[float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        size = count * width
        return np.array(draw(st.lists(values, min_size=size, max_size=size)), np.float32).reshape(count, width)

    means, quaternions = drawn(3, places), drawn(4, st.floats(-1, 1, width=32))
    logits = drawn(1, st.sampled_from([-30.0, -5.6, -5.5, -2.0, 0.0, 3.0, 16.0, 80.0]))[:, 0]
    harmonics = drawn(48, st.floats(-0.5, 0.5, width=16)).reshape(count, 16, 3)
    return Scene(means, quaternions, drawn(3, scales), logits, harmonics)


@settings(max_examples=150)
@given(odd_gaussians(), st.sampled_from([0.0, 0.5, 3.0, 30.0]), st.floats(-3.2, 3.2))
def test_pictures_of_odd_gaussians_are_those_of_the_reference(scene: Scene, distance: float, turn_rad: float) -> None:
    observed = view(33, 17, distance=distance, turn_rad=turn_rad)
    depths = scene.means @ observed.world_to_camera()[2, :3] + observed.world_to_camera()[2, 3]
    # At the near plane itself float32 places are in or out by their last bit.
    keep = np.abs(depths - 0.2) > 1e-5
    if keep.any():
        names = ("means", "quaternions", "log_scales", "opacity_logits", "harmonics")
        check(Scene(*(getattr(scene, name)[keep] for name in names)), observed, is_drawn=True)


def test_a_picture_with_its_principal_point_aside_is_that_of_the_reference() -> None:
    check(random_scene(200), replace(view(), intrinsics=(70.0, 40.0, 3.0, 38.5)))


@pytest.mark.parametrize("size", [(1, 1), (15, 17), (16, 16), (97, 3)])
def test_odd_sizes_are_rendered_whole(size: tuple[int, int]) -> None:
    observed = view(*size)
    check(random_scene(50), observed)
    assert render(random_scene(50), observed).shape == (size[1], size[0], 3)


def test_an_empty_view_is_the_background() -> None:
    away = view(distance=-9.0)
    assert np.all(render(random_scene(50), away, background=(1, 0, 0)) == [255, 0, 0])


def test_any_number_of_threads_gives_the_same_bytes() -> None:
    scene, observed = random_scene(3000), view(200, 150)
    pictures = {render_floats(scene, observed, threads=threads).tobytes() for threads in (1, 2, 3, 7)}
    assert len(pictures) == 1


def test_layout_and_mapped_arrays_change_no_byte() -> None:
    scene, observed = random_scene(500), view()
    same = {render(each, observed).tobytes() for each in (scene, columnar(scene), decode_scene(encode_scene(scene)))}
    assert len(same) == 1


def test_time_moves_the_scene() -> None:
    scene, observed = random_scene(100, slices=3), view()
    early, late = render(scene, observed, time=0.0), render(scene, observed, time=1.0)
    assert not np.array_equal(early, late)
    with pytest.raises(BackendError, match="0 to 1"):
        render(scene, observed, time=1.5)


CHILD = """
import hashlib
from episodec.splat.rasterise import render_floats
from tests.splat.scenes import random_scene, view
print(hashlib.sha256(render_floats(random_scene(700), view()).tobytes()).hexdigest())
"""


def test_another_processor_gives_the_same_bytes() -> None:
    """Code is made for another processor: other vectors, another order of instructions, the same bits. One without
    AVX-512 is asked with the kernels of training, in `training/test_raster.py`.
    """
    if not _has_avx512():
        pytest.skip("this processor has no AVX-512")
    # Without features numba would still add those of this machine.
    environment = {**os.environ, "NUMBA_CPU_NAME": "x86-64-v4", "NUMBA_CPU_FEATURES": ""}
    done = subprocess.run([sys.executable, "-c", CHILD], env=environment, capture_output=True, text=True, check=True)
    ours = hashlib.sha256(render_floats(random_scene(700), view()).tobytes()).hexdigest()
    assert done.stdout.strip() == ours


def _has_avx512() -> bool:
    import llvmlite.binding

    return bool(llvmlite.binding.get_host_cpu_features().get("avx512f"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"camera_to_world": np.full((4, 4), np.nan)},
        {"camera_to_world": np.eye(3)},
        {"camera_to_world": np.zeros((4, 4))},
        {"camera_to_world": np.diag([1.0, 1, -1, 1])},
        {"camera_to_world": np.diag([2.0, 2, 2, 1])},
        {"intrinsics": (0.0, 1.0, 1.0, 1.0)},
        {"intrinsics": (math.nan, 1.0, 1.0, 1.0)},
        {"size": (0, 9)},
        {"size": (9, 9999)},
    ],
)
def test_an_impossible_view_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BackendError):
        render(random_scene(3), replace(view(), **wrong))
