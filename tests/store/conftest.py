import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from episodec.digest import digest_value
from episodec.engine.key import ActionKey
from episodec.store.cache import DiskCache, open_cache
from episodec.store.layout import StoreLayout, open_layout
from episodec.store.signature import GRAIN_NS


@pytest.fixture
def layout(tmp_path: Path) -> StoreLayout:
    return open_layout(tmp_path / "cache")


@pytest.fixture
def cache(layout: StoreLayout) -> Iterator[DiskCache]:
    cache = open_cache(layout)
    yield cache
    cache.index.close()


@pytest.fixture
def key() -> Callable[[object], ActionKey]:
    return lambda name: ActionKey(digest_value("test", str(name)))


@pytest.fixture
def settle() -> Callable[[], None]:
    """Waits until what was written so far can be told from what will be."""
    return lambda: time.sleep(2 * GRAIN_NS / 1e9)


@pytest.fixture
def damage() -> Callable[[Path], None]:
    """Flips one byte and puts the mtime back: same size, same time, other content, as a bad disk or `cp -p` would."""

    def flip(path: Path) -> None:
        before = path.stat()
        path.chmod(0o644)
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        path.chmod(0o444)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    return flip


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "episodec-test", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
