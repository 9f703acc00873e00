"""The index page of a real series in a real browser, opened as a file: it plays, says, seeks, and stays inert."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from episodec.backends import BUILTIN
from episodec.splat.scene import Scene
from episodec.splat.scene_file import encode_scene
from tests.builds.studio import Studio
from tests.page.axe import check_accessible
from tests.page.browser import Tab, check_quiet

FRAMES, SIDE = 150, 96

SERIES = f"""\
episodec: 1
title: Alpha
season: d13
character: alpha
language: ru
frames: {FRAMES}
disclosure: Всё синтезировано.
profiles:
  draft: {{size: [{SIDE}, {SIDE}], backends: {{voice: espeak, foley: procedural}}}}
"""

SPEC = """\
episodec: 1
number: NUMBER
title: TITLE
description: DESCRIPTION
tags: [one, TAG]
voice:
  text: |
    Первая фраза.
    SECOND
foley: {prompt: PROMPT}
scene: {file: media/one.scene}
camera:
  - {move: orbit, frames: 150, from_deg: -10, to_deg: 10}
checks: {black_frames: {max: 0}, mean: {min: 250, severity: warn}}
"""

HOSTILE = """</title></script><img src=x onerror="window.hit=1"><script>window.hit=2</script>"'&amp; ]]> --> <!--"""
HOSTILE_TAG = "</script><img src=x onerror=window.hit=5>"


def write(studio: Studio, number: int, **given: str) -> None:
    text = SPEC.replace("NUMBER", str(number))
    plain = {"TITLE": "Первый выпуск", "DESCRIPTION": "О чём он.", "TAG": "two", "SECOND": "Вторая."}
    plain["PROMPT"] = f"soft rain {number}"
    for word, usual in plain.items():
        value = given.get(word, usual)
        text = text.replace(word, value if word == "SECOND" else json.dumps(value, ensure_ascii=False))
    studio.write(f"episodes/{number:03}.episode.yaml", text)


def scene() -> bytes:
    """A ball of coloured Gaussians."""
    rng, count = np.random.default_rng(1), 60
    return encode_scene(
        Scene(
            means=rng.normal(0, 0.3, (count, 3)).astype(np.float32),
            quaternions=np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
            log_scales=np.full((count, 3), -2.2, np.float32),
            opacity_logits=np.full(count, 2, np.float32),
            harmonics=rng.uniform(-0.6, 0.6, (count, 1, 3)).astype(np.float32),
        )
    )


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of an episode as any, and of one whose every text is hostile."""
    studio = Studio(tmp_path_factory.mktemp("page") / "project #1 ж", BUILTIN, lower=None)
    studio.write("episodes/series.yaml", SERIES)
    studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\nidentity: {hair: <b>purple</b>}\n")
    studio.write("episodes/media/one.scene", scene())
    tokens = np.random.default_rng(1).integers(0, 1000, (8, 64)).astype(np.int32)
    np.save(studio.root / "episodes/characters/alpha/ref_alpha.npy", tokens)
    write(studio, 1)
    output = {"TITLE": HOSTILE, "DESCRIPTION": HOSTILE, "TAG": HOSTILE_TAG}
    write(studio, 2, **output, SECOND="<b>Да</b> & <i>нет</i>.", PROMPT="rain, <script>hit</script>")
    outcome = studio.build()
    assert outcome.exit_code == 0, [one for one in outcome.diagnostics if one.severity == "error"] or studio.events
    return studio.root / "dist/index.html"


@pytest.fixture
def tab(chromium: Tab, page: Path) -> Iterator[Tab]:
    """The page, opened; whatever a test does there, it complains of nothing and asks for nothing outside its folder."""
    chromium.open(page)
    yield chromium
    chromium.run("1")  # What the page said so far is heard now.
    check_quiet(chromium, page)


PLAYER = "document.querySelector('#alpha_d13_episode1 video')"


def play(tab: Tab) -> None:
    """Play the first episode until its picture moves."""
    tab.run(f"{PLAYER}.muted = true; {PLAYER}.play()")
    tab.wait(lambda: tab.run(f"{PLAYER}.currentTime") > 0.2)


def test_an_episode_plays(tab: Tab) -> None:
    play(tab)
    width, height, seconds = tab.run(f"[{PLAYER}.videoWidth, {PLAYER}.videoHeight, {PLAYER}.duration]")
    assert (width, height) == (SIDE, SIDE)
    assert seconds == pytest.approx(FRAMES / 30, abs=0.001)
    # What is shown is no empty frame.
    drawn = (
        "(() => { const c = document.createElement('canvas'); c.width = c.height = 8; const g = c.getContext('2d');"
        f" g.drawImage({PLAYER}, 0, 0, 8, 8); try {{ return new Set(g.getImageData(0, 0, 8, 8).data).size }}"
        " catch (error) { return error.name } })()"
    )
    assert tab.run(drawn) == "SecurityError", "a file of its own origin: drawn, and not to be read"
    assert tab.run(f"{PLAYER}.getVideoPlaybackQuality().totalVideoFrames") > 0


def test_captions_are_shown_while_it_plays_though_the_page_is_a_file(tab: Tab) -> None:
    play(tab)
    track = f"{PLAYER}.textTracks[0]"
    assert tab.run(f"{track}.mode") == "showing"
    tab.wait(lambda: tab.run(f"{track}.cues?.length"))
    texts = tab.run(f"[...{track}.cues].map((cue) => cue.text)")
    assert "Первая фраза." in " ".join(texts)
    cue = tab.run(f"(({{startTime, endTime, text}}) => ({{startTime, endTime, text}}))({track}.cues[0])")
    tab.run(f"{PLAYER}.pause(); {PLAYER}.currentTime = {(cue['startTime'] + cue['endTime']) / 2}")
    tab.wait(lambda: cue["text"] in (tab.run(f"[...({track}.activeCues ?? [])].map((cue) => cue.text)") or []))


def test_a_sentence_leads_to_its_moment(tab: Tab) -> None:
    link = "#alpha_d13_episode1 .transcript li:nth-child(2) a"
    at = float(tab.run(f"document.querySelector('{link}').dataset.at"))
    assert at > 0.3
    tab.run(f"{PLAYER}.muted = true")
    tab.click(link)
    tab.wait(lambda: tab.run(f"{PLAYER}.currentTime") >= at - 0.001)
    tab.wait(lambda: tab.run(f"document.querySelector('{link}').getAttribute('aria-current')") == "true")
    assert tab.run("document.querySelectorAll('.transcript a[aria-current]').length") == 1
    assert tab.run("location.pathname").endswith("/index.html"), "the page itself stays open"


def test_the_keyboard_reaches_a_sentence_and_starts_it(tab: Tab) -> None:
    tab.run(f"{PLAYER}.muted = true; document.querySelector('#alpha_d13_episode1 h2 a').focus()")
    for _ in range(30):
        tab.press("Tab")
        if tab.run("document.activeElement.matches('.transcript li:nth-child(2) a')"):
            break
    else:
        pytest.fail("the keyboard does not reach it")
    tab.press("Enter")
    tab.wait(lambda: tab.run(f"{PLAYER}.currentTime") > 0.3)


def test_one_episode_plays_at_a_time(tab: Tab) -> None:
    play(tab)
    other = "document.querySelector('#alpha_d13_episode2 video')"
    tab.run(f"{other}.muted = true; {other}.play()")
    tab.wait(lambda: tab.run(f"{PLAYER}.paused && !{other}.paused"))


def test_hostile_texts_are_texts(tab: Tab) -> None:
    tab.run("[...document.images].forEach((one) => { one.loading = 'eager' })")
    tab.wait(lambda: tab.run("[...document.images].every((one) => one.complete)"))
    assert tab.run("window.hit ?? null") is None
    assert tab.run("document.scripts.length") == 1
    inside = "document.querySelector('#alpha_d13_episode2')"
    assert tab.run(f"{inside}.querySelector('h2').textContent") == HOSTILE
    assert tab.run(f"{inside}.querySelector('.description').textContent") == HOSTILE
    assert HOSTILE_TAG in tab.run(f"[...{inside}.querySelectorAll('.tags li')].map((one) => one.textContent)")
    assert "<b>Да</b> & <i>нет</i>." in tab.run(f"{inside}.querySelector('.transcript').textContent")
    assert tab.run(f"[...{inside}.querySelectorAll('img')].every((one) => one.naturalWidth > 0)")
    assert tab.run(f"{inside}.querySelectorAll('b, i').length") == 0
    assert "<b>purple</b>" in tab.run(f"{inside}.textContent")


def test_a_script_that_came_through_would_not_run(tab: Tab) -> None:
    tab.run("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.hit=4\">')")

    def is_blocked() -> bool:
        """The browser tells of both, in either order: the picture that is not there, the script it would not run."""
        hit = tab.run("window.hit ?? null")
        output = " ".join(tab.complaints)
        return hit is not None or ("ERR_FILE_NOT_FOUND" in output and "Content Security Policy" in output)

    tab.wait(is_blocked)
    assert tab.run("window.hit ?? null") is None
    tab.complaints.clear()
    tab.requests[:] = [url for url in tab.requests if not url.endswith("/x")]


def test_every_link_leads_to_a_file(tab: Tab, page: Path) -> None:
    links = tab.run("[...document.querySelectorAll('[href], [src], [poster]')].flatMap((one) => "
                    "['href', 'src', 'poster'].map((name) => one.getAttribute(name)).filter(Boolean))")  # fmt: skip
    files = {one.partition("#")[0] for one in links if not one.startswith(("data:", "#"))}
    assert len(files) > 20
    assert [one for one in files if not (page.parent / one).is_file()] == []


def test_search_finds_by_title_tag_and_word(tab: Tab) -> None:
    def search(words: str) -> Any:
        tab.run(f"(() => {{ const i = document.querySelector('input'); i.value = {json.dumps(words)};"
                " i.dispatchEvent(new Event('input')) })()")  # fmt: skip
        return tab.run("[...document.querySelectorAll('.episode:not([hidden])')].map((one) => one.id)")

    first, second = "alpha_d13_episode1", "alpha_d13_episode2"
    assert search("ПЕРВЫЙ выпуск") == [first]
    assert search("фраза") == [first, second]
    assert search("onerror") == [second]
    assert search("nothing like it") == []
    assert tab.run("!document.querySelector('.nothing').hidden")
    assert tab.run("document.querySelector('.count').textContent") == "выпусков: 0"
    assert search("") == [first, second]
    tab.click("#alpha_d13_episode1 .tags li:nth-child(2) button")
    tab.wait(lambda: tab.run("document.querySelector('.count').textContent") == "выпусков: 1")


def test_checks_are_told_with_their_numbers(tab: Tab) -> None:
    rows = tab.run("[...document.querySelectorAll('#alpha_d13_episode1 .wide tr')].map((one) => "
                   "[...one.cells].map((cell) => cell.textContent))")  # fmt: skip
    table = {row[0]: row[1:] for row in rows}
    assert table["black_frames"] == ["0", "не больше 0", "пройдено"]
    assert table["mean"][1:] == ["не меньше 250", "не пройдено (предупреждение)"]
    assert table["levels"][1:] == ["", ""]


def test_without_scripts_everything_is_there_to_read(chromium: Tab, page: Path) -> None:
    chromium.open(page, scripts=False)
    try:
        chromium.call("DOM.enable")
        root = chromium.call("DOM.getDocument", depth=-1)["root"]["nodeId"]
        html = chromium.call("DOM.getOuterHTML", nodeId=root)["outerHTML"]
        assert "Первая фраза." in html
        assert html.count("<video controls") == 2
        assert "#t=" in html, "a sentence leads to its moment in the file"
        hidden = chromium.call("DOM.querySelector", nodeId=root, selector=".find[hidden]")
        assert hidden["nodeId"], "what would not work is not shown"
    finally:
        chromium.call("Emulation.setScriptExecutionDisabled", value=False)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_window_and_can_be_read_in_both_schemes(tab: Tab, tmp_path: Path, width: int, scheme: str) -> None:
    try:
        tab.shape(width, 844, scheme)
        tab.run("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert tab.run("document.documentElement.scrollWidth") <= width
        colours = tab.run("['body', '.episode', '.where', '.tags button', '.transcript time'].map((name) => {"
                          " const found = getComputedStyle(document.querySelector(name));"
                          " return [found.color, found.backgroundColor] })")  # fmt: skip
        card = colours[1][1]
        for colour, ground in colours:
            behind = card if ground == "rgba(0, 0, 0, 0)" else ground
            assert contrast(colour, behind) >= 4.5, f"{colour} on {behind}"
        assert (luminance(card) < 0.2) == (scheme == "dark")
        tab.picture(tmp_path / "page.png")
    finally:
        tab.shape(1280, 900)


def luminance(colour: str) -> float:
    """Of `rgb(…)`, as WCAG 2 defines it."""
    parts = [int(one) / 255 for one in colour.removeprefix("rgb(").rstrip(")").split(",")[:3]]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(case: str, other: str) -> float:
    """Of two colours, as WCAG 2 defines it: 4.5 is asked of text."""
    dark, light = sorted((luminance(case), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_axe_finds_nothing(tab: Tab) -> None:
    check_accessible(tab)
