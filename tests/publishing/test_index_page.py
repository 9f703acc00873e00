"""Binding the index page by itself: what it reads, and what it does not believe."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from episodec.digest import Digest, digest_bytes
from episodec.errors import StoreError
from episodec.page.index import is_ours
from episodec.publishing.index_page import IndexPage
from episodec.store.blobs import Blobs
from episodec.store.index import Index
from episodec.store.layout import StoreLayout, open_layout
from episodec.store.locks import try_lock
from episodec.store.signature import Signature

ENTRY = '<article class="episode" id="{name}" lang="en" data-series="S" aria-labelledby="x">{name}</article>\n'


class Busy(Blobs):
    """A store during whose copying another build publishes something."""

    index: Index | None = None

    def copy_out(self, digest: Digest, destination: str | os.PathLike[str]) -> Signature:
        if self.index is not None:
            self.index.write("UPDATE pages SET generation = generation + 1")
        return super().copy_out(digest, destination)


class Desk:
    """A project with a store, as the working folder."""

    def __init__(self, root: Path) -> None:
        self.layout: StoreLayout = open_layout(root / "cache")
        self.index = Index(self.layout)
        self.blobs = Busy(self.layout)
        self.bindery = IndexPage(root, self.layout, self.index, self.blobs, "episodes", "", "compiler 1")

    def claim(self, name: str, content: str | None = None) -> Digest:
        """An entry that an episode claims; it is not written yet."""
        digest = digest_bytes((content or ENTRY.format(name=name)).encode())
        row = (f"dist/page/{name}.html", "dist", f"episodes/{name}", digest)
        self.index.write("INSERT INTO published_files (path, folder, spec, digest, live) VALUES (?, ?, ?, ?, 1)", row)
        return digest

    def write(self, name: str, content: str | None = None) -> None:
        path = Path(f"dist/page/{name}.html")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content or ENTRY.format(name=name))

    def is_traced(self) -> bool:
        return bool(self.index.rows("SELECT 1 FROM page_bindings"))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    actual = Desk(tmp_path)
    for name in ("one", "two"):
        actual.claim(name)
        actual.write(name)
    yield actual
    actual.index.close()


def text() -> str:
    return Path("dist/index.html").read_text()


def test_a_page_is_bound_of_what_episodes_deliver_and_of_nothing_else(desk: Desk) -> None:
    desk.write("stranger")
    assert desk.bindery.write("dist") == "dist/index.html"
    assert "one" in text()
    assert "stranger" not in text()
    assert desk.is_traced()
    assert desk.bindery.write("dist") is None


def test_an_entry_on_its_way_is_shown_as_it_lies_there(desk: Desk) -> None:
    desk.claim("one", ENTRY.format(name="one") + "<!-- younger -->")
    desk.bindery.write("dist")
    assert "younger" not in text()
    desk.write("one", ENTRY.format(name="one") + "<!-- younger -->")
    desk.index.write("DELETE FROM page_bindings")
    desk.bindery.write("dist")
    assert "younger" in text()


def test_an_entry_that_is_lost_is_left_out_unless_the_store_has_it(desk: Desk) -> None:
    Path("dist/page/one.html").unlink()
    desk.bindery.write("dist")
    assert 'id="one"' not in text()
    desk.blobs.put_bytes(ENTRY.format(name="one").encode())
    desk.index.write("DELETE FROM page_bindings")
    desk.bindery.write("dist")
    assert 'id="one"' in text()


def test_a_page_is_not_traced_when_entries_changed_while_it_was_bound(desk: Desk) -> None:
    desk.index.write("INSERT INTO pages (folder, generation, ours) VALUES ('dist', 7, 0)")
    desk.blobs.index = desk.index
    desk.bindery.write("dist")
    assert is_ours(text().encode())
    assert not desk.is_traced()
    desk.blobs.index = None
    assert desk.bindery.write("dist") is None
    assert desk.is_traced()


def test_another_compiler_binds_again(desk: Desk) -> None:
    desk.bindery.write("dist")
    Path("dist/page/one.html").unlink()  # Seen only by who reads the entries.
    assert desk.bindery.write("dist") is None
    other = replace(desk.bindery, compiler="compiler 2")
    assert other.would_change("dist")
    assert other.write("dist") == "dist/index.html"


def test_a_page_goes_with_its_last_entry_unless_somebody_changed_it(desk: Desk) -> None:
    desk.bindery.write("dist")
    desk.index.write("UPDATE published_files SET live = 0")
    desk.index.write("DELETE FROM page_bindings")
    Path("dist/index.html").write_text(text().replace("one", "mine"))
    assert desk.bindery.write("dist") is None
    assert "mine" in text()
    Path("dist/index.html").unlink()
    desk.index.write("UPDATE published_files SET live = 1")
    desk.index.write("DELETE FROM page_bindings")
    desk.bindery.write("dist")
    desk.index.write("UPDATE published_files SET live = 0")
    desk.index.write("DELETE FROM page_bindings")
    assert desk.bindery.write("dist") == "dist/index.html"
    assert not Path("dist/index.html").exists()


def test_a_binder_that_never_ends_is_not_waited_for_for_ever(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("episodec.publishing.index_page.PATIENCE_S", 0.05)
    lock = try_lock(f"{desk.layout.locks}/index-page")
    assert lock is not None
    with lock, pytest.raises(StoreError, match="another build"):
        desk.bindery.write("dist")
    assert desk.bindery.write("dist") == "dist/index.html"
