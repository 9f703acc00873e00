from functools import partial
from pathlib import Path

import pytest

from episodec.tools.checkpoints import FolderCheckpoints


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_nothing_was_kept_at_first(tmp_path: Path) -> None:
    assert FolderCheckpoints(tmp_path).load() is None


def test_what_was_kept_last_comes_back_in_another_process_too(tmp_path: Path) -> None:
    shelf = FolderCheckpoints(tmp_path, every_s=0)
    shelf.keep(lambda: b"one")
    shelf.keep(lambda: b"two")
    assert FolderCheckpoints(tmp_path).load() == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_keeping_again_soon_is_let_go_and_not_even_made(tmp_path: Path) -> None:
    clock = Clock()
    built: list[bytes] = []

    def make(content: bytes) -> bytes:
        built.append(content)
        return content

    shelf = FolderCheckpoints(tmp_path, every_s=10, clock=clock)
    for now_s, content in ((5, b"too soon"), (10, b"first"), (19, b"too soon"), (20, b"second")):
        clock.now_s = now_s
        shelf.keep(partial(make, content))
        if now_s == 10:
            assert shelf.load() == b"first"
    assert shelf.load() == b"second"
    assert built == [b"first", b"second"]


@pytest.mark.parametrize(("start", "end"), [(0, -1), (1, None), (0, 0)])
def test_what_is_damaged_is_told_and_counts_as_nothing(
    start: int, end: int | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = FolderCheckpoints(tmp_path, every_s=0)
    shelf.keep(lambda: b"what was learned in many steps")
    path = tmp_path / "kept"
    path.write_bytes(path.read_bytes()[start:end])
    assert shelf.load() is None
    assert "damaged" in capsys.readouterr().out
