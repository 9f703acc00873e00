"""Builds in hostile surroundings: full disks, read-only folders, odd paths and locales: clear words, nothing lost."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from episodec.engine.events import ActionFailed, PublishFailed
from episodec.errors import PublishError, StoreError
from tests.builds.studio import ROOT, Studio

is_root = os.geteuid() == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 2 MiB."""
    where = tmp_path / "small"
    where.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(where)]
    if subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk needs root")
    yield where
    subprocess.run(["umount", "-l", str(where)], check=True)


def test_a_full_disk_is_told_in_one_sentence_and_the_next_build_finishes(small_disk: Path) -> None:
    studio = Studio(small_disk / "project", executor=None).start(2)
    assert studio.build("episodes/001.episode.yaml").exit_code == 0
    filler = fill(small_disk)
    try:
        outcome = studio.build()
        rows = [event.error for event in studio.events if isinstance(event, ActionFailed | PublishFailed)]
        assert outcome.exit_code != 0
    except StoreError as error:
        rows = [error]
    assert any("full" in str(error) or "No space" in str(error) for error in rows)
    filler.unlink()
    assert studio.build().exit_code == 0
    assert len(studio.dist()) == 8


def test_a_dist_on_a_full_disk_leaves_what_was_there(small_disk: Path, tmp_path: Path) -> None:
    studio = Studio(tmp_path / "project").start(1)
    (small_disk / "dist").mkdir()
    (studio.root / "dist").symlink_to(small_disk / "dist")
    assert studio.build().exit_code == 0
    before = studio.dist()
    filler = fill(small_disk)
    studio.episode(1, text="word " * 2000 + ".", more="frames: 90000\n")
    outcome = studio.build()
    assert (outcome.exit_code, outcome.unpublished) == (1, ("episodes/001.episode.yaml",))
    assert any(isinstance(event, PublishFailed) and isinstance(event.error, PublishError) for event in studio.events)
    between = studio.dist()
    filler.unlink()
    assert studio.build().exit_code == 0
    after = studio.dist()
    assert between.keys() == after.keys(), "nothing was left behind"
    assert all(content in (before[name], after[name]) for name, content in between.items()), "nothing is half-made"


def fill(disk: Path) -> Path:
    """The file that takes all that was free."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    return filler


@pytest.mark.parametrize("name", ["with spaces", "кириллица", 'quote\'s "here"', "semi;colon && $HOME", "-dash"])
def test_odd_paths_are_ordinary_paths(tmp_path: Path, name: str) -> None:
    studio = Studio(tmp_path / name).start(1)
    assert studio.build().exit_code == 0
    assert studio.build().current == 1
    assert len(studio.dist()) == 4


def test_odd_names_of_specs_are_ordinary_names(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "project").start(1)
    spec = studio.root / "episodes/001.episode.yaml"
    for name in ("-n.episode.yaml", "эпизод 1.episode.yaml", "two\nlines.episode.yaml", "quote'.episode.yaml"):
        spec = spec.rename(spec.with_name(name))
        outcome = studio.build()
        assert (outcome.exit_code, outcome.made_count) == (0, 0 if name != "-n.episode.yaml" else 3)
        assert len(studio.dist()) == 4


@pytest.mark.skipif(is_root, reason="root may write everywhere")
def test_a_read_only_cache_is_told_in_one_sentence(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "project").start(1)
    (studio.root / "cache").mkdir(mode=0o500)
    with pytest.raises(StoreError, match="cannot be used"):
        studio.build()


def test_read_only_episodes_are_built(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "project").start(1)
    for path in [*(studio.root / "episodes").rglob("*"), studio.root / "episodes"]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    assert studio.build().exit_code == 0


def test_the_locale_the_clock_and_the_number_of_jobs_change_no_byte(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "one", executor=None).start(3)
    studio.build(jobs=1)
    other = Studio(tmp_path / "other").start(3)
    command = [sys.executable, "-m", "tests.builds.child", str(other.root), "4"]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"}
    subprocess.run(command, check=True, cwd=ROOT, env=environment, capture_output=True)
    assert studio.dist() == other.dist()
