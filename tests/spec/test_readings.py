"""The words that a voice is given to say: the lists of docs/readings.md, and the things they leave unsaid."""

import re
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from episodec.spec.readings.english import tables as english_tables
from episodec.spec.readings.numerals import russian, russian_ordinal
from episodec.spec.readings.russian import tables as russian_tables
from episodec.spec.sentences import Word, says, tidy, words
from tests.spec.specs import ROOT


def listed(language: str) -> list[tuple[str, str]]:
    """Rows of the manual's list: what is written, and what is spoken."""
    section = (
        (ROOT / "docs/readings.md").read_text(encoding="utf-8").partition(f"## {language}\n")[2].partition("\n## ")[0]
    )
    return re.findall(r"^\| (.+) \| (.+) \|$", section, re.MULTILINE)[1:]


def spoken(sentence: str, language: str, lexicon: dict[str, str] | None = None) -> str:
    return " ".join(word.spoken for word in words(sentence, lexicon or {}, language))


@pytest.mark.parametrize(("written", "expected"), listed("Russian"))
def test_a_russian_narration_is_read_as_the_manual_says(written: str, expected: str) -> None:
    assert spoken(written, "ru") == expected


@pytest.mark.parametrize(("written", "expected"), listed("English"))
def test_an_english_narration_is_read_as_the_manual_says(written: str, expected: str) -> None:
    assert spoken(written, "en") == expected


def test_the_manual_lists_sixty_readings_of_each_language() -> None:
    for language in ("Russian", "English"):
        assert len(set(listed(language))) >= 60


def test_the_manual_names_all_nouns_whose_number_is_an_ordinal() -> None:
    manual = (ROOT / "docs/readings.md").read_text(encoding="utf-8")
    assert [noun for noun in russian_tables.MASCULINE if f"`{noun}`" not in manual] == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("72-й эпизод.", [("72-й", "семьдесят второй"), ("эпизод.", "эпизод.")]),
        ("Это 1 000 000 ₽.", [("Это", "Это"), ("1 000 000", "один миллион"), ("₽.", "рублей.")]),
        ("Вес 5кг!", [("Вес", "Вес"), ("5кг!", "пять килограммов!")]),
        ("а − 5 %", [("а", "а"), ("−", "минус"), ("5", "пять"), ("%", "процентов")]),
        ("и т. д.", [("и", "и"), ("т. д.", "так далее.")]),
        ("Да — 5", [("Да —", "Да —"), ("5", "пять")]),
    ],
)
def test_captions_keep_what_is_written_and_one_written_word_may_be_several_spoken_ones(
    sentence: str, expected: list[tuple[str, str]]
) -> None:
    assert words(sentence, {}, "ru") == tuple(Word(written, said) for written, said in expected)


@pytest.mark.parametrize(
    ("sentence", "lexicon", "expected"),
    [
        ("№5, № 5 и №", {"№": "зал"}, "зал пять, зал пять и зал"),
        ("5% и 5 %", {"%": "процентика"}, "пять процентика и пять процентика"),
        ("100%", {"100%": "сотка"}, "сотка"),
        ("100%", {"100": "сотня"}, "сотня процентов"),
        ("1024 на 5", {"1024": "ка"}, "ка на пять"),
        ("5 кадров", {"кадров": "ка́дров"}, "пять ка́дров"),
        ("2 минуты", {"минуты": "мину́ты"}, "две мину́ты"),
        ("№5а", {"№": "зал"}, "зал 5а"),
        ("$5", {"$": "бакс"}, "бакс пять"),
        ("14:30", {"14:30": "полтретьего"}, "полтретьего"),
        ("C++ и C++17", {"C++": "си плюс плюс"}, "си плюс плюс и си плюс плюс семнадцать"),
        ("GPU", {"gpu": "видеокарта"}, "видеокарта"),
    ],
)
def test_the_lexicon_goes_first_and_finds_signs(sentence: str, lexicon: dict[str, str], expected: str) -> None:
    assert spoken(sentence, "ru", lexicon) == expected


def test_a_sign_of_the_lexicon_is_not_found_at_letters() -> None:
    assert spoken("R&D A&B", "de", {"&": "und"}) == "R&D A&B"
    assert spoken("3&4", "de", {"&": "und"}) == "3 und 4"


@pytest.mark.parametrize("language", ["de", "fr-CA", "uk", None])
def test_other_languages_and_recordings_stay_as_they_are_written(language: str | None) -> None:
    sentence = "Am 5.5. um 14:30 kostet es 5 % von 1 000 €, №5, z. B. II."
    assert " ".join(word.spoken for word in words(sentence, {}, language)) == sentence


@pytest.mark.parametrize(("language", "form"), [("ru-RU", "пять"), ("RU", "пять"), ("en-GB", "five")])
def test_a_language_is_known_by_its_primary_tag(language: str, form: str) -> None:
    assert spoken("5", language) == form


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("5 г. Потом ещё.", "пять граммов. Потом ещё."),
        ("Ему 5 с половиной.", "Ему пять с половиной."),
        ("Через 5 с.", "Через пять секунд."),
        ("В 2019 и 2020 годах.", "В две тысячи девятнадцатом и две тысячи двадцатом годах."),
        ("До 5 или 6 часов.", "До пяти или шести часов."),
        ("В 1 кадре, в 1 сцене.", "В одном кадре, в одной сцене."),
        ("За 1 000 секунд.", "За тысячу секунд."),
        ("О 5 людях при 21 градусе.", "О пяти людях при двадцати одном градусе."),
        ("10–12 мая и 10 и 12 мая.", "десятого-двенадцатого мая и десятого и двенадцатого мая."),
        ("20 026-й и 1 001-я.", "двадцать тысяч двадцать шестой и тысяча первая."),
        ("100%-й и 25-летие.", "стопроцентный и двадцатипятилетие."),
        ("5%-10% и 3½.", "пять-десять процентов и три с половиной."),
        ("+7 (495) 123-45-67.", "плюс семь четыреста девяносто пять сто двадцать три сорок пять шестьдесят семь."),
        ("0,99 ₽ и 1 200,50 ₽.", "девяносто девять копеек и тысяча двести рублей пятьдесят копеек."),
        ("5 - 3 = 2, 5-3=2.", "пять минус три равно два, пять минус три равно два."),
        ("10⁵, x² и 5 м³.", "десять в пятой степени, x в квадрате и пять кубических метров."),
        ("VII съезд, III квартал, V век.", "седьмой съезд, третий квартал, пятый век."),
        ("При Людовике XIV.", "При Людовике Четырнадцатом."),
        ("V и X, XL и mix.", "V и X, икс эл и mix."),
        ("Ту-154, GPT-4.", "Ту-сто пятьдесят четыре, джи пи ти-четыре."),
        ("https://ya.ru/2024/05 и a5@b.ru.", "https://ya.ru/2024/05 и a5@b.ru."),
        ("ВСЕ ЗА 5, МЬ.", "ВСЕ ЗА пять, МЬ."),
        ("и др. и пр.", "и другие и прочее."),
        ("5 мая 2026 года, 10 годовщина.", "пятого мая две тысячи двадцать шестого года, десять годовщина."),
        ("Буква ς.", "Буква сигма."),
    ],
)
def test_a_russian_context_tells_the_form(sentence: str, expected: str) -> None:
    assert spoken(sentence, "ru") == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Chapter I read, Part I of it.", "Chapter I read, Part one of it."),
        ("By 2000 people, by 2000.", "By two thousand people, by two thousand."),
        ("From 2000 to 2010 frames.", "From two thousand to two thousand ten frames."),
        ("5/30/2026 and 05/06/2026.", "May thirtieth, twenty twenty-six and 05/06/2026."),
        ("50/50, .5 and 10x faster.", "fifty fifty, zero point five and ten times faster."),
        ("It took 6 in. and 5 in 10.", "It took six inches and five in ten."),
        ("R&D at -$5.", "R and D at minus five dollars."),
        ("$0.99 and $10k.", "ninety-nine cents and ten thousand dollars."),
        ("A 16-bit, 3-year-old card.", "A sixteen-bit, three-year-old card."),
        ("Call 555-1234.", "Call five five five, one two three four."),
        ("Python 3.10, not 3.10.", "Python three point ten, not three point one zero."),
        ("RTX 4090 and H.264.", "ar tee ex four thousand ninety and H.264."),
    ],
)
def test_an_english_context_tells_the_form(sentence: str, expected: str) -> None:
    assert spoken(sentence, "en") == expected


@pytest.mark.parametrize(
    ("number", "case", "gender", "expected"),
    [
        (2_000_000, "n", "f", "два миллиона"),
        (2_000_002, "n", "f", "два миллиона две"),
        (1_024, "g", "m", "тысячи двадцати четырёх"),
        (1_000_000, "i", "n", "одним миллионом"),
        (0, "g", "m", "нуля"),
        (2, "a", "f", "две"),
    ],
)
def test_russian_cardinals_are_right_where_the_library_is_not(
    number: int, case: str, gender: str, expected: str
) -> None:
    assert russian(number, case, gender) == expected


@pytest.mark.parametrize(("number", "expected"), [(20_026, "двадцать тысяч двадцать шестой"), (2_000, "двухтысячный")])
def test_russian_ordinals_change_only_their_last_word(number: int, expected: str) -> None:
    assert russian_ordinal(number) == expected


@pytest.mark.parametrize("unit", sorted(russian_tables.UNITS))
def test_every_russian_unit_is_said_with_its_number(unit: str) -> None:
    noun = russian_tables.UNITS[unit]
    few = noun.few or noun.singular[1]
    expected = f"{'две' if noun.gender == 'f' else 'два'} {few} {noun.after}".rstrip()
    assert spoken(f"2 {unit}", "ru") == expected


@pytest.mark.parametrize("unit", sorted(english_tables.UNITS))
def test_every_english_unit_is_said_with_its_number(unit: str) -> None:
    assert spoken(f"2 {unit}", "en") == f"two {english_tables.UNITS[unit][1]}"


@pytest.mark.parametrize(
    ("language", "abbreviation"),
    [("ru", it) for it in russian_tables.ABBREVIATIONS] + [("en", it) for it in english_tables.ABBREVIATIONS],
)
def test_every_abbreviation_is_read_at_the_end_of_a_sentence_too(language: str, abbreviation: str) -> None:
    table = russian_tables.ABBREVIATIONS if language == "ru" else english_tables.ABBREVIATIONS
    before = "и" if language == "ru" else "one"
    assert spoken(f"{before} {abbreviation}", language).rstrip(".") == f"{before} {table[abbreviation]}"


TEXTS = st.text(st.sampled_from("0123456789 абвгдсткмлн.,:;-–—/%°№$€₽+=×()IVXxhGPUй\u00a0½²thand"), max_size=60)


@given(TEXTS, st.sampled_from(["ru", "en"]))
@example("5 и " * 400 + "5", "ru")
@example("1" * 5000 + " " + "0" * 5000 + ",5 ₽ " + "1/" * 2000, "ru")
@example("$" + "1" * 5000 + ".00 " + "9" * 5000 + "th 1⁹⁹⁹⁹⁹⁹⁹⁹", "en")
@example("a" * 3000 + "." + "1 000 " * 2000, "en")
def test_any_text_is_read_and_stays_written_as_it_was(text: str, language: str) -> None:
    sentence = " ".join(tidy(text).split())
    parts = words(sentence, {}, language)
    if says(sentence):
        assert " ".join(word.written for word in parts) == sentence
    assert all(word.spoken for word in parts)


FRAGMENTS = """
1 2 5 21 1990 2026 0,5 3.14 1/2 14:30 05.05.2026 2026-05-05 XX IV I мая май годовщина год году годовой г. гг. и до в с
по к на № § & α ς Σ \u03a2 $ € % ° °C кг ГБ минуты окно век главы Глава Пётр Екатерине May Jan. th st pm a.m. Chapter
Henry million т. е. д. др. руб. тыс. млн рис. et al. e.g. i. No. St. Dr. США GPU ЪЬ Ы v1.5 a@b x.y 4K - – = + × ₽ £1.20
-й -го -летний -bit s ½ ² ⁵
"""


@given(
    st.lists(st.sampled_from(FRAGMENTS.split()), max_size=12),
    st.sampled_from([" ", "", "\u00a0"]),
    st.sampled_from(["ru", "en"]),
)
def test_any_mixture_of_what_rules_know_is_read(fragments: list[str], between: str, language: str) -> None:
    for word in words(between.join(fragments), {}, language):
        assert word.spoken


@given(st.integers(0, 10**29), st.sampled_from(["ru", "en"]))
def test_no_digit_of_a_number_is_left_to_the_voice(number: int, language: str) -> None:
    assert not re.search(r"\d", spoken(f"{number}", language))


def test_a_narration_without_numbers_does_not_import_the_library() -> None:
    program = (
        "import sys; from episodec.spec.sentences import words; "
        "words('Обычный текст — и т. д.', {}, 'ru'); words('Plain text, i.e. words.', {}, 'en'); "
        "assert 'num2words' not in sys.modules; words('5', {}, 'en'); assert 'num2words' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
