"""The text of captions about an ambience, in the language of the episode."""

import pytest

from episodec.sound import lexicon
from episodec.sound.notes import NAMES, SoundNote, note_of


@pytest.mark.parametrize(
    ("prompt", "language", "note"),
    [
        ("quiet recording lab, low hum, soft DAC click", "ru", SoundNote("низкий гул, щелчки")),
        (
            "server room hum, distant fans, sparse key press",
            "ru",
            SoundNote("низкий гул, шум воздуха вдали, стук клавиш"),
        ),
        ("soft rain, distant clock, quiet room", "ru-RU", SoundNote("дождь, тикают часы вдали")),
        ("quiet design studio, soft pencil scratch", "ru", SoundNote("скрип карандаша")),
        ("quiet room", "ru", SoundNote("тихая комната")),
        ("тихая комната, за окном дождь", "ru", SoundNote("тихая комната, за окном дождь")),
        ("тихая комната, за окном дождь", "uk", SoundNote("тихая комната, за окном дождь")),
        ("тихая комната, за окном дождь", "en", SoundNote("rain, drops on the pane")),
        ("soft rain", "en-GB", SoundNote("soft rain")),
        ("soft rain", "de", SoundNote("soft rain", "en")),
        ("тихий дождь", "de", SoundNote("тихий дождь", "ru")),
        ("leichter Regen im Hof", "de", SoundNote("leichter Regen im Hof")),
        ("bagpipes", "ru", SoundNote("bagpipes", "en")),
        ("bagpipes", "fr", SoundNote("bagpipes")),
        ("雨の音", "ja", SoundNote("雨の音")),
        ("soft rain", "ja", SoundNote("soft rain", "en")),
    ],
)
def test_a_note_is_in_the_language_of_the_episode_or_says_in_which(prompt: str, language: str, note: SoundNote) -> None:
    assert note_of(prompt, language) == note


@pytest.mark.parametrize("language", sorted(NAMES))
def test_every_sound_of_the_palette_has_a_name(language: str) -> None:
    assert NAMES[language].keys() == {*lexicon.BEDS, *lexicon.EVENTS}
