"""What captions say of an ambience, in the language of the episode."""

import pytest

from episodec.sound import lexicon
from episodec.sound.notes import NAMES, Note, note_of


@pytest.mark.parametrize(
    ("prompt", "language", "note"),
    [
        ("quiet recording lab, low hum, soft DAC click", "ru", Note("низкий гул, щелчки")),
        ("server room hum, distant fans, sparse key press", "ru", Note("низкий гул, шум воздуха вдали, стук клавиш")),
        ("soft rain, distant clock, quiet room", "ru-RU", Note("дождь, тикают часы вдали")),
        ("quiet design studio, soft pencil scratch", "ru", Note("скрип карандаша")),
        ("quiet room", "ru", Note("тихая комната")),
        ("тихая комната, за окном дождь", "ru", Note("тихая комната, за окном дождь")),
        ("тихая комната, за окном дождь", "uk", Note("тихая комната, за окном дождь")),
        ("тихая комната, за окном дождь", "en", Note("rain, drops on the pane")),
        ("soft rain", "en-GB", Note("soft rain")),
        ("soft rain", "de", Note("soft rain", "en")),
        ("тихий дождь", "de", Note("тихий дождь", "ru")),
        ("leichter Regen im Hof", "de", Note("leichter Regen im Hof")),
        ("bagpipes", "ru", Note("bagpipes", "en")),
        ("bagpipes", "fr", Note("bagpipes")),
        ("雨の音", "ja", Note("雨の音")),
        ("soft rain", "ja", Note("soft rain", "en")),
    ],
)
def test_a_note_is_in_the_language_of_the_episode_or_says_in_which(prompt: str, language: str, note: Note) -> None:
    assert note_of(prompt, language) == note


@pytest.mark.parametrize("language", sorted(NAMES))
def test_every_sound_of_the_palette_has_a_name(language: str) -> None:
    assert NAMES[language].keys() == {*lexicon.BEDS, *lexicon.EVENTS}
