"""Loudness and true peak, against two meters that are not ours."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from episodec.sound.loudness import Sound, integrated, peaks, true_peak
from tests.audio.ebur128 import ebur128
from tests.sound.sounds import noise, sine, speech

SOUNDS: dict[str, Callable[[], Sound]] = {
    "tone": lambda: sine(1000, 5),
    "low tone": lambda: sine(60, 5),
    "high tone": lambda: sine(9000, 5),
    "ambience": lambda: noise(5),
    "speech": lambda: np.repeat(speech(12)[:, None], 2, axis=1),
    "loud, then soft": lambda: np.concatenate([noise(5, 0.1), noise(5, 0.002)]),
    "loud, then silent": lambda: np.concatenate([noise(5, 0.1), noise(5) * 0]),
    "one side": lambda: noise(5) * np.array([1, 0], np.float32),
}


@pytest.mark.parametrize("name", SOUNDS)
def test_three_meters_agree(tmp_path: Path, name: str) -> None:
    import pyloudnorm  # Brings scipy, which takes longer than most tests.

    sound = SOUNDS[name]()
    actual = integrated(sound)
    assert actual is not None
    assert actual == pytest.approx(pyloudnorm.Meter(48_000).integrated_loudness(sound.astype(np.float64)), abs=0.06)
    loudness, peak = ebur128(tmp_path, sound)
    assert actual == pytest.approx(loudness, abs=0.06)
    assert 20 * np.log10(true_peak(sound)) == pytest.approx(peak, abs=0.15)


def test_a_sine_of_1_khz_measures_what_the_standard_says() -> None:
    assert integrated(sine(1000, 20)) == pytest.approx(-23.0, abs=0.05)


def test_one_channel_is_3_db_below_two() -> None:
    stereo, mono = integrated(sine(1000, 2)), integrated(sine(1000, 2, channels=1))
    assert stereo is not None
    assert mono is not None
    assert stereo - mono == pytest.approx(3.01, abs=0.01)


@pytest.mark.parametrize("sound", [sine(1000, 0, channels=2), sine(1000, 3) * 0, sine(1000, 3, -90)])
def test_silence_has_no_loudness(sound: Sound) -> None:
    assert integrated(sound.astype(np.float32)) is None


@pytest.mark.parametrize("seconds", [0.001, 0.1, 0.3999, 0.4, 0.45])
def test_short_sounds_have_a_loudness(seconds: float) -> None:
    actual = integrated(sine(1000, seconds))
    assert actual is not None
    assert actual == pytest.approx(-23.0, abs=3 if seconds < 0.01 else 0.6)


@pytest.mark.parametrize(("hertz", "phase"), [(12_000, np.pi / 4), (997, 0), (11_025, 1), (16_000, 0.5), (19_000, 0.5)])
def test_peaks_between_samples_are_found(hertz: float, phase: float) -> None:
    assert true_peak(sine(hertz, 0.5, 0.0, phase=phase)) == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("above", [0.5, 0.75, 0.99])
def test_a_peak_is_found_where_every_sample_is_far_below_it(above: float) -> None:
    sound = sine(12_000, 0.5, 0.0, phase=np.pi / 4)  # All samples are at 0.71.
    assert peaks(sound, above)[2048:-2048].max() == pytest.approx(1.0, abs=0.01)
    louder = np.concatenate([sound, 0.8 * sine(997, 0.5, 0.0)]).astype(np.float32)
    assert true_peak(louder) == pytest.approx(1.0, abs=0.03)


def test_silence_has_no_peak() -> None:
    assert true_peak(np.zeros((100, 2), np.float32)) == 0
    assert true_peak(np.zeros((0, 2), np.float32)) == 0
