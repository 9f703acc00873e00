"""The fields of a spec that reach a stage's params, and so its key."""

from typing import Any

from episodec.spec.types import Episode, Loudness, Mix
from episodec.stages.lowering import UNRESOLVED, Lowering, params


def lowering(**overrides: Any) -> Lowering:
    episode = Episode(1, "", "One", "alpha", "en", "", "one", 30, 30, Loudness(), Mix(), overrides=overrides)
    return Lowering(episode, lambda *_: UNRESOLVED, {})


def test_what_an_episode_overrides_is_in_the_params_of_that_stage() -> None:
    at = lowering(voice={"speed": 2})
    assert params(at, "voice", {"text": "One."}) == {"text": "One.", "overrides": {"speed": 2}}
    assert params(at, "foley", {}) == {}


def test_overrides_of_nothing_are_no_overrides() -> None:
    assert params(lowering(voice={}), "voice", {"text": "One."}) == {"text": "One."}
