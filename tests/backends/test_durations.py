"""The durations that backends declare, used where no similar action ran before."""

import pytest

from episodec.backends import BUILTIN
from episodec.backends.durations import DURATIONS, expected_s
from episodec.digest import Canonical
from episodec.engine.action import Action, ActionId
from episodec.engine.backend import Duration


def test_each_backend_of_ours_says_how_long_it_takes() -> None:
    assert sorted(DURATIONS) == sorted(BUILTIN)
    assert all(expected_s(duration, action()) > 0 for duration in DURATIONS.values())


def action(outputs: tuple[str, ...] = ("a.bin",), **params: Canonical) -> Action:
    return Action(ActionId("one"), "toy", "toy", outputs, params)


ALL = Duration(each_s=1, frame_s=10, sound_s=100, step_s=1_000, picture_s=10_000)


@pytest.mark.parametrize(
    ("action", "seconds"),
    [
        (action(), 1),
        (action(frames=30, rate=15), 1 + 10 * 30 + 100 * 2),
        (action(text="x" * 30, characters_per_second=15.0), 1 + 100 * 2),
        (action(text="x" * 30), 1),
        (action(iterations=3, coarse_iterations=2), 1 + 1_000 * 5),
        (action(("a.png", "b.webp", "c.ply")), 1 + 10_000 * 2),
        (action(frames="many", rate=0), 1),
    ],
)
def test_it_grows_with_what_an_action_makes(action: Action, seconds: float) -> None:
    assert expected_s(ALL, action) == seconds
