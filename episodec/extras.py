"""The extras of this package: what each is for, what it brings, and how to tell that one is not installed.

Which import of ours needs which extra is known here alone. It does not know who imports what.
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
        "the draft voice espeak-ng, and aligning voices that tell no phonemes", {"espeakng_loader": "espeakng-loader"}
    ),
    "piper": Extra(
        "the neural draft voice Piper, for voice files of this machine",
        {"piper": "piper-tts", "onnx": "onnx", "onnxruntime": "onnxruntime"},
    ),
    "train": Extra("training scenes, and reading those that 4DGaussians has trained", {"torch": "torch"}),
    "models": Extra(
        "FLUX, Wan and Stable Audio, from local checkpoints",
        {
            **{name: name for name in ("diffusers", "transformers", "tokenizers", "accelerate")},
            **{name: name for name in ("torchsde", "ftfy", "peft")},
        },
        ("train",),
    ),
    "cuda": Extra("training on an NVIDIA GPU", {"gsplat": "gsplat"}, ("train",)),
    "ray": Extra("nothing yet: held for builds over several machines", {"ray": "ray"}),
    "cache": Extra("nothing yet: held for a cache that machines share", {"obstore": "obstore"}),
}


def installed(*names: str) -> tuple[Any, ...]:
    """These distributions, as importlib.metadata has them; none of them is imported.

    Raises:
        SettingsError: some are not installed; all of them are named.
    """
    from importlib.metadata import PackageNotFoundError, distribution  # 20 ms, which a no-op build does not pay.

    found, absent = [], []
    for name in names:
        try:
            found.append(distribution(name))
        except PackageNotFoundError:
            absent.append(name)
    if absent:
        raise not_installed(absent)
    return tuple(found)


def lacks(extra: str) -> tuple[str, ...]:
    """The distributions of an extra that are not installed; those of extras that it implies are theirs."""
    from importlib.metadata import PackageNotFoundError, version

    absent = []
    for name in EXTRAS[extra].brings.values():
        try:
            version(name)
        except PackageNotFoundError:
            absent.append(name)
    return tuple(absent)


def to_install(*extras: str) -> str:
    """The line to type. An extra that another one of them implies is left out."""
    implied = {each for name in extras for each in EXTRAS[name].implies}
    return f"pip install 'episodec[{','.join(name for name in extras if name not in implied)}]'"


def not_installed(distributions: Iterable[str]) -> SettingsError:
    """The error that tells that these are not installed, with the extras that bring them."""
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

    `reached`: what fingerprints say of packages; a module that nothing installed has is `module NAME`, with None.
    """
    brought = [pair for extra in extras for pair in EXTRAS[extra].brings.items()]
    return [each for module, each in brought if reached.get(f"module {module}", each) is None]


def told(error: BaseException) -> SettingsError | None:
    """The error that tells a failed import of what an extra brings; None where it is another error.

    A module of an installed package that cannot be found is another error: that package is broken.
    """
    name = error.name if isinstance(error, ModuleNotFoundError) else None
    brought = {module: each for one in EXTRAS.values() for module, each in one.brings.items()}
    return not_installed([brought[name]]) if name in brought else None
