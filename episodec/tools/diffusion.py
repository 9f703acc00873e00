"""Loads and runs diffusers pipelines from a folder: the parts that all of them need.

They are loaded offline and from safetensors only. Exceptions of the libraries become errors of episodec.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from episodec.errors import BackendError, SettingsError

CPUS = 2  # Threads; their number changes the last bits of sums.

_FOREIGN = (
    *(OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, NameError, ImportError, RuntimeError),
    AssertionError,  # torch raises it when it was built without CUDA.
)

Pixels = Any  # NDArray[np.uint8]; numpy is only imported when something runs.


def load(kind: str, folder: Path, precision: Mapping[str, str]) -> Any:
    """The pipeline of this class, in main memory. precision: names of torch dtypes by component, or `default`.

    Raises:
        SettingsError: it cannot be loaded from the folder.
    """
    import diffusers
    import torch

    torch.set_num_threads(CPUS)
    types = {name: getattr(torch, each) for name, each in precision.items()}
    try:
        pipeline = getattr(diffusers, kind).from_pretrained(
            str(folder), local_files_only=True, use_safetensors=True, dtype=types
        )
    except _FOREIGN as error:
        facts = {"folder": folder, "error": _words(error)}
        raise SettingsError(f"cannot load a {kind}", facts=facts, hint="is the download complete?") from error
    return pipeline


def settle(pipeline: Any, device: str, *, offload: bool) -> None:
    """Move the pipeline to the device or, with `offload`, each part only while it is in use."""
    pipeline.set_progress_bar_config(disable=True)
    hint = "is there such a device? to run without one: `device: cpu` in this machine's settings"
    with translated("cannot move a pipeline to its device", hint):
        if offload:
            pipeline.enable_model_cpu_offload()
        else:
            pipeline.to(device)


def let_go() -> None:
    """Free the GPU memory of pipelines without references: the next tool may be another process."""
    import gc

    import torch

    gc.collect()  # The hooks that offload a pipeline's parts form reference cycles.
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


@contextmanager
def translated(sentence: str, hint: str | None = None) -> Iterator[None]:
    """Translate what a library raises inside into a BackendError with this sentence.

    Raises:
        BackendError: a library raised an exception.
    """
    try:
        yield
    except _FOREIGN as error:
        is_full = "out of memory" in str(error).lower()
        less = "the GPU's memory is full: set `offload: \"yes\"` in this machine's settings, or use a smaller picture"
        raise BackendError(sentence, facts={"error": _words(error)}, hint=less if is_full else hint) from error


def seeded(seed: int) -> Any:
    """A generator on the CPU, so the numbers are the same on every device."""
    import torch

    return torch.Generator("cpu").manual_seed(seed)


def whole_prompt(tokenizer: Any, prompt: str, limit: int) -> None:
    """Check that the model reads all of the prompt: pipelines truncate a longer one with no more than a warning.

    Raises:
        BackendError: the prompt is too long.
    """
    token_count = len(tokenizer(prompt, truncation=False, verbose=False).input_ids)
    if token_count > limit:
        facts = {"prompt": f"{prompt[:60]}…", "found": f"{token_count} tokens", "limit": f"{limit} tokens"}
        raise BackendError("a prompt is longer than the model can read", facts=facts)


def pixels(output: object, shape: tuple[int, ...], system: str) -> Pixels:
    """Floats from 0 to 1 as 8 bits. Pipelines return them as arrays, because NaN in an image would become black.

    Raises:
        BackendError: they have another shape, or some are not finite.
    """
    import numpy as np

    floats = np.asarray(output)
    if floats.shape != shape or not np.isfinite(floats).all():
        facts = {"found": floats.shape, "wanted": shape, "finite": bool(np.isfinite(floats).all())}
        raise BackendError(f"{system} did not make a valid picture", facts=facts)
    rgb: Pixels = (np.clip(floats, 0, 1) * 255).round().astype(np.uint8)
    return rgb


def is_whole(value: object) -> bool:
    """Whether this is an integer and not a boolean."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_within(value: object, least: float, most: float) -> bool:
    """Whether this is a number from `least` to `most`; False for NaN."""
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
