"""How sentences are ordered from voices."""

from dataclasses import replace

from episodec.engine.action import Action
from episodec.spec.types_of_sound import Voice
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


def test_a_voice_without_phonemes_is_aligned_and_the_join_takes_its_words_from_there() -> None:
    recorded = replace(SPOKEN, foley=None, voice=Voice(file="a.wav", text="Ей 5 000 лет."))
    actions = {one.stage: one for one in lower(lowering(recorded)).actions}
    assert actions["align"].params["sentences"] == [[["Ей", "Ей"], ["5", "пять тысяч"], ["000", ""], ["лет.", "лет."]]]
    words, sound = actions["join"].inputs["words.json"], actions["join"].inputs["speech.wav"]
    assert words == (actions["align"].artifact("words.json"),)
    assert sound == (actions["voice"].artifact("speech.wav"),)


def test_a_voice_that_tells_its_phonemes_is_not_aligned_nor_a_recording_of_unknown_words() -> None:
    for episode in (SPOKEN, replace(SPOKEN, voice=Voice(file="a.wav"))):
        assert "align" not in {one.stage for one in lower(lowering(episode)).actions}
