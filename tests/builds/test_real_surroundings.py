"""Real media in hostile surroundings: interrupted, killed, crowded, in odd places, without room. Clear words, nothing
lost, and the next build gives what an undisturbed one does.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from episodec.backends import BUILTIN
from tests.builds.studio import Studio, held_in_this_process
from tests.builds.test_matrix import SERIES, scene, tokens
from tests.cli.command import environment, episodec

SPEC = """\
episodec: 1
number: 1
title: В разных местах
frames: 150
voice: {text: This is said in odd places.}
foley: {prompt: soft rain}
scene: {file: media/сцена.scene}
camera:
  - {move: orbit, frames: 150}
time:
  - {map: linear, frames: 150}
"""

Build = subprocess.Popen[str]


def written(root: Path) -> Studio:
    studio = Studio(root, BUILTIN, lower=None, executor=None)
    studio.write("episodes/series.yaml", SERIES.replace("LOUDNESS", "-16"))
    studio.write("episodes/001.episode.yaml", SPEC)
    studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\n")
    studio.write("episodes/media/сцена.scene", scene(1))
    tokens(1, root / "episodes/characters/alpha/ref_alpha.npy")
    return studio


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project after `episodec plan`, which has read the code of all its backends: that takes longer than the frames
    of a test.
    """
    studio = written(tmp_path_factory.mktemp("planned") / "project")
    assert episodec(studio.root, "plan").returncode == 0
    return studio.root


def copied(planned: Path, root: Path) -> Studio:
    """The planned project in another place."""
    shutil.copytree(planned, root)
    return Studio(root, BUILTIN, lower=None, executor=None)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The result of an undisturbed build. It is made in this process: no worker takes part."""
    studio = written(tmp_path_factory.mktemp("undisturbed") / "project")
    studio.executor = held_in_this_process
    assert studio.build().exit_code == 0
    return studio.dist()


def started(root: Path, *words: str, **more: str) -> Build:
    """`episodec build`, with neither a terminal nor anything to read."""
    return subprocess.Popen(
        [sys.executable, "-m", "episodec", "build", *words],
        cwd=root,
        env=environment(root, more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def ended(build: Build) -> tuple[int, str]:
    """Its exit code and all that it said, which is never a traceback."""
    out, err = build.communicate(timeout=200)
    assert "Traceback" not in err
    return build.returncode, out + err


def rendering(root: Path) -> Build:
    """A build that is in the middle of a render."""
    build = started(root, "-v", "-j1")
    assert build.stderr is not None
    for line in build.stderr:
        if re.match(r"start +d13-001/render/", line):
            return build
    raise AssertionError("it never rendered")


def finishes(studio: Studio, undisturbed: Mapping[str, bytes]) -> None:
    assert ended(started(studio.root, "-j1"))[0] == 0
    assert studio.dist() == undisturbed


def test_ctrl_c_and_a_kill_in_the_middle_of_a_render(
    tmp_path: Path, planned: Path, undisturbed: Mapping[str, bytes]
) -> None:
    studio = copied(planned, tmp_path / "project")
    build = rendering(studio.root)
    build.send_signal(signal.SIGINT)
    code, output = ended(build)
    assert code == 130
    assert "stopping when 1 running action is finished; Ctrl-C again stops it now" in output
    assert len(re.findall(r"^made +d13-001/render/", output, re.MULTILINE)) == 1, "what runs is finished, and no other"
    again = rendering(studio.root)
    again.send_signal(signal.SIGINT)
    again.send_signal(signal.SIGINT)
    assert ended(again)[0] == 130
    killed = rendering(studio.root)
    killed.kill()
    assert killed.wait(timeout=30) == -signal.SIGKILL
    killed.communicate()
    assert not (studio.root / "dist").exists() or not any((studio.root / "dist").rglob("*.mp4"))
    finishes(studio, undisturbed)


def test_two_builds_at_once_share_the_work(tmp_path: Path, planned: Path, undisturbed: Mapping[str, bytes]) -> None:
    studio = copied(planned, tmp_path / "project")
    messages = [ended(build) for build in [started(studio.root, "-j1"), started(studio.root, "-j1")]]
    assert [code for code, _ in messages] == [0, 0]
    rows = [name for _, said in messages for name in re.findall(r"^made +(\S+)", said, re.MULTILINE)]
    assert len(rows) == len(set(rows))
    assert {f"d13-001/render/{at:04}-{at + 30:04}" for at in range(0, 150, 30)} <= set(rows)
    assert studio.dist() == undisturbed


def test_an_odd_place_in_the_plainest_of_locales(
    tmp_path: Path, planned: Path, undisturbed: Mapping[str, bytes]
) -> None:
    studio = copied(planned, tmp_path / """it's a «серия», two "quotes" && $HOME""")
    code, output = ended(started(studio.root, "-j1", LC_ALL="C", LANG="C", TERM="dumb", TZ="Asia/Tokyo"))
    assert (code, "1 built" in output) == (0, True)
    assert studio.dist() == undisturbed


def test_a_name_that_the_locale_has_no_letters_for_is_told_in_one_sentence(tmp_path: Path) -> None:
    studio = written(tmp_path / "project")
    code, output = ended(started(studio.root, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"))
    assert code == 2
    assert output.splitlines()[0] == "error: a file cannot be named in this locale"
    assert "\\u0441\\u0446\\u0435\\u043d\\u0430.scene" in output, "which file it is"


@contextmanager
def mounted(where: Path, *options: str) -> Iterator[None]:
    """Something mounted over a folder, for as long as the block runs."""
    if subprocess.run(["mount", *options, str(where)], check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting needs root")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(where)], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder that nobody may write to: for root, to whom modes mean nothing, a file system that is so."""
    if os.geteuid() != 0:
        for path in [*folder.rglob("*"), folder]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield
        return
    with mounted(folder, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        yield


def test_episodes_that_nobody_may_write_to(tmp_path: Path, planned: Path, undisturbed: Mapping[str, bytes]) -> None:
    studio = copied(planned, tmp_path / "project")
    with read_only(studio.root / "episodes"):
        with pytest.raises(OSError, match=r"Read-only|Permission"):
            (studio.root / "episodes/new").write_text("")
        finishes(studio, undisturbed)
        code, messages = ended(started(studio.root))
        assert (code, messages.partition(" \N{MIDDLE DOT} ")[0]) == (
            0,
            "1 episode: all current",
        )


def test_a_project_that_nobody_may_write_to_is_told_in_one_sentence(tmp_path: Path) -> None:
    studio = written(tmp_path / "project")
    with read_only(studio.root):
        code, output = ended(started(studio.root))
    assert code == 1
    assert "cannot be used" in output.splitlines()[0]


def test_a_cache_on_a_full_disk(tmp_path: Path, planned: Path, undisturbed: Mapping[str, bytes]) -> None:
    studio = copied(planned, tmp_path / "project")
    cache = studio.root / "cache"
    with mounted(cache, "-t", "tmpfs", "-o", "size=3m", "tmpfs"):
        shutil.copytree(planned / "cache", cache, dirs_exist_ok=True)
        code, output = ended(started(studio.root))
        assert code == 1
        assert "  the disk of the cache is full\n" in output
        assert "worker process died" not in output
        assert "free some space" in output
        assert not any((studio.root / "dist").rglob("*.mp4"))
        subprocess.run(["mount", "-o", "remount,size=200m", str(cache)], check=True)
        finishes(studio, undisturbed)
