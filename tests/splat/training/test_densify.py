import math

import numpy as np
import torch

from episodec.splat.scene import Scene
from episodec.splat.training.densify import PULL, Growth, grow
from episodec.splat.training.field import new_field
from episodec.splat.training.settings import FieldSize
from episodec.splat.training.state import TrainingState, begun

SIZE_M = 1.0
SMALL_M, LARGE_M = 0.005, 0.1


def state(scales_m: list[float], opacities: list[float], pulls: list[float]) -> TrainingState:
    count = len(scales_m)
    scene = Scene(
        np.arange(3 * count, dtype=np.float32).reshape(count, 3),
        np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
        np.log(np.repeat(np.array(scales_m, np.float32)[:, None], 3, axis=1)),
        np.array([math.log(one / (1 - one)) for one in opacities], np.float32),
        np.zeros((count, 1, 3), np.float32),
    )
    actual = begun(scene, new_field(-torch.ones(3), torch.ones(3), FieldSize(2, 4, 3, 1, 4), 0))
    for name in ("means", "sh0"):
        tensor = actual.splats[name]
        tensor.grad = torch.arange(tensor.numel(), dtype=torch.float32).view_as(tensor) + 1
        actual.adams[name].step()
    actual.gradients[:] = torch.tensor(pulls) * 4
    actual.seen_counts[:] = 4
    return actual


def grown(state: TrainingState, most: int) -> TrainingState:
    grow(state, most, SIZE_M, np.random.default_rng(0))
    return state


def test_a_small_one_that_is_pulled_hard_is_doubled() -> None:
    actual = grown(state([SMALL_M] * 3, [0.5] * 3, [0, 3 * PULL, 0]), 10)
    assert actual.splats["means"].tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [3, 4, 5]]


def test_a_large_one_that_is_pulled_hard_is_split_into_two_smaller_ones_inside_of_it() -> None:
    actual = grown(state([LARGE_M] * 3, [0.5] * 3, [0, 3 * PULL, 0]), 10)
    means = actual.splats["means"].detach()
    assert means[:2].tolist() == [[0, 1, 2], [6, 7, 8]]
    assert torch.allclose(actual.splats["scales"][2:].exp(), torch.tensor(LARGE_M / 1.6))
    away = (means[2:] - torch.tensor([3.0, 4.0, 5.0])).norm(dim=1)
    assert ((away > 0) & (away < 5 * LARGE_M)).all()


def test_what_is_hardly_visible_goes_and_what_is_pulled_little_stays_one() -> None:
    actual = grown(state([SMALL_M] * 3, [0.5, 0.004, 0.5], [0.5 * PULL, 9 * PULL, 0.9 * PULL]), 10)
    assert actual.splats["means"].tolist() == [[0, 1, 2], [6, 7, 8]]


def test_the_hardest_pulled_come_first_up_to_the_greatest_number() -> None:
    actual = grown(state([SMALL_M] * 4, [0.5] * 4, [2 * PULL, 5 * PULL, 3 * PULL, 4 * PULL]), 6)
    assert actual.splats["means"][4:].tolist() == [[3, 4, 5], [9, 10, 11]]


def test_momentum_stays_with_whose_it_is_and_is_none_for_new_ones() -> None:
    before = state([SMALL_M] * 3, [0.5, 0.004, 0.5], [9 * PULL, 0, 0])
    moments = before.adams["means"].state[before.splats["means"]]["exp_avg"].clone()
    actual = grown(before, 10)
    parameter = actual.splats["means"]
    kept = actual.adams["means"].state[parameter]
    assert actual.adams["means"].param_groups[0]["params"] == [parameter]
    assert torch.equal(kept["exp_avg"], torch.stack([moments[0], moments[2], torch.zeros(3)]))
    assert int(kept["step"]) == 1
    assert len(actual.gradients) == len(actual.seen_counts) == actual.count == 3


def test_growth_is_due_every_so_many_steps_of_its_range() -> None:
    assert [step for step in range(1, 70) if Growth(20, 60, 10).is_due(step)] == [20, 30, 40, 50]
