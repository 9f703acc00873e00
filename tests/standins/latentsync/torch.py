"""Stands in for torch in the stand-in of LatentSync: seeds, and arrays with the methods that tensors have."""

from types import SimpleNamespace
from typing import Any

import numpy as np

Number = float

cuda = SimpleNamespace(is_available=lambda: False)
SEEDS: list[int] = []


class Tensor(np.ndarray[Any, Any]):
    def float(self) -> Any:
        return self.astype(np.float32)

    def cpu(self) -> Any:
        return self

    def clamp(self, low: Number, high: Number) -> Any:
        return np.clip(self, low, high)

    def byte(self) -> Any:
        return self.astype(np.uint8)

    def permute(self, *axes: int) -> Any:
        return self.transpose(axes)

    def contiguous(self) -> Any:
        return np.ascontiguousarray(self).view(Tensor)

    def numpy(self) -> Any:
        return np.asarray(self)


def from_numpy(array: Any) -> Any:
    return array.view(Tensor)


def manual_seed(seed: int) -> None:
    SEEDS.append(seed)
