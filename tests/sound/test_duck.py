"""The shape of the ducking gain."""

import numpy as np
import pytest

from episodec.sound.duck import Ducking, duck_gain
from episodec.sound.loudness import integrated
from tests.sound.sounds import sine, speech

HOW = Ducking(depth_db=9, attack_ms=80, release_ms=450)


def in_db(gain: np.ndarray) -> np.ndarray:
    return np.asarray(20 * np.log10(gain))


def burst() -> tuple[np.ndarray, float]:
    """Two seconds of silence, two of a steady tone, four of silence; and its loudness."""
    tone = sine(300, 2, -12)[:, 0]
    voice = np.concatenate([np.zeros(96_000, np.float32), tone, np.zeros(192_000, np.float32)])
    loudness = integrated(np.repeat(voice[:, None], 2, axis=1))
    assert loudness is not None
    return voice, loudness


def test_ambience_falls_with_the_attack_and_comes_back_with_the_release() -> None:
    voice, loudness = burst()
    gain = in_db(duck_gain(voice, loudness, HOW))
    at = {name: gain[round(seconds * 48_000)] for name, seconds in (("before", 1.9), ("attack", 2.08), ("full", 3.9))}
    assert at["before"] == 0
    assert at["attack"] == pytest.approx(-9 * 0.63, abs=0.7)
    assert at["full"] == pytest.approx(-9, abs=0.05)
    assert gain[round(4.45 * 48_000)] == pytest.approx(-9 * 0.37, abs=0.3)
    assert gain[-1] == pytest.approx(0, abs=0.01)


def test_it_never_jumps_never_rises_above_one_and_never_falls_below_its_depth() -> None:
    voice = speech(12)
    gain = duck_gain(voice, -20.0, HOW)
    assert gain.shape == voice.shape
    assert gain.max() <= 1
    assert in_db(gain).min() >= -9.001
    assert abs(np.diff(in_db(gain))).max() < 9 * 5 / 80 / 240 * 1.2


def test_pauses_between_words_do_not_pump_but_long_ones_open() -> None:
    voice = speech(12, talks=4, pauses=2)
    loudness = integrated(np.repeat(voice[:, None], 2, axis=1))
    assert loudness is not None
    gain = in_db(duck_gain(voice, loudness, HOW))
    talking = gain[48_000 : 4 * 48_000]
    assert talking.max() < -4
    assert gain[round(5.9 * 48_000)] > -1


@pytest.mark.parametrize("how", [Ducking(0, 80, 450), Ducking(9, 0, 0), Ducking(60, 1, 5000)])
def test_extreme_settings_are_defined(how: Ducking) -> None:
    voice, loudness = burst()
    gain = duck_gain(voice, loudness, how)
    assert np.isfinite(gain).all()
    assert in_db(gain).min() == pytest.approx(-how.depth_db, abs=0.1)


@pytest.mark.parametrize("length", [1, 239, 240, 241, 1600])
def test_short_voices_have_a_gain(length: int) -> None:
    assert duck_gain(np.full(length, 0.1, np.float32), -20, HOW).shape == (length,)
