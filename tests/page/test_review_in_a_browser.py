"""The review page of a real edit in a real browser, opened as a file: it shows the change first, both films as one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from episodec.backends import BUILTIN
from tests.builds.studio import Studio
from tests.cli.command import episodec
from tests.page.axe import check_accessible
from tests.page.browser import Tab, check_quiet
from tests.page.test_in_a_browser import HOSTILE, contrast, luminance, scene
from tests.project.test_git import git

FRAMES, PLANTED = 120, range(60, 66)

SERIES = f"""\
episodec: 1
title: Alpha
season: d13
character: alpha
language: en
frames: {FRAMES}
disclosure: All of it is synthetic.
profiles:
  draft: {{size: [96, 96], backends: {{voice: espeak, foley: procedural}}}}
"""
SPEC = """\
episodec: 1
number: 1
title: The plan
voice:
  text: |
    First of all.
    Then LAST.
foley: {prompt: soft rain}
scene: {file: media/one.scene}
camera:
  - {move: static, frames: 60}
  - {move: static, frames: 6FIELD}
  - {move: static}
"""
SOUND = "episodec: 1\nnumber: 2\ntitle: TITLE\nvoice: {text: Heard.}\nallow: [E280]\n"


def write(studio: Studio, last: str, field: str, title: str) -> None:
    studio.write("episodes/001.episode.yaml", SPEC.replace("LAST", last).replace("FIELD", field))
    studio.write("episodes/002.episode.yaml", SOUND.replace("TITLE", f"'{title.replace(chr(39), chr(39) * 2)}'"))
    outcome = studio.build()
    assert outcome.exit_code == 0, [one for one in outcome.diagnostics if one.severity == "error"] or studio.events


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The review of a sentence and of six frames; and of an episode without a picture, with a hostile title."""
    studio = Studio(tmp_path_factory.mktemp("review") / "project", BUILTIN, lower=None)
    studio.write(".gitignore", "cache/\ndist/\n")
    studio.write("episodes/series.yaml", SERIES)
    studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\n")
    studio.write("episodes/media/one.scene", scene())
    git(studio.root, "init", "-q")
    write(studio, "it ends", "", "Sound")
    git(studio.root, "add", "-A")
    git(studio.root, "commit", "-q", "-m", "First")
    write(studio, "all is over", ", fov_y_deg: 55", HOSTILE)
    ran = episodec(studio.root, "review")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "not in the cache" not in ran.stdout
    return studio.root / "review/index.html"


@pytest.fixture
def tab(chromium: Tab, page: Path) -> Iterator[Tab]:
    """The page, opened; whatever a test does there, it complains of nothing and asks for nothing outside its folder."""
    chromium.open(page)
    chromium.wait(lambda: times(chromium) is not None)
    yield chromium
    assert chromium.run("window.hit ?? null") is None
    check_quiet(chromium, page)


def times(tab: Tab) -> Any:
    """Where both players are, in frames; None while they seek."""
    script = "[...document.querySelectorAll('#episode-1 video')]"
    if tab.run(f"{script}.some((one) => one.readyState < 2 || one.seeking)"):
        return None
    return tab.run(f"{script}.map((one) => Math.floor(one.currentTime * 30 + 0.01))")


def frame(tab: Tab) -> int:
    return int(tab.run("document.querySelector('#episode-1 .strip').getAttribute('aria-valuenow')"))


def press(tab: Tab, key: str, *, shift: bool = False) -> None:
    event = f"{{key: '{key}', shiftKey: {str(shift).lower()}, bubbles: true}}"
    tab.run(f"document.body.dispatchEvent(new KeyboardEvent('keydown', {event}))")


def test_it_opens_at_the_planted_frames(tab: Tab) -> None:
    assert frame(tab) in PLANTED
    assert times(tab) == [frame(tab)] * 2
    bars = tab.run("document.querySelector('.bars').getAttribute('d')")
    high = {int(one.split()[0]): int(one.partition("v-")[2].partition("h")[0]) for one in bars.split("M")[1:]}
    assert {number for number, one in high.items() if one > 50} == set(PLANTED)
    assert min(high) >= 60, "a chunk that is equal is not compared"
    box = tab.run("(({top, bottom}) => [top, bottom])(document.querySelector('.strip').getBoundingClientRect())")
    assert 0 < box[0] < box[1] < 600, "it is seen at once"


def test_both_players_follow_the_keys(tab: Tab) -> None:
    start = frame(tab)
    for key, shift, moved in (("ArrowRight", False, 1), ("ArrowLeft", True, -9), ("ArrowLeft", False, -10)):
        press(tab, key, shift=shift)

        def has_moved(to: int = start + moved) -> bool:
            return bool(times(tab) == [to] * 2)

        tab.wait(has_moved)
    press(tab, "j")
    tab.wait(lambda: times(tab) == [PLANTED.start] * 2)


def test_they_play_on_one_clock_and_stop_on_one_frame(tab: Tab) -> None:
    tab.run("document.querySelectorAll('#episode-1 video').forEach((one) => { one.muted = true })")
    press(tab, " ")
    tab.wait(lambda: frame(tab) > PLANTED.stop + 5)
    press(tab, " ")
    tab.wait(lambda: times(tab) == [frame(tab)] * 2)
    assert tab.run("[...document.querySelectorAll('#episode-1 video')].every((one) => one.paused)")


def test_the_strip_leads_to_a_frame(tab: Tab) -> None:
    tab.click("#episode-1 .strip")
    tab.wait(lambda: times(tab) == [frame(tab)] * 2)
    assert abs(frame(tab) - FRAMES // 2) <= 1


@pytest.mark.parametrize("view", ["wipe", "toggle", "difference", "beside"])
def test_every_view_is_shown_and_chosen(tab: Tab, view: str) -> None:
    tab.click(f"#episode-1 [data-view={view}]")
    script = "(name) => getComputedStyle(document.querySelector(`#episode-1 ${name}`))"
    assert tab.run(
        "[...document.querySelectorAll('#episode-1 [aria-pressed=true]')].map((one) => one.dataset.view)"
    ) == [view]
    visibility = {name: tab.run(f"({script})('{name}').visibility") for name in (".before", ".after")}
    expected = {"toggle": ["hidden", "visible"], "difference": ["hidden"] * 2}.get(view, ["visible"] * 2)
    assert list(visibility.values()) == expected
    assert tab.run(f"({script})('canvas').display") == ("block" if view == "difference" else "none")
    if view == "toggle":
        press(tab, "t")
        assert tab.run(f"({script})('.before').visibility") == "visible"


def test_sentences_stand_side_by_side_with_both_takes(tab: Tab) -> None:
    cells = tab.run("[...document.querySelectorAll('#episode-1 tr.changed td p')].map((one) => one.textContent)")
    assert cells == ["Then it ends.", "Then all is over."]
    takes = tab.run("[...document.querySelectorAll('#episode-1 tr.changed audio')].map((one) => one.src)")
    assert len(set(takes)) == 2
    loaded = "new Promise((done) => { const one = document.querySelector('#episode-1 tr.changed audio');"
    assert tab.run(f"{loaded} one.onloadedmetadata = () => done(one.duration); one.load() }})") > 0.2


def test_an_episode_without_a_picture_has_both_sounds_and_an_inert_title(tab: Tab) -> None:
    assert tab.run("document.querySelectorAll('#episode-2 .stage audio').length") == 2
    assert tab.run("document.querySelector('#episode-2 h2').textContent") == HOSTILE


def test_every_link_leads_to_a_file(tab: Tab, page: Path) -> None:
    links = tab.run("[...document.querySelectorAll('[href], [src]')].flatMap((one) => "
                    "['href', 'src'].map((name) => one.getAttribute(name)).filter(Boolean))")  # fmt: skip
    files = {one.partition("#")[0] for one in links if not one.startswith("#")}
    assert len(files) >= 6
    assert [one for one in files if not (page.parent / one).is_file()] == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_window_and_can_be_read_in_both_schemes(tab: Tab, width: int, scheme: str) -> None:
    try:
        tab.shape(width, 844, scheme)
        tab.run("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert tab.run("document.documentElement.scrollWidth") <= width
        names = "['.reviewed', '.told', '.play', '[aria-pressed=true]', '.moment', 'del', 'ins', '.patch .added']"
        colours = tab.run(f"{names}.map((name) => {{ const found = getComputedStyle(document.querySelector(name));"
                          " return [found.color, found.backgroundColor] })")  # fmt: skip
        card = colours[0][1]
        for colour, ground in colours:
            behind = card if ground == "rgba(0, 0, 0, 0)" else ground
            assert contrast(colour, behind) >= 4.5, f"{colour} on {behind}"
        assert (luminance(card) < 0.2) == (scheme == "dark")
    finally:
        tab.shape(1280, 900)


def test_axe_finds_nothing(tab: Tab) -> None:
    check_accessible(tab)
