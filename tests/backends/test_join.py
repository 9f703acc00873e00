"""Sentences joined into the frames of an episode, by the real ffmpeg where they are played faster."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from episodec.audio.wav import write_wav
from episodec.audio.words import Phoneme, SpokenWord, Timing, Words, read_words, write_words
from episodec.backends.join import JoinBackend
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from tests.toys.orders import task

RATE = 48_000
MOVED = 24 * 48
"""By how many samples a tone may move within its sentence: a WSOLA looks for what repeats within half of its window,
21 ms, and tones repeat anywhere. Speech moves by less: see `backends.join`."""
Speech = tuple[np.ndarray[Any, Any], Words]


def burst(seconds: float, words: int = 1, hz: float = 200.0) -> Speech:
    """A sentence of tone bursts, each a word that begins sharply, with 60 ms of silence between them."""
    step = round(seconds * RATE / words)
    length = step * words
    time = np.arange(length) / RATE
    sound = 0.4 * np.sin(time * 2 * np.pi * hz) + 0.1 * np.sin(time * 7 * np.pi * hz)
    ends = [min((index + 1) * step - 2880, length) for index in range(words - 1)] + [length]
    for index, end in enumerate(ends):
        sound[end : (index + 1) * step] = 0
    rows = [SpokenWord(f"w{i}", i * step, end, 0, (Phoneme("a", i * step, end),)) for i, end in enumerate(ends)]
    return sound.astype(np.float32), Words(length, "measured", tuple(rows))


def join_order(root: Path, speeches: list[Speech], **params: Any) -> WorkOrder:
    root.mkdir(exist_ok=True, parents=True)
    sounds, words = [], []
    for samples, output in speeches:
        write_wav(root / "a.wav", samples[:, None])
        write_words(root / "a.json", output)
        sounds.append((root / "a.wav").read_bytes())
        words.append((root / "a.json").read_bytes())
    inputs = {"speech.wav": tuple(sounds), "words.json": tuple(words)}
    params = {"frames": 90, "rate": 30, "fit": "stretch", "pause_s": 0.25, **params}
    return task(root, "join", stage="join", inputs=inputs, params=params, outputs=("voice.wav", "words.json")).order


def joined(root: Path, speeches: list[Speech], **params: Any) -> Speech:
    order = join_order(root, speeches, **params)
    JoinBackend().run(order)
    assert soundfile.info(order.outputs["voice.wav"]).subtype == "PCM_16"
    samples, rate = soundfile.read(order.outputs["voice.wav"])
    assert rate == RATE
    return samples, read_words(order.outputs["words.json"])


def onsets(samples: np.ndarray[Any, Any]) -> list[int]:
    """Where sound begins after silence."""
    loud = np.flatnonzero(np.abs(samples) > 0.02)
    return [int(loud[0]), *(int(after) for before, after in pairwise(loud) if after - before > 1000)]


def test_sentences_start_on_the_grid_and_the_pause_is_what_is_left_to_it(tmp_path: Path) -> None:
    samples, actual = joined(tmp_path, [burst(0.5), burst(0.75, 2), burst(0.5)])
    assert samples.shape == (90 * 1600,)
    assert [(one.word, one.sentence) for one in actual.words] == [("w0", 0), ("w0", 1), ("w1", 1), ("w0", 2)]
    assert [one.start for one in actual.words] == [0, 48_000, 66_000, 96_000]
    assert onsets(samples) == pytest.approx([0, 48_000, 66_000, 96_000], abs=60)
    assert np.abs(samples[120_000:]).max() == 0


def test_the_grid_begins_at_the_lead_in(tmp_path: Path) -> None:
    _, actual = joined(tmp_path, [burst(0.5), burst(0.5)], lead_s=0.3, tail_s=0.5)
    assert [one.start for one in actual.words] == [9 * 1600, 9 * 1600 + 48_000]


def test_marks_and_paragraphs_of_the_text_are_pauses(tmp_path: Path) -> None:
    output = {"marked_s": [0.6, 0, 0.9], "marked_after_s": 0.1, "paragraphs": [1]}
    _, actual = joined(tmp_path, [burst(0.25), burst(0.25), burst(0.25)], frames=150, **output)
    assert [one.start / RATE for one in actual.words] == [1.0, 2.0, 3.5]
    _, short = joined(tmp_path / "short", [burst(0.25), burst(0.25), burst(0.25)], frames=150, **output, is_short=True)
    assert [one.start / RATE for one in short.words] == [1.0, 1.5, 3.0]


@pytest.mark.parametrize(
    ("timings", "expected"),
    [
        (["measured", "measured"], "measured"),
        (["measured", "aligned"], "aligned"),
        (["aligned", "estimated"], "estimated"),
        (["estimated", "absent", "measured"], "absent"),
    ],
)
def test_times_are_only_as_sure_as_those_of_the_least_sure_sentence(
    tmp_path: Path, timings: list[Timing], expected: Timing
) -> None:
    sound, output = burst(0.25)
    _, rows = joined(tmp_path, [(sound, replace(output, timing=timing)) for timing in timings])
    assert rows.timing == expected


@pytest.mark.parametrize("rate", [24, 25, 30, 50, 60])
def test_the_voice_is_as_long_as_the_frames(tmp_path: Path, rate: int) -> None:
    samples, actual = joined(tmp_path, [burst(0.5)], frames=rate, rate=rate)
    assert len(samples) == actual.samples == RATE


@pytest.mark.parametrize(("longer", "percent"), [(1.0001, 2), (1.02, 2), (1.05, 6), (1.0799, 8)])
def test_a_longer_narration_is_played_faster_with_its_pitch_and_words_in_place(
    tmp_path: Path, longer: float, percent: int
) -> None:
    speech = [burst(3 * longer, 8)]
    samples, actual = joined(tmp_path, speech)
    assert len(samples) == 90 * 1600
    rows = [one.start for one in actual.words]
    assert rows == pytest.approx([one.start / (1 + percent / 100) for one in speech[0][1].words], abs=2)
    assert onsets(samples) == pytest.approx(rows, abs=MOVED)
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.argmax(spectrum) * RATE / len(samples) == pytest.approx(200, abs=3)
    assert actual.words[3].phonemes[0].start == pytest.approx(rows[3], abs=1)


def test_what_just_fits_is_not_touched(tmp_path: Path) -> None:
    speech = burst(3)
    samples, actual = joined(tmp_path, [speech])
    np.testing.assert_allclose(samples, speech[0], atol=1 / 32_000)
    assert actual.words == speech[1].words


def test_silence_at_the_end_gives_way_first(tmp_path: Path) -> None:
    samples, words = burst(3)
    longer = np.concatenate([samples, np.zeros(RATE * 2, np.float32)])
    fitted, actual = joined(tmp_path, [(longer, Words(len(longer), "measured", words.words))])
    np.testing.assert_allclose(fitted, samples, atol=1 / 32_000)
    assert actual.samples == len(fitted)


def test_sentences_that_are_played_faster_still_start_on_the_grid(tmp_path: Path) -> None:
    speech = [burst(1.42, 3), burst(1.42, 4)]
    samples, actual = joined(tmp_path, speech, lead_s=0.1, tail_s=0.0)
    starts = [one.start for one in actual.words if one.word == "w0"]
    assert starts == [3 * 1600, 48 * 1600]
    assert onsets(samples) == pytest.approx([one.start for one in actual.words], abs=MOVED)
    assert actual.words[-1].end == pytest.approx(48 * 1600 + 1.42 * RATE / 1.06, abs=2)


def test_pauses_shrink_before_anything_is_played_faster(tmp_path: Path) -> None:
    order = join_order(tmp_path, [burst(1.3), burst(1.3)], pause_s=0.6, paragraphs=[1])
    JoinBackend().run(order)
    assert [one.start for one in read_words(order.outputs["words.json"]).words] == [0, 72_000]
    (note,) = order.notes
    assert note.code == "pauses-shortened"
    assert note.sentence == "the narration is 0.80 s longer than the episode: pauses shrink to 0.15 s"
    asked = join_order(tmp_path / "asked", [burst(1.3), burst(1.3)], pause_s=0.6, paragraphs=[1], is_short=True)
    JoinBackend().run(asked)
    assert asked.notes == []
    assert asked.outputs["voice.wav"].read_bytes() == order.outputs["voice.wav"].read_bytes()


def test_two_words_that_miss_the_grid_start_at_any_frame_and_that_is_told(tmp_path: Path) -> None:
    order = join_order(tmp_path, [burst(0.51), burst(0.51)], frames=60, lead_s=0.3, tail_s=0.5, pause_s=0.15)
    JoinBackend().run(order)
    assert [one.start for one in read_words(order.outputs["words.json"]).words] == [9 * 1600, 29 * 1600]
    (note,) = order.notes
    assert note.code == "pauses-shortened"
    assert note.sentence.endswith(" s longer than the episode: sentences start at any frame")


def test_an_overflow_names_the_sentence_the_seconds_the_words_and_the_frames(tmp_path: Path) -> None:
    with pytest.raises(BackendError) as caught:
        joined(tmp_path, [burst(1.5, 3), burst(1.5, 3), burst(1.5, 5)])
    error = caught.value
    assert error.sentence == "the narration is 1.52 s longer than the episode even 8% faster"
    assert error.facts["overflows"] == "at sentence 3: «w0 w1 w2 w3 w4»"
    assert error.facts["too long"] == "1.52 s, about 5 words"
    assert error.hint == "cut about 5 words, or set `frames: 136`"
    joined(tmp_path / "longer", [burst(1.5, 3), burst(1.5, 3), burst(1.5, 5)], frames=136)
    with pytest.raises(BackendError):
        joined(tmp_path / "shorter", [burst(1.5, 3), burst(1.5, 3), burst(1.5, 5)], frames=135)


def test_without_stretching_a_hair_too_long_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BackendError) as caught:
        joined(tmp_path, [burst(3.05)], fit="none")
    assert "faster" not in caught.value.sentence
    assert "frames: 92" in (caught.value.hint or "")


def test_a_recording_without_words_overflows_at_a_time(tmp_path: Path) -> None:
    samples, _ = burst(4)
    with pytest.raises(BackendError) as caught:
        joined(tmp_path, [(samples, Words(len(samples), "absent"))])
    assert caught.value.facts["overflows"] == "at 3.00 s"


def test_the_same_sentences_give_the_same_bytes(tmp_path: Path) -> None:
    orders = [join_order(tmp_path / name, [burst(3.2, 7)]) for name in "ab"]
    for order in orders:
        JoinBackend().run(order)
    for name in orders[0].outputs:
        assert orders[0].outputs[name].read_bytes() == orders[1].outputs[name].read_bytes()


def test_speech_that_breaks_its_promise_is_refused(tmp_path: Path) -> None:
    samples, words = burst(1)
    with pytest.raises(BackendError, match="not mono at 48 kHz"):
        joined(tmp_path, [(samples[:-10], words)])


def test_a_narration_that_is_played_faster_is_told_and_one_that_fits_is_not(tmp_path: Path) -> None:
    order = join_order(tmp_path / "long", [burst(3.15, 5)])
    JoinBackend().run(order)
    (note,) = order.notes
    assert note.code == "voice-sped-up"
    assert note.sentence == "the narration is 0.15 s longer than the episode: all of it is sped up by 6%"
    assert (note.facts, note.hint) == (
        {"narration_s": 3.15, "episode_s": 3.0},
        "cut a few words, or set `frames: 95`",
    )
    fits = join_order(tmp_path / "fits", [burst(3.0, 5)])
    JoinBackend().run(fits)
    assert fits.notes == []
