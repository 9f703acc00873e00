"""A cut of an episode's chunks: its parts, the order in which they are made, and which of them are shown ahead."""

from dataclasses import replace

import pytest

from episodec.building.ahead import FEW, in_film_order, touched
from episodec.engine.action import Action, ActionId, Artifact
from episodec.series.goals import Cut

COUNT = FEW + 4
NAMES = tuple(ActionId(f"chunk{place}") for place in range(COUNT))
SOUND = ActionId("mix")
CUT = Cut(
    tuple(range(0, 30 * COUNT + 1, 30)),
    is_small=True,
    chunks=tuple(Artifact(name, "chunk.mp4") for name in NAMES),
    sound=Artifact(SOUND, "mix.wav"),
)


def test_a_part_of_a_cut_has_its_chunks_and_their_frames() -> None:
    part = CUT.part(1, 3)
    assert (part.start_frame, part.end_frame) == (30, 90)
    assert [one.action for one in part.chunks] == list(NAMES[1:3])
    assert (CUT.start_frame, CUT.end_frame) == (0, 30 * COUNT)


def test_chunks_are_made_in_the_films_order_before_anything_else() -> None:
    seconds = in_film_order(lambda _: 5.0, CUT)
    urgency = [seconds(_action(name)) for name in (*NAMES, SOUND)]
    assert urgency == sorted(urgency, reverse=True)
    assert urgency[-1] == 5.0


def _action(name: ActionId) -> Action:
    return Action(id=name, stage="s", backend="b", outputs=("o",), params={}, inputs={})


@pytest.mark.parametrize(
    ("executed", "cached", "expected"),
    [
        ("", "", None),
        ("2", "", (60, 90)),
        ("23", "", (60, 120)),
        ("24", "", (60, 90)),
        ("2", "01", (60, 90)),  # What stands is nothing new.
        ("2", "013", None),  # Only a few are missing: the whole follows at once.
    ],
)
def test_the_first_chunks_that_a_build_makes_are_shown_if_many_are_to_follow(
    executed: str, cached: str, expected: tuple[int, int] | None
) -> None:
    new = {NAMES[int(place)] for place in executed}
    known = {*new, *(NAMES[int(place)] for place in cached), SOUND}
    part = touched(CUT, new, known)
    assert (part and (part.start_frame, part.end_frame)) == expected


def test_nothing_is_shown_before_its_sound_is_made() -> None:
    assert touched(CUT, {NAMES[0]}, {NAMES[0]}) is None
    assert touched(replace(CUT, sound=None), {NAMES[0]}, {NAMES[0]}) is not None
