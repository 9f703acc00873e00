"""The backend `file`: recordings and ready videos, held to an episode's length."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from episodec.audio.words import Words, read_words
from episodec.backends.file import FileBackend
from episodec.contracts.hold import hold
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from episodec.video.container import opened
from tests.toys.orders import task
from tests.video.videos import video

CLOCK = {"frames": 30, "rate": 30}


def tone(seconds: float, rate: int = 44_100, channels: int = 1) -> np.ndarray[Any, Any]:
    """(n, channels), each channel half as loud as the one before."""
    mono = 0.5 * np.sin(np.arange(round(seconds * rate)) * 2 * np.pi * 440 / rate)
    return np.stack([mono / 2**channel for channel in range(channels)], axis=1)


def sound_order(root: Path, samples: np.ndarray[Any, Any], stage: str = "voice", **more: Any) -> WorkOrder:
    root.mkdir(exist_ok=True)
    soundfile.write(root / "source.wav", samples, more.pop("rate_hz", 44_100), subtype=more.pop("subtype", "PCM_16"))
    inputs = {"recording.wav": ((root / "source.wav").read_bytes(),)}
    if "timings" in more:
        inputs["timings.vtt"] = (more.pop("timings").encode(),)
    outputs = ("speech.wav", "words.json") if stage == "voice" else (f"{stage}.wav",)
    return task(root, "file", stage=stage, inputs=inputs, params={**CLOCK, **more}, outputs=outputs).order


def run_file(order: WorkOrder) -> tuple[np.ndarray[Any, Any], int]:
    FileBackend().run(order)
    hold(order)
    path = next(path for name, path in order.outputs.items() if name.endswith(".wav"))
    assert soundfile.info(path).subtype == "PCM_16"
    return soundfile.read(path, always_2d=True)  # type: ignore[no-any-return]  # It ships no types.


def words(order: WorkOrder) -> Words:
    FileBackend().run(order)
    hold(order)
    return read_words(order.outputs["words.json"])


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 48_000, 96_000])
def test_a_recording_becomes_exactly_the_frames_of_the_episode(tmp_path: Path, rate_hz: int) -> None:
    samples, rate = run_file(sound_order(tmp_path, tone(0.5, rate_hz), "foley", rate_hz=rate_hz))
    assert (rate, samples.shape) == (48_000, (48_000, 2))
    assert abs(samples[10_000:20_000]).max() == pytest.approx(0.5, abs=0.01)
    assert abs(samples[24_100:]).max() == 0


@pytest.mark.parametrize(("rate_hz", "frames"), [(44_100, 30), (48_000, 30), (11_025, 24)])
def test_a_recording_of_just_that_length_fits(tmp_path: Path, rate_hz: int, frames: int) -> None:
    samples, _ = run_file(sound_order(tmp_path, tone(frames / 30, rate_hz), "foley", rate_hz=rate_hz, frames=frames))
    assert len(samples) == frames * 1600


def test_a_longer_recording_is_refused_with_the_frames_that_would_hold_it(tmp_path: Path) -> None:
    with pytest.raises(BackendError) as caught:
        run_file(sound_order(tmp_path, tone(1.51, 48_000), "foley", rate_hz=48_000))
    assert caught.value.sentence == "the recording is 0.510 s longer than the episode"
    assert "frames: 46" in (caught.value.hint or "")


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 48_000, 96_000])
def test_a_voice_keeps_its_length(tmp_path: Path, rate_hz: int) -> None:
    samples, rate = run_file(sound_order(tmp_path, tone(1.5, rate_hz), rate_hz=rate_hz))
    assert (rate, samples.shape) == (48_000, (72_000, 1))


TIMED = "WEBVTT\n\n00:00.100 --> 00:00.400\nпривет\n\n00:00.500 --> 00:00.900\nмир <00:00.700>ещё\n"


def test_word_times_are_read_in_samples(tmp_path: Path) -> None:
    actual = words(sound_order(tmp_path, tone(1), timings=TIMED))
    assert (actual.samples, actual.timing) == (48_000, "measured")
    assert [(one.word, one.start, one.end) for one in actual.words] == [
        ("привет", 4_800, 19_200),
        ("мир", 24_000, 33_600),
        ("ещё", 33_600, 43_200),
    ]


def test_the_text_of_a_recording_is_what_its_times_show(tmp_path: Path) -> None:
    actual = words(sound_order(tmp_path, tone(1), timings=TIMED, sentences=[["Привет,", "мир!"], ["Ещё."]]))
    assert [(one.word, one.sentence) for one in actual.words] == [("Привет,", 0), ("мир!", 0), ("Ещё.", 1)]


def test_a_text_of_other_words_than_its_times_is_refused_at_the_word(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="differ") as caught:
        words(sound_order(tmp_path, tone(1), timings=TIMED, sentences=[["Привет,", "целый", "мир!", "Ещё."]]))
    assert "from word 2: целый" in caught.value.facts["text"]


def test_without_word_times_a_text_is_spread_and_without_both_words_are_absent(tmp_path: Path) -> None:
    actual = words(sound_order(tmp_path / "text", tone(1), sentences=[["да", "нет!"]]))
    assert (actual.timing, [(one.start, one.end) for one in actual.words]) == (
        "estimated",
        [(0, 19_200), (19_200, 48_000)],
    )
    assert words(sound_order(tmp_path / "none", tone(1))) == Words(48_000, "absent")


def test_a_voice_is_mixed_to_mono(tmp_path: Path) -> None:
    samples, _ = run_file(sound_order(tmp_path, tone(1, channels=2)))
    assert samples.shape == (48_000, 1)
    assert abs(samples[1000:-1000]).max() == pytest.approx(0.375, abs=0.01)


@pytest.mark.parametrize(("channels", "right"), [(1, 0.5), (2, 0.25)])
def test_foley_is_stereo(tmp_path: Path, channels: int, right: float) -> None:
    samples, _ = run_file(sound_order(tmp_path, tone(1, channels=channels), "foley"))
    assert samples.shape == (48_000, 2)
    assert abs(samples[1000:-1000]).max(axis=0) == pytest.approx([0.5, right], abs=0.01)


def test_foley_of_six_channels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="the recording has more than two channels"):
        run_file(sound_order(tmp_path, tone(1, channels=6), "foley"))


def test_a_silent_voice_is_refused_and_silent_foley_is_not(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="silent"):
        run_file(sound_order(tmp_path, tone(1) * 1e-5, subtype="FLOAT"))
    assert run_file(sound_order(tmp_path / "foley", tone(1) * 0, "foley"))[0].shape == (48_000, 2)


def test_the_same_recording_gives_the_same_bytes(tmp_path: Path) -> None:
    orders = [sound_order(tmp_path / name, tone(0.7), "foley") for name in "ab"]
    for order in orders:
        FileBackend().run(order)
    hold(order)
    assert orders[0].output().read_bytes() == orders[1].output().read_bytes()


def test_an_order_without_a_recording_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BackendError) as caught:
        FileBackend().run(task(tmp_path, "file", stage="voice", params={**CLOCK, "text": "hello"}).order)
    assert "voice: {file" in (caught.value.hint or "")


def video_order(root: Path, path: Path, **params: Any) -> WorkOrder:
    inputs = {f"video{path.suffix}": (path.read_bytes(),)}
    params = {"size": None, **CLOCK, **params}
    return task(root, "file", stage="video", inputs=inputs, params=params, outputs=("video.mp4",)).order


@pytest.mark.parametrize("size", [None, [64, 48]])
def test_a_fitting_video_is_passed_on_byte_for_byte(tmp_path: Path, size: list[int] | None) -> None:
    path = video(tmp_path / "source.mp4")
    order = video_order(tmp_path, path, size=size)
    FileBackend().run(order)
    hold(order)
    assert order.output().read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("params", "sentence", "fact"),
    [
        ({"frames": 31}, "differs in length", ("video", "30 frames")),
        ({"rate": 25}, "the video differs in frame rate from the episode", ("video", "30 a second, constant")),
        ({"size": [64, 64]}, "the video differs in size from the episode", ("video", "64x48")),
    ],
)
def test_a_video_that_does_not_fit_is_refused(
    tmp_path: Path, params: dict[str, Any], sentence: str, fact: tuple[str, str]
) -> None:
    with pytest.raises(BackendError, match=sentence) as caught:
        FileBackend().run(video_order(tmp_path, video(tmp_path / "source.mp4"), **params))
    assert fact in caught.value.facts.items()


@pytest.mark.parametrize(
    ("more", "phrase"),
    [
        ((), None),
        (("-pix_fmt", "yuvj420p"), None),
        (("-c:v", "mpeg4"), "is coded as mpeg4"),
        (("-c:v", "libx265", "-x265-params", "log-level=none"), "is coded as hevc"),
        (("-pix_fmt", "yuv444p"), "has the pixel format yuv444p"),
        (("-pix_fmt", "yuv420p10le"), "has the pixel format yuv420p10le"),
        (("-vf", "setsar=2"), "has non-square pixels, 2:1"),
        (("-map", "0:v", "-map", "0:v", "-map", "1:a"), "has 2 video tracks"),
    ],
)
def test_what_not_all_browsers_play_is_told(tmp_path: Path, more: tuple[str, ...], phrase: str | None) -> None:
    order = video_order(tmp_path, video(tmp_path / "source.mp4", *more))
    FileBackend().run(order)
    rows = [(note.code, note.sentence) for note in order.notes]
    assert [code for code, _ in rows] == ["video-not-everywhere"] * (phrase is not None)
    assert phrase is None or phrase in rows[0][1]


def test_a_video_that_cannot_be_decoded_to_its_end_is_told(tmp_path: Path) -> None:
    path = video(tmp_path / "source.mp4", "-g", "10")
    content = bytearray(path.read_bytes())
    with opened(path) as container:
        last = [packet for packet in container.demux(video=0) if packet.size][20]
        assert last.pos is not None
        content[last.pos + 20 : last.pos + last.size] = b"\xaa" * (last.size - 20)
    path.write_bytes(content)
    order = video_order(tmp_path, path)
    FileBackend().run(order)
    assert [(note.code, note.sentence) for note in order.notes] == [
        ("video-damaged", "the video cannot be decoded completely: 20 of 30 frames are intact")
    ]


def test_a_video_of_uneven_frames_is_refused(tmp_path: Path) -> None:
    uneven = video(tmp_path / "a.mp4", "-vf", "setpts='PTS+gt(N,10)*0.1/TB'", "-fps_mode", "vfr")
    with pytest.raises(BackendError, match="the video differs in frame rate from the episode"):
        FileBackend().run(video_order(tmp_path, uneven))


def test_another_container_is_refused_with_the_command_that_mends_it(tmp_path: Path) -> None:
    with pytest.raises(BackendError) as caught:
        FileBackend().run(video_order(tmp_path, video(tmp_path / "source.mkv")))
    assert "-c copy" in (caught.value.hint or "")


def notes_of_run(order: WorkOrder) -> list[tuple[str, str]]:
    FileBackend().run(order)
    return [(note.code, note.sentence) for note in order.notes]


def test_what_a_recording_lacks_is_told(tmp_path: Path) -> None:
    assert notes_of_run(sound_order(tmp_path / "1", tone(1), "foley")) == []
    assert notes_of_run(sound_order(tmp_path / "2", tone(0.5), "foley")) == [
        ("ambience-too-short", "the recording is 0.50 s shorter than the episode: silence follows it")
    ]
    assert notes_of_run(sound_order(tmp_path / "3", tone(1))) == []
    assert (
        notes_of_run(sound_order(tmp_path / "4", tone(1), sentences=[["yes", "no!"]])) == []
    )  # Stage `align` tells of it.


def test_what_word_times_lack_is_told(tmp_path: Path) -> None:
    head = "WEBVTT\n\n00:00.000 --> 00:00.500\none\n\n00:00.500 --> "
    assert notes_of_run(sound_order(tmp_path / "1", tone(1), timings=f"{head}00:01.000\ntwo\n")) == []
    assert notes_of_run(sound_order(tmp_path / "2", tone(1), timings=f"{head}00:01.250\n<b>two</b> three\n")) == [
        (
            "word-times-estimated",
            "2 words share their timestamps with others: their times are estimated from their letters",
        ),
        ("word-times-cut", "the last cue ends 0.25 s after the end of the recording"),
    ]
    inside = f"{head}00:01.000\n<b>two</b> <00:00.800>three\n"
    assert notes_of_run(sound_order(tmp_path / "3", tone(1), timings=inside)) == []


@pytest.mark.parametrize("stage", ["voice", "foley"])
def test_samples_above_full_scale_are_told_and_full_scale_is_not(tmp_path: Path, stage: str) -> None:
    loud = tone(1, 48_000) * 2  # Its peaks are full scale.
    assert notes_of_run(sound_order(tmp_path / "full", loud, stage, rate_hz=48_000, subtype="FLOAT")) == []
    loud[100:110] = 1.5
    channels = 1 if stage == "voice" else 2
    assert notes_of_run(sound_order(tmp_path / "over", loud, stage, rate_hz=48_000, subtype="FLOAT")) == [
        (
            "sound-clipped",
            f"{10 * channels} samples were above full scale and are clipped: the sound is distorted there",
        )
    ]
