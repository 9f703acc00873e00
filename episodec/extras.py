"""The extras of this package: their purpose, their distributions, and the error for one that is not installed.

Only this module knows which import needs which extra. It does not know which code imports what.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from episodec.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Extra:
    """One extra, as pyproject.toml declares it."""

    purpose: str
    brings: Mapping[str, str]  # Module to distribution.
    implies: tuple[str, ...] = ()  # Other extras that it installs.


EXTRAS: Mapping[str, Extra] = {
    "draft-voice": Extra(
        "the draft voice espeak-ng, and alignment for voices without phonemes", {"espeakng_loader": "espeakng-loader"}
    ),
    "piper": Extra(
        "the neural draft voice Piper, for local voice files",
        {"piper": "piper-tts", "onnx": "onnx", "onnxruntime": "onnxruntime"},
    ),
    "train": Extra("training scenes, and reading scenes trained by 4DGaussians", {"torch": "torch"}),
    "models": Extra(
        "FLUX, Wan and Stable Audio, from local checkpoints",
        {
            **{name: name for name in ("diffusers", "transformers", "tokenizers", "accelerate")},
            **{name: name for name in ("torchsde", "ftfy", "peft")},
        },
        ("train",),
    ),
    "cuda": Extra("training on an NVIDIA GPU", {"gsplat": "gsplat"}, ("train",)),
    "ray": Extra("nothing yet: reserved for builds on several machines", {"ray": "ray"}),
    "cache": Extra("a cache that machines share", {"obstore": "obstore", "cryptography": "cryptography"}),
}


def installed(*names: str) -> tuple[Any, ...]:
    """The metadata of these distributions, from importlib.metadata; none of them is imported.

    Raises:
        SettingsError: some are not installed; it names all of them.
    """
    from importlib.metadata import PackageNotFoundError, distribution  # 20 ms, which a no-op build does not pay.

    distributions, absent = [], []
    for name in names:
        try:
            distributions.append(distribution(name))
        except PackageNotFoundError:
            absent.append(name)
    if absent:
        raise not_installed(absent)
    return tuple(distributions)


def lacks(extra: str) -> tuple[str, ...]:
    """The distributions of an extra that are not installed, not counting those of the extras that it implies."""
    from importlib.metadata import PackageNotFoundError, version

    absent = []
    for name in EXTRAS[extra].brings.values():
        try:
            version(name)
        except PackageNotFoundError:
            absent.append(name)
    return tuple(absent)


def to_install(*extras: str) -> str:
    """The command that installs these extras; one that another of them implies is left out."""
    implied = {each for name in extras for each in EXTRAS[name].implies}
    return f"pip install 'episodec[{','.join(name for name in extras if name not in implied)}]'"


def not_installed(distributions: Iterable[str]) -> SettingsError:
    """The error for distributions that are not installed, with the extras that provide them."""
    names = tuple(distributions)
    owners = {name: extra for extra, one in EXTRAS.items() for name in one.brings.values()}
    extras = tuple(dict.fromkeys(owners[name] for name in names if name in owners))
    others = [name for name in names if name not in owners]
    lines = [*([to_install(*extras)] if extras else []), *(["pip install " + " ".join(others)] if others else [])]
    facts = {"extra" if len(extras) == 1 else "extras": ", ".join(extras)} if extras else {}
    sentence = f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} not installed"
    return SettingsError(sentence, facts=facts, hint="; ".join(lines))


def absent_of(reached: Mapping[str, object], extras: Iterable[str]) -> list[str]:
    """The distributions of these extras that code reaches and that are not installed.

    `reached`: the packages of a fingerprint; a module that no installed package provides is `module NAME`, with None.
    """
    brought = [pair for extra in extras for pair in EXTRAS[extra].brings.items()]
    return [each for module, each in brought if reached.get(f"module {module}", each) is None]


def missing_extra_error(error: BaseException) -> SettingsError | None:
    """The error for a failed import of something that an extra provides; None for any other error.

    A missing module of an installed package is another error: that package is broken.
    """
    name = error.name if isinstance(error, ModuleNotFoundError) else None
    brought = {module: each for one in EXTRAS.values() for module, each in one.brings.items()}
    return not_installed([brought[name]]) if name in brought else None
