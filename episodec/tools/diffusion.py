"""A pipeline of diffusers, loaded from a folder and asked: what all of them need, whatever they make.

It is loaded without the network and from safetensors alone. What the libraries raise is told as errors of ours.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from episodec.errors import BackendError, SettingsError

CPUS = 2  # Threads, which change the last bits of sums.

_FOREIGN = (
    *(OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, NameError, ImportError, RuntimeError),
    AssertionError,  # As torch says it that it was made without CUDA.
)

Pixels = Any  # NDArray[np.uint8]; numpy is not imported before something runs.


def load(kind: str, folder: Path, precision: Mapping[str, str]) -> Any:
    """The pipeline of this class, in main memory. precision: names of torch's types by component, or `default`.

    Raises:
        SettingsError: the folder's files make none.
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
        raise SettingsError(f"a {kind} cannot be loaded", facts=facts, hint="is the download complete?") from error
    return pipeline


def settle(pipeline: Any, device: str, *, offload: bool) -> None:
    """Bring it to the device, or, with `offload`, let each part come there for its turn only."""
    pipeline.set_progress_bar_config(disable=True)
    hint = "is there such a device? `device: cpu` in the settings of this machine does without"
    with translated("a pipeline cannot be brought to its device", hint):
        if offload:
            pipeline.enable_model_cpu_offload()
        else:
            pipeline.to(device)


def let_go() -> None:
    """Give the GPU's memory back that pipelines held which nobody refers to any more: the next tool may be another
    process.
    """
    import gc

    import torch

    gc.collect()  # Hooks that offload a pipeline's parts refer to each other.
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


@contextmanager
def translated(sentence: str, hint: str | None = None) -> Iterator[None]:
    """What a library raises inside becomes a BackendError of this sentence.

    Raises:
        BackendError: a library raised something.
    """
    try:
        yield
    except _FOREIGN as error:
        is_full = "out of memory" in str(error).lower()
        less = 'the GPU\'s memory is full: `offload: "yes"` in the settings of this machine, or a smaller picture'
        raise BackendError(sentence, facts={"error": _words(error)}, hint=less if is_full else hint) from error


def seeded(seed: int) -> Any:
    """A generator on the CPU: one stream of numbers on every device."""
    import torch

    return torch.Generator("cpu").manual_seed(seed)


def whole_prompt(tokenizer: Any, prompt: str, limit: int) -> None:
    """Nothing, if the model reads all of the prompt: what is too much, the pipelines leave out with a warning.

    Raises:
        BackendError: it is too long.
    """
    found = len(tokenizer(prompt, truncation=False, verbose=False).input_ids)
    if found > limit:
        facts = {"prompt": f"{prompt[:60]}…", "found": f"{found} tokens", "limit": f"{limit} tokens"}
        raise BackendError("a prompt is longer than the model reads", facts=facts)


def pixels(found: object, shape: tuple[int, ...], system: str) -> Pixels:
    """Eight bits of floats from 0 to 1 that have this shape. Asked for as arrays, since as images NaN would be black.

    Raises:
        BackendError: they have another, or some are no numbers.
    """
    import numpy as np

    floats = np.asarray(found)
    if floats.shape != shape or not np.isfinite(floats).all():
        facts = {"found": floats.shape, "wanted": shape, "finite": bool(np.isfinite(floats).all())}
        raise BackendError(f"{system} made something that is no picture", facts=facts)
    made: Pixels = (np.clip(floats, 0, 1) * 255).round().astype(np.uint8)
    return made


def is_whole(value: object) -> bool:
    """A whole number, not a truth value."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_within(value: object, least: float, most: float) -> bool:
    """A number from `least` to `most`; NaN is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
