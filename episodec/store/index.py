"""The index, an SQLite database: opened, its missing tables created, replaced when damaged. Knows no row's meaning.

Light on imports, like the no-op path: no typing, dataclasses or contextlib here (4 ms and more of its 50).
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence

from episodec.errors import StoreError
from episodec.store.index_damage import is_damage, is_irregular, set_aside
from episodec.store.layout import FORMAT, StoreLayout, unusable, wrong_format
from episodec.store.rows import WrongRow, check_kinds
from episodec.store.tables import TABLES

APPLICATION_ID = 0x65706973  # "epis": tells `file` and us whose database this is.
BUSY_S = 30.0  # The longest wait for another build's transaction; ours take milliseconds.

_CHECKPOINT_PAGES = 4000  # 16 MiB of journal; a commit waits for the disk only at a checkpoint, which syncs.
_FORMATS = 100  # More are unlikely: a higher number is damage.
_MAX_RECOVERIES = 3  # Give up on a disk that damages every new index.

Values = Sequence[object]

# UnicodeDecodeError: SQLite's own message quotes bytes that it cannot decode.
_FAILURES = (sqlite3.Error, UnicodeDecodeError, MemoryError, WrongRow)


def _ignore(sentence: str) -> None:
    """Drop the sentence."""


def _nothing() -> None:
    """Do nothing: no state outside the database has to be restored."""


class Index:
    """One open connection. Statements outside of `transaction` are transactions of their own.

    A damaged database is moved to damaged/, reported through `notice`, and replaced by an empty one: blobs stay,
    records are made again. Earlier writes of an open transaction are lost with the rest: the invariants hold without
    them. `replaced`: how often this has happened.
    """

    __slots__ = ("_busy_s", "_db", "_depth", "_inode", "_layout", "_notice", "_refill", "replaced")

    def __init__(self, layout: StoreLayout, notice: Callable[[str], None] = _ignore, busy_s: float = BUSY_S) -> None:
        """Raises: StoreError, when the file cannot be used; StoreFormatError, when another version wrote it."""
        self._busy_s = busy_s
        self._layout = layout
        self._notice = notice
        self._depth = 0
        self.replaced = 0
        self._refill: Callable[[], object] = _nothing
        try:
            self._open()
        except _FAILURES as error:
            self.recover(error)

    def rows(self, sql: str, values: Values = ()) -> list[sqlite3.Row]:
        """All rows of a query, each value of its column's type."""
        while True:
            try:
                cursor = self._db.execute(sql, values)
                rows = cursor.fetchall()
                check_kinds(cursor.description, rows)
            except _FAILURES as error:
                self.recover(error)
            else:
                return rows

    def write(self, sql: str, values: Values = ()) -> int:
        """Run a statement and give back the number of rows that it changed."""
        while True:
            try:
                return self._db.execute(sql, values).rowcount
            except _FAILURES as error:
                self.recover(error)

    def write_many(self, sql: str, rows: Iterable[Values]) -> None:
        """Run a statement for every row, in one transaction."""
        kept = list(rows)  # Read twice when the first attempt meets a damaged page.
        while kept:
            with self.transaction():
                try:
                    self._db.executemany(sql, kept)
                except _FAILURES as error:
                    self.recover(error)
                else:
                    return

    def transaction(self) -> "Transaction":
        """A block whose writes become visible together; inner blocks join it. Others cannot write meanwhile."""
        return Transaction(self)

    def begin(self) -> None:
        """Enter a transaction."""
        if self._depth == 0:
            self.write("BEGIN IMMEDIATE")
        self._depth += 1

    def end(self, *, commit: bool) -> None:
        """Leave a transaction; the outermost one commits or rolls back."""
        self._depth -= 1
        if self._depth == 0 and self._db.in_transaction:
            try:
                self._db.execute("COMMIT" if commit else "ROLLBACK")
            except _FAILURES as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                self.recover(error)

    def recover(self, error: Exception) -> None:
        """Leave a usable connection after damage (a row that a reader cannot decode is a `WrongRow`), or raise the
        error in terms of the user.
        """
        self.replaced += 1
        damaged = self.replaced <= _MAX_RECOVERIES and is_damage(error, self._layout, TABLES)
        moved = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_DBMOVED
        if self.replaced > _MAX_RECOVERIES or not (damaged or moved):
            raise _translated(error, self._layout) from error
        lock = _lock(self._layout)
        try:
            self._disconnect()
            # Otherwise another build has replaced it meanwhile.
            if damaged and _inode(self._layout.index) == self._inode:
                self._notice(
                    f"the index was damaged ({error}); it is now {set_aside(self._layout)}, and results are made again"
                )
        except OSError as failure:
            raise unusable(failure, self._layout.index) from failure
        finally:
            os.close(lock)
        try:
            self._open()
            if self._depth:
                self._db.execute("BEGIN IMMEDIATE")
        except _FAILURES as again:
            raise _translated(again, self._layout) from again
        self._refill()

    def when_replaced(self, refill: Callable[[], object]) -> None:
        """Have this called whenever the database was replaced by an empty one, before any further query."""
        self._refill = refill

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _open(self) -> None:
        path = self._layout.index
        self._inode = _inode(path)
        if is_irregular(self._layout):
            raise WrongRow("it is not a regular file")
        self._db = sqlite3.connect(path, timeout=self._busy_s, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._inode = _inode(path)
        # In WAL mode, NORMAL can lose the last transactions to a power cut, but never consistency: they are made again.
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
        application, version, table_count = (self._db.execute(sql).fetchone()[0] for sql in _HEADER)
        if (application, version) not in ((0, 0), (APPLICATION_ID, FORMAT)):
            if application != APPLICATION_ID or not 0 <= version <= _FORMATS:
                raise WrongRow("its header is not that of an episodec index")  # The store's own format matched.
            raise wrong_format(self._layout, f"index.db {application:#x}/{version}")
        if table_count < len(TABLES):
            self._make_tables()

    def _make_tables(self) -> None:
        # Two builds may create the first index together, and SQLite answers "busy" immediately while the journal mode
        # changes.
        lock = _lock(self._layout)
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("BEGIN IMMEDIATE")
            for statement in TABLES:
                self._db.execute(statement)
            self._db.execute(f"PRAGMA application_id={APPLICATION_ID}")
            self._db.execute(f"PRAGMA user_version={FORMAT}")
            self._db.execute("COMMIT")
        finally:
            os.close(lock)

    def _disconnect(self) -> None:
        if hasattr(self, "_db"):  # It may never have been opened.
            self._db.close()


class Transaction:
    """The `with` block of `Index.transaction`."""

    __slots__ = ("_index",)

    def __init__(self, index: Index) -> None:
        self._index = index

    def __enter__(self) -> None:
        self._index.begin()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._index.end(commit=kind is None)


_HEADER = (
    "PRAGMA application_id",
    "PRAGMA user_version",
    # Without tables that only earlier versions used.
    "SELECT count(*) FROM sqlite_master WHERE sql IS NOT NULL AND name NOT IN ('published', 'published_by')",
)


def _translated(error: Exception, layout: StoreLayout) -> StoreError:
    """SQLite's error in terms of the user."""
    code = getattr(error, "sqlite_errorcode", 0)
    sentence, hint = {
        sqlite3.SQLITE_FULL: (
            "the disk of the cache is full",
            "free some space, or run `episodec gc --max-size` with a smaller size",
        ),
        sqlite3.SQLITE_BUSY: (
            "the index of the cache is locked",
            "another program has index.db open: close it, and try again",
        ),
        sqlite3.SQLITE_READONLY: (
            "the index of the cache is read-only",
            "you must be able to write to the cache: check its owner and mode",
        ),
        sqlite3.SQLITE_CANTOPEN: (
            "the index of the cache cannot be opened",
            "the cache must exist and you must be able to write to it: check its owner and mode",
        ),
        sqlite3.SQLITE_IOERR: (
            "the index of the cache cannot be read or written",
            "the disk is full or reports errors",
        ),
    }.get(code & 0xFF, ("the index of the cache refused a statement", None))
    return StoreError(sentence, facts={"index": layout.index, "reason": error}, hint=hint)


def _lock(layout: StoreLayout) -> int:
    """An open file that holds the lock on creating and replacing the index until it is closed."""
    import fcntl  # A no-op build makes no index.

    try:
        file = os.open(f"{layout.locks}/index", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError as error:
        raise unusable(error, layout.locks) from error
    return file


def _inode(path: str) -> int | None:
    try:
        return os.stat(path).st_ino
    except FileNotFoundError:
        return None
