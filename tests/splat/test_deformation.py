import io
import zipfile
from typing import Any

import numpy as np
import pytest
import torch

from episodec.errors import BackendError
from episodec.splat.deformation import PAIRS, deformed, read_state
from tests.splat.scenes import random_scene

State = dict[str, torch.Tensor]


def state(width: int = 8, channels: int = 3, levels: int = 2) -> State:
    torch.manual_seed(7)
    actual = {"deformation_net.grid.aabb": torch.tensor([[1.5, 1.4, 1.3], [-1.5, -1.2, -1.6]])}
    for level in range(levels):
        sides = [4 * (level + 1), 5 * (level + 1), 6 * (level + 1), 7]
        for plane, (a, b) in enumerate(PAIRS):
            actual[f"deformation_net.grid.grids.{level}.{plane}"] = torch.rand(1, channels, sides[b], sides[a])
    layers = {"feature_out.0": (width, channels * levels), "feature_out.2": (width, width)}
    for head, outputs in (("pos", 3), ("scales", 3), ("rotations", 4), ("opacity", 1), ("shs", 48)):
        layers |= {f"{head}_deform.1": (width, width), f"{head}_deform.3": (outputs, width)}
    for name, shape in layers.items():
        actual[f"deformation_net.{name}.weight"] = torch.randn(shape) * 0.5
        actual[f"deformation_net.{name}.bias"] = torch.randn(shape[0]) * 0.1
    return actual | {"timenet.0.weight": torch.zeros(64, 9), "time_poc": torch.ones(4)}


def saved(tensors: Any) -> bytes:
    file = io.BytesIO()
    torch.save(tensors, file)
    return file.getvalue()


def by_hand(tensors: State, place: np.ndarray[Any, Any], time: float) -> tuple[np.ndarray[Any, Any], ...]:
    """The offsets of one Gaussian, computed independently from the paper and the published code's habits."""
    t = {name.removeprefix("deformation_net."): value.numpy().astype(float) for name, value in tensors.items()}
    top, bottom = t["grid.aabb"]
    q = np.append((place - top) * 2 / (bottom - top) - 1, time)
    features = []
    for level in range(2):
        product = np.ones(3)
        for plane, (a, b) in enumerate(PAIRS):
            grid = t[f"grid.grids.{level}.{plane}"][0]
            x, y = ((np.clip(q[i], -1, 1) + 1) / 2 * (n - 1) for i, n in ((a, grid.shape[2]), (b, grid.shape[1])))
            x0, y0 = min(int(x), grid.shape[2] - 2), min(int(y), grid.shape[1] - 2)
            fx, fy = x - x0, y - y0
            rows = [grid[:, y0 + i, x0] * (1 - fx) + grid[:, y0 + i, x0 + 1] * fx for i in (0, 1)]
            product = product * (rows[0] * (1 - fy) + rows[1] * fy)
        features.append(product)

    def linear(name: str, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        actual: np.ndarray[Any, Any] = t[f"{name}.weight"] @ values + t[f"{name}.bias"]
        return actual

    hidden = linear("feature_out.2", np.maximum(linear("feature_out.0", np.concatenate(features)), 0))
    heads = ("pos_deform", "scales_deform", "rotations_deform")
    return tuple(linear(f"{h}.3", np.maximum(linear(f"{h}.1", np.maximum(hidden, 0)), 0)) for h in heads)


def test_slices_are_the_field_at_their_times() -> None:
    scene, tensors = random_scene(20), state()
    slices = deformed(scene, read_state(saved(tensors)), 4).slices
    assert slices is not None
    assert slices.quaternions is not None
    assert slices.log_scales is not None
    for k in range(4):
        for i in range(20):
            place, scale, turn = by_hand(tensors, scene.means[i].astype(float), k / 3)
            assert np.allclose(slices.means[k, i], scene.means[i] + place, atol=1e-5)
            assert np.allclose(slices.log_scales[k, i], scene.log_scales[i] + scale, atol=1e-5)
            quaternion = scene.quaternions[i] + turn
            assert np.allclose(slices.quaternions[k, i], quaternion / np.linalg.norm(quaternion), atol=1e-5)


class Hostile:
    """Code that would run were the file unpickled whole."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("executed",))


def without(name: str) -> State:
    return {key: value for key, value in state().items() if key != name}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "cannot be read"),
        (b"no checkpoint", "cannot be read"),
        (saved(state())[:-200], "cannot be read"),
        (saved({"a": Hostile()}), "cannot be read"),
        (saved([1]), "not a dictionary"),
        (saved(without("deformation_net.grid.aabb")), "lacks a tensor"),
        (saved(without("deformation_net.grid.grids.1.4")), "lacks a tensor"),
        (saved(without("deformation_net.pos_deform.3.bias")), "lacks a tensor"),
        (saved(state() | {"deformation_net.grid.aabb": torch.ones(3, 2)}), "wrong shape"),
        (saved(state() | {"deformation_net.pos_deform.3.bias": torch.full((3,), torch.nan)}), "not finite"),
        (saved(state() | {"deformation_net.feature_out.0.weight": torch.ones(8, 5)}), "do not match"),
    ],
)
def test_a_file_that_is_no_such_deformation_is_refused(
    content: bytes, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BackendError, match=sentence):
        read_state(content)
    assert "executed" not in capsys.readouterr().out


def _of_one_number(*shape: int) -> torch.Tensor:
    return torch.zeros(1).expand(*shape)


def _old_format(tensors: State) -> bytes:
    file = io.BytesIO()
    torch.save(tensors, file, _use_new_zipfile_serialization=False)
    return file.getvalue()


def _packed(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as plain, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in plain.namelist():
            archive.writestr(name, plain.read(name))
    return file.getvalue()


def _with_plane(plane: torch.Tensor) -> State:
    return {**state(), "deformation_net.grid.grids.0.0": plane}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (saved(_with_plane(_of_one_number(1, 3, 90_000, 90_000))), "larger than its data"),
        (saved(_with_plane(torch.zeros(1, 3, 5, 4, device="meta"))), "larger than its data"),
        (saved(_with_plane(torch.zeros(1, 3, 5, 4).to_sparse())), "larger than its data"),
        (saved({**state(), **dict.fromkeys(map(str, range(40)), torch.zeros(2000))}), "larger than the file"),
        (_packed(saved(state())), "is compressed"),
        (_old_format(state()), "cannot be read as tensors"),
    ],
)
def test_tensors_have_their_numbers_in_the_file(content: bytes, sentence: str) -> None:
    with pytest.raises(BackendError, match=sentence):
        read_state(content)
