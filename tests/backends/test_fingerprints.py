"""The parts of our backends in keys: derived from their code, without a list of names."""

from pathlib import Path
from typing import Any

import pytest

from episodec.backends import BUILTIN
from episodec.digest import Digest
from episodec.page import viewer
from episodec.runner.loading import load
from tests.closure.trees import OURS, Tree
from tests.splat.test_deformation import saved, state
from tests.standins.checks import Digests
from tests.standins.places import four_d, hunyuan3d, latentsync, pulid, sharp

PACKAGES = {
    "captions": set[str](),
    "concat": {"av"},
    "espeak": {"numpy", "soxr"},
    "overlay": {"numpy", "pillow"},
    "x264": {"av", "numpy", "pillow"},
    "mix": {"numpy", "soundfile", "cffi"},
    "rasterise": {"av", "numba", "llvmlite", "numpy"},
    "relief": {"opencv-python-headless", "pillow", "scipy", "numba"},
    "hybrid": {"torch", "numba", "pillow", "scipy"},
    "flux-img2img": {"diffusers", "torch", "safetensors", "scipy"},
    "wan": {"diffusers", "torch", "safetensors", "scipy"},
}
"""Some dependencies of their results: found through imports, and what those distributions need."""

WEB = {".css", ".js"}
UNASKED = {"fish-speech", "hunyuan-foley", "piper", "stable-audio", "wan-generate", "flux-img2img", "wan"}
"""Backends that are asked for their fingerprints in their own tests, beside the installations that these need."""


class RecordingDigests(Digests):
    """Digests of files as they are, and of which ones they were."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def of(self, path: str) -> Digest:
        self.read.append(path)
        return super().of(path)


def settings(name: str, root: Path) -> dict[str, str]:
    """Of an installation, where the backend needs one."""
    places = {"sharp": sharp, "hunyuan3d": hunyuan3d, "pulid": pulid, "latentsync": latentsync}
    if name in places:
        return places[name](root)
    return four_d(root, saved(state())) if name == "4dgaussians" else {}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return Tree(tmp_path_factory.mktemp("tree"), is_whole=True)


@pytest.mark.parametrize("name", PACKAGES)
def test_distributions_are_found_by_imports(tree: Tree, name: str) -> None:
    actual = tree.decided(BUILTIN[name])
    assert PACKAGES[name] - set(actual.packages) == set()
    assert {path.rpartition("/")[2] for path in actual.watches} <= {"METADATA"}
    assert not {"torch", "pytest"} & set(actual.packages) or name in {"hybrid", "flux-img2img", "wan"}


@pytest.mark.parametrize("name", BUILTIN)
def test_code_is_followed_to_where_it_lies_and_no_further(tree: Tree, name: str) -> None:
    actual = tree.decided(BUILTIN[name])
    module, _, kind = BUILTIN[name].partition(":")
    assert {f"{module}.{kind}", "episodec.engine.backend.WorkOrder"} <= set(actual.symbols)
    assert f"{module}.{kind}" in actual.own
    assert len(actual.own) < len(actual.symbols)
    rooms = {symbol.split(".")[1] for symbol in actual.symbols}
    assert not rooms & {
        "spec",
        "stages",
        "project",
        "building",
        "series",
        "cli",
        "report",
        "questions",
        "executors",
        "contracts",
    }
    assert "episodec.backends.BUILTIN" not in actual.symbols
    assert str(OURS / "runner/perform.py") in actual.code


def test_programs_and_files_are_named_so_that_they_count(tree: Tree) -> None:
    code = tree.code()
    reached = {path for target in BUILTIN.values() for path in code.decided(target, None).code}
    beside = {str(path) for path in OURS.glob("backends/**/*") if path.is_file() and path.name == "driver.py"}
    assert len(beside) >= 6
    assert beside <= reached


@pytest.mark.parametrize("name", ["overlay", "x264"])
def test_the_font_of_burnt_captions_counts(tree: Tree, name: str) -> None:
    assert str(OURS / "drawings/caption_font.ttf") in tree.decided(BUILTIN[name]).code


def test_no_backend_opens_files_of_its_folder_that_nobody_named(tree: Tree) -> None:
    code = tree.code()
    symbols = {symbol for target in BUILTIN.values() for symbol in code.decided(target, None).symbols}
    named = {
        "episodec.drawings/caption_font.ttf",
        "episodec.face.data/face_landmark.tflite",
        "episodec.face.data/head.bin",
        *(f"episodec.page.viewer/{path.name}" for path in Path(viewer.__file__).parent.iterdir() if path.suffix in WEB),
    }
    assert {symbol for symbol in symbols if "/" in symbol} == named


@pytest.mark.parametrize("name", sorted(set(BUILTIN) - UNASKED))
def test_all_that_a_fingerprint_was_read_from_is_watched(name: str, tmp_path: Path) -> None:
    digests = RecordingDigests()
    actual = load(BUILTIN[name]).fingerprint(settings(name, tmp_path), digests)
    assert set(digests.read) - set(actual.watches) == set()


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name in after if before[name] != after[name]}


def test_a_pace_of_the_voice_makes_its_results_anew_and_what_is_aligned_with_it_and_nobody_elses(
    tmp_path: Path,
) -> None:
    # 5a874fd did so, nobody raised a number, and old speech was served.
    tree = Tree(tmp_path).copy_ours()
    before = tree.changed()
    edit(tree, "backends/espeak/speaking.py", "(165, 15.8, 14.9)", "(165, 15.5, 14.9)")
    assert changed(before, tree.changed()) == {"align", "espeak"}


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("backends/__init__.py", '    "4dgaussians"', '    "another": "episodec.backends.aac:Aac",\n    "4dgaussians"'),
        ("errors.py", "class UsageError(", "class Unheard(EpisodecError):\n    exit_code = 7\n\n\nclass UsageError("),
        (
            "engine/executor.py",
            "    def offer(self",
            "    def beat(self) -> None:\n        print(1)\n\n    def offer(self",
        ),
        ("audio/wav.py", '"""', '"""Another docstring. '),
        ("stages/mix.py", "def ", "LIMIT = 3\n\n\ndef "),
        # What outputs are held against decides whether a result is kept, never its bytes.
        ("contracts/sound_files.py", "channels=1, length=None", "channels=2, length=None"),
        ("contracts/sound_stages.py", "Integer(0)", "Integer(1)"),
        ("executors/worker.py", "serve(hold)", "serve(lambda order: hold(order))"),
    ],
)
def test_what_decides_no_result_makes_nothing_anew(tmp_path: Path, file: str, old: str, new: str) -> None:
    tree = Tree(tmp_path).copy_ours()
    before = tree.changed()
    edit(tree, file, old, new)
    assert changed(before, tree.changed()) == set()


def test_the_loop_that_performs_orders_counts_for_all(tmp_path: Path) -> None:
    tree = Tree(tmp_path).copy_ours()
    before = tree.changed()
    edit(tree, "runner/environment.py", '"OMP_DYNAMIC": "FALSE"', '"OMP_DYNAMIC": "TRUE"')
    assert changed(before, tree.changed()) == set(BUILTIN)


def edit(tree: Tree, file: str, old: str, new: str) -> None:
    path = tree.root / "episodec" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
