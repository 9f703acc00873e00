"""The limiter: nothing sticks out, and what does not need it is left alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from episodec.sound.limiter import REACH, limit
from episodec.sound.loudness import true_peak
from tests.sound.sounds import noise, sine, speech


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    length=st.integers(1, 9000),
    spikes=st.integers(0, 30),
    loudness=st.floats(0.001, 8),
    ceiling=st.floats(0.05, 1.0),
)
def test_no_true_peak_is_above_the_ceiling(
    seed: int, length: int, spikes: int, loudness: float, ceiling: float
) -> None:
    rng = np.random.default_rng(seed)
    sound = rng.standard_normal((length, 2)) * loudness * np.exp(rng.standard_normal((length, 1)) * rng.uniform(0, 2))
    sound[rng.integers(0, length, spikes)] = rng.uniform(-20, 20, (spikes, 2))
    limited, least = limit(sound.astype(np.float32), ceiling)
    assert limited.shape == sound.shape
    assert limited.dtype == np.float32
    assert true_peak(limited) <= ceiling * 1.000001
    assert 0 < least <= 1


@pytest.mark.parametrize("ceiling", [0.3, 0.86])
def test_what_is_below_the_ceiling_is_untouched(ceiling: float) -> None:
    sound = noise(1)
    sound *= ceiling * 0.99 / true_peak(sound)
    limited, least = limit(sound, ceiling)
    assert least == 1
    np.testing.assert_array_equal(limited, sound)


def test_only_the_surroundings_of_a_peak_change_and_there_smoothly() -> None:
    sound = sine(440, 1, -20)
    sound[24_000] = 2.0
    limited, least = limit(sound, 0.5)
    assert least == pytest.approx(0.25, rel=0.02)
    far = np.abs(np.arange(48_000) - 24_000) > 2 * REACH + 2
    np.testing.assert_array_equal(limited[far], sound[far])
    gain = limited[abs(sound[:, 0]) > 0.03, 0] / sound[abs(sound[:, 0]) > 0.03, 0]
    assert abs(np.diff(gain)).max() < 0.02


def test_no_more_than_needed_is_taken() -> None:
    sound = np.repeat(speech(4)[:, None], 2, axis=1) * np.float32(3)
    limited, least = limit(sound, 0.86)
    assert 0.84 < true_peak(limited) <= 0.86
    assert least == pytest.approx(0.86 / true_peak(sound), rel=0.03)


def test_silence_and_nothing_stay_what_they_are() -> None:
    for length in (0, 1, 5000):
        limited, least = limit(np.zeros((length, 2), np.float32), 0.5)
        assert (limited.shape, least, abs(limited).max(initial=0)) == ((length, 2), 1.0, 0)
