"""Lips and lids of a film as curves: how alike they are, by how much they are late, and what is a blink."""

import numpy as np
import pytest

from episodec.video.lips import Floats, LipSync, blinks, in_30_s, lip_sync

RATE = 30
FRAMES = 900


def speech(seed: int) -> Floats:
    """How far lips are apart in a narration: some five openings a second, with pauses."""
    chance = np.random.default_rng(seed)
    apart = np.zeros(FRAMES)
    at = 10
    while at < FRAMES - 10:
        length = int(chance.integers(4, 9))
        apart[at : at + length] += chance.uniform(0.05, 0.3) * np.hanning(length)
        at += length if chance.uniform() < 0.9 else length + 20
    return apart


def filmed(apart: Floats, seed: int = 5, noise: float = 0.02) -> Floats:
    """The measurements of such lips in a film, at every second frame."""
    lips = 0.03 + 0.8 * apart + noise * np.random.default_rng(seed).standard_normal(FRAMES)
    lips[1::2] = np.nan
    return lips


def sync(opening: Floats, lips: Floats) -> LipSync:
    measured = lip_sync(opening, lips)
    assert measured is not None
    return measured


@pytest.mark.parametrize("late", range(-5, 6))
def test_lips_that_come_late_are_found_late(late: int) -> None:
    apart = speech(1)
    measured = sync(apart, filmed(np.roll(apart, late)))
    assert measured.offset == late
    assert (measured.likeness > 0.9) == (late == 0)


def test_lips_of_another_narration_are_not_alike() -> None:
    likenesses = [sync(speech(1), filmed(speech(seed))).likeness for seed in range(2, 22)]
    assert max(likenesses) < 0.4


def test_lips_at_rest_are_not_alike_and_without_speech_there_is_nothing_to_compare() -> None:
    rest = filmed(np.zeros(FRAMES))
    assert abs(sync(speech(1), rest).likeness) < 0.2
    assert lip_sync(np.zeros(FRAMES), rest) is None
    assert lip_sync(speech(1), np.zeros(FRAMES)) is None


def test_a_face_that_is_hardly_seen_is_not_compared() -> None:
    lips = filmed(speech(1))
    lips[100:] = np.nan
    measured = sync(speech(1), lips)
    assert 40 <= measured.frames <= 50
    lips[30:] = np.nan
    assert lip_sync(speech(1), lips) is None


def test_a_sentence_of_a_second_is_compared() -> None:
    apart = speech(1)
    apart[45:] = 0
    assert sync(apart, filmed(apart)).likeness > 0.9


def closed_at(*moments: int, length: int = 7, visible: float = 0.7) -> Floats:
    """Lids that are open, but for a blink from each of these frames on; the face turns away and back meanwhile. So much
    of a blink is seen: landmarks are drawn towards open eyes.
    """
    lids = 0.2 + 0.04 * np.sin(np.arange(FRAMES) / 80)
    for first in moments:
        lids[first : first + length] *= 1 - visible * np.hanning(length + 2)[1:-1]
    return lids


def test_blinks_are_counted_at_every_frame_and_at_every_second_one() -> None:
    lids = closed_at(30, 33 + 45, 400, 890)
    starts = blinks(lids, RATE)
    assert starts is not None
    assert [round(each, -1) for each in starts] == [30, 80, 400, 890]
    lids[::2] = np.nan
    assert len(blinks(lids, RATE) or ()) == 4


def test_a_blink_of_which_little_is_seen_is_counted_once_though_lids_tremble() -> None:
    lids = closed_at(30, 120, 400, length=9, visible=0.3)
    lids[[124, 404]] *= 1.12
    assert [round(each, -1) for each in blinks(lids, RATE) or ()] == [30, 120, 400]
    trembling = closed_at() * (1 + 0.04 * np.random.default_rng(1).standard_normal(FRAMES).clip(-2.5, 2.5))
    assert blinks(trembling, RATE) == []


def test_lids_that_are_lowered_do_not_blink() -> None:
    lids = closed_at(300)
    lids[500:600] *= 0.8  # She looks down,
    lids[600:700] *= 0.6  # and at her hands.
    assert [round(each, -1) for each in blinks(lids, RATE) or ()] == [300]
    lids[500:800] = np.nan
    assert blinks(lids, RATE) is None


def test_a_count_is_that_of_half_a_minute() -> None:
    assert in_30_s(6, 450, 30) == 12.0
