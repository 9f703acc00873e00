"""The properties of real video files, whole and cut."""

from fractions import Fraction
from pathlib import Path

import pytest

from episodec.errors import BackendError
from episodec.video.probe import probe
from tests.video.videos import video


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov"])
def test_facts_of_a_video(tmp_path: Path, name: str) -> None:
    actual = probe(video(tmp_path / name, frames=45))
    assert (actual.frames, actual.rate, actual.is_constant) == (45, Fraction(30), True)
    assert (actual.width, actual.height, actual.codec, actual.start_s) == (64, 48, "h264", Fraction(0))
    assert (actual.audio_codec, actual.audio_rate) == ("aac", 48_000)


def test_ntsc_rates_are_exact(tmp_path: Path) -> None:
    assert probe(video(tmp_path / "a.mp4", rate="30000/1001")).rate == Fraction(30_000, 1001)


@pytest.mark.parametrize("frames", [1, 2, 3, 31, 44])
@pytest.mark.parametrize("rate", [24, 25, 30, 48, 50, 60])
@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_whole_milliseconds_hide_no_rate(tmp_path: Path, name: str, rate: int, frames: int) -> None:
    clock = ["-video_track_timescale", "1000"] if name.endswith("mp4") else []
    actual = probe(video(tmp_path / name, "-an", *clock, frames=frames, rate=str(rate)))
    assert (actual.frames, actual.rate, actual.is_constant) == (frames, Fraction(rate), True)


def test_the_usual_rate_that_explains_all_times_is_found_among_near_ones(tmp_path: Path) -> None:
    clock = ["-an", "-video_track_timescale", "1000"]
    assert probe(video(tmp_path / "a.mp4", *clock, frames=91, rate="30000/1001")).rate == Fraction(30_000, 1001)
    assert probe(video(tmp_path / "b.mp4", "-an", frames=7, rate="12.5")).rate == Fraction(25, 2)


def test_b_frames_and_edit_lists_do_not_confuse_the_count(tmp_path: Path) -> None:
    actual = probe(video(tmp_path / "a.mp4", "-preset", "medium", "-bf", "3", frames=60))
    assert (actual.frames, actual.rate, actual.is_constant) == (60, Fraction(30), True)


def test_sound_is_counted_when_the_container_tells(tmp_path: Path) -> None:
    assert probe(video(tmp_path / "a.mp4")).audio_samples == 48_000
    assert probe(video(tmp_path / "b.mp4", "-an")).audio_samples is None


def test_variable_rates_are_seen(tmp_path: Path) -> None:
    uneven = video(tmp_path / "a.mp4", "-vf", "setpts='PTS+gt(N,10)*0.1/TB'", "-fps_mode", "vfr")
    assert not probe(uneven).is_constant


@pytest.mark.parametrize("more", [("-movflags", "faststart"), ()])
@pytest.mark.parametrize("kept", [0.1, 0.7, 0.98])
def test_a_cut_mp4_is_refused(tmp_path: Path, more: tuple[str, ...], kept: float) -> None:
    path = video(tmp_path / "a.mp4", "-an", *more)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(BackendError):
        probe(path)


def test_a_video_without_its_last_byte_is_refused(tmp_path: Path) -> None:
    path = video(tmp_path / "a.mp4", "-an", "-movflags", "faststart")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BackendError):
        probe(path)


def test_a_cut_mkv_is_refused(tmp_path: Path) -> None:
    path = video(tmp_path / "a.mkv", frames=90)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(BackendError, match="cut short"):
        probe(path)


@pytest.mark.parametrize("content", [b"", b"text", b"\0" * 1000])
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(BackendError, match="not a complete video"):
        probe(tmp_path / "a.mp4")


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="no pictures"):
        probe(video(tmp_path / "a.m4a", "-vn"))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError):
        probe(tmp_path / "none.mp4")
