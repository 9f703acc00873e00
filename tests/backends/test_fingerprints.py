"""Fingerprints against imports: a backend whose code leads to a package, or to our rasteriser, names its version."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import grimp
import pytest

from episodec.backends import BUILTIN
from episodec.digest import Canonical, Digest
from episodec.runner.loading import load
from episodec.splat import rasterise
from tests.splat.test_deformation import saved, state
from tests.standins.checks import Digests
from tests.standins.places import four_d, hunyuan3d, pulid, sharp

RASTERISER = "episodec.splat.rasterise"
NAMES = {
    "cv2": "opencv-python-headless",
    "llvmlite": "llvmlite",
    "numba": "numba",
    "scipy": "scipy",
    RASTERISER: "rasteriser",
}
"""What a fingerprint calls a module. numba's kernels are built by llvmlite."""

BESIDE = {
    "4dgaussians": {"opencv-python-headless", "scipy"},  # Charts share a module with those of measured films; ours
    "hybrid": {"opencv-python-headless"},  # alone starts from silhouettes.
    "hunyuan3d": {"scipy"},  # Of the module of a relief's surface, it takes the turning of flat Gaussians.
}
"""What a backend's modules import and the way to its output does not go through."""

RENDERERS = ("4dgaussians", "hunyuan3d", "hybrid", "mesh", "rasterise", "relief", "scene-check", "sharp", "sway")
OTHERS = ("check", "pulid", "stills")
WITH_MODELS = (
    "flux-img2img",
    "wan",
)  # Their fingerprints need checkpoints, and are asked for scipy in their own tests.
UNASKED = {"fish-speech", "hunyuan-foley", "stable-audio", "wan-generate", *WITH_MODELS}
"""Backends that are asked for their fingerprints in their own tests, beside the installations that these need."""


class Noted(Digests):
    """Digests of files as they are, and of which ones they were."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def of(self, path: str) -> Digest:
        self.read.append(path)
        return super().of(path)


@cache
def imports() -> Any:
    return grimp.build_graph("episodec", include_external_packages=True)


def led_to(name: str) -> set[str]:
    """What the backend's fingerprint has to name; imports inside functions count."""
    module = BUILTIN[name].partition(":")[0]
    return {NAMES[found] for found in imports().find_upstream_modules(module) & set(NAMES)}


def settings(name: str, root: Path) -> dict[str, str]:
    """Of an installation, where the backend needs one."""
    places = {"sharp": sharp, "hunyuan3d": hunyuan3d, "pulid": pulid}
    if name in places:
        return places[name](root)
    return four_d(root, saved(state())) if name == "4dgaussians" else {}


def test_the_fingerprint_tells_the_version_of_the_rasteriser() -> None:
    found = load(BUILTIN["rasterise"]).fingerprint({}, Digests())
    assert found.parts["rasteriser"] == rasterise.VERSION


@pytest.mark.parametrize("name", [*RENDERERS, *OTHERS])
def test_a_backend_names_what_its_code_leads_to(name: str, tmp_path: Path) -> None:
    found = load(BUILTIN[name]).fingerprint(settings(name, tmp_path), Digests())
    named = {part.removeprefix("our ") for part in found.parts}
    assert led_to(name) - named == BESIDE.get(name, set())


def test_no_backend_that_leads_to_them_is_left_out() -> None:
    assert {name for name in BUILTIN if "rasteriser" in led_to(name)} == set(RENDERERS)
    assert {name for name in BUILTIN if led_to(name)} == {*RENDERERS, *OTHERS, *WITH_MODELS}


def installed(parts: Mapping[str, Canonical]) -> Iterator[str]:
    """The files that installing other versions of these packages of ours would replace."""
    for part, version in parts.items():
        try:
            found = distribution(part.removeprefix("our "))
        except PackageNotFoundError:
            continue
        if found.version == version:
            yield from (
                str(found.locate_file(file)) for file in found.files or () if file.match("*.dist-info/METADATA")
            )


@pytest.mark.parametrize("name", sorted(set(BUILTIN) - UNASKED))
def test_all_that_a_fingerprint_was_read_from_is_watched(name: str, tmp_path: Path) -> None:
    digests = Noted()
    found = load(BUILTIN[name]).fingerprint(settings(name, tmp_path), digests)
    assert {*digests.read, *installed(found.parts)} - set(found.watches) == set()
