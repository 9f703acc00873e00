"""Errors of libraries, translated to our own."""

from typing import NoReturn

import pytest

from episodec.errors import BackendError
from episodec.tools.diffusion import settle


class Unbuilt:
    """A pipeline on a torch that was made without CUDA."""

    def set_progress_bar_config(self, *, disable: bool) -> None:
        assert disable

    def to(self, device: str) -> NoReturn:
        raise AssertionError(f"Torch not compiled with {device.upper()} enabled")


def test_a_torch_without_cuda_is_told_as_the_device_it_lacks() -> None:
    with pytest.raises(BackendError, match="cannot move a pipeline to its device") as caught:
        settle(Unbuilt(), "cuda", offload=False)
    assert caught.value.facts == {"error": "AssertionError: Torch not compiled with CUDA enabled"}
    assert caught.value.hint is not None
    assert "device: cpu" in caught.value.hint
