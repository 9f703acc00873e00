"""Whether an index is damaged beyond what SQLite itself reports, and how it is set aside. Light on imports."""

import os
import sqlite3
from collections.abc import Sequence

from episodec.store.layout import StoreLayout

_SUFFIXES = ("-wal", "-shm", "")
_SOUND = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_INTERRUPT})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def is_damage(error: Exception, layout: StoreLayout, tables: Sequence[str]) -> bool:
    """Whether this failure of a statement means that the database is not as it was written; `tables`: its schema."""
    if isinstance(error, MemoryError):  # A damaged length may ask for all memory.
        return _looks_damaged(layout, tables)
    if not isinstance(error, sqlite3.Error):
        return True  # A row, or SQLite's own message about one, could not be decoded.
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # Python's own: an OperationalError is a text that is not UTF-8.
        return isinstance(error, sqlite3.OperationalError)
    if code & 0xFF in _DAMAGED:
        return True
    return code & 0xFF not in _SOUND and _looks_damaged(layout, tables)


def set_aside(layout: StoreLayout) -> str:
    """Move the index and its journal to damaged/ under a free name."""
    number = 1
    while os.path.lexists(target := f"{layout.damaged}/index-{number}.db"):
        number += 1
    for suffix in _SUFFIXES:  # The database last: while it is there, this can be repeated.
        if os.path.lexists(layout.index + suffix):
            os.rename(layout.index + suffix, target + suffix)
    return target


def is_irregular(layout: StoreLayout) -> bool:
    """Whether the index or one of its journals is something other than a file."""
    paths = [layout.index + suffix for suffix in _SUFFIXES]
    return any(os.path.lexists(path) and not os.path.isfile(path) for path in paths)


def _looks_damaged(layout: StoreLayout, tables: Sequence[str]) -> bool:
    if is_irregular(layout):
        return True
    try:
        with open(layout.index, "rb") as file:
            header = file.read(100)
    except OSError:
        return False
    if len(header) == 100 and not {header[18], header[19]} <= {
        1,
        2,
    }:  # Versions that SQLite cannot write.
        return True
    try:
        return not _is_sound(layout.index, tables)
    except (UnicodeDecodeError, MemoryError):
        return True
    except sqlite3.Error as error:
        # SQLITE_ERROR, for valid statements: "unsupported file format" and the like.
        return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in {*_DAMAGED, sqlite3.SQLITE_ERROR}


def _is_sound(path: str, tables: Sequence[str]) -> bool:
    """Whether pages and schema are correct, checked on a connection of its own."""
    database = sqlite3.connect(path, timeout=1.0, isolation_level=None)
    try:
        (checked,) = database.execute("PRAGMA quick_check(1)").fetchone()
        present = {sql for (sql,) in database.execute("SELECT sql FROM sqlite_master")}
    finally:
        database.close()
    return checked == "ok" and {statement.replace("IF NOT EXISTS ", "") for statement in tables} <= present
