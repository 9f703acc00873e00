"""What ambience prompts are understood to ask for, in English and Russian."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.sound import palette
from episodec.sound.lexicon import BEDS, EVENTS
from episodec.sound.prompt import GROUPS, Heard, kind_of, listen, normalised, table


def heard(prompt: str) -> dict[str, Heard]:
    return {one.sound: one for one in listen(prompt).heard}


@pytest.mark.parametrize(
    ("prompt", "sounds", "unknown"),
    [
        ("design studio quiet, soft pencil scratch", "room scratch", ""),
        ("quiet recording lab, soft DAC click", "room click", ""),
        ("rain over the city, distant birds", "rain city bird", ""),
        ("тихая студия, мягкий звук карандаша", "room scratch", ""),
        ("дождь за городом, шаги и тиканье часов", "rain city step clock", ""),
        ("Train station; STRAIN of it", "room", "train station strain"),
        ("rainbow over a brainstorm", "room", "rainbow brainstorm"),
        ("часто капает вода", "room drip", ""),
        ("water", "stream", ""),
        ("a bird's song", "room bird", "song"),
        ("dripping, typing and clicks", "room drip key click", ""),
        ("морозное утро", "room", "морозное утро"),
        ("костёр и кострище", "fire", ""),
        ("quiet", "room", ""),
        ("xyzzy", "room", "xyzzy"),
        ("…", "room", ""),
    ],
)
def test_sounds_are_known_by_whole_words(prompt: str, sounds: str, unknown: str) -> None:
    assert set(heard(prompt)) == set(sounds.split())
    assert list(listen(prompt).unknown) == unknown.split()


@pytest.mark.parametrize(
    ("prompt", "sounds"),
    [
        ("forest, no birds", "leaves"),
        ("forest without birds or wind", "leaves"),
        ("no rain but wind", "wind"),
        ("лес без птиц", "leaves"),
        ("лес без птиц и ветра, но с ручьём", "leaves stream"),
        ("нет дождя, сильный ветер", "wind"),
        ("birds, no birds", "room"),
        ("rain, not loud", "rain"),
        ("no music, sea", "sea"),
        ("without water, sea", "sea"),
    ],
)
def test_what_is_refused_is_not_heard(prompt: str, sounds: str) -> None:
    assert set(heard(prompt)) == set(sounds.split())
    assert listen(prompt).unknown == ()


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("soft click", Heard("click", -6)),
        ("тихий клик", Heard("click", -6)),
        ("very quiet click", Heard("click", -12)),
        ("loud click", Heard("click", 6)),
        ("not loud click", Heard("click", -6)),
        ("негромкий щелчок", Heard("click", -6)),
        ("distant click", Heard("click", is_far=True)),
        ("далёкий тихий клик", Heard("click", -6, is_far=True)),
        ("near click", Heard("click")),
        ("rare clicks", Heard("click", density=0.5)),
        ("частые клики", Heard("click", density=2)),
        ("click, soft and distant", Heard("click")),
        ("soft, click", Heard("click", -6)),
        ("very very very very quiet soft faint click", Heard("click", -18)),
    ],
)
def test_qualities_belong_to_the_sound_they_stand_by(prompt: str, expected: Heard) -> None:
    assert heard(prompt)["click"] == expected


def test_a_quality_behind_its_sound_belongs_to_it_where_no_other_follows() -> None:
    assert heard("studio quiet, click") == {"room": Heard("room", -6), "click": Heard("click")}


def test_case_punctuation_and_spacing_do_not_matter() -> None:
    assert normalised("  Rain,  SOFT\nrain! Ёлка") == normalised("rain soft rain елка")


def test_every_word_of_the_tables_means_one_thing_and_is_found() -> None:
    exact, stems = table()
    written = [word for words in GROUPS.values() for word in words.replace("ё", "е").split()]
    assert len(exact) + len(stems) == len(set(written))
    for kind, words in GROUPS.items():
        for word in words.replace("ё", "е").split():
            assert kind_of(word.removesuffix("*")) == kind, word


def test_every_sound_has_its_table() -> None:
    assert set(palette.BEDS) == set(BEDS)
    assert set(palette.EVENTS) == set(EVENTS) | {bed.texture for bed in palette.BEDS.values() if bed.texture}


@given(st.text(max_size=200))
def test_any_text_is_understood_somehow(prompt: str) -> None:
    found = listen(prompt)
    assert any(one.is_bed for one in found.heard)
    assert not set(found.known) & set(found.unknown)
    assert listen(prompt.upper()).normal == listen(prompt.upper().lower()).normal or not prompt.isascii()
