"""Languages and scripts that the draft voice cannot speak are told while specs are read; others are not."""

from pathlib import Path

import pytest

from episodec.backends.espeak.backend import EspeakBackend
from episodec.errors import BackendError
from tests.builds.test_sound import spec, start


def test_a_sentence_that_cannot_be_spoken_stops_the_episode_before_anything_is_made(tmp_path: Path) -> None:
    studio = start(tmp_path)
    spec(studio, voice="language: ja\nvoice: {text: 日本語の字幕。}", foley="")
    outcome = studio.build()
    (actual,) = [one for one in outcome.diagnostics if one.severity == "error"]
    assert (actual.code, actual.span and actual.span.line, studio.ran()) == ("E236", 5, set())
    assert "cannot pronounce this script (" in actual.message


@pytest.mark.parametrize(
    ("language", "text", "part"),
    [
        ("ko", "漢字 한국어", "cannot pronounce this script"),
        ("en", "A word 中文", "cannot pronounce this script"),
        ("th", "สวัสดี", "cannot pronounce this script"),
        ("km", "Hello", "the draft voice does not support this language"),
        ("tlh", "ok", "the draft voice does not support this language"),
        ("en", "a" * 61, "a word is too long"),
    ],
)
def test_what_the_draft_voice_cannot_speak_is_refused(language: str, text: str, part: str) -> None:
    with pytest.raises(BackendError, match=part):
        EspeakBackend().check_params({"text": text, "language": language})


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ja", "ひらがなとカタカナとコーヒー"),
        ("zh", "你好"),
        ("zh-HK", "你好"),
        ("yue", "你好"),
        ("ko", "한국어"),
        ("ta", "வணக்கம்"),
        ("am", "ሰላም"),
        ("ur", "سلام"),
        ("no", "Hei på deg"),
        ("de-CH", "Grüezi"),
        ("pt-BR", "Olá"),
        ("en", "Слово is a word."),
    ],
)
def test_what_it_can_speak_is_not_refused(language: str, text: str) -> None:
    EspeakBackend().check_params({"text": text, "language": language})
