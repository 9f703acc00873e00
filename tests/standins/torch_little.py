"""Stands in for torch where a driver asks it for a type or a seed: the real one takes seconds to import."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Self

float16, bfloat16 = "float16", "bfloat16"
cuda = SimpleNamespace(empty_cache=lambda: None)


class Generator:
    def __init__(self, device: str = "cpu") -> None:
        self.device, self.seed = device, 0

    def manual_seed(self, seed: int) -> Self:
        self.seed = seed
        return self


def manual_seed(seed: int) -> None:
    random.seed(f"torch {seed}")


@contextmanager
def autocast(device_type: str, dtype: str) -> Iterator[None]:
    assert (device_type, dtype) == ("cuda", bfloat16)
    yield


def from_numpy(array: Any) -> Any:
    """An array that turns its axes and lies on a device, as torch's do."""
    import numpy as np

    class Tensor(np.ndarray[Any, Any]):
        def permute(self, *axes: int) -> Any:
            return self.transpose(axes)

        def to(self, device: Any) -> Any:
            return self

    return array.view(Tensor)


def chunk(array: Any, pieces: int, dim: int) -> Any:
    import numpy as np

    return np.split(array, pieces, axis=dim)
