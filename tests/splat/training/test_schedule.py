import dataclasses

import numpy as np
import pytest

from episodec.errors import BackendError
from episodec.splat.training.schedule import schedule
from episodec.splat.training.settings import TrainSettings
from tests.splat.training.moving import dataset

SETTINGS = TrainSettings(iterations=60, coarse_iterations=13)


def test_coarse_steps_look_at_the_views_of_one_moment_only() -> None:
    actual = schedule(dataset(views=6), SETTINGS)
    assert len(actual) == 73
    assert sorted(actual[:6]) == sorted(actual[6:12]) == list(range(6))
    assert actual[12] in range(6)


def test_fine_steps_let_in_the_frames_far_in_time_one_after_another() -> None:
    data = dataset(views=6, frames=8)
    actual = schedule(data, SETTINGS)[13:]
    away = np.abs(data.times[actual] - 0.5)
    assert away[:6].max() < 0.25
    assert away[:30].max() < 0.5
    assert set(actual[30:]) == set(data.where("train"))
    assert not set(actual) & set(data.where("test"))


def test_without_views_of_one_moment_every_frame_is_looked_at_from_the_start() -> None:
    data = dataset(views=6, frames=8)
    moving = dataclasses.replace(data, kinds=tuple("temporal" for _ in data.kinds))
    assert set(schedule(moving, SETTINGS)[:13]) == set(data.where("train"))
    spread = dataclasses.replace(data, times=np.linspace(0, 1, len(data.times)))
    assert set(schedule(spread, SETTINGS)[:6]) == set(data.where("train", "spatial"))
    assert len(set(schedule(spread, SETTINGS)[13:26])) == 13


def test_another_seed_gives_another_order_and_the_same_seed_the_same() -> None:
    first, again, other = (schedule(dataset(), dataclasses.replace(SETTINGS, seed=seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_dataset_without_frames_to_learn_from_is_refused() -> None:
    data = dataset()
    with pytest.raises(BackendError, match="no frames to learn from"):
        schedule(dataclasses.replace(data, splits=tuple("test" for _ in data.splits)), SETTINGS)
