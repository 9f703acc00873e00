"""Where sentences end in Russian, English and mixed texts, and what their words are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.spec.sentences import Word, mute_lines, says, sentences, tidy, words


@pytest.mark.parametrize(
    "expected",
    [
        ["Что precisely содержит alpha-ref dot png.", "Это canonical image."],
        ["Generated через Flux dot 1 dev plus character LoRA.", "1024 на 1024 pixels."],
        ["Fish Speech 1.5 кодирует voice sample.", "Версия 2.2 I2V лучше."],
        ["Модель Flux.1 dev обучена.", "Use config.yaml.", "Then run it."],
        ["Версия v1.5.1.", "Следующая v2.0."],
        ["А. С. Пушкин писал стихи.", "Он жил в г. Москве на ул. Ленина, д. 5."],
        ["См. рис. 3.", "Т.е. всё хорошо."],
        ["Dr. Smith went there on Jan. 5 again.", "See Fig. 3, e.g. this.", "Mr. Jones vs. Mrs. Brown."],
        ["What?!", "Really...", "Да."],
        ["«Он сказал: “Да.” И ушёл.»", "И всё."],
        ["Wait... what?", "Подожди… что?"],
    ],
    ids=lambda expected: expected[0][:20],
)
@pytest.mark.parametrize("language", ["ru", "en", "en-GB"])
def test_a_line_is_split_where_its_sentences_end(expected: list[str], language: str) -> None:
    assert sentences(" ".join(expected), language) == tuple(expected)


def test_a_line_is_never_joined_with_the_next() -> None:
    assert sentences("one two\nthree\n\n  four. \n", "en") == ("one two", "three", "four.")


def test_other_languages_are_split_by_their_own_rules() -> None:
    assert sentences("Das kostet ca. 5 Euro. Gut so.", "de-AT") == ("Das kostet ca. 5 Euro.", "Gut so.")


def test_what_cannot_be_said_stays_with_its_neighbour() -> None:
    assert sentences("Smile. 😀", "en") == ("Smile. 😀",)
    assert sentences("— Да. 😀\n😀 Нет.", "ru") == ("— Да. 😀", "😀 Нет.")
    assert list(mute_lines("Да.\n 😀 \n\n***\n1\n")) == ["😀", "***"]


@given(st.text(alphabet=st.sampled_from('аБ zY1.?!… \n«»"(—😀é'), max_size=80), st.sampled_from(["ru", "en", "fr"]))
def test_no_character_is_lost_and_lines_stay_apart(text: str, language: str) -> None:
    actual = sentences(text, language)
    kept = "".join("".join(line.split()) for line in tidy(text).splitlines() if says(line))
    assert "".join("".join(one.split()) for one in actual) == kept
    assert all(says(one) for one in actual)


def test_long_texts_are_split_fast() -> None:
    assert len(sentences("а. " * 6000, "ru")) <= 6000
    assert len(sentences("слово " * 4000, "ru")) == 1


LEXICON = {"npy": "эн пи уай", "LoRA": "лора", "Flux.1 dev": "flux dot one dev", "ref_alpha.npy": "реф альфа"}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Да, нет.", [("Да,", "Да,"), ("нет.", "нет.")]),
        ("image — input", [("image —", "image —"), ("input", "input")]),
        ("— Да 😀", [("— Да 😀", "Да 😀")]),
        ("файл npy, NPY!", [("файл", "файл"), ("npy,", "эн пи уай,"), ("NPY!", "эн пи уай!")]),
        ("npyx xnpy _npy", [("npyx", "npyx"), ("xnpy", "xnpy"), ("_npy", "_npy")]),
        ("LoRA lora", [("LoRA", "лора"), ("lora", "lora")]),
        ("«Flux.1 dev» тут", [("«Flux.1 dev»", "«flux dot one dev»"), ("тут", "тут")]),
        ("ſize ıt Kelvın straße STRASSE", [(w, w) for w in ("ſize", "ıt", "Kelvın", "straße", "STRASSE")]),
        ("ref_alpha.npy.", [("ref_alpha.npy.", "реф альфа.")]),
    ],
)
def test_the_lexicon_changes_what_is_spoken_and_not_what_is_written(
    sentence: str, expected: list[tuple[str, str]]
) -> None:
    assert words(sentence, LEXICON) == tuple(Word(written, spoken) for written, spoken in expected)


def test_letters_with_odd_cases_break_nothing() -> None:
    lexicon = {"size": "a", "it": "b", "kelvin": "c", "straße": "d"}
    actual = words("ſize ıt \u212aelvin Straße STRASSE", lexicon)
    assert [word.spoken for word in actual] == ["a", "ıt", "c", "d", "d"]


def test_equal_text_in_another_unicode_form_is_the_same() -> None:
    composed, decomposed = "ещё мой.", "еще\u0308 мои\u0306."
    assert sentences(decomposed, "ru") == (composed,)
    assert sentences("со\u00adюз\u200b.", "ru") == ("союз.",)


def test_a_large_lexicon_costs_little_a_sentence() -> None:
    import time

    lexicon = {f"Word{index}": f"слово {index}" for index in range(500)}
    words("Word1 first.", lexicon)
    started = time.process_time()
    for _ in range(200):
        words("Word7 и Word499 тут, а Word500 нет.", lexicon)
    assert time.process_time() - started < 2
