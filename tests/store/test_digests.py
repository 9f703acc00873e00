import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path

import pytest

from episodec.digest import digest_bytes
from episodec.errors import InputMoved
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.layout import StoreLayout, open_layout
from episodec.store.signature import of

Settle = Callable[[], None]
REMEMBERED = digest_bytes(b"what the index remembers")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


@pytest.fixture
def index(layout: StoreLayout) -> Iterator[Index]:
    index = Index(layout)
    yield index
    index.close()


@pytest.fixture
def digests(index: Index, project: Path) -> FileDigests:
    return FileDigests(index, project)


def _memo(index: Index) -> dict[str, str]:
    """The digests that are noted, without their seals."""
    return {path: digest.rpartition(" ")[2] for path, digest in index.rows("SELECT path, digest FROM files")}


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_000])
def test_a_file_has_the_digest_of_its_bytes(digests: FileDigests, project: Path, size: int) -> None:
    content = os.urandom(size)
    (project / "a").write_bytes(content)
    assert digests.of("a") == digests.of(project / "a") == digest_bytes(content)
    assert digests.look("a") == (of(project / "a"), digest_bytes(content))


def test_paths_inside_the_project_are_remembered_relative_to_it(
    digests: FileDigests, index: Index, project: Path, tmp_path: Path, settle: Settle
) -> None:
    (project / "sub").mkdir()
    (project / "sub" / "in").write_bytes(b"in")
    (tmp_path / "out").write_bytes(b"out")
    settle()
    digests.of(project / "sub" / ".." / "sub" / "in")
    digests.of(tmp_path / "out")
    assert set(_memo(index)) == {"sub/in", str(tmp_path / "out")}


def test_a_moved_checkout_is_not_read_again(index: Index, project: Path, tmp_path: Path, settle: Settle) -> None:
    (project / "a").write_bytes(b"content")
    settle()
    FileDigests(index, project).of("a")
    index.write("UPDATE files SET digest = ?", (REMEMBERED,))
    project.rename(tmp_path / "moved")
    assert FileDigests(index, tmp_path / "moved").of("a") == REMEMBERED
    assert FileDigests(index, tmp_path / "moved").of_many(["a"]) == {"a": REMEMBERED}


@pytest.mark.parametrize("column", ["digest", "size", "inode", "mtime_ns", "ctime_ns", "path"])
def test_a_digest_is_believed_of_its_own_file_as_it_was_alone(
    index: Index, project: Path, settle: Settle, column: str
) -> None:
    contents = {"a": b"content", "b": b"other"}
    for name, content in contents.items():
        (project / name).write_bytes(content)
    settle()
    FileDigests(index, project).of_many(contents)
    # As a damaged page does it: a's row has a part of b's.
    index.write("DELETE FROM files WHERE path = 'a' AND ? = 'path'", (column,))
    theirs = f"(SELECT {column} FROM files WHERE path = 'b')" if column != "path" else "'a'"
    index.write(f"UPDATE files SET {column} = {theirs}")
    actual = FileDigests(index, project).of_many(contents)
    assert actual == {name: digest_bytes(content) for name, content in contents.items()}
    assert index.replaced == 1


def test_a_file_just_written_is_not_remembered(
    digests: FileDigests, index: Index, project: Path, settle: Settle
) -> None:
    (project / "a").write_bytes(b"one")
    digests.of("a")
    assert _memo(index) == {}
    settle()
    digests.of("a")
    assert set(_memo(index)) == {"a"}


def test_a_file_from_the_future_is_remembered_all_the_same(
    digests: FileDigests, index: Index, project: Path, settle: Settle
) -> None:
    (project / "a").write_bytes(b"from an archive")
    os.utime(project / "a", (4_000_000_000, 4_000_000_000))
    settle()
    digests.of("a")
    assert set(_memo(index)) == {"a"}


def _edit(path: Path) -> None:
    path.write_bytes(b"two")


def _edit_with_old_mtime(path: Path) -> None:
    before = path.stat()
    path.write_bytes(b"two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _replace(path: Path) -> None:
    before = path.stat()
    other = path.with_name("other")
    other.write_bytes(b"two")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.rename(path)


def _edit_with_older_mtime(path: Path) -> None:
    path.write_bytes(b"two")
    os.utime(path, (1_000_000_000, 1_000_000_000))


@pytest.mark.parametrize("edit", [_edit, _edit_with_old_mtime, _replace, _edit_with_older_mtime])
@pytest.mark.parametrize("settled", [True, False])
def test_an_edit_of_the_same_size_is_seen_however_it_is_made(
    digests: FileDigests, project: Path, settle: Settle, edit: Callable[[Path], None], *, settled: bool
) -> None:
    (project / "a").write_bytes(b"one")
    if settled:
        settle()
    signature, first = digests.look("a")
    edit(project / "a")
    two = digests.of("a")
    assert (first, two) == (digest_bytes(b"one"), digest_bytes(b"two"))
    if settled:
        assert not digests.still("a", signature)


@pytest.mark.parametrize("edit", [_edit, _edit_with_old_mtime, _replace, _edit_with_older_mtime])
def test_an_edit_of_one_of_many_is_seen_however_it_is_made(
    digests: FileDigests, project: Path, settle: Settle, edit: Callable[[Path], None]
) -> None:
    for name in "ab":
        (project / name).write_bytes(b"one")
    settle()
    digests.of_many("ab")
    edit(project / "a")
    assert digests.of_many("ab") == {"a": digest_bytes(b"two"), "b": digest_bytes(b"one")}


def test_edits_within_one_tick_of_the_clock_are_all_seen(digests: FileDigests, project: Path) -> None:
    for n in range(300):
        (project / "a").write_bytes(b"%03d" % n)
        assert digests.of("a") == digest_bytes(b"%03d" % n)


def test_what_is_no_plain_file_is_refused_at_once(digests: FileDigests, project: Path) -> None:
    (project / "folder").mkdir()
    os.mkfifo(project / "fifo")
    with socket.socket(socket.AF_UNIX) as listener, chdir(project):
        listener.bind("gate")
    cases: dict[str, type[OSError]] = {
        "folder": IsADirectoryError,
        "fifo": OSError,
        "gate": OSError,
        "/dev/zero": OSError,
        "nothing": FileNotFoundError,
    }
    for name, error in cases.items():
        with pytest.raises(error):
            digests.of(name)
        with pytest.raises(error):
            digests.of_many([name])


def test_a_file_that_never_rests_is_an_error(digests: FileDigests, project: Path) -> None:
    with (project / "a").open("wb") as file:
        file.truncate(256_000_000)  # Sparse, and still milliseconds to read.
    code = "import os, sys; print(flush=True)\nfor n in range(10**9): os.utime(sys.argv[1], ns=(n, n))"
    with subprocess.Popen([sys.executable, "-c", code, project / "a"], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        try:
            with pytest.raises(InputMoved, match="changes faster"):
                digests.of("a")
        finally:
            writer.kill()


def test_many_files_are_read_at_once(digests: FileDigests, index: Index, project: Path, settle: Settle) -> None:
    contents = {f"file {n}": os.urandom(3_000_000 + n) for n in range(4)} | {f"small {n}": b"%d" % n for n in range(50)}
    for name, content in contents.items():
        (project / name).write_bytes(content)
    settle()
    by_name = {name: digest_bytes(content) for name, content in contents.items()}
    assert digests.of_many(contents) == by_name
    assert _memo(index) == by_name
    assert digests.of_many([project / "small 1", "small 1"]) == {
        str(project / "small 1"): digest_bytes(b"1"),
        "small 1": digest_bytes(b"1"),
    }


def test_a_name_that_is_not_utf8_is_read_like_any_other(digests: FileDigests, project: Path, settle: Settle) -> None:
    name = os.fsdecode(b"caf\xe9")
    (project / name).write_bytes(b"content")
    settle()
    assert digests.of(name) == digest_bytes(b"content")
    assert digests.of_many([name]) == {name: digest_bytes(b"content")}


def test_a_folder_has_a_digest_of_names_and_contents(digests: FileDigests, project: Path) -> None:
    def make(name: str, files: dict[str, bytes]) -> Path:
        for path, content in files.items():
            file = project / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return project / name

    first = make("one", {"config.json": b"{}", "unet/weights": b"w"})
    (first / "empty").mkdir()
    same = make("same", {"unet/weights": b"w", "config.json": b"{}"})
    renamed = make("renamed", {"config.json": b"{}", "unet/weight": b"w"})
    changed = make("changed", {"config.json": b"{}", "unet/weights": b"W"})
    assert digests.of_tree(first) == digests.of_tree(same)
    assert len({digests.of_tree(folder) for folder in (first, renamed, changed)}) == 3
    before = digests.of_watched(first)
    make("one", {"config.json~": b"{", ".config.json.swp": b"{", "unet/#weights#": b""})
    assert digests.of_tree(first) == digests.of_tree(same), "what editors leave beside a file is none of the folder's"
    assert digests.of_watched(first) == before


def test_links_in_a_folder_are_followed_but_never_in_a_circle(digests: FileDigests, project: Path) -> None:
    for name in ("blobs", "snapshot", "plain"):
        (project / name).mkdir()
    (project / "blobs" / "abc").write_bytes(b"weights")
    (project / "snapshot" / "model").symlink_to("../blobs/abc")
    (project / "plain" / "model").write_bytes(b"weights")
    assert digests.of_tree("snapshot") == digests.of_tree("plain")
    (project / "snapshot" / "again").symlink_to("../snapshot")
    with pytest.raises(OSError, match="symbolic links"):
        digests.of_tree("snapshot")


def test_what_was_read_is_known_to_the_next_process(project: Path, layout: StoreLayout, settle: Settle) -> None:
    (project / "a").write_bytes(b"content")
    settle()
    index = Index(layout)
    FileDigests(index, project).of("a")
    index.write("UPDATE files SET digest = ?", (REMEMBERED,))
    index.close()
    again = Index(open_layout(layout.root))
    assert FileDigests(again, project).of("a") == REMEMBERED
    again.close()
