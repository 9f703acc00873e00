"""Parts of a narration that no voice says: characters without a sound, and Markdown, reported at their places."""

import pytest

from episodec.spec.diagnostic import Diagnostic
from tests.spec.specs import EPISODE, SERIES, episode


def diagnostics_of(text: str) -> list[Diagnostic]:
    parsed, actual = episode(EPISODE + text, SERIES)
    assert parsed is not None
    return actual


def places(text: str) -> list[tuple[str, int, int, int]]:
    """Code, line, column and length of each; the voice begins in the spec's fourth line."""
    return [
        (it.code, it.span.line, it.span.column, it.span.end_column - it.span.column)
        for it in diagnostics_of(text)
        if it.span
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("voice:\n  text: |\n    Да.\n    Ход → выход.\n", [("E250", 7, 9, 1)]),
        ("voice:\n  text: |\n    → да → нет\n", [("E250", 6, 5, 1), ("E250", 6, 10, 1)]),
        ("voice:\n  text: >-\n    Первая строка\n    и 😀 вторая ❤️ тут.\n", [("E250", 7, 7, 1), ("E250", 7, 16, 2)]),
        ("voice: {text: 'Да ─── нет.'}\n", [("E250", 4, 19, 3)]),
        ('voice: {text: "Да → нет."}\n', [("E250", 4, 19, 1)]),
        ("voice:\n  text: Одно\n    слово ▶ тут\n", [("E250", 6, 11, 1)]),
        ("voice: {text: Слово 漢字 тут}\n", [("E250", 4, 21, 2)]),
        ("voice: {text: 'Угол α и слово λόγος'}\n", []),
    ],
)
def test_what_has_no_sound_is_told_at_its_place(text: str, expected: list[tuple[str, int, int, int]]) -> None:
    assert places(f"{text}language: ru\n") == expected


def test_behind_an_escape_the_whole_text_is_the_place() -> None:
    assert places('voice: {text: "Go \\u2192 on."}\n') == [("E250", 4, 15, 15)]


def test_a_character_is_named_and_the_lexicon_is_hinted_at() -> None:
    (first,) = diagnostics_of("voice: {text: One → two}\n")
    assert (first.severity, first.message) == (
        "warning",
        "the voice text has characters without a sound: `→` (U+2192 RIGHTWARDS ARROW)",
    )
    assert first.help == "remove them, or give their spoken form in the lexicon: `lexicon: {WRITTEN: SPOKEN}`"


@pytest.mark.parametrize(
    "text",
    [
        "voice: {text: '5 °C, №5, § 3, 2 × 2 ≈ 4, ½, x², «да» — „нет“… 5 €, 10 ₽, naïve'}\n",
        "voice: {text: 'Ё, −5, it’s, ±1, ∞, √2, ≤ 3, №№ 1'}\n",
        "voice: {text: 'One → two'}\nlexicon: {→: to}\n",
        "voice: {text: 'One → two'}\nallow: [E250]\n",
        "voice: {text: 'One → two', file: a.wav}\n",
        "voice:\n  text: |\n    Да.\n    😀 🎉\n",
        "voice: {text: 漢字かな}\nlanguage: ja\n",
        "voice: {text: '5 * 3 and a_b_c and snake_case, 2 - 1, [sic] (no)'}\n",
        "voice:\n  text: |\n    — Да.\n    -5 градусов.\n    1. Одна строка.\n    #5 и #тег\n",
    ],
)
def test_what_is_said_or_meant_is_not_told(text: str) -> None:
    assert diagnostics_of(text) == []


@pytest.mark.parametrize("language", ["de", "ja"])
def test_in_other_languages_pictures_are_told(language: str) -> None:
    assert [it.code for it in diagnostics_of(f"voice: {{text: 漢字 а λ → 😀}}\nlanguage: {language}\n")] == [
        "E250",
        "E250",
    ]


@pytest.mark.parametrize(
    ("line", "what", "column", "length"),
    [
        ("Это **очень** важно.", "bold text", 9, 9),
        ("Это __очень__ важно.", "bold text", 9, 9),
        ("Это *очень* важно.", "text in italics", 9, 7),
        ("Это _очень важно_.", "text in italics", 9, 13),
        ("# Глава", "a heading", 5, 7),
        ("Смотри [сюда](https://a.b/c).", "a link", 12, 21),
        ("Функция `main` тут.", "code", 13, 6),
        ("- пункт", "a list", 5, 7),
        ("* пункт", "a list", 5, 7),
        ("> цитата", "a quotation", 5, 8),
        ("Это ~~нет~~ да.", "struck out text", 9, 7),
    ],
)
def test_markdown_is_told_at_its_place(line: str, what: str, column: int, length: int) -> None:
    text = f"voice:\n  text: |\n    Начало.\n    {line}\n"
    (first,) = diagnostics_of(text)
    assert places(text) == [("E251", 7, column, length)]
    assert first.message.startswith(f"the voice text holds {what} in Markdown: `")
    assert first.severity == "warning"


def test_a_numbered_list_is_told_by_its_second_line() -> None:
    assert places("voice:\n  text: |\n    1. Одно.\n    2. Другое.\n") == [("E251", 6, 5, 8)]


def test_markdown_in_the_text_of_a_recording_is_told_since_captions_show_it() -> None:
    assert [it.code for it in diagnostics_of("voice: {text: A **b** c, file: a.wav}\n")] == ["E251"]
