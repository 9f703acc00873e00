"""The index page as text: its order, its seal, and that nothing of an author becomes markup."""

import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from episodec.page.entry import EntryHead, entry, head
from episodec.page.index import index_page, is_ours
from episodec.page.summary import EpisodeSummary, SpokenNarration, SpokenSentence
from tests.page.test_post import PARAMS, SAID, SCENE, SCENE_FILES, TRAINED

CHECK: dict[str, Any] = {
    "measurements": {"mean": {"least": 10.0, "most": 20.5}, "psnr_db": None, "levels": {"least": 3, "most": 3}},
    "gates": [
        {"name": "mean", "min": 12.0, "max": None, "severity": "error", "verdict": "failed"},
        {"name": "psnr_db", "min": 25.0, "max": None, "severity": "warn", "verdict": "not measured"},
    ],
}
SHOWN = ("turntable.webp", "check.png", "training.png")
HOSTILE = """</title></article><script>hit()</script><img src=x onerror=hit()>"'`&lt;&amp;--><!--]]>\0\x1b\u2028"""


def entry_html(name: str = "alpha_d13_episode72", **others: Any) -> str:
    return entry(EpisodeSummary({**PARAMS, "name": name, **others}, SAID), "WEBVTT\n", CHECK)


class Tags(HTMLParser):
    """Every tag with its attributes' names, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}",))

    def handle_comment(self, data: str) -> None:
        self.tags.append(("comment",))


def test_hostile_texts_change_no_tag_of_an_entry_and_of_its_page() -> None:
    def everywhere(text: str) -> str:
        output = dict.fromkeys(("name", "title", "description", "series", "season", "language", "disclosure"), text)
        named = {"name": text, "title": text, "identity": {text: text}, "licence": text}
        lists = {"tags": [text], "licences": [[text, text]], "backends": [[text, text]], "prompt": text}
        params = {**PARAMS, **output, **lists, "character": named}
        params["files"] = [f"scene/{text}{ending}" for ending in ("_turntable.webp", "_training.png", "_check.png")]
        messages = EpisodeSummary(params, SpokenNarration((SpokenSentence(text, 0, 96_000),), 1), SCENE)
        return entry(messages, text, CHECK)

    hostile, calm = everywhere(HOSTILE), everywhere("calm")
    assert Tags(hostile).tags == Tags(calm).tags
    actual = head(hostile)
    assert actual is not None
    assert actual.series.startswith("</title></article><script>")
    pages = [Tags(index_page([one], profile=text).decode()) for one, text in ((hostile, HOSTILE), (calm, "calm"))]
    assert pages[0].tags == pages[1].tags


def test_a_trained_scene_is_shown_turning_in_numbers_and_beside_its_pictures() -> None:
    visible = entry(EpisodeSummary(TRAINED, SAID, SCENE), None, None)
    section = visible[visible.index("<details><summary>Сцена <small>PSNR, тест: 33.6 дБ</small>") :]
    section = section[: section.index("</details>")]
    assert re.findall(r'<img src="([^"]*)"', section) == [f"scene/a_{one}" for one in SHOWN]
    assert section.count('loading="lazy"') == len(SHOWN)
    messages = re.findall(r'<th scope="row">([^<]*)</th><td>([^<]*)</td>', section)
    assert messages == [
        ("Гауссианы", "24\xa0000"),
        ("PSNR, обучение", "38.5 дБ"),
        ("PSNR, валидация", "35.4 дБ"),
        ("PSNR, тест", "33.6 дБ"),
        ("Разница кадров", "32.8 из 255, за один оборот вокруг сцены"),
    ]
    english = entry(EpisodeSummary({**TRAINED, "language": "en"}, SAID, SCENE), None, None)
    assert "<summary>Scene <small>PSNR, test: 33.6 dB</small></summary>" in english


def test_without_a_trained_scene_nothing_is_said_of_one() -> None:
    assert "Сцена" not in entry_html()
    assert "scene" not in entry_html()
    visible = entry(EpisodeSummary({**TRAINED, "files": PARAMS["files"]}, SAID, SCENE), None, None)
    assert "<summary>Сцена" in visible, "its numbers are told where no picture of it is delivered"
    assert SCENE_FILES[0] not in visible


def test_an_entry_says_what_the_page_sorts_by() -> None:
    assert head(entry_html()) == EntryHead("alpha_d13_episode72", "ru", "Alpha")
    assert head("<p>another page</p>") is None


def test_the_page_does_not_hang_on_the_order_of_its_entries() -> None:
    entries = [entry_html(f"e{number}") for number in (10, 9, 100, 1)] + [
        entry_html("e2", series="B"),
        entry_html("e1", series="B"),
    ]
    pages = {index_page(some) for some in (entries, entries[::-1], sorted(entries))}
    assert len(pages) == 1
    page = pages.pop().decode()
    places = [page.index(f'id="{name}"') for name in ("e1", "e9", "e10", "e100")]
    assert places == sorted(places)
    assert page.index('class="series">B<') > places[-1]


@pytest.mark.parametrize(
    ("languages", "actual", "words"),
    [(("ru", "ru"), "ru", "выпусков: 2"), (("ru", "en"), "en", "episodes: 2"), (("fr", "fr"), "fr", "episodes: 2")],
)
def test_the_page_speaks_its_episodes_language_or_english(languages: tuple[str, ...], actual: str, words: str) -> None:
    page = index_page(entry_html(f"e{place}", language=one) for place, one in enumerate(languages)).decode()
    assert f'<html lang="{actual}">' in page
    assert words in page


def test_a_page_knows_itself_until_it_is_changed() -> None:
    page = index_page([entry_html()])
    assert is_ours(page)
    for other in (page.replace(b"Alpha", b"Omega"), page[:-1], page + b"\n", b"", b"\n", b"<h1>Mine</h1>\n"):
        assert not is_ours(other)


def test_a_page_loads_nothing_from_elsewhere() -> None:
    page = index_page([entry_html()]).decode()
    assert "http://" not in page
    assert "https://" not in page


@pytest.mark.parametrize(
    ("verdicts", "given"),
    [
        (("failed", "passed"), '<span class="failed">не пройдено: 1 из 2</span>'),
        (("passed", "passed"), '<span class="passed">все пройдены: 2</span>'),
        (("passed", "not measured"), "<small>не измерялось</small>"),
        ((), "<small>измерено, границ не задано</small>"),
    ],
)
def test_checks_are_summed_up(verdicts: tuple[str, ...], given: str) -> None:
    gates = [{**gate, "verdict": verdict} for gate, verdict in zip(CHECK["gates"], verdicts, strict=False)]
    charted = {**PARAMS, "files": [*PARAMS["files"], "check/a.png"]}
    assert given in entry(EpisodeSummary(charted, SAID), None, {**CHECK, "gates": gates})


def test_the_pages_policy_names_its_own_script_and_style_and_no_other() -> None:
    page = index_page([entry_html()]).decode()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        (inner,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = b64encode(sha256(inner.encode()).digest()).decode()
        (named,) = re.findall(rf"{rule} ([^;]*)", unescape(policy))
        assert named == f"'sha256-{digest}'"


@pytest.mark.parametrize(
    ("severity", "given"),
    [
        ("error", '<span class="failed">не пройдено</span>'),
        ("warn", '<span class="warned">не пройдено (предупреждение)</span>'),
    ],
    ids=["error", "warn"],
)
def test_a_check_that_was_to_warn_is_shown_as_a_warning(severity: str, given: str) -> None:
    gates = [{**CHECK["gates"][0], "severity": severity}]
    charted = {**PARAMS, "files": [*PARAMS["files"], "check/a.png"]}
    assert f"<td>{given}</td>" in entry(EpisodeSummary(charted, SAID), None, {**CHECK, "gates": gates})


@pytest.mark.parametrize("control", ["\0", "\x0b", "\x1b", "\x7f", "\x85", "\x9b", "\ufffe", "\u202e", "\u2066"])
def test_what_html_must_not_hold_is_shown_as_missing(control: str) -> None:
    page = index_page([entry_html(title=f"a{control}b")]).decode()
    assert control not in page
    assert "a\ufffdb" in page
