"""A store for questions where the real one cannot be written: its blobs, with a copy of its index in a folder that goes
again.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from episodec.store.layout import Layout, open_layout, unusable


def is_writable(root: str) -> bool:
    """Whether the store at this root can be written, or made where it is not there yet."""
    place, index = root if os.path.isdir(root) else os.path.dirname(root), f"{root}/index.db"
    return os.access(place, os.W_OK | os.X_OK) and (not os.path.isfile(index) or os.access(index, os.W_OK))


@contextmanager
def borrowed(root: str) -> Iterator[Layout]:
    """The layout of a store that knows what the one at this root knows, and has its blobs, of which none is moved.

    Raises:
        StoreError: the index cannot be read, or no folder can be made for it.
    """
    with TemporaryDirectory(prefix="episodec-") as folder:
        layout = open_layout(folder)
        layout.blobs, layout.has_own_blobs = f"{os.path.abspath(root)}/blobs", False
        for suffix in ("", "-wal"):  # What was not yet moved into the database is there.
            try:
                shutil.copyfile(f"{root}/index.db{suffix}", f"{layout.index}{suffix}")
            except FileNotFoundError:
                continue
            except OSError as error:
                raise unusable(error, root) from error
        yield layout
