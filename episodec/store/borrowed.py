"""A store for queries where the real one is read-only: its blobs, with a copy of its index in a temporary folder."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from episodec.store.layout import StoreLayout, open_layout, unusable


def is_writable(root: str) -> bool:
    """Whether the store at this root can be written, or created if it does not exist yet."""
    place, index = root if os.path.isdir(root) else os.path.dirname(root), f"{root}/index.db"
    return os.access(place, os.W_OK | os.X_OK) and (not os.path.isfile(index) or os.access(index, os.W_OK))


@contextmanager
def borrowed(root: str) -> Iterator[StoreLayout]:
    """The layout of a store with the records and blobs of the one at this root; none of its blobs is moved.

    Raises:
        StoreError: the index cannot be read, or no folder can be created for it.
    """
    with TemporaryDirectory(prefix="episodec-") as folder:
        layout = open_layout(folder)
        layout.blobs, layout.has_own_blobs = f"{os.path.abspath(root)}/blobs", False
        for suffix in ("", "-wal"):  # Holds the changes that are not yet in the database file.
            try:
                shutil.copyfile(f"{root}/index.db{suffix}", f"{layout.index}{suffix}")
            except FileNotFoundError:
                continue
            except OSError as error:
                raise unusable(error, root) from error
        yield layout
