"""The folder of a review: what is written, what the next review removes, and that nobody else's file is touched."""

from pathlib import Path

import pytest

from episodec.digest import Digest
from episodec.errors import PublishError
from episodec.publishing.review_folder import write_review
from episodec.store.cache import open_cache
from episodec.store.layout import open_layout

PAGE = {"index.html": b"<!doctype html>"}


class Reviews:
    """A folder and a store with films."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "review"
        self._cache = open_cache(open_layout(root / "cache"))

    def film(self, content: bytes) -> Digest:
        return self._cache.put_bytes(content).digest

    def write(self, **films: Digest) -> None:
        named = {f"films/{name}.mp4": digest for name, digest in films.items()}
        write_review(self.folder, PAGE, named, self._cache.blobs)

    def names(self) -> set[str]:
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture
def reviews(tmp_path: Path) -> Reviews:
    return Reviews(tmp_path)


OURS = {".gitignore", "index.html", "manifest.json"}


def test_it_holds_copies_and_git_takes_none_of_it(reviews: Reviews) -> None:
    reviews.write(a=reviews.film(b"one"))
    assert reviews.names() == OURS | {"films/a.mp4"}
    assert (reviews.folder / "films/a.mp4").stat().st_nlink == 1, "an edit of it reaches no cache"
    assert (reviews.folder / ".gitignore").read_text() == "*\n"


def test_the_next_review_removes_what_it_does_not_show(reviews: Reviews) -> None:
    first, two = reviews.film(b"one"), reviews.film(b"two")
    reviews.write(a=first, b=two)
    (reviews.folder / "notes.txt").write_text("mine")
    reviews.write(b=first)
    assert reviews.names() == OURS | {"films/b.mp4", "notes.txt"}
    assert (reviews.folder / "films/b.mp4").read_bytes() == b"one"


def test_a_file_that_somebody_changed_is_not_removed(reviews: Reviews) -> None:
    reviews.write(a=reviews.film(b"one"))
    (reviews.folder / "films/a.mp4").write_bytes(b"cut")
    reviews.write()
    assert (reviews.folder / "films/a.mp4").read_bytes() == b"cut"


def test_a_folder_of_somebody_else_is_refused(reviews: Reviews) -> None:
    reviews.folder.mkdir()
    (reviews.folder / "index.html").write_text("mine")
    with pytest.raises(PublishError, match="not a review"):
        reviews.write()
    assert reviews.names() == {"index.html"}


def test_a_foreign_file_in_the_place_of_one_is_refused(reviews: Reviews) -> None:
    reviews.write()
    (reviews.folder / "films").mkdir()
    (reviews.folder / "films/a.mp4").write_text("mine")
    with pytest.raises(PublishError, match="did not make"):
        reviews.write(a=reviews.film(b"one"))
    assert (reviews.folder / "films/a.mp4").read_text() == "mine"


@pytest.mark.parametrize("where", ["review", "review/films"])
def test_a_link_is_refused(reviews: Reviews, tmp_path: Path, where: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    if where != "review":
        reviews.write()
    (tmp_path / where).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PublishError):
        reviews.write(a=reviews.film(b"one"))
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_manifest_that_names_files_outside_removes_none(reviews: Reviews, tmp_path: Path) -> None:
    digest = reviews.film(b"mine")
    (tmp_path / "mine.txt").write_bytes(b"mine")
    reviews.folder.mkdir()
    (reviews.folder / "manifest.json").write_text(f'{{"review": {{"../mine.txt": "{digest}"}}}}')
    reviews.write()
    assert (tmp_path / "mine.txt").exists()
