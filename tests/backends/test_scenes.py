"""The backends of stage scene, each to a file that the rasteriser reads."""

from pathlib import Path
from typing import Any

import pytest

from episodec.backends.checkpoint_4dgs import Checkpoint4dgs
from episodec.backends.ply import Ply
from episodec.backends.relief import Relief
from episodec.engine.backend import Backend
from episodec.errors import BackendError
from episodec.splat.ply import write_ply
from episodec.splat.scene import Scene
from episodec.splat.scene_file import decode_scene
from tests.splat.portraits import drawn, png
from tests.splat.scenes import random_scene, same
from tests.splat.test_deformation import saved, state
from tests.toys.orders import task


def run_scene(root: Path, backend: Backend, inputs: dict[str, bytes], **params: Any) -> Scene:
    files = {role: [content] for role, content in inputs.items()}
    order = task(root, "toy", stage="scene", inputs=files, outputs=("body.scene",), params={"overrides": params}).order
    backend.run(order)
    return decode_scene(order.output().read_bytes())


@pytest.mark.parametrize("mode", ["RGBA", "RGB", "L", "P", "LA"])
def test_portraits_of_any_kind_become_moving_bodies(tmp_path: Path, mode: str) -> None:
    narrow = png(drawn(120, 300), mode)  # A relief costs by its width.
    scene = run_scene(tmp_path, Relief(), {"portrait.png": narrow}, slices=2)
    assert scene.count > 20_000
    assert scene.slices is not None


def test_sixteen_bits_are_used_as_eight(tmp_path: Path) -> None:
    import io

    import numpy as np
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(drawn(120, 300, has_alpha=False)[..., 1].astype(np.uint16) * 256).save(file, "PNG")
    scene = run_scene(tmp_path, Relief(), {"portrait.png": file.getvalue()}, slices=1)
    assert float(scene.harmonics[:, 0].std()) > 0.1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"GIF89a" * 9, "not a PNG"), (png(drawn())[:500], "cut short"), (png(drawn(8, 8)), "size")],
)
def test_what_is_no_portrait_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(BackendError, match=sentence):
        run_scene(tmp_path, Relief(), {"portrait.png": content})


def test_a_ply_becomes_the_same_scene(tmp_path: Path) -> None:
    scene = random_scene(50)
    assert same(scene, run_scene(tmp_path, Ply(), {"model.ply": write_ply(scene)}))
    with pytest.raises(BackendError, match="cut short"):
        run_scene(tmp_path / "b", Ply(), {"model.ply": write_ply(scene)[:-1]})


@pytest.mark.parametrize("name", ["model.ply", "model.scene"])
def test_an_error_of_a_scene_file_names_the_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(BackendError) as caught:
        run_scene(tmp_path, Ply(), {name: b"no scene"})
    assert caught.value.facts["file"] == name
    assert len(caught.value.facts) > 1


def test_a_checkpoint_becomes_slices(tmp_path: Path) -> None:
    inputs = {"point_cloud.ply": write_ply(random_scene(30)), "deformation.pth": saved(state())}
    scene = run_scene(tmp_path, Checkpoint4dgs(), inputs, slices=5)
    assert scene.slices is not None
    assert scene.slices.means.shape == (5, 30, 3)


@pytest.mark.parametrize("overrides", [{"slices": 0}, {"slices": 2.5}, {"colour": "red"}])
def test_an_override_that_is_not_understood_is_refused(tmp_path: Path, overrides: dict[str, Any]) -> None:
    with pytest.raises(BackendError, match=r"no such parameter|out of its range"):
        run_scene(tmp_path, Relief(), {"portrait.png": png(drawn())}, **overrides)


@pytest.mark.parametrize("backend", [Relief(), Ply(), Checkpoint4dgs()])
def test_a_missing_input_is_told(tmp_path: Path, backend: Backend) -> None:
    with pytest.raises(BackendError, match="needs"):
        run_scene(tmp_path, backend, {"other.txt": b""})
