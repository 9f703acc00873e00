"""The page of a character: the viewer of its newest episode, and nothing that episodec did not make is lost for it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from episodec.digest import digest_bytes
from episodec.errors import PublishError
from episodec.page.viewer.head import ViewerHead, head_line, viewer_head
from episodec.store.traces import page_stands
from tests.publishing.test_index_page import Desk

ALPHA = Path("dist/viewer/alpha.html")


def viewer(number: int, *, character: str = "alpha", season: str = "d13", note: str = "") -> str:
    head = head_line("ru", ViewerHead(character, season, number))
    return f'<!doctype html>\n{head}\n<script id="pack"></script>{note}</html>\n'


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    desk = Desk(tmp_path)
    yield desk
    desk.index.close()


def deliver(desk: Desk, name: str, content: str, *, kept: bool = False) -> None:
    """A viewer in dist/ that an episode claims; kept: also in the store."""
    path = Path(f"dist/viewer/{name}.html")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    if kept:
        desk.blobs.put_bytes(content.encode())
    row = (str(path), "dist", f"episodes/{name}", digest_bytes(content.encode()))
    desk.index.write("INSERT INTO published_files (path, folder, spec, digest, live) VALUES (?, ?, ?, ?, 1)", row)


def release(desk: Desk, name: str) -> None:
    desk.index.write("UPDATE published_files SET live = 0 WHERE spec = ?", (f"episodes/{name}",))


def write(desk: Desk) -> tuple[str, ...]:
    return desk.bindery.write_characters("dist")


def stands(desk: Desk) -> bool:
    """Whether a build that finds all else current would look no further."""
    with closing(sqlite3.connect(desk.layout.index)) as connection:
        return page_stands(connection, "episodes", "")


def test_it_is_the_viewer_of_the_newest_episode(desk: Desk) -> None:
    for number, season in ((72, "d13"), (9, "d13"), (80, "d9")):
        deliver(desk, f"{season}_{number}", viewer(number, season=season))
    deliver(desk, "beta_1", viewer(1, character="beta"))
    assert write(desk) == ("dist/viewer/alpha.html", "dist/viewer/beta.html")
    assert ALPHA.read_text() == viewer(72)
    assert write(desk) == ()
    deliver(desk, "d13_73", viewer(73))
    assert write(desk) == ("dist/viewer/alpha.html",)
    assert ALPHA.read_text() == viewer(73)


def test_without_viewers_it_goes(desk: Desk) -> None:
    deliver(desk, "d13_1", viewer(1))
    deliver(desk, "d13_2", viewer(2))
    write(desk)
    release(desk, "d13_2")
    assert write(desk) == ("dist/viewer/alpha.html",)
    assert ALPHA.read_text() == viewer(1)
    release(desk, "d13_1")
    assert write(desk) == ("dist/viewer/alpha.html",)
    assert not ALPHA.exists()
    assert write(desk) == ()


def test_a_page_that_was_removed_or_changed_is_restored_though_nothing_else_changed(desk: Desk) -> None:
    desk.claim("x")
    desk.write("x")
    deliver(desk, "d13_1", viewer(1), kept=True)
    write(desk)
    desk.bindery.write("dist")
    assert desk.is_traced()
    assert stands(desk)
    ALPHA.unlink()
    assert not stands(desk)
    assert write(desk) == ("dist/viewer/alpha.html",)
    desk.bindery.write("dist")
    assert stands(desk)
    ALPHA.write_text("changed")
    assert write(desk) == ("dist/viewer/alpha.html",)


def test_a_strangers_file_stays(desk: Desk) -> None:
    ALPHA.parent.mkdir(parents=True)
    ALPHA.write_text("mine")
    deliver(desk, "d13_1", viewer(1))
    with pytest.raises(PublishError, match="did not make"):
        write(desk)
    assert ALPHA.read_text() == "mine"
    ALPHA.unlink()
    ALPHA.mkdir()
    with pytest.raises(PublishError, match="a folder is where"):
        write(desk)


def test_an_episode_of_the_characters_name_keeps_its_viewer(desk: Desk) -> None:
    deliver(desk, "alpha", viewer(1))
    deliver(desk, "alpha_2", viewer(2))
    assert write(desk) == ()
    assert ALPHA.read_text() == viewer(1)


def test_a_deleted_store_forgets_no_page(desk: Desk) -> None:
    deliver(desk, "d13_1", viewer(1))
    write(desk)
    desk.index.write("DELETE FROM pages")
    deliver(desk, "d13_2", viewer(2))
    assert write(desk) == ("dist/viewer/alpha.html",)


@pytest.mark.parametrize("start", ["", "<!doctype html>\n<html lang='ru'>", viewer(1, character="../x"), viewer(1)[1:]])
def test_what_is_no_viewer_has_no_head(start: str) -> None:
    assert viewer_head(start.encode()) is None
