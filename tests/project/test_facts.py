"""Facts of specs that are remembered: an unchanged spec is known by the digest under which its file was last read."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from episodec.project.facts import FactBook
from episodec.spec.series_checks import EpisodeFacts
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.layout import open_layout
from episodec.store.signature import GRAIN_NS

SPECS = ["a", "b"]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = Index(open_layout(tmp_path / "cache"))
    yield index
    index.close()


def noted(index: Index, root: Path) -> FactBook:
    """A book that knows both specs."""
    for spec in SPECS:
        (root / spec).write_text(spec)
    time.sleep(2 * GRAIN_NS / 1e9)  # The digest of a younger file is not remembered.
    book = FactBook(index, "context")
    for spec, digest in FileDigests(index, root).of_many(SPECS).items():
        book.note(EpisodeFacts(spec), digest, {}, None)
    return book


def test_only_specs_of_another_text_or_context_are_doubtful(index: Index, tmp_path: Path) -> None:
    book = noted(index, tmp_path)
    assert book.unverified([*SPECS, "c"]) == ["c"]
    assert FactBook(index, "another").unverified(SPECS) == SPECS
    (tmp_path / "b").write_text("another text")
    FileDigests(index, tmp_path).of_many(SPECS)
    assert book.unverified(SPECS) == ["b"]


def test_a_digest_that_an_earlier_version_noted_without_a_seal_counts(index: Index, tmp_path: Path) -> None:
    book = noted(index, tmp_path)
    for spec, digest in FileDigests(index, tmp_path).of_many(SPECS).items():
        index.write("UPDATE files SET digest = ? WHERE path = ?", (digest, spec))
    assert book.unverified(SPECS) == []
    assert FileDigests(index, tmp_path).of_many(SPECS)
    assert index.replaced == 0
