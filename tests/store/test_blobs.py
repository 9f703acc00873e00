import os
import resource
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import pytest

from episodec.digest import Digest, digest_bytes
from episodec.errors import CorruptBlob, PublishError, StoreError
from episodec.store.blobs import Blobs
from episodec.store.layout import StoreLayout, open_layout
from episodec.store.signature import of
from tests.store.looking import names_in

Damage = Callable[[Path], None]


@pytest.fixture
def blobs(layout: StoreLayout) -> Blobs:
    return Blobs(layout)


def _leftovers(layout: StoreLayout) -> list[str]:
    return names_in(layout.incoming)


def test_the_file_itself_is_taken_when_it_is_on_the_same_disk(blobs: Blobs, tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"a")
    inode = file.stat().st_ino
    assert blobs.path_of(blobs.put_file(file).digest).stat().st_ino == inode


def test_a_file_that_has_another_name_is_copied_so_that_nobody_can_edit_the_blob(blobs: Blobs, tmp_path: Path) -> None:
    file, other = tmp_path / "a", tmp_path / "b"
    other.write_bytes(b"content")
    file.hardlink_to(other)
    blob = blobs.put_file(file)
    other.write_bytes(b"CONTENT")
    assert not file.exists()
    assert blobs.open_blob(blob.digest).read_bytes() == b"content"


def test_a_file_from_another_disk_is_copied(blobs: Blobs, small_disk: Path, layout: StoreLayout) -> None:
    file = small_disk / "a"
    file.write_bytes(b"content" * 1000)
    blob = blobs.put_file(file)
    assert not file.exists()
    assert blobs.open_blob(blob.digest).read_bytes() == b"content" * 1000
    assert not _leftovers(layout)


@pytest.mark.parametrize("how", ["bytes", "moved", "copied"])
def test_bytes_are_on_the_disk_before_they_have_their_name_and_the_name_is_after(
    layout: StoreLayout, tmp_path: Path, how: str
) -> None:
    synced: list[tuple[int, bool]] = []
    blobs = Blobs(layout, sync=lambda file: synced.append((os.fstat(file).st_ino, target.exists())))
    target, built = blobs.path_of(digest_bytes(b"content")), tmp_path / "made"
    built.write_bytes(b"content")
    if how == "copied":
        (tmp_path / "twin").hardlink_to(built)
    blob = blobs.put_bytes(b"content") if how == "bytes" else blobs.put_file(built)
    assert blob.digest == digest_bytes(b"content")
    assert (target.stat().st_ino, False) in synced
    assert synced[-1] == (target.parent.stat().st_ino, True)


def test_only_plain_files_are_taken(blobs: Blobs, tmp_path: Path) -> None:
    plain, link, folder, fifo, gate = (tmp_path / name for name in ("plain", "link", "folder", "fifo", "gate"))
    plain.write_bytes(b"a")
    link.symlink_to(plain)
    folder.mkdir()
    os.mkfifo(fifo)
    with socket.socket(socket.AF_UNIX) as listener, chdir(tmp_path):  # A socket's whole path has to be short.
        listener.bind("gate")
    for path, kind in [(link, "a symlink"), (folder, "a folder"), (fifo, "a special file"), (gate, "a special file")]:
        with pytest.raises(StoreError, match=kind):
            blobs.put_file(path)
    with pytest.raises(StoreError, match="missing"):
        blobs.put_file(tmp_path / "nothing")
    assert plain.read_bytes() == b"a"


@pytest.mark.parametrize("text", ["", "xxh3-128:", "xxh3-128:../../../../etc/passwd", "md5:" + "0" * 32])
def test_a_text_that_is_no_digest_names_no_file(blobs: Blobs, text: str) -> None:
    with pytest.raises(StoreError, match="not a digest"):
        blobs.path_of(Digest(text))


def test_a_blob_replaced_by_a_symlink_or_folder_is_damaged(blobs: Blobs, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"content")

    def link(path: Path) -> None:
        path.symlink_to(target)

    def folder(path: Path) -> None:
        path.mkdir()

    for harm in (link, folder):
        blob = blobs.put_bytes(b"content")
        path = blobs.path_of(blob.digest)
        path.unlink()
        harm(path)
        assert not blobs.has(blob.digest, blob.size)
        assert not os.path.lexists(path)
    assert target.read_bytes() == b"content"


def test_bytes_are_read_once_as_long_as_the_signature_stands(layout: StoreLayout, settle: Callable[[], None]) -> None:
    observed: dict[Digest, tuple[int, int, int, int]] = {}
    blobs = Blobs(layout, observed)
    blob = blobs.put_bytes(b"content")
    blobs.open_blob(blob.digest)
    assert observed == {}  # Just written: a change now could leave the same signature.
    settle()
    blobs.open_blob(blob.digest)
    assert observed == {blob.digest: of(blobs.path_of(blob.digest))}
    # A lie about the signature is believed: so the bytes were not read.
    wrong = Digest(digest_bytes(b"other"))
    path = blobs.path_of(wrong)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"something else")
    observed[wrong] = of(path)
    assert blobs.open_blob(wrong) == path


def test_a_copy_is_writable_and_its_own(blobs: Blobs, tmp_path: Path, layout: StoreLayout) -> None:
    blob = blobs.put_bytes(b"content")
    target = tmp_path / "out.mp4"
    target.write_bytes(b"what was there before")
    assert blobs.copy_out(blob.digest, target) == of(target)
    assert target.stat().st_nlink == 1
    assert target.stat().st_mode & 0o200
    target.write_bytes(b"edited")
    assert blobs.open_blob(blob.digest).read_bytes() == b"content"
    assert not _leftovers(layout)


def test_a_copy_obeys_the_umask(layout: StoreLayout, tmp_path: Path) -> None:
    code = (
        "import os, sys; os.umask(0o027);"
        "from episodec.store.blobs import Blobs; from episodec.store.layout import open_layout;"
        "b = Blobs(open_layout(sys.argv[1])); b.copy_out(b.put_bytes(b'x').digest, sys.argv[2]);"
        "print(oct(os.stat(sys.argv[2]).st_mode & 0o777))"
    )
    done = subprocess.run([sys.executable, "-c", code, layout.root, tmp_path / "out"], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "0o640"


def test_a_copy_to_another_disk_leaves_nothing_beside_it(blobs: Blobs, small_disk: Path) -> None:
    blob = blobs.put_bytes(b"content" * 1000)
    blobs.copy_out(blob.digest, small_disk / "out")
    assert [path.name for path in small_disk.iterdir()] == ["out"]
    assert (small_disk / "out").read_bytes() == b"content" * 1000


def test_a_copy_replaces_a_symlink_and_not_what_it_points_to(blobs: Blobs, tmp_path: Path) -> None:
    elsewhere, target = tmp_path / "elsewhere", tmp_path / "out"
    elsewhere.write_bytes(b"precious")
    target.symlink_to(elsewhere)
    blobs.copy_out(blobs.put_bytes(b"content").digest, target)
    assert elsewhere.read_bytes() == b"precious"
    assert not target.is_symlink()


def test_a_damaged_blob_never_gets_out(
    blobs: Blobs, tmp_path: Path, damage: Damage, settle: Callable[[], None], layout: StoreLayout
) -> None:
    blob = blobs.put_bytes(b"content")
    settle()
    blobs.open_blob(blob.digest)
    damage(blobs.path_of(blob.digest))
    target = tmp_path / "dist" / "out"
    target.parent.mkdir()
    target.write_bytes(b"before")
    with pytest.raises(CorruptBlob):
        blobs.copy_out(blob.digest, target)
    assert target.read_bytes() == b"before"
    assert names_in(target.parent) == ["out"]
    assert not _leftovers(layout)
    assert not blobs.path_of(blob.digest).exists()
    with pytest.raises(CorruptBlob, match="missing"):
        blobs.copy_out(blob.digest, target)


def test_a_blob_made_again_meanwhile_is_not_set_aside(blobs: Blobs, damage: Damage) -> None:
    blob = blobs.put_bytes(b"content")
    path = blobs.path_of(blob.digest)
    damage(path)
    actual = path.lstat()
    Blobs(blobs.layout).put_bytes(b"content")  # another build's view of the same store.
    blobs.set_aside(blob.digest, actual)
    assert blobs.open_blob(blob.digest) == path


def test_a_destination_that_cannot_be_written_is_named(blobs: Blobs, tmp_path: Path, layout: StoreLayout) -> None:
    blob = blobs.put_bytes(b"content")
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    for target in (tmp_path / "missing" / "out", tmp_path / "folder"):
        with pytest.raises(PublishError, match=str(target)):
            blobs.copy_out(blob.digest, target)
    assert not _leftovers(layout)


def test_a_full_disk_is_one_sentence_and_leaves_no_half_blob(small_disk: Path) -> None:
    layout = open_layout(small_disk / "cache")
    blobs = Blobs(layout)
    kept = blobs.put_bytes(b"small")
    with pytest.raises(StoreError, match="the disk of the cache is full"):
        blobs.put_bytes(os.urandom(2_000_000))
    assert not _leftovers(layout)
    assert blobs.open_blob(kept.digest).read_bytes() == b"small"


def test_a_full_disk_of_the_destination_leaves_it_as_it_was(blobs: Blobs, small_disk: Path) -> None:
    blob = blobs.put_bytes(os.urandom(2_000_000))
    (small_disk / "out").write_bytes(b"before")
    with pytest.raises(PublishError, match="No space left"):
        blobs.copy_out(blob.digest, small_disk / "out")
    assert [path.name for path in small_disk.iterdir()] == ["out"]
    assert (small_disk / "out").read_bytes() == b"before"


def test_a_limit_on_file_sizes_is_one_sentence(layout: StoreLayout) -> None:
    code = (
        "import resource, sys; from episodec.errors import StoreError;"
        "from episodec.store.blobs import Blobs; from episodec.store.layout import open_layout\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: Blobs(open_layout(sys.argv[1])).put_bytes(b'x' * 5000)\n"
        "except StoreError as error: print(error)"
    )
    assert resource.RLIMIT_FSIZE  # As in the program above.
    done = subprocess.run([sys.executable, "-c", code, layout.root], capture_output=True, check=True)
    assert "File too large" in done.stdout.decode()
    assert not _leftovers(layout)


def test_a_read_only_disk_is_one_sentence(small_disk: Path) -> None:
    layout = open_layout(small_disk / "cache")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(StoreError, match="read-only"):
        Blobs(layout).put_bytes(b"content")
