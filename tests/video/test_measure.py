"""Measurements of frames, against slow plain twins, and how gates judge them."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.errors import BackendError
from episodec.project.schemas import language
from episodec.video.frames import Frame
from episodec.video.gates import MeasuredRange, clock_text, gate_notes, judge_gates, readings, refuse_failed
from episodec.video.lips import FACE
from episodec.video.measure import IDENTICAL_DB, flashes, measure, psnr_db
from tests.video.chunks import moving


def flat(level: int) -> Frame:
    return np.full((48, 64, 3), level, np.uint8)


def test_numbers_are_those_of_a_slow_plain_twin() -> None:
    frames = list(moving(40))
    actual = measure(frames, {})
    for index, frame in enumerate(frames):
        exact = frame.astype(np.float64)
        assert actual.mean[index] == pytest.approx(exact.mean(), abs=1e-6)
        assert actual.deviation[index] == pytest.approx(exact.std(), abs=1e-6)
        for name, apart in (("change", 1), ("change_30", 30)):
            value = getattr(actual, name)[index]
            if index < apart:
                assert value is None
            else:
                assert value == pytest.approx(abs(exact - frames[index - apart]).mean(), abs=1e-6)


def test_levels_are_counted_and_differences_do_not_wrap_around() -> None:
    stripes = np.repeat(np.arange(64, dtype=np.uint8)[None, :, None], 48, 0).repeat(3, 2)
    actual = measure([stripes, flat(5), flat(3)], {})
    assert actual.levels == [64, 1, 1]
    assert actual.change[2] == 2.0


def test_black_and_frozen_frames_are_found() -> None:
    frames = [*moving(3), flat(0), flat(0), flat(9), *moving(2, start=9)]
    actual = measure(frames, {})
    assert actual.black() == [3, 4, 5]
    assert actual.frozen() == [4]


@pytest.mark.parametrize(
    ("levels", "count"),
    [
        ([], 0),
        ([100] * 60, 0),
        ([100, 200] * 2, 1),  # Up, down, up: one flash and a half.
        ([100, 200, 100, 200, 100], 2),
        ([100, 120] * 30, 0),  # Too weak.
        (list(range(0, 250, 5)), 0),  # A fade is one swing.
        ([50] * 10 + [200] + [50] * 40 + [200] + [50] * 10, 1),  # A second apart: not in one second.
        ([0, 0, 255, 255] * 10, 7),  # 15 swings within 30 frames.
    ],
)
def test_flashes_are_pairs_of_opposing_swings_within_a_second(levels: Sequence[float], count: int) -> None:
    assert flashes(levels, 30)[0] == count


@given(st.lists(st.floats(0, 255), max_size=80))
def test_flashes_never_exceed_half_the_frames_and_shifting_the_level_changes_none(levels: list[float]) -> None:
    count, at = flashes(levels, 30)
    assert 0 <= count <= 15
    assert at < max(1, len(levels))


def test_psnr_is_that_of_its_formula() -> None:
    first, other = moving(2)
    squares = ((first.astype(float) - other) ** 2).mean()
    assert psnr_db(first, other) == pytest.approx(10 * np.log10(255**2 / squares))
    assert psnr_db(first, first) == IDENTICAL_DB
    with pytest.raises(BackendError, match="differs in size"):
        psnr_db(first, first[:40])


def test_references_are_compared_with_their_own_frames() -> None:
    frames = list(moving(5))
    actual = measure(frames, {3: frames[3], 4: frames[0]})
    assert actual.psnr_db[3] == IDENTICAL_DB
    assert actual.psnr_db[4] < IDENTICAL_DB
    assert readings(actual, 30)["psnr_db"] == MeasuredRange(actual.psnr_db[4], IDENTICAL_DB, 4, 3)


GATES = [
    ({"mean": {"min": 0, "max": 255}}, True),
    ({"mean": {"min": 200}}, False),
    ({"mean": {"max": 20}}, False),
    ({"levels": {"min": 2}}, True),
    ({"black_frames": {"max": 0}}, True),
    ({"frozen_frames": {"max": 0}}, True),
    ({"change_30": {"min": 500}}, False),
    ({"psnr_db": {"min": 25}}, None),
]


@pytest.mark.parametrize("case", GATES)
def test_a_gate_is_passed_failed_or_not_measured(case: tuple[dict[str, dict[str, float]], bool | None]) -> None:
    (verdict,) = judge_gates(case[0], readings(measure(moving(40), {}), 30))
    assert verdict.passed is case[1]
    assert verdict.sentence(30)


def test_change_over_thirty_frames_is_judged_by_its_average() -> None:
    frames = [flat(0)] * 30 + [flat(100)] * 30 + [flat(0)]
    actual = readings(measure(frames, {}), 30)["change_30"]
    assert actual is not None
    assert actual.least == actual.most == pytest.approx(100 * 31 / 31)


def test_only_an_error_refuses_and_names_the_frame_and_its_time() -> None:
    actual = readings(measure([*moving(20), flat(0), *moving(20)], {}), 30)
    warned = judge_gates({"mean": {"min": 50, "severity": "warn"}}, actual)
    refuse_failed(warned, 30)
    assert list(gate_notes(warned, 30)) == [("check-failed", "mean: 0 at frame 20 (0:00.66), at least 50 wanted")]
    unread = judge_gates({"psnr_db": {"min": 25}}, actual)
    assert list(gate_notes(unread, 30)) == [("check-not-measured", "psnr_db: nothing to measure it against")]
    with pytest.raises(BackendError, match="does not pass a check") as caught:
        refuse_failed(judge_gates({"mean": {"min": 50}, "levels": {"min": 9, "severity": "warn"}}, actual), 30)
    assert caught.value.facts["mean"] == "0 at frame 20 (0:00.66), at least 50 wanted (error)"
    assert caught.value.facts["levels"] == "1 at frame 20 (0:00.66), at least 9 wanted (warn)"


def test_the_schema_names_the_measurements_that_there_are() -> None:
    names = [*readings(measure(moving(2), {}), 30), *FACE]
    for kind in ("episode", "series"):
        described = language().schemas[kind]
        assert described["properties"]["checks"]["propertyNames"]["enum"] == names


@pytest.mark.parametrize(
    ("frame", "rate", "text"), [(0, 30, "0:00.00"), (401, 30, "0:13.36"), (1800 * 60, 30, "60:00.00")]
)
def test_a_frame_has_a_time(frame: int, rate: int, text: str) -> None:
    assert clock_text(frame, rate) == text
