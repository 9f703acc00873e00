"""Where sentences start: on the grid, with the least help that fits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.pacing import Gap, Help, Slot, expected_samples, fitted, placed
from episodec.timebase import RATES, group_frames, samples_per_frame

SLOT = Slot(frames=900, rate=30, lead_s=0.3, tail_s=0.5, pause_s=0.15)
S = 48_000


def frames(starts: tuple[int, ...]) -> list[float]:
    return [start / 1600 for start in starts]


def test_the_grid_is_the_group_of_pictures_of_our_videos() -> None:
    assert [group_frames(rate) for rate in (24, 25, 30, 48, 50, 60)] == [12, 12, 15, 24, 25, 30]


@pytest.mark.parametrize(
    ("gaps", "help_", "expected"),
    [
        ([Gap(), Gap(), Gap()], Help(), [9, 54, 99]),
        ([Gap(), Gap(is_paragraph=True), Gap()], Help(), [9, 69, 114]),
        ([Gap(), Gap(least_s=0.6), Gap()], Help(), [9, 69, 114]),
        ([Gap(least_s=0.9), Gap(), Gap()], Help(), [39, 84, 129]),
        ([Gap(least_s=0.2), Gap(), Gap()], Help(), [9, 54, 99]),
        ([Gap(), Gap(is_paragraph=True), Gap(least_s=0.6)], Help(is_short=True), [9, 54, 114]),
    ],
)
def test_a_sentence_starts_at_the_next_point_that_leaves_its_pause(
    gaps: list[Gap], help_: Help, expected: list[float]
) -> None:
    assert frames(placed([60_000] * 3, gaps, 0.0, SLOT, help_).starts) == expected


def test_a_sentence_of_another_length_moves_no_other_one_while_its_pause_has_room() -> None:
    gaps = [Gap()] * 3
    first, other = (placed([60_000, length, 60_000], gaps, 0.0, SLOT, Help()) for length in (49_000, 64_000))
    assert first.starts == other.starts


def test_a_lead_in_is_rounded_up_to_whole_frames() -> None:
    slot = Slot(frames=900, rate=30, lead_s=0.31, tail_s=0.0, pause_s=0.15)
    assert frames(placed([S], [Gap()], 0.0, slot, Help()).starts) == [10]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (12.0, Help()),
        (14.3, Help(is_short=True)),
        (14.6, Help(is_short=True, stretch_percent=2)),
        (15.4, Help(is_short=True, stretch_percent=8)),
        (15.6, Help(is_short=True, stretch_percent=8, is_off_grid=True)),
    ],
)
def test_the_least_help_that_fits_is_given(seconds: float, expected: Help) -> None:
    gaps = [Gap(), Gap(is_paragraph=True)]
    actual = fitted([round(seconds * S)] * 2, gaps, 0.0, SLOT)
    assert actual.help == expected
    assert actual.needed <= SLOT.samples


def test_two_words_that_miss_the_grid_start_at_any_frame_and_are_not_played_faster() -> None:
    """In two seconds; the grid would put the second one half a second later, where it does not end in time."""
    slot = Slot(frames=60, rate=30, lead_s=0.3, tail_s=0.5, pause_s=0.15)
    actual = fitted([round(0.51 * S)] * 2, [Gap(), Gap()], 0.0, slot)
    assert actual.help == Help(is_short=True, is_off_grid=True)
    assert frames(actual.starts) == [9, 29]
    assert actual.needed <= slot.samples


def test_what_does_not_fit_has_all_help_and_says_how_long_an_episode_it_needs() -> None:
    actual = fitted([17 * S, 17 * S], [Gap(), Gap()], 0.0, SLOT)
    assert actual.help == Help(is_short=True, stretch_percent=8, is_off_grid=True)
    longer = Slot(SLOT.frames_of(actual.needed), 30, SLOT.lead_s, SLOT.tail_s, SLOT.pause_s)
    assert fitted([17 * S, 17 * S], [Gap(), Gap()], 0.0, longer).needed <= longer.samples


def test_nothing_helps_where_none_is_wanted() -> None:
    slot = Slot(900, 30, 0.3, 0.5, 1.0, can_help=False)
    assert fitted([20 * S, 20 * S], [Gap(), Gap()], 0.0, slot).help == Help()


@given(
    lengths=st.lists(st.integers(1, 5 * S), min_size=1, max_size=12),
    marked=st.lists(st.floats(0, 3), min_size=12, max_size=12),
    paragraphs=st.sets(st.integers(1, 11)),
    rate=st.sampled_from(RATES),
    lead_s=st.floats(0, 2),
    pause_s=st.floats(0, 2),
)
def test_sentences_stand_on_the_grid_apart_by_their_pauses(
    lengths: list[int], marked: list[float], paragraphs: set[int], rate: int, lead_s: float, pause_s: float
) -> None:
    gaps = [Gap(marked[index], index in paragraphs) for index in range(len(lengths))]
    slot = Slot(900, rate, lead_s, 0.5, pause_s)
    actual = placed(lengths, gaps, 0.0, slot, Help())
    frame = samples_per_frame(rate)
    lead = -(-round(lead_s * S) // frame) * frame
    assert actual.starts[0] >= max(lead, round(gaps[0].least_s * S))
    ends = [start + length for start, length in zip(actual.starts, actual.lengths, strict=True)]
    for end, start, gap in zip(ends, actual.starts[1:], gaps[1:], strict=False):
        least = max(round(pause_s * S), round(gap.least_s * S))
        step = group_frames(rate) * frame
        assert least <= start - end < least + step * (2 if gap.is_paragraph else 1)
    assert all((start - lead) % (group_frames(rate) * frame) == 0 for start in actual.starts)


@pytest.mark.parametrize("help_", [Help(), Help(is_short=True), Help(is_short=True, stretch_percent=6)])
@pytest.mark.parametrize("pause_s", [0.15, 0.6])
def test_what_is_expected_is_what_is_needed_on_the_average(help_: Help, pause_s: float) -> None:
    rng = np.random.default_rng(1)
    slot = Slot(900, 30, 0.3, 0.5, pause_s)
    gaps = [Gap(), Gap(), Gap(is_paragraph=True), Gap(least_s=0.7), Gap(), Gap()]
    differences = []
    for _ in range(400):
        lengths = rng.integers(S, 6 * S, len(gaps)).tolist()
        needed = placed(lengths, gaps, 0.0, slot, help_).needed
        differences.append(needed - expected_samples(lengths, gaps, 0.0, slot, help_))
    assert abs(np.mean(differences)) / S < 0.05
    assert np.percentile(np.abs(differences), 95) / S < 0.75
