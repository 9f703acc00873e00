"""The page beside a watching build in a real browser: real saves change it, and a broken spec is shown in place."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from episodec.backends import BUILTIN
from tests.builds.studio import Studio
from tests.cli.test_watching import Watching
from tests.page.axe import check_accessible
from tests.page.browser import Tab
from tests.page.test_in_a_browser import HOSTILE, SERIES, scene, write

COMMAND = (sys.executable, "-m", "episodec", "build", "--watch", "--serve", "-j2")
FILMS = "[...document.querySelectorAll('#results button')].map((button) => button.textContent)"
SOURCE = "document.querySelector('#film').src"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    studio = Studio(tmp_path_factory.mktemp("watched") / "project #1", BUILTIN, lower=None)
    studio.write("episodes/series.yaml", SERIES)
    studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\n")
    studio.write("episodes/media/one.scene", scene())
    write(studio, 1)
    return studio


@pytest.fixture(scope="module")
def address(studio: Studio) -> Iterator[str]:
    """The address of the page, once the first build has ended."""
    with subprocess.Popen(
        COMMAND, cwd=studio.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, process_group=0
    ) as process:
        try:
            watching = Watching(process)
            *_, line = watching.until("page ")
            watching.until("watching ")
            yield line.split()[1]
            process.send_signal(signal.SIGINT)
            watching.until("no longer watching")
        finally:
            process.kill()


@pytest.fixture
def tab(chromium: Tab, address: str) -> Iterator[Tab]:
    """The page, opened; it complains of nothing and asks for nothing elsewhere."""
    chromium.open(address)
    chromium.wait(lambda: state(chromium).startswith("1 episode"))
    yield chromium
    chromium.run("1")  # What the page reported so far is read now.
    assert chromium.complaints == []
    assert [url for url in chromium.requests if not url.startswith((address, "data:", "blob:"))] == []


def state(tab: Tab) -> str:
    return str(tab.run("document.querySelector('#state').textContent"))


def problems(tab: Tab) -> str:
    """The texts of all problems."""
    return str(
        tab.run("document.querySelector('#problems').hidden ? '' : document.querySelector('#problems').innerText")
    )


def test_it_shows_the_film_and_the_index_page(tab: Tab) -> None:
    assert tab.run(FILMS) == ["video/alpha_d13_episode1.mp4", "index.html"]
    tab.run("document.querySelector('#film').muted = true; document.querySelector('#film').play()")
    tab.wait(lambda: tab.run("document.querySelector('#film').currentTime") > 0.2)
    tab.click("#results button:nth-child(2)")
    tab.wait(
        lambda: tab.run("document.querySelector('#page').contentDocument?.querySelector('.episode h2')?.textContent")
    )
    assert tab.run("document.querySelector('#player').hidden") is True


def test_a_save_brings_a_new_film_without_a_reload_by_hand(tab: Tab, studio: Studio) -> None:
    before = tab.run(SOURCE)
    assert before
    tab.run("window.same = true")
    write(studio, 1, SECOND="Третья.")
    tab.wait(lambda: tab.run(SOURCE) != before and state(tab).startswith("1 episode"))
    assert problems(tab) == ""
    assert tab.run("window.same") is True


def test_a_broken_spec_is_shown_with_its_place_until_it_is_mended(tab: Tab, studio: Studio) -> None:
    spec = studio.root / "episodes/001.episode.yaml"
    good = spec.read_text(encoding="utf-8")
    spec.write_text(good + f"colour: {json.dumps(HOSTILE)}\n", encoding="utf-8")
    tab.wait(lambda: "there is no field `colour`" in problems(tab))
    assert "episodes/001.episode.yaml:" in problems(tab)
    assert tab.run("document.querySelector('#state').dataset.phase") == "bad"
    assert tab.run(SOURCE), "the last film stays"
    assert tab.run("window.hit ?? null") is None
    spec.write_text(good, encoding="utf-8")
    tab.wait(lambda: problems(tab) == "" and tab.run("document.querySelector('#state').dataset.phase") == "good")


def test_nothing_is_wider_than_the_window(tab: Tab) -> None:
    for name, size in {"wide": (1280, 900, "light"), "phone": (390, 844, "dark")}.items():
        tab.shape(*size)
        assert tab.run("document.documentElement.scrollWidth <= innerWidth")
        if folder := os.environ.get("PICTURES"):
            tab.picture(Path(folder, f"watched-{name}.png"))
    tab.shape(1280, 900)


def test_axe_finds_nothing(tab: Tab) -> None:
    check_accessible(tab)
