"""Voice and ambience as one programme: its loudness, its peaks, and what silence gives."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench._levels import measure
from episodec.sound.duck import Ducking
from episodec.sound.loudness import Sound, integrated
from episodec.sound.programme import Goal, mix
from episodec.spec.types_of_sound import Mix
from tests.audio.ebur128 import ebur128
from tests.sound.sounds import noise, speech

GOAL = Goal(target_lufs=-16, true_peak_dbtp=-1, ambience_db=-18, ducking=Ducking(9, 80, 450))
NOTHING = np.zeros((10 * 48_000, 2), np.float32)


@pytest.mark.parametrize("target", [-23.0, -16.0, -14.0])
@pytest.mark.parametrize("level", [0.01, 0.3, 2.0])
def test_the_programme_measures_its_target_whatever_the_voice_measured(
    tmp_path: Path, target: float, level: float
) -> None:
    goal = Goal(target, -1, -18, GOAL.ducking)
    built, measured = mix(speech(10) * np.float32(level), noise(10, 0.02), goal)
    loudness, peak = ebur128(tmp_path, built)
    assert loudness == pytest.approx(target, abs=0.11)
    assert measured.loudness_lufs == pytest.approx(loudness, abs=0.06)
    assert peak <= -1
    assert built.shape == (480_000, 2)


@settings(max_examples=15)
@given(seed=st.integers(0, 99), ambience_db=st.floats(-40, 0), voice_rms=st.floats(0.003, 1))
def test_loudness_and_peak_hold_over_many_mixes(seed: int, ambience_db: float, voice_rms: float) -> None:
    goal = Goal(-16, -1, ambience_db, GOAL.ducking)
    voice = speech(6, seed=seed) * np.float32(voice_rms)
    built, measured = mix(voice, noise(6, 0.1, seed=seed), goal)
    actual = integrated(built)
    assert actual is not None
    assert actual == pytest.approx(-16, abs=0.1)
    assert measured.true_peak_dbtp is not None
    assert measured.true_peak_dbtp <= -1.3 + 1e-4


def test_the_ambience_is_so_far_below_the_voice() -> None:
    voice, ambience = speech(10, talks=10, pauses=0), noise(10, 0.5)
    _, measured = mix(voice, ambience, Goal(-16, -1, -18, Ducking(0, 80, 450)))
    assert measured.voice_lufs is not None
    assert measured.ambience_lufs is not None
    below = (measured.ambience_lufs + measured.ambience_gain_db) - (measured.voice_lufs + measured.gain_db)
    assert below == pytest.approx(-18, abs=0.01)


def test_the_voice_is_equally_loud_over_episodes_that_are_not_alike() -> None:
    levels = []
    for seed, (level, ambience) in enumerate([(0.1, noise(10, 0.3)), (1.0, noise(10, 0.001)), (0.5, NOTHING)]):
        _, measured = mix(speech(10, pauses=1.0 + seed, seed=seed) * np.float32(level), ambience, GOAL)
        assert measured.voice_lufs is not None
        levels.append(measured.voice_lufs + measured.gain_db)
    assert max(levels) - min(levels) < 1


def test_voice_alone_is_in_the_middle() -> None:
    built, measured = mix(speech(10), NOTHING, GOAL)
    np.testing.assert_array_equal(built[:, 0], built[:, 1])
    assert (measured.ambience_lufs, measured.ducked_db) == (None, 0)
    assert measured.loudness_lufs == pytest.approx(-16, abs=0.05)


def test_ambience_alone_is_the_programme_and_is_not_ducked() -> None:
    built, measured = mix(NOTHING[:, 0], noise(10, 0.01), GOAL)
    assert integrated(built) == pytest.approx(-16, abs=0.1)
    assert (measured.voice_lufs, measured.ducked_db) == (None, 0)


def test_silence_stays_silence() -> None:
    built, measured = mix(NOTHING[:, 0], NOTHING, GOAL)
    assert abs(built).max() == 0
    assert (measured.loudness_lufs, measured.true_peak_dbtp, measured.gain_db) == (None, None, 0)


@pytest.mark.parametrize("seconds", [1 / 60, 1 / 30, 0.2, 0.4, 0.5])
def test_a_very_short_programme_is_brought_to_the_target_too(seconds: float) -> None:
    length = round(seconds * 48_000)
    built, measured = mix(speech(2)[9000 : 9000 + length], noise(seconds, 0.01), GOAL)
    assert built.shape == (length, 2)
    assert measured.loudness_lufs == pytest.approx(-16, abs=0.5)


def test_a_target_out_of_reach_is_missed_and_told() -> None:
    click = np.zeros(10 * 48_000, np.float32)
    click[240_000] = 1.0
    built, measured = mix(click, NOTHING, GOAL)
    assert measured.loudness_lufs is not None
    assert measured.loudness_lufs < -20
    assert integrated(built) == pytest.approx(measured.loudness_lufs, abs=0.01)


def test_the_same_gives_the_same() -> None:
    first, second = (mix(speech(5), noise(5), GOAL)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


def _with_clicks(seconds: float) -> Sound:
    """(n, 2): a quiet room, and a stroke 12 dB above it every two seconds."""
    built = noise(seconds, 0.002)
    stroke = noise(0.05, 0.008, seed=1)
    for start in range(30_000, len(built) - len(stroke), 92_000):
        built[start : start + len(stroke)] += stroke
    return built


def _swelling(seconds: float) -> Sound:
    """(n, 2): noise that comes and goes by 8 dB in five seconds."""
    rise = 10 ** (4 * np.sin(2 * np.pi * 0.2 * np.arange(round(seconds * 48_000)) / 48_000) / 20)
    return np.asarray(noise(seconds, 0.05) * rise[:, None], np.float32)


@pytest.mark.parametrize("pauses", [0.3, 0.6])
@pytest.mark.parametrize(
    "ambience", [partial(noise, rms=0.02), _with_clicks, _swelling], ids=["steady", "clicks", "sea"]
)
def test_by_default_the_ambience_lies_18_to_22_lu_under_the_speech(
    ambience: Callable[[float], Sound], pauses: float
) -> None:
    """In the pauses of the programme, and under the speech after ducking."""
    spoken, duck = Mix(), Mix().duck
    goal = Goal(-16, -1, spoken.ambience_db, Ducking(duck.depth_db, duck.attack_ms, duck.release_ms))
    voice = speech(10, talks=1.7, pauses=pauses)
    voice[:14_400] = 0
    around = ambience(10)
    levels = measure(mix(voice, around, goal)[0], voice, around, goal)
    assert len(levels.pauses) >= 4
    assert -22 <= levels.in_pauses_lu <= -18
    assert -22 <= levels.under_speech_lu <= -18
