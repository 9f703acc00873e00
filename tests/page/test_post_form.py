"""Posts in a series' own form: header, body and footer, and their placeholders."""

from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from episodec.page.filled import filled
from episodec.page.links import kinds
from episodec.page.post import post
from episodec.page.summary import EpisodeSummary, SpokenNarration, SpokenSentence
from episodec.placeholders import FILES, PLACEHOLDERS, fill, is_known, placeholders
from tests.page.test_post import PARAMS, SAID

NAMES = {f"{name}:{form}" for name, meaning in PLACEHOLDERS.items() for form in meaning.forms}
NAMES |= {name for name, meaning in PLACEHOLDERS.items() if not meaning.needs_form}

FORM = {"cost": "Costs are *shared*.", "signature": "Alpha / RTX 5090 / 0x2b85"}
DOCS = Path(__file__).parents[2] / "docs/posts.md"


def line(template: str, language: str = "en", narration: SpokenNarration = SAID, **others: Any) -> str:
    return filled(template, EpisodeSummary({**PARAMS, "language": language, "post": FORM, **others}, narration))


@pytest.mark.parametrize(
    ("template", "language", "expected"),
    [
        ("#{number}, {season}", "ru", "#72, d13"),
        ("{ordinal} ambience: {ambience}", "en", "72nd ambience: quiet design studio"),
        ("{ordinal:f} уникальная ambient «{ambience}»", "ru", "72-я уникальная ambient «quiet design studio»"),
        ("{ordinal:m}, {ordinal:n}", "ru", "72-й, 72-е"),
        ("{duration} = {seconds} = {frames}", "en", "30 seconds = 30 = 900 frames"),
        ("{duration} = {seconds} = {frames}", "ru", "30 секунд = 30 = 900 кадров"),
        ("({narration_duration}; {narration_seconds} sec)", "ru", "(29 секунд; 29 sec)"),
        ("«{narration}»", "ru", "«Первая фраза. Вторая.»"),
        ("/{file:video} /{file:narration}", "en", "/video/a.mp4 /static/audio/a_voice.wav"),
        ("{link:video}", "en", "[a.mp4](../video/a.mp4)"),
        (
            "{title} | {name} | {series} | {character}",
            "ru",
            "Один портрет на всё | alpha_d13_episode72 | Alpha | Alpha",
        ),
        ("{tools}", "en", "Made with espeak (voice) and procedural (ambience)."),
        ("{tools}", "ru", "Сделано с помощью espeak (голос) и procedural (фоновый звук)."),
        ("{cost}", "en", r"Costs are \*shared\*."),
        ("— {signature}", "en", "— Alpha / RTX 5090 / 0x2b85"),
        ("{tags}; {disclosure}", "ru", "identity, alpha-ref; Синтезировано."),
        ("{{number}} is {number}", "en", "{number} is 72"),
    ],
)
def test_a_placeholder_is_replaced(template: str, language: str, expected: str) -> None:
    assert line(template, language) == expected


@pytest.mark.parametrize(
    ("template", "missing"),
    [
        ("- /{file:video}", {"files": ["static/audio/a.m4a"]}),
        ("{ordinal} ambience: {ambience}", {"prompt": None}),
        ("— {signature}", {"post": {}}),
        ("«{narration}»", {"narration": SpokenNarration()}),
        ("{tools}", {"backends": [["mux", "mux"]]}),
    ],
)
def test_a_line_without_its_value_is_left_out(template: str, missing: dict[str, Any]) -> None:
    assert line(f"before\n{template}\nafter", **missing) == "before\nafter"


def test_an_author_s_value_stays_text() -> None:
    form = {"signature": "<b>A</b> [x](y) `c`"}
    html = MarkdownIt().render(line("— {signature}", post=form))
    assert html == "<p>— &lt;b&gt;A&lt;/b&gt; [x](y) `c`</p>\n"


def test_a_value_is_not_read_for_placeholders_again() -> None:
    assert line("{title}", title="{number} {{") == "{number} {{"


def test_each_placeholder_has_a_value_for_some_episode() -> None:
    files = [path for _, path in kinds(SAMPLES)]
    whole = EpisodeSummary({**PARAMS, "post": FORM, "files": files}, SAID)
    assert [name for name in sorted(NAMES) if not filled(f"{{{name}}}", whole)] == []


SAMPLES = (
    *("video/a.mp4", "static/audio/a.m4a", "static/audio/a_voice.wav", "static/audio/a_foley.wav", "captions/a.vtt"),
    *("captions/a.srt", "video/a_poster.jpg", "video/a_contact.png", "video/a_preview.webp", "plan/a.png"),
    *("check/a.png", "scene/a.mp4", "scene/a_turntable.webp"),
)


def test_files_are_named_as_pages_name_their_kinds() -> None:
    assert set(FILES) == {kind for kind, _ in kinds(SAMPLES)}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_documented_placeholder_is_known(name: str) -> None:
    (only,) = placeholders(f"a {{{name}}} b")
    assert is_known(only)
    assert f"`{{{name}}}`" in DOCS.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["{file}", "{number:03}", "{ordinal:x}", "{}", "{", "a}", "{ number}", "{number!r}"])
def test_other_braces_are_no_placeholders(text: str) -> None:
    (only,) = placeholders(text)
    assert not is_known(only)


def test_doubled_braces_are_text() -> None:
    assert list(placeholders("{{number}} }}{{")) == []
    assert fill("{{a}} {b}", {"b": "}}"}) == "{a} }}"


def test_a_post_is_its_header_its_body_and_its_footer() -> None:
    form = {
        "header": "# {number}\n\n{nothing}",
        "body": "| a | b |\n|---|---|\n| {number} | c |\n",
        "footer": "— {signature}",
    }
    form |= {"header": "# {number}", "signature": "Alpha"}
    summary = EpisodeSummary({**PARAMS, "post": form, "licences": [], "disclosure": "D."}, SAID)
    *start, terms = post(summary).split("\n\n")
    assert start == [
        "# 72",
        "| a | b |\n|---|---|\n| {number} | c |",
        "— Alpha",
        "## Раскрытие информации",
        "D.",
        "## Лицензии и условия",
    ]
    assert terms == "- Alpha: Apache-2.0\n"


def test_a_body_comes_before_the_facts_where_the_series_has_no_form() -> None:
    text = post(EpisodeSummary({**PARAMS, "post": {"body": "## Own\n\nWords.\n"}}, SAID))
    assert text.index("> Вторая.") < text.index("## Own\n\nWords.\n\n") < text.index("## Данные")


def test_no_form_leaves_out_disclosure_and_terms_and_none_has_the_disclosure_twice() -> None:
    bare = post(EpisodeSummary({**PARAMS, "post": {"header": "H", "footer": "F"}}, SpokenNarration()))
    assert bare.startswith("H\n\nF\n\n## Раскрытие информации\n\nСинтезировано.\n\n## Лицензии и условия\n")
    own = post(EpisodeSummary({**PARAMS, "post": {"header": "H", "footer": "{disclosure}"}}, SpokenNarration()))
    assert own.count("Синтезировано.") == 1
    assert "## Раскрытие" not in own


def test_a_post_lists_files_for_its_readers_alone() -> None:
    text = post(EpisodeSummary({**PARAMS, "files": [*SAMPLES, "manifest/a.json", "plan/a.json", "check/a.json"]}, SAID))
    listed = [one.partition("](")[0].removeprefix("- [") for one in text.splitlines() if one.startswith("- [")]
    assert listed == [
        *("video/a.mp4", "static/audio/a.m4a", r"static/audio/a_voice.wav", "static/audio/a_foley.wav"),
        *("captions/a.vtt", "captions/a.srt", "scene/a.mp4", "scene/a_turntable.webp"),
    ]


def test_one_tool_for_several_stages_is_named_once() -> None:
    backends = [["voice", "file"], ["foley", "file"], ["scene", "relief"], ["train", "relief"], ["mux", "mux"]]
    assert line("{tools}", backends=backends) == "Made with a recording (voice, ambience) and relief (scene)."


def test_spoken_time_is_rounded_to_the_second() -> None:
    narration = SpokenNarration((SpokenSentence("A.", 0, 48_000),), 1)
    assert line("{narration_duration}", "ru", narration) == "1 секунда"
