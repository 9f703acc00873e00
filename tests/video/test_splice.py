"""Chunks joined: every packet as it was, every frame where it belongs."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.errors import BackendError
from episodec.timebase import RATES
from episodec.video.frames import frames_of
from episodec.video.probe import probe
from episodec.video.quality import STANDARD, Quality
from episodec.video.splice import splice
from episodec.video.x264 import FrameForm, encode_chunk
from tests.video.chunks import FFMPEG, check_even, chunk, moving, packets


def chunks(folder: Path, lengths: list[int], rate: int = 30, *, shifted: int | None = None) -> list[Path]:
    """Chunks of these lengths; the content of chunk `shifted` is that of frames a thousand later."""
    built, start = [], 0
    for place, length in enumerate(lengths):
        path, form = folder / f"{place}-{shifted}.mp4", FrameForm(64, 48, rate)
        built.append(chunk(path, length, start=start + 1000 * (place == shifted), form=form))
        start += length
    return built


@pytest.mark.parametrize(
    ("lengths", "rate"), [([30, 30, 30], 30), ([1], 30), ([1, 2, 3, 14, 15, 16], 30), ([7] * 9, 60), ([11] * 5, 24)]
)
def test_joined_chunks_have_every_frame_evenly_from_zero(tmp_path: Path, lengths: list[int], rate: int) -> None:
    assert splice(chunks(tmp_path, lengths, rate), rate, tmp_path / "all.mp4") == sum(lengths)
    video = probe(tmp_path / "all.mp4")
    assert (video.frames, video.is_constant) == (sum(lengths), True)
    assert video.rate == rate
    assert video.start_s == 0


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int, int], Path]:
    """Chunks of a length and a rate, coded as ours are, in this process: thousands are joined."""
    folder = tmp_path_factory.mktemp("small")
    return lambda length, rate: small_chunk(folder / f"{rate}-{length}.mp4", length, rate)


def small_chunk(path: Path, length: int, rate: int) -> Path:
    import av

    if path.exists():
        return path
    group = rate // 2
    fixed = f"keyint={group}:min-keyint={group}:scenecut=0:open-gop=0:bframes=2:b-pyramid=none:threads=1"
    with av.open(str(path), "w") as container:
        track = container.add_stream("libx264", rate=rate, options={"preset": "veryfast", "x264-params": fixed})
        track.width, track.height, track.pix_fmt = 16, 16, "yuv420p"
        for index in range(length):
            frame = av.VideoFrame(16, 16, "yuv420p")
            for place, plane in enumerate(frame.planes):
                plane.update(bytes((place * 40 + index * 7 + at) % 256 for at in range(plane.buffer_size)))
            container.mux(track.encode(frame))
        container.mux(track.encode(None))
    return path


@given(st.integers(1, 130), st.sampled_from(RATES), st.sampled_from([30, 30, 7, 1]))
def test_any_number_of_frames_has_a_constant_rate(
    small: Callable[[int, int], Path], frames: int, rate: int, longest: int
) -> None:
    lengths = [min(longest, frames - start) for start in range(0, frames, longest)]
    joined = small(1, rate).with_name("joined.mp4")
    assert splice([small(length, rate) for length in lengths], rate, joined) == frames
    check_even(joined, frames, rate)


@given(st.lists(st.integers(1, 31), min_size=1, max_size=6), st.sampled_from(RATES))
def test_chunks_of_any_lengths_have_a_constant_rate(
    small: Callable[[int, int], Path], lengths: list[int], rate: int
) -> None:
    joined = small(1, rate).with_name("joined.mp4")
    splice([small(length, rate) for length in lengths], rate, joined)
    check_even(joined, sum(lengths), rate)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("lengths", [[1], [2], [30, 1], [30, 30, 1], [30, 2], [1, 30], [3, 1, 3]])
def test_chunks_of_the_real_encoder_have_a_constant_rate(tmp_path: Path, lengths: list[int], rate: int) -> None:
    splice(chunks(tmp_path, lengths, rate), rate, tmp_path / "all.mp4")
    check_even(tmp_path / "all.mp4", sum(lengths), rate)


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
    wide = chunk(tmp_path / "wide.mp4", 5, form=FrameForm(80, 48, 30))
    with pytest.raises(BackendError, match="coding differs") as caught:
        splice([*chunks(tmp_path, [5]), wide], 30, tmp_path / "all.mp4")
    assert caught.value.facts["chunk"] == "1"


def test_chunks_that_are_decoded_by_other_parameters_are_refused_by_place(tmp_path: Path) -> None:
    form, parts = FrameForm(64, 48, 30), chunks(tmp_path, [5, 5])
    encode_chunk(moving(5, form=form), form, parts[1], FFMPEG, Quality(STANDARD.crf, "ultrafast"))  # Without CABAC.
    with pytest.raises(BackendError, match="coding differs") as caught:
        splice(parts, 30, tmp_path / "all.mp4")
    assert caught.value.facts["chunk"] == "1"


def test_a_chunk_of_another_rate_or_cut_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError):
        splice(chunks(tmp_path, [5, 5], 25), 30, tmp_path / "all.mp4")
    parts = chunks(tmp_path, [20, 20])
    parts[1].write_bytes(parts[1].read_bytes()[:-1500])
    with pytest.raises(BackendError):
        splice(parts, 30, tmp_path / "all.mp4")
