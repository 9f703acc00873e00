"""Frames into H.264 and back: colours, lengths, bytes, refusals."""

import math
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from episodec.errors import BackendError, SettingsError
from episodec.splat.rasterise import dither_noise
from episodec.tools import ffmpeg
from episodec.video.frames import Frame, frames_of
from episodec.video.probe import probe
from episodec.video.quality import ENCODING, STANDARD
from episodec.video.x264 import FrameForm, encode_chunk, encode_lossless
from tests.standins.checks import Digests
from tests.video.chunks import FFMPEG, FORM, chunk, moving

COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (128, 128, 128), (200, 30, 90)]


def flat(colours: list[tuple[int, int, int]]) -> Iterator[Frame]:
    return (np.full((FORM.height, FORM.width, 3), colour, np.uint8) for colour in colours)


def test_colours_come_back_within_two_levels_by_the_matrix_that_the_file_names(tmp_path: Path) -> None:
    encode_chunk(flat(COLOURS), FORM, tmp_path / "a.mp4", FFMPEG, replace(STANDARD, crf=1))
    for actual, expected in zip(frames_of(tmp_path / "a.mp4"), flat(COLOURS), strict=True):
        assert abs(actual.astype(int) - expected).max() <= 2


def test_a_chunk_says_bt709_high_420_and_limited_range(tmp_path: Path) -> None:
    import av

    with av.open(str(chunk(tmp_path / "a.mp4", 4))) as container:
        context = container.streams.video[0].codec_context
        assert (context.profile, context.pix_fmt, context.color_primaries) == ("High", "yuv420p", 1)
        assert (context.color_trc, context.colorspace, context.color_range) == (1, 1, 1)


@pytest.mark.parametrize("count", [1, 2, 14, 15, 16, 30, 37])
def test_a_chunk_has_exactly_its_frames_evenly_from_zero(tmp_path: Path, count: int) -> None:
    video = probe(chunk(tmp_path / "a.mp4", count))
    assert (video.frames, video.is_constant) == (count, True)
    assert video.rate == 30
    assert video.start_s == 0


def test_groups_are_closed_and_half_a_second_long(tmp_path: Path) -> None:
    import av

    with av.open(str(chunk(tmp_path / "a.mp4", 45))) as container:
        rows = [(packet.pts or 0, packet.is_keyframe) for packet in container.demux(video=0) if packet.size]
    visible = sorted(rows)
    assert [index for index, (_, is_key) in enumerate(visible) if is_key] == [0, 15, 30]
    latest = -1
    for pts, is_key in rows:  # Nothing after a key, in the order of decoding, is shown before it.
        assert not is_key or pts > latest
        latest = max(latest, pts)


def test_what_stands_still_does_not_change_where_a_group_begins(tmp_path: Path) -> None:
    """Before somebody who moves; as a film has it, with a gradient that is dithered."""
    form = FrameForm(192, 192, 30)
    y, x = np.mgrid[:192, :192].astype(float)
    still = np.floor(40 + 0.1 * y + 0.03 * x + dither_noise()[np.ix_(np.arange(192) % 64, np.arange(192) % 64)])
    texture = np.random.default_rng(7).integers(60, 220, (96, 96)).astype(float)
    frames = []
    for number in range(30):
        grey, left = still.copy(), 48 + round(6 * math.sin(number / 5))
        grey[64:160, left : left + 96] = texture
        frames.append(np.repeat(grey[..., None], 3, axis=2).astype(np.uint8))
    path = tmp_path / "a.mp4"
    encode_chunk(iter(frames), form, path, FFMPEG)
    values = np.stack([frame[:48] for frame in frames_of(path)]).astype(float)
    assert np.abs(np.diff(values, axis=0)).mean(axis=(1, 2, 3))[14] < 0.05


def test_the_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    first, other = (chunk(tmp_path / f"{name}.mp4", 20).read_bytes() for name in "ab")
    assert first == other


def test_lossless_chunks_give_the_very_same_frames_and_bytes(tmp_path: Path) -> None:
    for name in "ab":
        assert encode_lossless(moving(9), FORM, tmp_path / f"{name}.mkv", FFMPEG) == 9
    for actual, expected in zip(frames_of(tmp_path / "a.mkv"), moving(9), strict=True):
        assert (actual == expected).all()
    assert (tmp_path / "a.mkv").read_bytes() == (tmp_path / "b.mkv").read_bytes()


def test_lossless_chunks_may_have_odd_sizes(tmp_path: Path) -> None:
    form = FrameForm(63, 47, 30)
    encode_lossless(moving(3, form=form), form, tmp_path / "a.mkv", FFMPEG)
    assert all((a == b).all() for a, b in zip(frames_of(tmp_path / "a.mkv"), moving(3, form=form), strict=True))


@pytest.mark.parametrize(("width", "height"), [(63, 48), (64, 47), (1, 1)])
def test_odd_sizes_are_refused_with_the_next_even_one(tmp_path: Path, width: int, height: int) -> None:
    form = FrameForm(width, height, 30)
    with pytest.raises(BackendError, match="odd size") as caught:
        encode_chunk(moving(3, form=form), form, tmp_path / "a.mp4", FFMPEG)
    assert f"{width + width % 2}x{height + height % 2}" in (caught.value.hint or "")


@pytest.mark.parametrize("wrong", [np.zeros((48, 66, 3), np.uint8), np.zeros((48, 64, 3), np.float32)])
def test_a_frame_of_another_form_is_refused_by_its_number(tmp_path: Path, wrong: Frame) -> None:
    with pytest.raises(BackendError, match="from its chunk") as caught:
        encode_chunk([*moving(2), wrong], FORM, tmp_path / "a.mp4", FFMPEG)
    assert caught.value.facts["frame"] == "2"
    assert not (tmp_path / "a.mp4").exists()


def test_no_frames_are_no_chunk(tmp_path: Path) -> None:
    with pytest.raises(BackendError):
        encode_chunk([], FORM, tmp_path / "a.mp4", FFMPEG)
    assert not (tmp_path / "a.mp4").exists()


@pytest.mark.parametrize(
    "name", ["-y.mp4", "a%03d.mp4", "http:x.mp4", "pipe:1.mp4", "a 'b\" ж😀\n.mp4", "concat:a|b.mp4"]
)
def test_names_are_neither_options_nor_protocols_nor_patterns(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert probe(chunk(Path(name), 3)).frames == 3
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_missing_ffmpeg_is_told_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="cannot start a program") as caught:
        encode_chunk(moving(3), FORM, tmp_path / "a.mp4", tmp_path / "gone" / "ffmpeg")
    assert "gone/ffmpeg" in caught.value.facts["program"]


def test_an_ffmpeg_that_is_killed_half_way_leaves_no_file(tmp_path: Path) -> None:
    """A wrapper tells us the number of the process, which becomes ffmpeg's own."""
    wrapper = tmp_path / "ffmpeg"
    wrapper.write_text(f'#!/bin/sh\necho $$ > "{tmp_path}/pid"\nexec "{FFMPEG}" "$@"\n')
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)

    def endless() -> Iterator[Frame]:
        for number, frame in enumerate(moving(1_000_000)):
            if number == 500:
                while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
                    time.sleep(0.01)
                os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
            yield frame

    with pytest.raises(BackendError, match="failed") as caught:
        encode_chunk(endless(), FORM, tmp_path / "a.mp4", wrapper)
    assert "SIGKILL" in caught.value.facts["ended"]
    assert not (tmp_path / "a.mp4").exists()


def test_a_file_that_cannot_grow_is_told_and_removed(tmp_path: Path) -> None:
    """The effect of a full disk, without mounting one: a limit of the process that ffmpeg inherits."""
    script = (
        "import resource, sys; from pathlib import Path\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "from tests.video.chunks import chunk; from episodec.errors import BackendError\n"
        "try: chunk(Path(sys.argv[1]), 60)\n"
        "except BackendError as error: print(error.sentence, '/', error.facts['ended'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "a.mp4"], capture_output=True, text=True, check=True
    )
    assert "a program failed" in done.stdout
    assert "SIGXFSZ" in done.stdout
    assert not (tmp_path / "a.mp4").exists()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "episodec-test", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_told_in_ffmpegs_words(tiny_disk: Path) -> None:
    with pytest.raises(BackendError) as caught:
        encode_chunk(noise(120), FrameForm(256, 256, 30), tiny_disk / "a.mp4", FFMPEG)
    assert "No space left on device" in caught.value.facts["said"]
    assert list(tiny_disk.iterdir()) == []


def noise(count: int) -> Iterator[Frame]:
    source = np.random.default_rng(0)
    return (source.integers(0, 256, (256, 256, 3), np.uint8) for _ in range(count))


def test_frames_are_asked_for_one_by_one_and_none_is_kept(tmp_path: Path) -> None:
    """A thousand frames are 200 MB; the process grows by less than fifty of them."""
    form = FrameForm(256, 256, 30)
    chunk(tmp_path / "warm.mp4", 3, form=form)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    picture = next(moving(1, form=form))
    encode_chunk((np.roll(picture, index, 1) for index in range(1000)), form, tmp_path / "a.mp4", FFMPEG)
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 50 * 192


def test_many_at_once_give_the_bytes_of_one_alone(tmp_path: Path) -> None:
    alone = chunk(tmp_path / "alone.mp4", 20).read_bytes()
    threads = [threading.Thread(target=chunk, args=(tmp_path / f"{name}.mp4", 20)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((tmp_path / f"{name}.mp4").read_bytes() == alone for name in range(4))


@pytest.mark.parametrize(("name", "value"), [("crf", 0), ("crf", 52), ("crf", "18"), ("preset", "placebo")])
def test_a_quality_that_means_nothing_is_refused(name: str, value: object) -> None:
    assert not ENCODING[name].accepts(value)


def test_a_quality_is_declared_with_what_is_taken_where_nothing_is_said() -> None:
    assert {name: kind.default for name, kind in ENCODING.items()} == asdict(STANDARD)
    assert ENCODING["crf"].accepts(0.1)
    assert ENCODING["crf"].accepts(51)


def test_the_fingerprint_tells_the_version_and_watches_the_program() -> None:
    actual = ffmpeg.fingerprint({}, Digests())
    assert actual.parts["ffmpeg"] != ""
    assert actual.watches == (str(FFMPEG),)
    named = ffmpeg.fingerprint({"ffmpeg": str(FFMPEG)}, Digests())
    assert named == actual


@pytest.mark.parametrize("named", ["ffmpeg", "/nowhere/ffmpeg", "/tmp"])
def test_a_setting_that_names_no_program_is_refused(named: str) -> None:
    with pytest.raises(SettingsError, match="the setting `ffmpeg` is not a program"):
        ffmpeg.program({"ffmpeg": named})


def test_a_program_that_is_no_ffmpeg_is_refused() -> None:
    with pytest.raises(BackendError, match="not ffmpeg"):
        ffmpeg.fingerprint({"ffmpeg": "/bin/true"}, Digests())


def test_a_file_that_is_no_video_has_no_frames(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no video")
    with pytest.raises(BackendError, match="not a complete video file"):
        next(frames_of(tmp_path / "a.mp4"))
