from dataclasses import replace

import numpy as np
import pytest

from episodec.errors import BackendError
from episodec.splat.cuda import CudaScene, missing
from episodec.splat.reference import render_reference
from tests.splat.scenes import random_scene, view

BACKGROUND = (0.2, 0.5, 1.0)


@pytest.mark.skipif(missing() is not None, reason=f"no CUDA rasteriser: {missing()}")
@pytest.mark.parametrize("degree", [0, 3])
def test_pictures_are_those_of_the_reference(degree: int) -> None:
    scene = random_scene(400, degree=degree)
    scene = replace(scene, opacity_logits=np.minimum(scene.opacity_logits, np.float32(4)))
    expected = render_reference(scene, view(), BACKGROUND)
    picture = CudaScene(scene).render_floats(view(), background=BACKGROUND)
    assert np.abs(picture - expected.picture)[expected.margins > 1e-3].max() < 1e-3


@pytest.mark.skipif(missing() is None, reason="this machine has a CUDA rasteriser")
def test_without_a_gpu_the_reason_is_told() -> None:
    with pytest.raises(BackendError, match="CUDA") as caught:
        CudaScene(random_scene(3))
    assert caught.value.facts["reason"] == missing()
