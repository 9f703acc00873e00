"""A store for questions that leave the real one as it is, or where it cannot be written: a copy of its index, in a
folder that goes again.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from episodec.digest import Digest
from episodec.store.blobs import Blobs
from episodec.store.cache import DiskCache
from episodec.store.index import Index
from episodec.store.layout import Layout, open_layout, unusable


def is_writable(root: str) -> bool:
    """Whether the store at this root can be written, or made where it is not there yet."""
    place = root if os.path.isdir(root) else os.path.dirname(root)
    return os.access(place, os.W_OK | os.X_OK)


@contextmanager
def borrowed(root: str) -> Iterator[Layout]:
    """The layout of a store that knows what the index of the one at this root knows. It has none of its blobs, so that
    nothing may be judged by it.

    Raises:
        StoreError: the index cannot be read, or no folder can be made for it.
    """
    with TemporaryDirectory(prefix="episodec-") as folder:
        layout = open_layout(folder)
        for suffix in ("", "-wal"):  # What was not yet moved into the database is there.
            try:
                shutil.copyfile(f"{root}/index.db{suffix}", f"{layout.index}{suffix}")
            except FileNotFoundError:
                continue
            except OSError as error:
                raise unusable(error, root) from error
        yield layout


@contextmanager
def looked_at(root: str) -> Iterator[DiskCache]:
    """What the store at this root has, for looking alone: nothing in it is written, nor set aside where it is damaged.

    Raises:
        StoreError: as of `borrowed`.
    """
    with borrowed(root) as layout:
        index = Index(layout)
        cache = DiskCache(layout, index)
        layout.blobs = f"{os.path.abspath(root)}/blobs"
        cache.blobs = _Seen(layout)
        try:
            yield cache
        finally:
            index.close()


class _Seen(Blobs):
    """Blobs by their names and sizes; whether their bytes are sound, who reads them finds out."""

    def has(self, digest: Digest, size: int) -> bool:
        """Whether there is such a file."""
        try:
            return os.stat(self.path_of(digest)).st_size == size
        except OSError:
            return False
