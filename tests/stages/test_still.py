"""A frame by itself: lowered from the film's own row of it, and refused outside of the film."""

from dataclasses import replace
from fractions import Fraction

import pytest

from episodec.engine.action import Action, Literal
from episodec.errors import UsageError
from episodec.film.rows import unpack
from episodec.spec.types_of_picture import SceneSection
from episodec.spec.types_of_sound import Foley
from episodec.spec.types_of_tracks import LinearTime, OrbitMove
from episodec.stages import lower
from episodec.stages.picture import frame_plan_of, lower_picture
from episodec.timebase import AtFrame, AtSecond, Moment
from tests.stages.test_render import lowering

MOVED = lowering(SceneSection())
MOVED = replace(
    MOVED,
    episode=replace(
        MOVED.episode, camera=(OrbitMove(40, from_deg=0, to_deg=30),), time=(LinearTime(40, start=0, end=1),)
    ),
)


def still(moment: Moment) -> Action:
    (action,) = (one for one in lower_picture(replace(MOVED, still=moment)).actions if one.outputs == ("frame.png",))
    return action


@pytest.mark.parametrize(
    ("moment", "number"),
    [(AtFrame(0), 0), (AtFrame(39), 39), (AtSecond(Fraction("1.2")), 36), (AtSecond(Fraction(1, 29)), 1)],
)
def test_a_frame_is_rendered_from_its_row_of_the_film(moment: Moment, number: int) -> None:
    action, plan = still(moment), frame_plan_of(MOVED)
    assert (action.id, action.stage) == (f"d13-001/render/{number:04}", "render")
    (row,) = action.inputs["frames.rows"]
    assert isinstance(row, Literal)
    rows = unpack(row.content)
    assert len(rows.order) == 1
    assert (rows.camera_to_world[0] == plan.camera_to_world[number]).all()
    assert rows.scene_time[0] == plan.scene_time[number]


def test_all_else_of_the_episode_is_as_without_it() -> None:
    actions = {one.id: one for one in lower_picture(MOVED).actions}
    with_still = {one.id: one for one in lower_picture(replace(MOVED, still=AtFrame(7))).actions}
    assert {name: with_still[name] for name in actions} == actions
    assert with_still.keys() - actions.keys() == {"d13-001/render/0007"}


@pytest.mark.parametrize("moment", [AtFrame(40), AtFrame(-1), AtSecond(Fraction(40, 30)), AtSecond(Fraction(99))])
def test_outside_of_the_film_there_is_none(moment: Moment) -> None:
    with pytest.raises(UsageError, match="the film has 40 frames: 0 to 39"):
        still(moment)


def test_an_episode_that_is_not_rendered_has_none() -> None:
    sound = replace(MOVED.episode, camera=(), time=(), foley=Foley(prompt="rain"))
    with pytest.raises(UsageError, match="no frame of this episode is rendered"):
        lower(replace(MOVED, episode=sound, still=AtFrame(0)))
