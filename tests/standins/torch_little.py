"""Stands in for torch where a driver asks it for a type, a seed or a file: the real one takes seconds to import."""

import io
import pickle
import random
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

float16, bfloat16 = "float16", "bfloat16"
cuda = SimpleNamespace(empty_cache=lambda: None, is_available=lambda: False)


class Generator:
    def __init__(self, device: str = "cpu") -> None:
        self.device, self.seed = device, 0

    def manual_seed(self, seed: int) -> Self:
        self.seed = seed
        return self


def manual_seed(seed: int) -> None:
    random.seed(f"torch {seed}")


@contextmanager
def device(_name: str) -> Iterator[None]:
    """Where tensors are made that are made within."""
    yield


def zeros(count: int) -> Any:
    import numpy as np

    return np.zeros(count, np.float32)


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


def save(value: object, path: Path | str) -> None:
    """As torch does: a pickle in a zip archive, whose table of contents comes last."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(value))
        archive.writestr("archive/data/0", bytes(1000))  # A tensor.


def load(path: Path | str, *, weights_only: bool = True) -> Any:
    """As torch does from 2.6 on: asked for weights only, it makes no object of any other library's."""
    with zipfile.ZipFile(path) as archive:
        content = archive.read("archive/data.pkl")
        archive.read("archive/data/0")
    return (_WeightsOnly if weights_only else pickle.Unpickler)(io.BytesIO(content)).load()


class _WeightsOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(
            "Weights only load failed. (1) In PyTorch 2.6, we changed the default value of the `weights_only` argument "
            "in `torch.load` from `False` to `True`. WeightsUnpickler error: "
            f"Unsupported global: GLOBAL {module}.{name} was not an allowed global by default."
        )
