import subprocess
import sys
from dataclasses import replace
from pathlib import Path

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
    wanted = render_reference(scene, view(), BACKGROUND)
    found = CudaScene(scene).render_floats(view(), background=BACKGROUND)
    assert np.abs(found - wanted.picture)[wanted.margins > 1e-3].max() < 1e-3


@pytest.mark.skipif(missing() is None, reason="this machine has a CUDA rasteriser")
def test_without_a_gpu_the_reason_is_told() -> None:
    with pytest.raises(BackendError, match="CUDA") as caught:
        CudaScene(random_scene(3))
    assert caught.value.facts["reason"] == missing()


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "the CUDA toolkit"),
        ({"gsplat/csrc.py": ""}, None),
        ({"bin/nvcc": ""}, None),
    ],
)
def test_gsplat_without_its_kernels_and_without_a_compiler_is_told(
    tmp_path: Path, files: dict[str, str], reason: str | None
) -> None:
    """Beside a torch that says it has a GPU: on such a machine the first picture failed with an AttributeError."""
    files = files | {
        "gsplat/__init__.py": "",
        "torch.py": "class cuda:\n    is_available = staticmethod(lambda: True)\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    program = "import sys; sys.path.insert(0, sys.argv[1])\nfrom episodec.splat.cuda import missing\nprint(missing())"
    environment = {"PATH": str(tmp_path / "bin"), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], env=environment, check=True, capture_output=True, text=True
    )
    assert (reason or "None") in done.stdout
