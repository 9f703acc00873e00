"""The check of a finished mp4: right ones pass at any length; each fault in packets or tables is told by its name."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from episodec.errors import BackendError
from episodec.timebase import RATES
from episodec.video.delivery import SoundSource, check_delivery
from episodec.video.splice import splice
from tests.video.chunks import FFMPEG, aac, chunk

FRAMES = 31
PICTURE, SOUND = 0, 1  # Places of the tracks.


def remuxed(path: Path, picture: Path, *more: str, sound: Path | None = None) -> Path:
    """An mp4 of these parts, as it is delivered; `more` are arguments of ffmpeg."""
    parts = [argument for part in (picture, sound) if part for argument in ("-i", str(part))]
    form = ["-c", "copy", "-movie_timescale", "48000", "-movflags", "+faststart", "-fflags", "+bitexact"]
    subprocess.run([str(FFMPEG), "-v", "error", "-y", *parts, *form, *more, str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("parts")
    splice([chunk(folder / "a.mp4", 30), chunk(folder / "b.mp4", 1, start=30)], 30, folder / "picture.mp4")
    return folder / "picture.mp4", aac(folder / "sound.m4a", np.zeros((FRAMES * 1600, 2), np.float32))


@pytest.fixture(scope="module")
def episode(parts: tuple[Path, Path]) -> Path:
    return remuxed(parts[0].with_name("episode.mp4"), parts[0], sound=parts[1])


def place(content: bytes, *names: str, track: int = PICTURE) -> int:
    """Where the content of a box starts that stands in these; `trak` is the one of this number."""
    at, end = 0, len(content)
    for name in names:
        skipped = track if name == "trak" else 0
        while True:
            length, actual = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8].decode()
            if actual == name and not skipped:
                break
            skipped -= actual == name
            at += length
            assert at < end, name
        at, end = at + 8, at + length
    return at


def changed(episode: Path, path: Path, at: int, new: Callable[[int], int]) -> Path:
    """The file with another number of four bytes there."""
    content = bytearray(episode.read_bytes())
    content[at : at + 4] = new(int.from_bytes(content[at : at + 4], "big")).to_bytes(4, "big")
    path.write_bytes(content)
    return path


def breaches(path: Path, sound: SoundSource = SoundSource.OURS) -> dict[str, str]:
    with pytest.raises(BackendError, match="not as promised") as caught:
        check_delivery(path, FRAMES, 30, sound)
    return dict(caught.value.facts)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("frames", [1, 2, 3, 31])
def test_an_episode_of_any_length_passes(tmp_path: Path, frames: int, rate: int) -> None:
    from episodec.video.x264 import FrameForm

    form = FrameForm(16, 16, rate)
    lengths = [min(30, frames - start) for start in range(0, frames, 30)]
    parts = [chunk(tmp_path / f"{n}.mp4", length, form=form) for n, length in enumerate(lengths)]
    splice(parts, rate, tmp_path / "picture.mp4")
    sound = aac(tmp_path / "sound.m4a", np.zeros((frames * 48_000 // rate, 2), np.float32))
    check_delivery(remuxed(tmp_path / "silent.mp4", tmp_path / "picture.mp4"), frames, rate, SoundSource.NONE)
    check_delivery(remuxed(tmp_path / "all.mp4", tmp_path / "picture.mp4", sound=sound), frames, rate, SoundSource.OURS)


def test_decode_times_that_jump_are_told(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    """The last frame is decoded a frame late, as where chunks with and without B-frames are joined as they are."""
    import av

    with av.open(str(parts[0])) as source, av.open(str(tmp_path / "late.mp4"), "w") as target:
        track = target.add_stream_from_template(source.streams.video[0])
        packets: list[Any] = [packet for packet in source.demux() if packet.size]
        for at, packet in enumerate(packets):
            packet.dts += 512 * (at == FRAMES - 1)
            packet.stream = track
            target.mux_one(packet)
    assert breaches(remuxed(tmp_path / "a.mp4", tmp_path / "late.mp4", sound=parts[1])) == {
        "decoded every": "1/30 or 1/15, not 1/30",
        "average rate": "465/16, not 30",
        "picture's steps (stts)": "29 of 1/30 s, 1 of 1/15 s, 1 of 1/30 s, not 31 of 1/30 s",
        "picture's clock (mdhd)": "16/15 s, not 31/30 s",
    }


def test_frames_that_are_shown_before_they_are_decoded_are_told(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    path = remuxed(tmp_path / "a.mp4", parts[0], "-movflags", "+faststart+negative_cts_offsets", sound=parts[1])
    assert "before it is decoded, not one frame a step" in breaches(path)["picture's order (ctts)"]


def test_an_edit_list_that_does_not_start_at_the_first_frame_is_told(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    path = remuxed(tmp_path / "a.mp4", parts[0], "-use_editlist", "0", sound=parts[1])
    actual = breaches(path)
    assert actual["picture's edits (elst)"].startswith("none, not")
    assert actual["sound's clock (mdhd)"].startswith("16/15 s behind")


MVHD, TRAK = ("moov", "mvhd"), ("moov", "trak")
MDHD, ELST = (*TRAK, "mdia", "mdhd"), (*TRAK, "edts", "elst")
TABLES = (*TRAK, "mdia", "minf", "stbl")


@pytest.mark.parametrize(
    ("names", "track", "change", "expected"),
    [
        (MVHD, PICTURE, (16, lambda n: n + 1600), ("film's length (mvhd)", "16/15 s, not 31/30 s")),
        (MDHD, PICTURE, (16, lambda n: n + 512), ("picture's clock (mdhd)", "16/15 s, not 31/30 s")),
        ((*TRAK, "tkhd"), PICTURE, (20, lambda n: n - 1600), ("picture's length (tkhd)", "1 s, not 31/30 s")),
        (ELST, PICTURE, (8, lambda n: n + 1600), ("picture's edits (elst)", "16/15 s from its first frame, not")),
        (ELST, PICTURE, (12, lambda n: n - 512), ("picture's edits (elst)", "31/30 s from 0 s, not")),
        (ELST, PICTURE, (16, lambda n: 2 * n), ("picture's edits (elst)", "frame, at 2 times the speed, not")),
        ((*TABLES, "stsz"), PICTURE, (8, lambda n: n - 1), ("picture's sizes (stsz)", "30, not 31")),
        ((*TABLES, "stts"), PICTURE, (12, lambda n: n + 1), ("picture's steps (stts)", "31 of 171/5120 s, not")),
        ((*TABLES, "ctts"), PICTURE, (12, lambda n: n + 512), ("picture's order (ctts)", "every 0 or 1/30 s")),
        (MDHD, SOUND, (16, lambda n: n + 1024), ("sound's clock (mdhd)", "behind the encoder's delay, not")),
        ((*TRAK, "tkhd"), SOUND, (20, lambda n: n - 1600), ("sound's length (tkhd)", "1 s, not 31/30 s")),
        (ELST, SOUND, (8, lambda n: n - 1600), ("sound's edits (elst)", "1 s behind the encoder's delay, not")),
        (ELST, SOUND, (12, lambda _: 0), ("sound's clock (mdhd)", "behind the encoder's delay, not")),
        ((*TABLES, "stts"), SOUND, (12, lambda n: n - 1), ("sound's steps (stts)", "of 341/16000 s")),
    ],
)
def test_a_wrong_number_in_a_table_is_told_by_its_box(
    parts: tuple[Path, Path],
    tmp_path: Path,
    names: tuple[str, ...],
    track: int,
    change: tuple[int, Callable[[int], int]],
    expected: tuple[str, str],
) -> None:
    episode = remuxed(tmp_path / "episode.mp4", parts[0], sound=parts[1])
    where = place(episode.read_bytes(), *names, track=track) + change[0]
    assert expected[1] in breaches(changed(episode, tmp_path / "a.mp4", where, change[1])).get(expected[0], "nothing")


@pytest.mark.parametrize("kept", [4, 20, 500, 1500])
def test_tables_that_are_cut_short_are_refused(tmp_path: Path, episode: Path, kept: int) -> None:
    (tmp_path / "a.mp4").write_bytes(episode.read_bytes()[:kept])
    with pytest.raises(BackendError, match="cannot be read"):
        check_delivery(tmp_path / "a.mp4", FRAMES, 30, SoundSource.OURS)


def test_an_index_behind_the_content_is_told(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    path = remuxed(tmp_path / "a.mp4", parts[0], "-movflags", "0", sound=parts[1])
    assert breaches(path) == {"boxes": "ftyp mdat moov, not ftyp moov mdat"}
