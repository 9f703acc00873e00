"""Alignment of a voice with a reading, in whole numbers."""

from typing import Any

import numpy as np
import pytest

from episodec.digest import digest_bytes
from episodec.sound.alignment.aligning import Alignment, Piece, aligned
from episodec.sound.alignment.closures import LEVELS_A_SECOND, closure, levels
from episodec.sound.alignment.features import Features, Sound, features
from episodec.sound.alignment.fixed import OCTAVE, ONE, cosines, log2, powers, roots
from episodec.sound.alignment.path import path

RATE = 16_000


def babble(seed: int, parts: int = 12, *, slower: int = 1, rate: int = RATE) -> Sound:
    """Noises and buzzes of other colours one after another, each 120 ms, with a pause between; all of whole numbers."""
    state, samples = seed, []
    for _ in range(parts):
        state = (state * 1103515245 + 12345) % (1 << 31)
        period, kind = 60 + state // 7 % 140, state // 1000 % 3
        ramp = np.arange(rate * 120 * slower // 1000)
        buzz = (ramp % period) * 8000 // period - 4000
        square = np.where(ramp // (period // 4) % 2, 3000, -3000)
        hiss = (ramp * 7919 * period) % 6007 - 3003
        samples += [(buzz, square, hiss)[kind], np.zeros(rate // 50, np.int64)]
    return Sound(np.concatenate(samples), rate)


def test_functions_in_whole_numbers_are_those_of_real_numbers() -> None:
    assert np.abs(cosines(551) - ONE * np.cos(2 * np.pi * np.arange(551) / 551)).max() < 0.501
    numbers = np.array([1, 2, 3, 7, 1000, (1 << 40) + 12_345, 1 << 53, (1 << 62) - 1])
    off = log2(numbers) / OCTAVE - np.log2(numbers.astype(float))
    assert -1.01 / OCTAVE < off.min() <= off.max() < 1e-3
    assert roots(np.array([0, 1, 24, 25, 10**12 - 1])).tolist() == [0, 1, 4, 5, 999_999]
    windows = np.random.default_rng(1).integers(-(1 << 15), 1 << 15, (512, 3))
    rooted, exact = np.sqrt(powers(windows)), np.abs(np.fft.rfft(windows, axis=0))
    assert np.abs(rooted - exact).max() < 1e-3 * exact.max()


def test_features_are_the_same_on_every_machine() -> None:
    babbled = features(babble(1))
    assert digest_bytes(babbled.rows.astype("<i2").tobytes()) == "xxh3-128:538fc87815e77641cda3855fa5b4123d"
    assert np.abs(babbled.rows).max() <= 127


def test_loudness_changes_no_feature_by_much() -> None:
    loud = babble(1)
    quiet = Sound(loud.samples // 8, RATE)
    gap = np.abs(features(loud).rows - features(quiet).rows)
    assert np.median(gap) <= 2


def test_a_sound_lies_in_itself_and_in_a_slower_one_moment_by_moment() -> None:
    random = np.random.default_rng(3)
    sound = Features(random.integers(-90, 90, (25, 40)).astype(np.int16), np.ones(40, bool))
    same = path(sound, sound)
    assert same.cost == 0
    assert (same.reading == same.voice).all()
    count = len(same.reading)
    slow = Features(np.repeat(sound.rows, 2, axis=1), np.repeat(sound.is_speech, 2))
    warp = path(sound, slow)
    assert warp.cost == 0
    assert np.abs(warp.voice - 2 * warp.reading).max() <= 1
    assert warp.reading[-1] == count - 1


def test_a_path_is_the_cheapest_of_all() -> None:
    random = np.random.default_rng(2)
    left, other = (Features(random.integers(-1, 2, (25, n)).astype(np.int16), np.ones(n, bool)) for n in (7, 9))
    assert spent(left, other, path(left, other)) == cheapest(left, other)


def apart(left: Any, other: Any, i: int, j: int) -> int:
    return int(np.sqrt(float(((left.rows[:, i].astype(int) - other.rows[:, j]) ** 2).sum())))


def spent(left: Any, other: Any, warp: Any) -> int:
    total, before = 0, None
    for i, j in zip(warp.reading, warp.voice, strict=True):
        waits = before is not None and (i == before[0] or j == before[1])
        total += apart(left, other, i, j) + 14 * waits
        before = (i, j)
    return total


def cheapest(left: Any, other: Any) -> int:
    """The plain recurrence, a cell at a time."""
    n, m = left.rows.shape[1], other.rows.shape[1]
    costs = np.full((n + 1, m + 1), 10**9)
    costs[0, 0] = 0
    for i in range(n):
        for j in range(m):
            on = min(costs[i, j], costs[i, j + 1] + 14, costs[i + 1, j] + 14)
            costs[i + 1, j + 1] = on + apart(left, other, i, j)
    return int(costs[n, m])


@pytest.mark.parametrize("pause_s", [0.0, 0.5])
def test_pieces_are_found_behind_a_pause_and_in_order(pause_s: float) -> None:
    reading = babble(1)
    at = 8 * RATE * 140 // 1000
    pause = np.zeros(round(RATE * pause_s), np.int64)
    voice = Sound(np.concatenate([reading.samples[:at], pause, reading.samples[at:]]), RATE)
    starts = [place * RATE * 140 // 1000 for place in range(12)]
    pieces = [Piece(start, start + RATE * 120 // 1000) for start in starts]
    alignment = aligned(reading, voice)
    assert alignment.cost < 20
    expected = [start * 100 / RATE + 100 * pause_s * (start >= at) for start in starts]
    placed = alignment.placed(pieces)
    assert np.abs(np.array([start for start, _ in placed]) - expected).max() <= 2
    edges = [edge for each in placed for edge in each]
    assert edges == sorted(edges)


def test_other_sounds_cost_more() -> None:
    assert aligned(babble(1), babble(1)).cost < 5
    assert aligned(babble(1), babble(77)).cost > 40


def test_closed_lips_are_the_quiet_moment_near_the_expected_one() -> None:
    loud = np.arange(RATE) % 97 * 100
    quiet = loud.copy()
    quiet[8000:8960] //= 20  # 500 to 560 ms.
    measured = levels(Sound(quiet, RATE))
    for near_s in (0.48, 0.53, 0.58):
        assert closure(measured, round(near_s * LEVELS_A_SECOND)) == pytest.approx((100, 112), abs=2)
    assert closure(measured, round(0.3 * LEVELS_A_SECOND)) is None
    quiet[8960:15_000] //= 20  # A pause.
    assert closure(levels(Sound(quiet, RATE)), round(0.53 * LEVELS_A_SECOND)) is None


def test_a_closure_that_the_path_misses_is_snapped_to_the_quiet_moment() -> None:
    buzz = np.arange(RATE) % 97 * 100 - 4800
    reading, voice = buzz.copy(), buzz.copy()
    reading[8000:8800] //= 30
    voice[8480:9280] //= 30  # 30 ms later.
    evenly = np.arange(101) * 64  # A path that knows nothing of it.
    alignment = Alignment(0, evenly, RATE, levels(Sound(reading, RATE)), levels(Sound(voice, RATE)))
    pieces = [Piece(6000, 8000), Piece(8000, 8800, "closed"), Piece(8800, 10_000)]
    (_, (start, end), _) = alignment.placed(pieces)
    assert (start, end) == pytest.approx((53, 58), abs=1)
    (_, (burst, _)) = alignment.placed([Piece(6000, 8800), Piece(8800, 10_000, "closed before")])
    assert burst == pytest.approx(58, abs=1)
