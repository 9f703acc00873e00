"""Cases that other build tools get wrong, each run for real against them; here each must be right."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builds.studio import Studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    actual = Studio(tmp_path / "project").start()
    assert actual.build().exit_code == 0
    return actual


def video(studio: Studio) -> Path:
    return studio.root / "episodes/media/001.mp4"


def check_remade(studio: Studio, tmp_path: Path) -> None:
    """The next build makes the video again, and only it, and dist/ is what a clean build gives."""
    assert studio.build().exit_code == 0
    assert studio.ran() == {"d13-001/video"}
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


def test_1_a_same_size_edit_with_its_mtime_put_back_is_seen(studio: Studio, tmp_path: Path) -> None:
    before = video(studio).stat()
    video(studio).write_text("VIDEO 1")
    os.utime(video(studio), ns=(before.st_atime_ns, before.st_mtime_ns))
    assert video(studio).stat().st_size == before.st_size
    check_remade(studio, tmp_path)


def test_2_new_content_with_an_older_mtime_is_seen(studio: Studio, tmp_path: Path) -> None:
    new = studio.write("new.mp4", "another video")
    os.utime(new, (1_000_000_000, 1_000_000_000))
    shutil.copy2(new, video(studio))
    check_remade(studio, tmp_path)


def test_3_an_edit_in_the_very_moment_after_a_build_is_seen(studio: Studio, tmp_path: Path) -> None:
    for take in range(20):
        video(studio).write_text(f"take {take:03}")  # All of one size.
        studio.build()
        assert studio.ran() == {"d13-001/video"}
    check = studio.dist() == studio.clean_dist(tmp_path / "clean")
    assert check


def test_4_two_edits_within_one_tick_of_the_clock_are_both_seen(studio: Studio) -> None:
    spec = studio.root / "episodes/001.episode.yaml"
    for take in range(20):
        text = spec.read_text()
        spec.write_text(text[:-1] + "\n" if text.endswith("\n") else text)
        studio.episode(1, text=f"Take {take:03}.")
        assert studio.build().made_count == 1


def test_5_a_deliverable_overwritten_by_hand_is_repaired(studio: Studio, tmp_path: Path) -> None:
    target = studio.root / "dist/video/alpha_d13_episode1.mp4"
    before = target.stat()
    target.write_text("VIDEO 1")  # The same size.
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert studio.build().made_count == 0
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


def test_6_a_deleted_deliverable_comes_back_from_the_store(studio: Studio, tmp_path: Path) -> None:
    shutil.rmtree(studio.root / "dist/video")
    assert studio.build().made_count == 0
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


def test_7_a_changed_command_line_is_seen(studio: Studio, tmp_path: Path) -> None:
    studio.episode(1, more="overrides: {video: {preset: slow}}\n")
    check_remade(studio, tmp_path)


def test_8_a_deleted_intermediate_is_no_reason_to_run_anything_while_all_stands(studio: Studio) -> None:
    for blob in (studio.root / "cache/blobs").rglob("*"):
        if blob.is_file():
            blob.unlink()
    assert studio.build().current == 2
    studio.episode(1, title="Another")
    assert studio.build().exit_code == 0
    assert studio.ran() == {"d13-001/voice", "d13-001/foley", "d13-001/video"}, "only what this episode needs"


def test_9_a_changed_script_of_a_tool_is_seen(tmp_path: Path) -> None:
    backends = {
        "file": "tests.toys.backends:Concat",
        "say": "tests.toys.backends:Model",
        "noise": "tests.toys.backends:Upper",
    }
    studio = Studio(tmp_path / "project", backends).start(1)
    model, loads = studio.write("model.bin", "one"), studio.root / "loads"
    studio.write("episodec.local.yaml", f"episodec: 1\nbackends:\n  say: {{model: {model}, loads: {loads}}}\n")
    assert studio.build().exit_code == 0
    assert studio.build().current == 1
    model.write_text("two")
    assert studio.build().exit_code == 0
    assert studio.ran() == {"d13-001/voice"}
    assert b"two" in studio.dist()["static/audio/alpha_d13_episode1_voice.wav"]


def test_10_a_touched_file_and_a_fresh_checkout_run_nothing(studio: Studio) -> None:
    time.sleep(0.02)
    for path in (studio.root / "episodes").rglob("*"):
        os.utime(path)
    outcome = studio.build()
    assert (outcome.made_count, outcome.current) == (0, 2)
    for path in list((studio.root / "episodes").rglob("*.yaml")):  # As git does on checkout: another inode.
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
    outcome = studio.build()
    assert (outcome.made_count, outcome.current) == (0, 2)


def alternate(studio: Studio) -> None:
    studio.episode(1, text="One way.")


def test_11_going_back_to_an_earlier_version_runs_nothing(studio: Studio) -> None:
    steps: list[Callable[[], object]] = [lambda: alternate(studio), lambda: studio.episode(1)]
    for step in steps:
        step()
        studio.build()
    for step in steps * 2:
        step()
        assert studio.build().made_count == 0
