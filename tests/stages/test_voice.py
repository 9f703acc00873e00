"""How sentences are ordered from voices."""

from dataclasses import replace

from episodec.engine.action import Action
from episodec.stages import lower
from tests.builds.test_every_field import SPOKEN
from tests.contracts.lowered import lowering


def sentences(register: tuple[float, float] | None) -> list[Action]:
    episode = replace(SPOKEN, foley=None)
    return [one for one in lower(lowering(episode, register=register)).actions if one.stage == "voice"]


def test_each_sentence_is_asked_for_in_the_characters_register() -> None:
    (sentence,) = sentences((180.0, 230.0))
    assert sentence.params["register"] == [180.0, 230.0]


def test_a_character_without_a_register_keeps_the_keys_that_it_has() -> None:
    (sentence,) = sentences(None)
    assert "register" not in sentence.params
