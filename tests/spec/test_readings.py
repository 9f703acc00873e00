"""What a voice is given to say: the lists of docs/readings.md, and what they leave unsaid."""

import re

import pytest

from episodec.spec.sentences import Word, words
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
