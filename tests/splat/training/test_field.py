import io
from dataclasses import replace

import numpy as np
import pytest
import torch

from episodec.splat.deformation import deformed, read_state
from episodec.splat.training.field import DeformationField, field_of, new_field, write_state
from episodec.splat.training.settings import FieldSize
from tests.splat.scenes import random_scene
from tests.splat.test_deformation import state as theirs

SMALL = FieldSize(channels=4, side=8, time_nodes=5, levels=2, width=16)


def field(size: FieldSize = SMALL) -> DeformationField:
    return new_field(torch.tensor([-1.5, -1.2, -1.6]), torch.tensor([1.5, 1.4, 1.3]), size, 3)


def stirred(channels: int = 4) -> DeformationField:
    """A field that moves things."""
    actual = field(replace(SMALL, channels=channels))
    torch.manual_seed(1)
    with torch.no_grad():
        for tensor in actual.trained():
            tensor.add_(0.1 * torch.randn(tensor.shape))
    return actual


def check_same_movement(field: DeformationField, content: bytes) -> None:
    scene = random_scene(50)
    slices = deformed(scene, read_state(content), 5).slices
    assert slices is not None
    assert slices.quaternions is not None
    assert slices.log_scales is not None
    parts = (scene.means, scene.quaternions, scene.log_scales)
    means, quaternions, log_scales = (torch.from_numpy(np.array(part)) for part in parts)
    still = (means, quaternions, log_scales)
    for k in range(5):
        places, turns, sizes = (part.detach().numpy() for part in field.moved(still, k / 4))
        turns = turns / np.linalg.norm(turns, axis=1, keepdims=True)
        assert np.abs(places - scene.means).max() > 1e-3
        assert np.allclose(places, slices.means[k], atol=2e-5)
        assert np.allclose(turns, slices.quaternions[k], atol=2e-5)
        assert np.allclose(sizes, slices.log_scales[k], atol=2e-5)


@pytest.mark.parametrize("channels", [4, 8])  # By torch, by our kernels.
def test_what_a_field_writes_moves_gaussians_as_it_does(channels: int) -> None:
    actual = stirred(channels)
    check_same_movement(actual, write_state(actual.state()))


def test_a_checkpoint_of_4dgaussians_moves_gaussians_as_its_reader_says() -> None:
    buffer = io.BytesIO()
    torch.save(theirs(), buffer)
    check_same_movement(field_of(read_state(buffer.getvalue())), buffer.getvalue())


def test_a_field_comes_back_from_its_file_whole() -> None:
    actual = stirred().state()
    again = field_of(read_state(write_state(actual))).state()
    assert again.keys() == actual.keys()
    assert all(torch.equal(again[name], tensor) for name, tensor in actual.items())


def test_the_file_has_every_tensor_of_a_4dgaussians_checkpoint() -> None:
    # Its `lego` settings; names, shapes and their sum are those of a checkpoint that its own code made.
    actual = field(FieldSize(channels=32, side=64, time_nodes=13, levels=2, width=64)).state()
    assert sum(tensor.numel() for tensor in actual.values()) == 2_458_419
    assert actual["deformation_net.grid.grids.1.4"].shape == (1, 32, 25, 128)
    assert actual["deformation_net.shs_deform.3.weight"].shape == (48, 64)
    assert actual["timenet.2.weight"].shape == (32, 64)
    assert actual["deformation_net.grid.aabb"].tolist()[0] == actual["deformation_net.grid.aabb"].max(dim=0)[0].tolist()


def test_a_new_field_moves_nothing() -> None:
    still = (torch.rand(20, 3), torch.rand(20, 4), torch.rand(20, 3))
    for before, after in zip(still, field().moved(still, 0.3), strict=True):
        assert torch.equal(before, after)


def test_roughness_looks_at_the_rows_of_time_that_are_used() -> None:
    actual = field()
    with torch.no_grad():
        for plane in actual.planes:
            plane.fill_(1)
        actual.planes[2][:4] = torch.rand(4, 8, 4)  # Of nine rows the last five are used.
        assert [float(part) for part in actual.roughness()] == [0, 0]
        actual.planes[2][6] = 3
        space, time = actual.roughness()
    assert float(space) == 0
    assert float(time) > 1
