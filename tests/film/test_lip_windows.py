"""Which windows of a film get drawn lips."""

import math

import numpy as np
import pytest

from episodec.film.lip_windows import LipWindow, is_frontal, lip_windows, sideways
from episodec.film.moves import CameraSegment, Hold, Still, TimeSegment
from episodec.film.plan import FramePlan, frame_plan

FACE = (0.0, 0.2, 0.1)


def filmed(*segments: tuple[float, int]) -> FramePlan:
    """A film of segments of so many frames, each from an angle in degrees beside the front."""
    moves = []
    for deg, frames in segments:
        x, z = 2.5 * math.sin(math.radians(deg)), 2.5 * math.cos(math.radians(deg))
        moves.append(CameraSegment(frames, Still((FACE[0] + x, FACE[1], FACE[2] + z), FACE, 35.0)))
    length = sum(frames for _, frames in segments)
    return frame_plan(moves, [TimeSegment(length, Hold(0.5))], (64, 64), 30)


@pytest.mark.parametrize(
    ("deg", "expected"), [(0, True), (39.9, True), (-39.9, True), (40.1, False), (-60, False), (180, False)]
)
def test_a_face_is_frontal_within_forty_degrees(deg: float, *, expected: bool) -> None:
    assert is_frontal(filmed((deg, 2)), FACE).tolist() == [expected] * 2


def test_windows_lie_on_the_films_clock_and_fade_beside_those_that_are_not_drawn() -> None:
    frontal = is_frontal(filmed((0, 130), (50, 10), (0, 145)), FACE)
    assert lip_windows(frontal) == [
        LipWindow(0, 60, fades_in=False, fades_out=False),
        LipWindow(60, 120, fades_in=False, fades_out=True),
        LipWindow(180, 240, fades_in=True, fades_out=False),
        LipWindow(240, 285, fades_in=False, fades_out=False),
    ]
    assert sideways(frontal) == [(130, 140)]


def test_a_film_from_the_side_has_no_windows() -> None:
    frontal = np.zeros(100, np.bool_)
    assert lip_windows(frontal) == []
    assert sideways(frontal) == [(0, 100)]
    assert sideways(~frontal) == []
