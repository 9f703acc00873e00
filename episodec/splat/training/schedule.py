"""The frame of each step of a training, fixed before the first step."""

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.splat.dataset import Dataset
from episodec.splat.training.settings import TrainSettings

NEAR = 0.01  # Of scene time: moving frames this near to the views' time are considered static.
OPENING = 0.5  # Of the fine steps: until then, the range of scene time is gradually widened.

Frames = NDArray[np.int64]

_DRAWN = 0


def schedule(dataset: Dataset, settings: TrainSettings) -> Frames:
    """(steps,): repeated passes through the training frames, each in a random order.

    Coarse steps use the views around the character, which show one moment; without any, all frames. Fine steps start
    with the moving frames nearest to that moment and gradually add the others: if large movements come first, the
    training takes moved matter for different matter, visible at both places.

    Raises:
        BackendError: there is nothing to learn from.
    """
    train, spatial = dataset.where("train"), dataset.where("train", "spatial")
    if not len(train):
        raise BackendError("the dataset has no frames to learn from")
    moment = float(np.median(dataset.times[spatial])) if len(spatial) else 0.5
    away = np.abs(dataset.times[train] - moment)
    is_one_moment = len(spatial) > 0 and float(np.ptp(dataset.times[spatial])) <= NEAR
    still = train[away <= NEAR] if is_one_moment else (spatial if len(spatial) else train)
    coarse = _rounds(settings, 0, settings.coarse_iterations, lambda _: still)
    opening = OPENING * settings.iterations

    def frames_near(done: int) -> Frames:
        reach = max(NEAR, float(away.max()) * (done + 1) / opening) if is_one_moment and done < opening else np.inf
        nearest = np.sort(away)[min(len(away) - 1, len(still) + 1)]  # At first, two that move.
        near_frames: Frames = train[away <= max(reach, nearest)]
        return near_frames

    return np.array([*coarse, *_rounds(settings, 1, settings.iterations, frames_near)], np.int64)


def _rounds(settings: TrainSettings, stage: int, steps: int, frames: object) -> list[int]:
    """`steps` frame numbers: each pass goes once through the frames allowed at its start."""
    assert callable(frames)
    frame_order: list[int] = []
    number = 0
    while len(frame_order) < steps:
        random = np.random.default_rng((settings.seed, _DRAWN, stage, number))
        frame_order += random.permutation(frames(len(frame_order))).tolist()
        number += 1
    return frame_order[:steps]
