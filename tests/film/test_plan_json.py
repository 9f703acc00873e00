import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from episodec.film.moves import CameraSegment, TimeSegment
from episodec.film.plan import frame_plan
from episodec.film.plan_json import read_plan, write_plan
from tests.film.test_plan import plan, same
from tests.film.tracks import RATES, SIZES, tracks


@given(tracks(), SIZES, RATES)
def test_a_plan_comes_back_to_the_bit(
    of: tuple[list[CameraSegment], list[TimeSegment]], size: tuple[int, int], rate: int
) -> None:
    plan = frame_plan(*of, size, rate)
    text = write_plan(plan)
    assert same(read_plan(text), replace(plan, period=0 * plan.period))
    assert write_plan(read_plan(text)) == text


def test_it_has_one_line_a_frame() -> None:
    lines = write_plan(plan()).splitlines()
    assert len([line for line in lines if '"frame":' in line]) == 900
    assert '{"frame": 0, "scene_time": 0.0, "samples": [0, 1600], "intrinsics": [811.928' in lines[10]


def edited(**changes: Any) -> str:
    return json.dumps(json.loads(write_plan(plan())) | changes)


FRAME: dict[str, Any] = json.loads(write_plan(plan()))["frames"][0]


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "null",
        "{}",
        edited(format="episodec-plan/2"),
        edited(rate=29),
        edited(rate="30"),
        edited(size=[1]),
        edited(frames=[{}]),
        edited(frames=[FRAME | {"scene_time": 1.5}]),
        edited(frames=[FRAME | {"samples": [0, 1601]}]),
        edited(frames=[FRAME | {"camera_to_world": [1, 2, 3]}]),
        edited(frames=[FRAME | {"camera_to_world": None}]),
        edited(frames=[FRAME | {"intrinsics": [float("nan")] * 4}]),
        edited(segments=[{"track": "sound", "kind": "x", "start_frame": 0, "end_frame": 1}]),
        edited(segments=[{}]),
    ],
)
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_plan(text)
