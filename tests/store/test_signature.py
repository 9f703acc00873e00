import os
from pathlib import Path

import pytest

from episodec.store.signature import GRAIN_NS, is_passing, is_racy, of, of_stat

NOW = 1_700_000_000_000_000_000


@pytest.mark.parametrize(
    ("mtime_ns", "ctime_ns", "racy"),
    [
        (NOW - GRAIN_NS, NOW - GRAIN_NS, False),
        (NOW - GRAIN_NS, NOW - GRAIN_NS + 1, True),
        (NOW, NOW, True),
        (NOW * 2, NOW - GRAIN_NS, False),  # Out of an archive with a clock of its own.
        (0, NOW, True),  # cp -p a moment ago.
        (0, NOW * 2, True),  # The clock was set back.
    ],
)
def test_a_signature_is_racy_while_its_ctime_could_come_again(mtime_ns: int, ctime_ns: int, *, racy: bool) -> None:
    assert is_racy((mtime_ns, ctime_ns, 1, 1), NOW) is racy


def test_a_signature_follows_links_and_tells_times_size_and_inode(tmp_path: Path) -> None:
    file, link = tmp_path / "a", tmp_path / "b"
    file.write_bytes(b"abc")
    link.symlink_to(file)
    status = file.stat()
    assert of(link) == (status.st_mtime_ns, status.st_ctime_ns, 3, status.st_ino)


def test_an_inode_beyond_63_bits_still_fits_the_index() -> None:
    fields = list(Path("/").stat())
    fields[1] = (1 << 64) - 1
    assert of_stat(os.stat_result(fields))[3] < 1 << 63


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        *((name, True) for name in ("a.py~", "~", ".#a.py", "#a.py#", ".a.py.swp", ".a.swo", ".swp")),
        *((name, False) for name in ("a.py", ".a", "#a", "a#", "a.swp", ".a.sw", "a~b", ".sw", ".", "#hash.txt")),
    ],
)
def test_names_that_editors_give_are_known(name: str, *, is_one: bool) -> None:
    assert is_passing(name) is is_one
