"""Kept kernels: what a process runs is what its sources say."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from episodec.kernel_files import digest_of, keep, kernels_folder, read_kept, sources_of
from tests.shared_cache import SHARED_CACHE

ROOT = Path(__file__).parents[2]
SPLAT = ROOT / "episodec" / "splat"
KERNEL_FILES = [
    path
    for folder in (SPLAT, ROOT / "episodec" / "face")
    for path in folder.rglob("*.py")
    if "\n@kernel\n" in path.read_text(encoding="utf-8")
]

PICTURE = """
from episodec.splat.rasterise import render
from tests.splat.scenes import random_scene, view
print(render(random_scene(50), view(32, 32)).tobytes().hex())
"""

# A package of one kernel, compiled in a moment.
TOY = {
    "__init__.py": "",
    "__main__.py": "from toy.kernels import scaled\nprint(scaled(3))\n",
    "kernels.py": (
        "from episodec.compiled import kernel\nfrom toy.deep import FACTOR\n\n\n"
        "@kernel\ndef scaled(number):\n    return number * FACTOR\n"
    ),
    "deep/__init__.py": "from .numbers import FACTOR\n",
    "deep/numbers.py": "FACTOR = 2\n",
    "aside.py": "FACTOR = 5\n",
}


def ran(folder: Path, cache: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """The output of a program that finds modules in a folder first and keeps kernels in a cache folder."""
    there = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
        # Python itself does not see an edit that leaves a file's length and the second of its change as they were.
        "PYTHONDONTWRITEBYTECODE": "1",
        "XDG_CACHE_HOME": str(cache),
        **(environment or {}),
    }
    done = subprocess.run(
        [sys.executable, *arguments], env=there, cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def kept(cache: Path) -> set[str]:
    """Kept kernels, by their folder and name."""
    there = (cache / "episodec" / "kernels").glob("*/*")
    return {f"{path.parent.name}/{path.name}" for path in there if not path.is_symlink()}


def edit(path: Path, old: str, new: str) -> None:
    """Edit a file, and wait: a process that starts less than a tick of its clock later keeps nothing."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    time.sleep(0.05)


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """The folder of the package."""
    for name, text in TOY.items():
        path = tmp_path / "source" / "toy" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "source"


def test_a_changed_constant_of_another_file_compiles_the_rasteriser_anew_and_an_edit_of_ply_does_not(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    assert pytestconfig.cache is not None
    source, cache = tmp_path, pytestconfig.cache.mkdir("kernels")  # Minutes of compiling, over many runs of the tests.
    shutil.copytree(ROOT / "episodec", source / "episodec", ignore=shutil.ignore_patterns("__pycache__"))
    with suppress(OSError):  # What other tests have compiled; one of them may be about to keep another.
        shutil.copytree(Path(SHARED_CACHE, "episodec"), cache / "episodec", symlinks=True, dirs_exist_ok=True)
    picture = ran(source, cache, "-c", PICTURE)
    before = kept(cache)
    edit(source / "episodec/splat/ply.py", "import math", "import math\n")
    assert ran(source, cache, "-c", PICTURE) == picture
    assert kept(cache) == before
    # Only names change places: a kernel that knew the old ones would read another column.
    edit(source / "episodec/splat/project.py", "LEAN_X, LEAN_Y = 4, 5", "LEAN_X, LEAN_Y = 5, 4")
    assert ran(source, cache, "-c", PICTURE) == picture
    compiled = {
        name.split("-")[0].split("/")[1]
        for file in ("project", "tiles")
        for name in kept(cache)
        if name.startswith(digest_of(str(source / f"episodec/splat/{file}.py")))
    }
    assert compiled == {"project", "depth_order", "count_tiles", "fill_tiles", "blend_tiles"}
    assert digest_of(str(source / "episodec/splat/project.py")) != digest_of(str(SPLAT / "project.py"))


@pytest.mark.parametrize("file", KERNEL_FILES, ids=lambda path: path.stem)
def test_kernel_files_reach_no_more_than_kernels(file: Path) -> None:
    names = {Path(path).relative_to(ROOT).as_posix() for path in sources_of(str(file))}
    assert {file.relative_to(ROOT).as_posix(), "episodec/compiled.py"} <= names
    assert not names & {"episodec/splat/ply.py", "episodec/splat/scene.py", "episodec/errors.py"}
    assert "import episodec" not in file.read_text(encoding="utf-8")  # Its attributes could be any module's names.


def test_each_kernel_has_a_file_that_is_watched() -> None:
    assert {path.stem for path in KERNEL_FILES} >= {
        "project",
        "tiles",
        "blend_back",
        "windows",
        "plane_kernels",
        "raster",
        "plate",
    }


def test_a_kernel_is_compiled_once_for_all_processes_and_anew_when_its_file_is_damaged(
    toy: Path, tmp_path: Path
) -> None:
    shutil.copytree(toy, tmp_path / "other")
    assert ran(toy, tmp_path, "-m", "toy") == "6"
    (name,) = kept(tmp_path)
    path = tmp_path / "episodec" / "kernels" / name
    whole, written = path.read_bytes(), path.stat().st_ino
    assert ran(tmp_path / "other", tmp_path, "-m", "toy") == "6"  # Equal sources, wherever they lie.
    assert kept(tmp_path) == {name}
    assert path.stat().st_ino == written
    path.write_bytes(whole[:-100] + bytes(100))
    assert ran(toy, tmp_path, "-m", "toy") == "6"
    assert len(path.read_bytes()) == len(whole)
    assert path.stat().st_ino != written
    assert kept(tmp_path) == {name}


def test_processors_do_not_share_theirs(toy: Path, tmp_path: Path) -> None:
    for processor in ("x86-64-v2", "x86-64"):
        there = {"NUMBA_CPU_NAME": processor, "NUMBA_CPU_FEATURES": ""}
        assert ran(toy, tmp_path, "-m", "toy", environment=there) == "6"
    assert len(kept(tmp_path)) == 2


@pytest.mark.parametrize("file", ["deep/numbers.py", "deep/__init__.py", "kernels.py"])
def test_what_a_kernel_takes_by_name_is_watched_however_far_it_comes_from(toy: Path, file: str) -> None:
    kernels, path = str(toy / "toy/kernels.py"), toy / "toy" / file
    before = digest_of(kernels)
    edit(toy / "toy/aside.py", "5", "9")
    assert digest_of(kernels) == before
    path.write_text(path.read_text(encoding="utf-8") + "FACTOR = 7\n", encoding="utf-8")
    assert digest_of(kernels) != before


def test_a_source_that_changes_after_it_was_imported_keeps_nothing(toy: Path, tmp_path: Path) -> None:
    """The process runs what it imported; the next one compiles what is there now."""
    program = (
        "import pathlib\nfrom toy.kernels import scaled\n"
        "pathlib.Path('toy/deep/numbers.py').write_text('FACTOR = 7')\nprint(scaled(3))"
    )
    assert ran(toy, tmp_path, "-c", program) == "6"
    assert kept(tmp_path) == set()
    assert ran(toy, tmp_path, "-m", "toy") == "21"


@pytest.mark.parametrize("content", [b"", b"short", bytes(16), bytes(17)])
def test_what_is_no_whole_file_is_not_read(tmp_path: Path, content: bytes) -> None:
    keep(str(tmp_path / "kernel"), b"code")
    assert read_kept(str(tmp_path / "kernel")) == b"code"
    (tmp_path / "kernel").write_bytes(content)
    assert read_kept(str(tmp_path / "kernel")) is None
    assert [path.name for path in tmp_path.iterdir()] == ["kernel"]


def test_without_a_folder_every_process_compiles(toy: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert ran(toy, tmp_path / "file", "-m", "toy") == "6"
    assert kernels_folder({"HOME": str(tmp_path / "absent")}) is None


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"XDG_CACHE_HOME": "/c"}, "/c/episodec/kernels"),
        ({"XDG_CACHE_HOME": "c", "HOME": "/"}, "/.cache/episodec/kernels"),
        ({"XDG_CACHE_HOME": "", "HOME": "/"}, "/.cache/episodec/kernels"),
        ({"HOME": "/nowhere"}, None),
        ({"HOME": "relative"}, None),
    ],
)
def test_kernels_lie_in_the_users_cache_folder(environment: Mapping[str, str], folder: str | None) -> None:
    assert kernels_folder(environment) == folder
