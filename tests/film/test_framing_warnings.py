import pytest

from episodec.film.framing_warnings import framing_warnings
from episodec.film.moves import CameraSegment, Dolly, Hold, Move, Still, TimeSegment
from episodec.film.plan import frame_plan
from tests.film.test_plan import ORBIT

ORIGIN = (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        (ORBIT, []),
        (Still((0.0, 0.0, 2.6), ORIGIN, 35.0), []),
        (Still((0.0, 0.0, 2.6), (0.6, 0.0, 0.0), 35.0), []),  # At the edge.
        (Still((0.0, 0.0, 2.6), (0.0, 0.0, 5.0), 35.0), [("away", 0)]),
        (Still((0.0, 0.0, 2.6), (9.0, 0.0, 0.0), 35.0), [("away", 0)]),
        (Still((0.0, 0.0, 0.2), ORIGIN, 35.0), [("inside", 0)]),
        (Still(ORIGIN, (0.0, 0.0, 1.0), 35.0), [("inside", 0)]),
        (Dolly((0.0, 0.0, 2.0), (0.0, 0.0, 0.0), (0.0, 0.0, -1.0), 35.0, "linear"), [("inside", 9)]),
    ],
)
def test_a_camera_inside_the_character_or_looking_away_is_told(move: Move, expected: list[tuple[str, int]]) -> None:
    plan = frame_plan([CameraSegment(10, move)], [TimeSegment(10, Hold(0.5))], (512, 512), 30)
    assert [(one.kind, one.frame) for one in framing_warnings(plan)] == expected


@pytest.mark.parametrize(("width", "expected"), [(1024, []), (512, ["away"])])
def test_a_character_at_the_side_of_a_wide_picture_is_seen(width: int, expected: list[str]) -> None:
    aside = Still((0.0, 0.0, 2.6), (1.7, 0.0, 0.0), 35.0)
    plan = frame_plan([CameraSegment(1, aside)], [TimeSegment(1, Hold(0.5))], (width, 512), 30)
    assert [one.kind for one in framing_warnings(plan)] == expected
