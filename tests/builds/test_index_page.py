"""The index page through builds: whole after each of them, ours alone, and seen by a build that has nothing to do."""

import re
import shutil
import signal
from pathlib import Path

import pytest

from episodec.engine.events import EpisodePublished, PagePublished, PublishFailed
from episodec.page.index import is_ours
from episodec.project import tree
from episodec.project.command_overrides import CommandOverrides
from episodec.project.tree import Place
from episodec.questions.plan import SeriesPlan, plan
from episodec.questions.why import why
from episodec.series import noop
from episodec.series.request import Request
from episodec.store.layout import StoreLayout
from episodec.store.locks import try_lock
from tests.builds import paged
from tests.builds.studio import Studio
from tests.builds.test_kills import lines_of, start, wait_for


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """Three episodes, built, with entries."""
    actual = Studio(tmp_path / "project", paged.BACKENDS, lower=paged.lower).start(3)
    assert actual.build().exit_code == 0
    return actual


def page(studio: Studio) -> Path:
    return studio.root / "dist/index.html"


def names(content: bytes | str) -> list[str]:
    """The episodes on a page, in order."""
    text = content if isinstance(content, str) else content.decode()
    return re.findall(r'<article class="episode" id="([^"]*)"', text)


def numbers(studio: Studio) -> list[int]:
    return [int(name.removeprefix("alpha_d13_episode")) for name in names(page(studio).read_bytes())]


def stale(studio: Studio) -> list[str]:
    """The specs that a build would look at, judged by signatures alone."""
    place = tree.locate(str(studio.root / "episodes"))
    assert isinstance(place, Place)
    actual = noop.series_state(place, CommandOverrides().variant(), studio.environment)
    return actual.stale + actual.gone


def article(content: bytes, number: int) -> str:
    pattern = rf'<article class="episode" id="alpha_d13_episode{number}".*?</article>'
    match = re.search(pattern, content.decode(), re.DOTALL)
    assert match is not None
    return match[0]


def test_a_build_of_one_episode_leaves_the_entries_of_others_as_they_were(studio: Studio, tmp_path: Path) -> None:
    before, entry = page(studio).read_bytes(), studio.dist()["page/alpha_d13_episode1.html"]
    studio.episode(2, title="Another")
    assert studio.build("episodes/002.episode.yaml").exit_code == 0
    after = page(studio).read_bytes()
    assert article(after, 1) == article(before, 1)
    assert "Another" in article(after, 2)
    assert studio.dist()["page/alpha_d13_episode1.html"] == entry
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")
    assert stale(studio) == []


def test_episodes_stand_in_the_order_of_their_numbers_also_after_partial_builds(studio: Studio, tmp_path: Path) -> None:
    for number in (12, 10):
        studio.episode(number)
        assert studio.build(f"episodes/{number:03}.episode.yaml").exit_code == 0
    assert numbers(studio) == [1, 2, 3, 10, 12]
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


def test_an_episode_that_was_built_alone_is_alone_on_the_page(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "project", paged.BACKENDS, lower=paged.lower).start(3)
    assert studio.build("episodes/002.episode.yaml").exit_code == 0
    assert numbers(studio) == [2]
    assert studio.build().exit_code == 0
    assert numbers(studio) == [1, 2, 3]


def test_renamed_and_deleted_episodes_leave_the_page(studio: Studio, tmp_path: Path) -> None:
    studio.root.joinpath("episodes/001.episode.yaml").unlink()
    studio.root.joinpath("episodes/003.episode.yaml").unlink()
    studio.episode(30, title="Episode 3")
    assert studio.build("episodes/030.episode.yaml").exit_code == 0
    assert numbers(studio) == [2, 30]
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


def test_the_last_episode_takes_the_page_along(studio: Studio) -> None:
    for spec in studio.root.joinpath("episodes").glob("*.episode.yaml"):
        spec.unlink()
    assert studio.build().exit_code == 0
    assert studio.dist() == {}


@pytest.mark.parametrize("harm", ["deleted", "edited", "emptied"])
def test_a_page_that_somebody_changed_is_seen_and_mended_without_an_action(studio: Studio, harm: str) -> None:
    before = studio.dist()
    assert stale(studio) == []
    if harm == "deleted":
        page(studio).unlink()
    else:
        page(studio).write_text("" if harm == "emptied" else page(studio).read_text().replace("Episode 1", "Mine"))
    assert stale(studio) != []
    outcome = studio.build()
    assert (outcome.exit_code, outcome.made_count) == (0, 0)
    assert studio.dist() == before
    assert stale(studio) == []


def test_a_touched_page_stands(studio: Studio) -> None:
    page(studio).touch()
    outcome = studio.build()
    assert (outcome.exit_code, outcome.current, outcome.made_count) == (0, 3, 0)
    assert stale(studio) == []


def test_an_edited_entry_is_mended_and_never_reaches_the_page(studio: Studio) -> None:
    before = studio.dist()
    entry = studio.root / "dist/page/alpha_d13_episode1.html"
    entry.write_text(entry.read_text().replace("Episode 1", "Mine"))
    studio.episode(2, title="Another")
    assert studio.build("episodes/002.episode.yaml").exit_code == 0
    assert article(page(studio).read_bytes(), 1) == article(before["index.html"], 1)
    assert studio.build().exit_code == 0
    assert studio.dist()["page/alpha_d13_episode1.html"] == before["page/alpha_d13_episode1.html"]


def test_a_page_that_we_did_not_make_is_refused_and_kept(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "project", paged.BACKENDS, lower=paged.lower).start(1)
    studio.write("dist/index.html", "<h1>Mine</h1>")
    for _ in range(2):
        assert studio.build().exit_code == 1
        (failure,) = [one for one in studio.events if isinstance(one, PublishFailed)]
        assert "episodec did not make" in str(failure.error)
        assert failure.spec == "dist/index.html"
    assert page(studio).read_text() == "<h1>Mine</h1>"
    assert "page/alpha_d13_episode1.html" in studio.dist(), "the episode itself is published"
    page(studio).unlink()
    assert studio.build().exit_code == 0
    assert numbers(studio) == [1]


@pytest.mark.parametrize("what", ["folder", "link"])
def test_a_folder_or_a_link_where_the_page_belongs_is_left_alone(tmp_path: Path, what: str) -> None:
    studio = Studio(tmp_path / "project", paged.BACKENDS, lower=paged.lower).start(1)
    studio.write("dist/elsewhere.txt", "mine")
    if what == "folder":
        page(studio).mkdir()
    else:
        page(studio).symlink_to("elsewhere.txt")
    assert studio.build().exit_code == 1
    assert (studio.root / "dist/elsewhere.txt").read_text() == "mine"
    assert page(studio).is_symlink() == (what == "link")


def test_without_its_cache_a_page_of_ours_is_known_by_its_seal(studio: Studio, tmp_path: Path) -> None:
    shutil.rmtree(studio.root / "cache")
    studio.episode(2, title="Another")
    assert studio.build("episodes/002.episode.yaml").exit_code == 0
    assert numbers(studio) == [1, 2, 3]
    assert studio.build().exit_code == 0
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


def test_without_its_cache_a_page_that_somebody_edited_is_theirs(studio: Studio) -> None:
    shutil.rmtree(studio.root / "cache")
    page(studio).write_text(page(studio).read_text().replace("Alpha", "Mine"))
    studio.episode(2, title="Another")
    assert studio.build().exit_code == 1
    assert "Mine" in page(studio).read_text()


def test_another_profile_has_a_page_of_its_own(studio: Studio) -> None:
    before = page(studio).read_bytes()
    assert studio.build("episodes/002.episode.yaml", asked=CommandOverrides("production")).exit_code == 0
    other = (studio.root / "dist/production/index.html").read_bytes()
    assert names(other) == ["alpha_d13_episode2"]
    assert is_ours(other)
    assert page(studio).read_bytes() == before
    assert stale(studio) == []


def test_two_series_of_one_project_share_the_page(studio: Studio) -> None:
    series = (
        (studio.root / "episodes/series.yaml").read_text().replace("d13", "d14").replace("title: Alpha", "title: B")
    )
    studio.write("more/series.yaml", series)
    studio.write("more/characters/alpha/character.yaml", "episodec: 1\n")
    studio.write("more/001.episode.yaml", "episodec: 1\nnumber: 1\ntitle: T\nvoice: {text: Words.}\n")
    assert studio.build("more").exit_code == 0
    whole = ["alpha_d13_episode1", "alpha_d13_episode2", "alpha_d13_episode3", "alpha_d14_episode1"]
    assert names(page(studio).read_bytes()) == whole
    assert studio.build().exit_code == 0
    assert names(page(studio).read_bytes()) == whole
    assert stale(studio) == []


def test_a_build_killed_before_it_binds_the_page_leaves_something_to_do(studio: Studio, tmp_path: Path) -> None:
    studio.episode(2, title="Another")
    before = page(studio).read_bytes()
    with try_lock(f"{StoreLayout(studio.root / 'cache').locks}/index-page") or pytest.fail("nobody builds"):
        child = start(studio.root, "paged")  # It makes and traces its episode, and waits for the page.
        wait_for(lambda: stale(studio) == ["episodes/001.episode.yaml"])
        child.send_signal(signal.SIGKILL)
        child.communicate()
    assert page(studio).read_bytes() == before
    assert stale(studio) == ["episodes/001.episode.yaml"]
    outcome = studio.build()
    assert (outcome.exit_code, outcome.made_count) == (0, 0)
    assert "Another" in article(page(studio).read_bytes(), 2)
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


def test_builds_at_once_leave_the_page_of_both(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "project", paged.BACKENDS, lower=paged.lower).start(6)
    for title in ("one", "two"):
        for number in range(1, 7):
            studio.episode(number, title=f"{title} {number}")
        children = [start(studio.root, "paged") for _ in range(2)]
        for child in children:
            lines_of(child)
        assert [child.returncode for child in children] == [0, 0]
    assert numbers(studio) == [1, 2, 3, 4, 5, 6]
    assert studio.build().exit_code == 0
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


def test_a_plan_says_when_the_page_would_be_written(studio: Studio) -> None:
    assert planned(studio).writes == ()
    page(studio).unlink()
    assert planned(studio).writes == ("dist/index.html",)
    assert studio.build().exit_code == 0
    studio.episode(2, title="Another")
    assert planned(studio).writes == ("dist/index.html",)
    assert studio.build().exit_code == 0
    assert planned(studio).writes == ()


def planned(studio: Studio) -> SeriesPlan:
    (actual,) = plan(request(studio))
    return actual


def request(studio: Studio) -> Request:
    targets = (str(studio.root / "episodes"),)
    return Request(targets, environment=studio.environment, backends=studio.backends, lower=studio.lower)


def test_why_explains_the_page_by_the_entries_of_all_episodes(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(studio.root)
    entries = [one.stage for one in why(request(studio), "dist/index.html").actions]
    assert len(entries) > 1
    assert set(entries) == {"entry"}
    assert [one.stage for one in why(request(studio), "dist/page/alpha_d13_episode1.html").actions] == ["entry"]


def test_a_written_page_is_told(studio: Studio) -> None:
    assert not [one for one in studio.events if isinstance(one, EpisodePublished) and not one.written]
    assert [one.written for one in studio.events if isinstance(one, PagePublished)] == [("dist/index.html",)]
    studio.write(
        "episodes/001.episode.yaml", (studio.root / "episodes/001.episode.yaml").read_text() + "# A comment.\n"
    )
    assert studio.build().exit_code == 0
    assert not [one for one in studio.events if isinstance(one, PagePublished)]
