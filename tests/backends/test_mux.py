"""The finished episode: lengths, timestamps, sync, metadata; and what is refused at the border."""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from episodec.backends.file import FileBackend
from episodec.backends.mux import Mux
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from episodec.video.frames import Frame, frames_of
from episodec.video.probe import probe
from episodec.video.splice import splice
from episodec.video.x264 import encode_chunk
from tests.toys.orders import task
from tests.video.chunks import FFMPEG, FORM, aac, check_even, chunk, packets
from tests.video.videos import video

FRAMES = 45
TOLD = {"title": "Notebook", "character": "alpha", "season": "d13", "number": 72, "language": "ru"}
VTT = "WEBVTT\n\n00:00.200 --> 00:00.900\nПервая строка,\nвторая строка.\n\n00:01.000 --> 00:01.400\nEnd.\n"


def silence(frames: int = FRAMES) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.zeros((frames * 1600, 2), np.float32)


def mux_order(root: Path, picture: Path, sound: Path | None = None, captions: str = "", **params: Any) -> WorkOrder:
    inputs = {"picture.mp4": (picture.read_bytes(),)}
    inputs |= {} if sound is None else {"audio.m4a": (sound.read_bytes(),)}
    inputs |= {"captions.vtt": (captions.encode(),)} if captions else {}
    output = {"frames": FRAMES, "rate": 30, **TOLD, **params}
    return task(root, "mux", stage="mux", inputs=inputs, params=output, outputs=("episode.mp4",)).order


def mux_video(order: WorkOrder) -> Path:
    Mux().run(order)
    return order.output()


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("parts")
    return chunk(folder / "picture.mp4", FRAMES), aac(folder / "sound.m4a", silence())


def test_picture_and_sound_are_copied_packet_by_packet(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    picture, sound = parts
    episode = mux_video(mux_order(tmp_path, picture, sound))
    assert packets(episode) == packets(picture)
    assert packets(episode, "audio") == packets(sound, "audio")


def test_ffmpeg_hears_and_sees_exactly_the_frames(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    episode = mux_video(mux_order(tmp_path, *parts, VTT))
    assert len(played_samples(episode)) == FRAMES * 1600
    video = probe(episode)
    assert video.frames == FRAMES
    assert video.audio_samples == FRAMES * 1600
    assert video.is_constant
    assert video.start_s == 0


def played_samples(path: Path) -> np.ndarray[tuple[int, int], np.dtype[np.int16]]:
    """(n, 2), as ffmpeg plays it: the edit list applied."""
    command = [str(FFMPEG), "-v", "error", "-i", str(path), "-map", "0:a", "-f", "s16le", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.int16).reshape(-1, 2)


def test_a_flash_and_a_click_come_out_within_48_samples(tmp_path: Path) -> None:
    """White frames, and clicks at their first samples: in the decoded mp4 they are still together."""
    flashes = [5, 17, 30, 44]
    sound = silence()
    for frame in flashes:
        sound[frame * 1600 : frame * 1600 + 48] = 0.9
    pictures = (flat(255 if index in flashes else 0) for index in range(FRAMES))
    encode_chunk(pictures, FORM, tmp_path / "flash.mp4", FFMPEG)
    episode = mux_video(mux_order(tmp_path, tmp_path / "flash.mp4", aac(tmp_path / "click.m4a", sound)))
    levels = [float(frame.mean()) for frame in frames_of(episode)]
    assert [index for index, level in enumerate(levels) if level > 128] == flashes
    loud = np.abs(played_samples(episode)[:, 0].astype(int)) > 16_000
    starts = [index for index in np.flatnonzero(loud) if not loud[max(0, index - 400) : index].any()]
    assert len(starts) == len(flashes)
    assert all(abs(start - frame * 1600) <= 48 for start, frame in zip(starts, flashes, strict=True))


def flat(level: int) -> Frame:
    return np.full((FORM.height, FORM.width, 3), level, np.uint8)


AWKWARD = [
    "plain",
    "quotes \" and ' and `",
    "two\nlines\r\nand a tab\t",
    "emoji 😀 and ж and 中文",
    "a=b=c; # d \\ e",
    "-y",
    "=",
    "[section]\n;comment",
    "title=other",
    "%d {} $HOME",
]


@pytest.mark.parametrize("text", AWKWARD)
def test_metadata_is_kept_to_the_letter(tmp_path: Path, parts: tuple[Path, Path], text: str) -> None:
    import av

    order = mux_order(tmp_path, *parts, title=text, description=text * 40, disclosure=text, tags=["a", text])
    with av.open(str(mux_video(order))) as container:
        actual = container.metadata
    assert actual["title"] == actual["comment"] == text
    assert actual["description"] == actual["synopsis"] == text * 40
    assert actual["keywords"] == f"a, {text}"
    assert (actual["artist"], actual["album"], actual["episode_id"], actual["episode_sort"]) == (
        "alpha",
        "d13",
        "d13-72",
        "72",
    )
    assert not {"encoder", "creation_time", "date"} & set(actual)


def test_a_nul_in_a_text_is_refused(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    with pytest.raises(BackendError, match="NUL"):
        mux_video(mux_order(tmp_path, *parts, title="a\0b"))


@pytest.mark.parametrize(
    ("tag", "letters"), [("ru", "rus"), ("en-GB", "eng"), ("zh-Hans", "zho"), ("yue", "yue"), ("qq-x", "und")]
)
def test_captions_and_sound_name_their_language(
    tmp_path: Path, parts: tuple[Path, Path], tag: str, letters: str
) -> None:
    import av

    with av.open(str(mux_video(mux_order(tmp_path, *parts, VTT, language=tag)))) as container:
        assert container.streams.subtitles[0].language == letters
        assert container.streams.audio[0].language == letters


def test_captions_can_be_read_out_again(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    episode = mux_video(mux_order(tmp_path, *parts, VTT))
    command = [str(FFMPEG), "-v", "error", "-i", str(episode), "-map", "0:s", "-f", "webvtt", "-"]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert done.stdout.strip() == VTT.strip()


def test_the_same_parts_give_the_same_bytes(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    first, other = (mux_video(mux_order(tmp_path / name, *parts, VTT)).read_bytes() for name in "ab")
    assert first == other


def test_an_episode_may_be_silent(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    assert probe(mux_video(mux_order(tmp_path, parts[0]))).audio_codec is None


@pytest.mark.parametrize("by", [-1, 1, 15])
def test_sound_of_another_length_is_refused_in_samples(tmp_path: Path, parts: tuple[Path, Path], by: int) -> None:
    sound = aac(tmp_path / "sound.m4a", silence(FRAMES + by))
    with pytest.raises(BackendError, match="not as promised") as caught:
        mux_video(mux_order(tmp_path, parts[0], sound))
    assert caught.value.facts["samples"] == f"{(FRAMES + by) * 1600}, not {FRAMES * 1600}"


@pytest.mark.parametrize("frames", [FRAMES - 1, FRAMES + 1])
def test_a_picture_of_another_length_is_refused_in_frames(tmp_path: Path, frames: int) -> None:
    with pytest.raises(BackendError, match="not as promised") as caught:
        mux_video(mux_order(tmp_path, chunk(tmp_path / "picture.mp4", frames)))
    assert caught.value.facts["frames"] == f"{frames}, not {FRAMES}"


def test_a_picture_of_another_rate_is_refused(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    with pytest.raises(BackendError, match="rate differs"):
        mux_video(mux_order(tmp_path, parts[0], rate=25))


def test_captions_after_the_end_are_refused(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    late = "WEBVTT\n\n00:01.000 --> 00:09.000\nToo long.\n"
    with pytest.raises(BackendError, match="captions continue") as caught:
        mux_video(mux_order(tmp_path, *parts, late))
    assert caught.value.facts["captions"] == "until 9.000 s"


def test_a_ready_video_keeps_its_sound_where_there_is_no_other(tmp_path: Path) -> None:
    ready = video(tmp_path / "ready.mp4")
    kept = mux_video(mux_order(tmp_path, ready, frames=30))
    assert packets(kept, "audio") == packets(ready, "audio")
    sound = aac(tmp_path / "sound.m4a", silence(30))
    replaced = mux_video(mux_order(tmp_path / "more", ready, sound, frames=30))
    assert packets(replaced, "audio") == packets(sound, "audio")


def test_a_ready_video_whose_sound_is_longer_is_refused_without_another(tmp_path: Path) -> None:
    picture, sound = chunk(tmp_path / "picture.mp4", 15), aac(tmp_path / "sound.m4a", silence(30))
    ready = tmp_path / "ready.mp4"
    subprocess.run(
        [str(FFMPEG), "-v", "error", "-i", str(picture), "-i", str(sound), "-c", "copy", str(ready)], check=True
    )
    with pytest.raises(BackendError, match="longer than its picture"):
        mux_video(mux_order(tmp_path, ready, frames=15))


@pytest.mark.parametrize("frames", [1, 2, 3, 31, 44, 45])
@pytest.mark.parametrize("clock", ["1000", "mkv"])
def test_frames_of_a_coarse_clock_are_put_where_they_belong(tmp_path: Path, frames: int, clock: str) -> None:
    """33, 67, 100 ms, in an mp4 of such a clock or in one that was a Matroska file before."""
    if clock == "mkv":
        source = video(tmp_path / "source.mkv", "-an", "-preset", "medium", frames=frames)
        ready = tmp_path / "ready.mp4"
        subprocess.run([str(FFMPEG), "-v", "error", "-i", str(source), "-c", "copy", str(ready)], check=True)
    else:
        ready = video(tmp_path / "ready.mp4", "-an", "-video_track_timescale", clock, frames=frames)
    inputs, params = {"video.mp4": (ready.read_bytes(),)}, {"frames": frames, "rate": 30, "size": None}
    FileBackend().run(
        task(tmp_path / "file", "file", stage="video", inputs=inputs, params=params, outputs=("video.mp4",)).order
    )
    episode = mux_video(mux_order(tmp_path, ready, frames=frames))
    check_even(episode, frames, 30)
    assert packets(episode) == packets(ready)


def test_a_ready_video_whose_decode_times_jump_is_put_right(tmp_path: Path) -> None:
    """Every frame is shown in time, and the last one is decoded a frame late, as in a film of joined chunks."""
    import av

    ready = tmp_path / "ready.mp4"
    with av.open(str(chunk(tmp_path / "even.mp4", 31))) as source, av.open(str(ready), "w") as target:
        track = target.add_stream_from_template(source.streams.video[0])
        pieces: list[Any] = [packet for packet in source.demux() if packet.size]
        for at, packet in enumerate(pieces):
            packet.dts += 512 * (at == 30)
            packet.pts = max(packet.pts, packet.dts)
            packet.stream = track
            target.mux_one(packet)
    assert probe(ready).is_constant
    check_even(mux_video(mux_order(tmp_path, ready, frames=31)), 31, 30)


@pytest.mark.parametrize("frames", [1, 2, 31, 61])
def test_ffmpeg_tells_the_rate_of_the_episode_at_any_length(tmp_path: Path, frames: int) -> None:
    lengths = [min(30, frames - start) for start in range(0, frames, 30)]
    parts = [chunk(tmp_path / f"{place}.mp4", length) for place, length in enumerate(lengths)]
    splice(parts, 30, tmp_path / "picture.mp4")
    sound = aac(tmp_path / "sound.m4a", silence(frames))
    episode = mux_video(mux_order(tmp_path, tmp_path / "picture.mp4", sound, frames=frames))
    check_even(episode, frames, 30)
    done = subprocess.run(
        [str(FFMPEG), "-hide_banner", "-i", str(episode)], capture_output=True, text=True, check=False
    )
    assert "30 fps, 30 tbr" in done.stderr


def test_a_script_in_the_place_of_captions_opens_no_other_file(tmp_path: Path, parts: tuple[Path, Path]) -> None:
    order = mux_order(tmp_path, *parts, "ffconcat version 1.0\nfile private.vtt\n")
    order.input("captions.vtt").with_name("private.vtt").write_text(VTT)
    assert "вторая".encode() not in mux_video(order).read_bytes()


def test_nothing_that_a_ready_video_says_of_itself_is_passed_on(tmp_path: Path) -> None:
    import av

    def metadata_of(path: Path) -> dict[str, str]:
        with av.open(str(path)) as container:
            return dict(container.metadata)

    own = {"location": "+59.9311+030.3609/", "copyright": "somebody", "synopsis": "at home"}
    ready = video(tmp_path / "ready.mp4", *(word for name in own for word in ("-metadata", f"{name}={own[name]}")))
    assert own.items() <= metadata_of(ready).items()
    actual = metadata_of(mux_video(mux_order(tmp_path, ready, frames=30)))
    assert actual["title"] == TOLD["title"]
    assert not own.keys() & actual.keys()


def test_sound_that_is_not_used_and_a_language_without_a_code_are_told(
    tmp_path: Path, parts: tuple[Path, Path]
) -> None:
    picture, sound = parts
    with_sound = mux_video(mux_order(tmp_path / "1", picture, sound))
    once = mux_order(tmp_path / "2", with_sound, sound)
    own = mux_order(tmp_path / "3", with_sound)
    odd = mux_order(tmp_path / "4", picture, sound, language="x-klingon")
    for first in (once, own, odd):
        mux_video(first)
    assert [note.code for note in once.notes] == ["video-sound-unused"]
    assert own.notes == []
    assert [(note.code, note.facts) for note in odd.notes] == [("language-undetermined", {"language": "x-klingon"})]
