"""The words and seeds of clips."""

import pytest

from episodec.backends.wan.clip_plan import FRONT, LEFT
from episodec.backends.wan.clip_words import take_seed, words_for
from episodec.errors import BackendError


def test_the_words_say_what_the_camera_does() -> None:
    assert words_for(FRONT, "She nods. ", 0).startswith("She nods. The camera stands still.")
    assert "to the left, about 15 degrees" in words_for(LEFT, "She nods.", 15.2)


def test_the_first_take_has_the_seed_that_was_asked_for_and_others_have_ones_of_their_own() -> None:
    assert [take_seed("a", 5, take, 1 << 63) for take in (None, 1)] == [5, 5]
    others = [take_seed(system, seed, take, 1 << 20) for system in "ab" for seed in (5, 6) for take in (2, 3)]
    assert len({5, *others}) == 9
    assert all(0 <= seed < 1 << 20 for seed in others)


def test_the_seed_of_a_take_stays_what_it_was() -> None:
    assert take_seed("wan", 5, 2, 1 << 63) == 3938805484470336622


@pytest.mark.parametrize("seed", [-1, 100, True, 1.0, "1", None])
def test_a_seed_that_is_none_is_refused(seed: object) -> None:
    with pytest.raises(BackendError, match="seed must be a whole number"):
        take_seed("a", seed, 1, 100)  # type: ignore[arg-type]  # What a spec may hold.
