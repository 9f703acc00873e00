# ruff: noqa: ARG001, FBT001, FBT002  # The interface of other people's programs.
"""Stands in for PuLID's `flux/sampling.py`: shapes and schedule as there, numbers without torch."""

import math
from typing import Any

import numpy as np


class Latent(np.ndarray[Any, Any]):
    """An array that says where it lies and becomes another type, as torch's do."""

    device: Any = type("Device", (), {"type": "cuda"})

    def to(self, kind: Any) -> "Latent":
        return self


def get_noise(num_samples: int, height: int, width: int, device: Any, dtype: Any, seed: int) -> Any:
    shape = (num_samples, 16, 2 * math.ceil(height / 16), 2 * math.ceil(width / 16))
    return np.zeros(shape).view(Latent)  # Of its mean, which is all that is looked at.


def get_schedule(num_steps: int, image_seq_len: int, shift: bool = True) -> list[float]:
    assert shift
    return [1 - step / num_steps for step in range(num_steps + 1)]
