"""Chunks joined: every packet as it was, every frame where it belongs."""

import subprocess
from pathlib import Path

import pytest

from episodec.errors import BackendError
from episodec.media.frames import frames_of
from episodec.media.splice import splice
from episodec.media.video import probe
from episodec.media.x264 import Form, Quality, encode_chunk
from tests.media.chunks import FFMPEG, chunk, moving, packets


def chunks(folder: Path, lengths: list[int], rate: int = 30, *, shifted: int | None = None) -> list[Path]:
    """Chunks of these lengths; the content of chunk `shifted` is that of frames a thousand later."""
    made, start = [], 0
    for place, length in enumerate(lengths):
        path, form = folder / f"{place}-{shifted}.mp4", Form(64, 48, rate)
        made.append(chunk(path, length, start=start + 1000 * (place == shifted), form=form))
        start += length
    return made


@pytest.mark.parametrize(
    ("lengths", "rate"), [([30, 30, 30], 30), ([1], 30), ([1, 2, 3, 14, 15, 16], 30), ([7] * 9, 60), ([11] * 5, 24)]
)
def test_joined_chunks_have_every_frame_evenly_from_zero(tmp_path: Path, lengths: list[int], rate: int) -> None:
    assert splice(chunks(tmp_path, lengths, rate), rate, tmp_path / "all.mp4") == sum(lengths)
    found = probe(tmp_path / "all.mp4")
    assert (found.frames, found.is_constant) == (sum(lengths), True)
    assert found.rate == rate
    assert found.start_s == 0


def test_packets_and_pictures_are_those_of_the_chunks(tmp_path: Path) -> None:
    parts = chunks(tmp_path, [10, 20, 15])
    splice(parts, 30, tmp_path / "all.mp4")
    assert packets(tmp_path / "all.mp4") == [packet for part in parts for packet in packets(part)]
    one_by_one = (frame for part in parts for frame in frames_of(part))
    assert all((a == b).all() for a, b in zip(frames_of(tmp_path / "all.mp4"), one_by_one, strict=True))


def test_ffmpeg_decodes_the_join_without_a_word_and_counts_the_same(tmp_path: Path) -> None:
    splice(chunks(tmp_path, [10, 20, 15]), 30, tmp_path / "all.mp4")
    command = [str(FFMPEG), "-v", "warning", "-i", str(tmp_path / "all.mp4"), "-f", "framecrc", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert len([line for line in done.stdout.splitlines() if not line.startswith("#")]) == 45


def test_an_edit_leaves_the_packets_of_other_chunks_byte_for_byte(tmp_path: Path) -> None:
    lengths = [30] * 4
    splice(chunks(tmp_path, lengths), 30, tmp_path / "before.mp4")
    splice(chunks(tmp_path, lengths, shifted=2), 30, tmp_path / "after.mp4")
    before, after = packets(tmp_path / "before.mp4"), packets(tmp_path / "after.mp4")
    assert len(before) == len(after) == 120
    assert before[:60] == after[:60]
    assert before[90:] == after[90:]
    assert all(one != other for one, other in zip(before[60:90], after[60:90], strict=True))


def test_the_same_chunks_give_the_same_bytes(tmp_path: Path) -> None:
    parts = chunks(tmp_path, [10, 20])
    for name in "ab":
        splice(parts, 30, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_chunks_of_different_codings_are_refused_by_place(tmp_path: Path) -> None:
    wide = chunk(tmp_path / "wide.mp4", 5, form=Form(80, 48, 30))
    with pytest.raises(BackendError, match="another coding") as caught:
        splice([*chunks(tmp_path, [5]), wide], 30, tmp_path / "all.mp4")
    assert caught.value.facts["chunk"] == "1"


def test_chunks_that_are_decoded_by_other_parameters_are_refused_by_place(tmp_path: Path) -> None:
    form, parts = Form(64, 48, 30), chunks(tmp_path, [5, 5])
    encode_chunk(moving(5, form=form), form, parts[1], FFMPEG, Quality(preset="ultrafast"))  # Without CABAC.
    with pytest.raises(BackendError, match="another coding") as caught:
        splice(parts, 30, tmp_path / "all.mp4")
    assert caught.value.facts["chunk"] == "1"


def test_a_chunk_of_another_rate_or_cut_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError):
        splice(chunks(tmp_path, [5, 5], 25), 30, tmp_path / "all.mp4")
    parts = chunks(tmp_path, [20, 20])
    parts[1].write_bytes(parts[1].read_bytes()[:-1500])
    with pytest.raises(BackendError):
        splice(parts, 30, tmp_path / "all.mp4")
