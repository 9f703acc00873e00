"""The meaning of ambience prompts, in English and Russian."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from episodec.sound import palette
from episodec.sound.lexicon import BEDS, EVENTS, PLACES, PLACES_WORDS
from episodec.sound.lexicon.places import BIRDS, HOURS, INDOORS, OUTDOORS
from episodec.sound.prompt import GROUPS, kind_of, listen, misspelt, normalised, similar, table
from episodec.sound.scenery import PromptedSound
from episodec.spec.scaffold import scaffold


def sounds_of(prompt: str) -> dict[str, PromptedSound]:
    return {one.sound: one for one in listen(prompt).sounds}


@pytest.mark.parametrize(
    ("prompt", "sounds", "unknown"),
    [
        ("design studio quiet, soft pencil scratch", "room scratch", ""),
        ("quiet recording lab, soft DAC click", "room click", ""),
        ("rain over the city, distant birds", "rain city chirp tit warble", ""),
        ("тихая студия, мягкий звук карандаша", "room scratch", ""),
        ("дождь за городом, шаги и тиканье часов", "rain city step clock", ""),
        ("Train station; STRAIN of it", "crowd chime clack", "strain"),
        ("rainbow over a brainstorm", "room", "rainbow brainstorm"),
        ("часто капает вода", "room drip", ""),
        ("water", "stream", ""),
        ("a bird's song", "room chirp tit warble", "song"),
        ("dripping, typing and clicks", "room drip key click", ""),
        ("морозное утро", "wind chirp tit", ""),
        ("костёр и кострище", "fire", ""),
        ("quiet", "room", ""),
        ("xyzzy", "room", "xyzzy"),
        ("…", "room", ""),
    ],
)
def test_sounds_are_known_by_whole_words(prompt: str, sounds: str, unknown: str) -> None:
    assert set(sounds_of(prompt)) == set(sounds.split())
    assert list(listen(prompt).unknown) == unknown.split()


@pytest.mark.parametrize(
    ("prompt", "sounds"),
    [
        ("office at night", "air hush key page click"),
        ("тихий офис ночью", "air hush key page click"),
        ("summer night", "night cricket bee"),
        ("office in summer", "air key page click"),
        ("rain on the window", "rain pane"),
        ("дождь по стеклу", "rain pane"),
        ("glass on a table", "room cup"),
        ("window", "hush"),
        ("wind at the window", "wind"),
        ("server room with air", "air hum"),
        ("rain, church bell", "rain toll"),
        ("church and a bell", "room toll bell"),
        ("cat purr", "purr"),
        ("vinyl crackle", "vinyl"),
        ("кухня с чайником", "fridge whistle drip cup"),
        ("cafe, no people", "room cup steam"),
        ("street, no traffic", "city step"),
    ],
)
def test_places_are_what_is_heard_in_them(prompt: str, sounds: str) -> None:
    assert set(sounds_of(prompt)) == set(sounds.split())


def test_what_a_prompt_names_itself_stays_as_it_is_named_in_a_place() -> None:
    assert sounds_of("office, loud clicks")["click"] == PromptedSound("click", 6)
    assert sounds_of("distant quiet office")["key"] == PromptedSound("key", -9, is_far=True, density=0.5)


@pytest.mark.parametrize(
    ("word", "taken"),
    [
        ("keybord", "keyboard"),
        ("ligthning", "lightning"),
        ("refridgerator", "refrigerator"),
        ("strain", None),
        ("moon", None),
        ("rainbow", None),
        ("brainstorm", None),
        ("zebra", None),
        ("blorp", None),
        ("music", None),
    ],
)
def test_a_misspelt_word_is_taken_for_the_one_that_is_meant(word: str, taken: str | None) -> None:
    assert misspelt(word) == taken
    assert listen(f"sea and {word}").taken == (((word, taken),) if taken else ())
    assert listen(f"sea and {word}").unknown == (() if taken else (word,))


def test_the_most_similar_known_word_is_found_for_one_that_is_not_known() -> None:
    assert similar("whistler") == "whistle"
    assert similar("xyzzyqq") is None


SERIES = (
    """
office night window quiet server room air birds rain glass cafe café street wind fire keyboard paper pencil clock fridge
train sea crowd forest thunder steps door kettle insects fountain stream subway airport kitchen library church bell cat
purr dog far away traffic construction printer vinyl crackle heartbeat space drone soft sparse heavy distant hum
recording lab low dac click design studio scratch key press fans unique ambient sparrow nightingale owl gull cuckoo crow
waves ocean river waterfall leaves storm lightning footsteps typing phone beep alarm siren horn car bus plane engine
machine ventilation computer rack hard_drive notebook mouse chair breathing applause whisper market station harbour
school hospital factory village mountains cave underwater jungle snow morning evening autumn spring summer winter
офис ночь окно тихий тихая серверная воздух птицы дождь стекло кафе улица ветер костёр клавиатура бумага карандаш часы
холодильник поезд море толпа лес гром шаги дверь чайник насекомые фонтан ручей метро аэропорт кухня библиотека колокол
кошка мурлыканье собака далеко вдали машины стройка принтер винил треск сердцебиение космос дрон мягкий редкий сильный
гул лаборатория щелчок студия шорох вентилятор соловей сова чайка кукушка ворона волны река листва гроза телефон сирена
""".replace("hard_drive", "disk")
    .replace("chair", "desk")
    .replace("notebook", "laptop")
    .split()
)


def test_numbers_ask_for_no_sound() -> None:
    assert listen("room 12, take 3").unknown == ()


@pytest.mark.parametrize("number", range(12))
def test_every_prompt_that_a_new_spec_comes_with_is_known(number: int) -> None:
    prompt = yaml.safe_load(scaffold(number, "x"))["foley"]["prompt"]
    assert (listen(prompt).unknown, listen(prompt).taken) == ((), ())


@pytest.mark.parametrize("word", SERIES)
def test_what_ambient_prompts_of_such_a_series_name_is_known(word: str) -> None:
    assert kind_of(word.replace("ё", "е")) is not None


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
    assert set(sounds_of(prompt)) == set(sounds.split())
    assert listen(prompt).unknown == ()


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("soft click", PromptedSound("click", -6)),
        ("тихий клик", PromptedSound("click", -6)),
        ("very quiet click", PromptedSound("click", -12)),
        ("loud click", PromptedSound("click", 6)),
        ("not loud click", PromptedSound("click", -6)),
        ("негромкий щелчок", PromptedSound("click", -6)),
        ("distant click", PromptedSound("click", is_far=True)),
        ("далёкий тихий клик", PromptedSound("click", -6, is_far=True)),
        ("near click", PromptedSound("click")),
        ("rare clicks", PromptedSound("click", density=0.5)),
        ("частые клики", PromptedSound("click", density=2)),
        ("click, soft and distant", PromptedSound("click")),
        ("soft, click", PromptedSound("click", -6)),
        ("very very very very quiet soft faint click", PromptedSound("click", -18)),
    ],
)
def test_qualities_belong_to_the_sound_they_stand_by(prompt: str, expected: PromptedSound) -> None:
    assert sounds_of(prompt)["click"] == expected


def test_a_quality_behind_its_sound_belongs_to_it_where_no_other_follows() -> None:
    assert sounds_of("studio quiet, click") == {"room": PromptedSound("room", -6), "click": PromptedSound("click")}


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
    assert set(palette.EVENTS) == set(EVENTS)
    assert set(palette.TEXTURES) == {bed.texture for bed in palette.BEDS.values() if bed.texture}
    assert set(PLACES) == set(PLACES_WORDS)
    assert {part.sound for parts in PLACES.values() for part in parts} <= set(BEDS) | set(EVENTS)
    assert set(GROUPS) >= INDOORS | HOURS | OUTDOORS
    assert set(EVENTS) >= BIRDS


@given(st.text(max_size=200))
def test_any_text_is_understood_somehow(prompt: str) -> None:
    actual = listen(prompt)
    assert any(one.is_bed for one in actual.sounds)
    assert not set(actual.known) & set(actual.unknown)
    assert listen(prompt.upper()).normal == listen(prompt.upper().lower()).normal or not prompt.isascii()
