"""Verifying traces: for each episode, its source files and deliverables, and their signatures at that time.

While every signature is unchanged, the episode is current and nothing of it is read, parsed or lowered. This module is
the no-op path: it imports only the lightest parts of the standard library and builds no object per file
(bench/noop.py).

Two tables (`store.tables`). `shared`: files that many episodes depend on (series.yaml, the character, local settings,
files behind fingerprints), checked once. `traces`: one row per episode, its own files as lines of text beside their
signatures packed as four int64 each (mtime_ns, ctime_ns, size, inode), so that checking 300 episodes is one comparison
of bytes.
"""

import os
import sqlite3
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from operator import attrgetter

ORPHANS = (
    "SELECT count(*) FROM trace_notes n WHERE NOT EXISTS"
    " (SELECT 1 FROM traces t WHERE t.series = n.series AND t.variant = n.variant AND t.spec = n.spec)"
)
"""Notes without a trace: they are removed with it, so such a row is damaged."""

LINKS = "SELECT folder, link FROM trace_folders WHERE series = ? AND variant = ?"

SIGNATURE_BYTES = 32  # Four int64.
ROWS_AT_ONCE = 256  # Episodes covered by one comparison of bytes; bounds memory.
FORK_FROM = 800  # Episodes from which a second process is worth its 2 ms.

UNREADABLE = (sqlite3.Error, ValueError, TypeError, AttributeError, MemoryError)
"""Errors from reading a damaged index: invalid texts, and columns of other types."""

_fields = attrgetter("st_mtime_ns", "st_ctime_ns", "st_size", "st_ino")


def pack(paths: Sequence[str]) -> bytes:
    """The signatures of these files, relative to the working folder, packed.

    A missing file is four times -1, one behind a broken link four times -2.
    """
    try:
        return array("q", chain.from_iterable(map(_fields, map(os.stat, paths)))).tobytes()
    except (OSError, OverflowError, ValueError):
        return array("q", chain.from_iterable(map(_careful_fields, paths))).tobytes()


def newest_change(packed: bytes) -> int:
    """The latest ctime_ns among packed signatures."""
    return max(array("q", packed)[1::4], default=0)


def _careful_fields(path: str) -> tuple[int, ...]:
    try:
        stat = os.stat(path)
    except (OSError, ValueError):
        # A broken link is not the same as nothing: reading the file reports it.
        return (-2, -2, -2, -2) if os.path.lexists(path) else (-1, -1, -1, -1)
    # Some file systems number inodes to 2**64; they are masked to 63 bits, always in the same way.
    return tuple(int(value) & 0x7FFF_FFFF_FFFF_FFFF if value > 0 else int(value) for value in _fields(stat))


def compiler_signature(package: str) -> str:
    """The identity of this compiler: Python's version and the signatures of its source files and schemas.

    In a checkout, the schemas are beside the package.
    """
    parts = [sys.version]
    todo = [package]
    if not os.path.isdir(f"{package}/schema") and os.path.isdir(f"{os.path.dirname(package)}/schema"):
        todo.append(f"{os.path.dirname(package)}/schema")
    while todo:
        folder = todo.pop()
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if entry.name.endswith((".py", ".json", ".css", ".js")):
                parts.append(f"{entry.name}:{_fields(entry.stat())}")
            elif entry.is_dir() and entry.name != "__pycache__":
                todo.append(entry.path)
    return "\n".join(parts)


def packages_signature(packages: Iterable[str], path: Iterable[str]) -> str:
    """The identity of these top-level packages: the signature of each at its first place on the path.

    Also, from each such folder, the names of all distributions, which hold versions, and the files that Python runs
    when it starts.
    """
    missing, parts = dict.fromkeys(packages), []
    for folder in path:
        try:
            names = set(os.listdir(folder or "."))
        except OSError:
            continue
        # The folder of a command is on its path, and may hold commands of these names.
        packages_here = {one for one in missing if one in names and os.path.isdir(f"{folder}/{one}")}
        here = [one for one in missing if one in packages_here or f"{one}.py" in names]
        for name in here:
            del missing[name]
            source = f"{name}/__init__.py" if name in packages_here else f"{name}.py"
            parts.append(f"{name}:{_careful_fields(f'{folder}/{source}')}")
        if here:
            parts += sorted(name for name in names if name.endswith((".dist-info", ".egg-info")))
            starts = sorted(name for name in names if name.endswith(".pth"))  # Python runs these when it starts.
            parts += [f"{name}:{_careful_fields(f'{folder}/{name}')}" for name in starts]
        if not missing:
            break
    return "\n".join([*parts, *missing])


def standing(
    index: str, series: str, variant: str, compiler: str, first: str = "", last: str = "\U0010ffff"
) -> Iterator[tuple[str, bool]]:
    """For each trace with first <= spec < last, in order: the spec's path, and whether all its signatures are
    unchanged.

    Paths in the store are relative to the project root, which must be the working folder. Yields nothing without an
    index.
    """
    if not os.path.isfile(index):
        return
    connection = sqlite3.connect(index, isolation_level=None)
    try:
        shared = connection.execute("SELECT id, compiler, files, signatures, racy FROM shared")
        whole = {row[0]: _shared_stands(row, compiler) for row in shared}
        if not _same_links(connection.execute(LINKS, (series, variant))):
            whole = {}
        rows = connection.execute(
            "SELECT spec, shared, racy, signatures, files FROM traces"
            " WHERE series = ? AND variant = ? AND spec >= ? AND spec < ? ORDER BY spec",
            (series, variant, first, last),
        )
        while some := list(islice(rows, ROWS_AT_ONCE)):
            yield from _some_standing(some, whole)
    except UNREADABLE:  # No trace is valid; opening the store repairs the index or reports the error.
        return
    finally:
        connection.close()


def link_text(folder: str) -> str:
    """The target of a folder that is a link; empty for any other."""
    try:
        return os.readlink(folder)
    except (OSError, ValueError):
        return ""


def _same_links(noted: Iterable[tuple[str, str]]) -> bool:
    """Whether the folders of traced files are the same links as before.

    When a folder is moved out of the project and replaced by a link, its files keep their signatures.
    """
    return all(link_text(folder) == link for folder, link in noted)


def _shared_stands(row: tuple[int, str, str, bytes, int], compiler: str) -> bool:
    _, built_by, files, signatures, racy = row
    return not racy and built_by == compiler and pack(files.split("\n")) == signatures


def _some_standing(
    rows: Sequence[tuple[str, int, int, bytes, str]], whole: dict[int, bool]
) -> Iterator[tuple[str, bool]]:
    packed = pack("\n".join([row[4] for row in rows]).split("\n"))
    if packed == b"".join([row[3] for row in rows]):
        for spec, shared, racy, _, _ in rows:
            yield spec, not racy and whole.get(shared, False)
        return
    start = 0
    for spec, shared, racy, signatures, _ in rows:
        end = start + len(signatures)
        yield spec, packed[start:end] == signatures and not racy and whole.get(shared, False)
        start = end


def not_standing(
    index: str, series: str, variant: str, compiler: str, specs: Sequence[str], takes: Sequence[str] = ()
) -> tuple[list[str], list[str], int]:
    """The stale and the removed specs, and the number of specs with notes to print.

    Stale: those of `specs` (sorted) whose trace is out of date or missing. Removed: those built under any variant that
    are not in `specs`. The number counts only when all traces are valid. If they are but the index page is not, the
    first spec is named as stale: a build checks it, finds it unchanged, and writes the page.

    takes: the takes files of the series. A trace that does not know its own is out of date: it is new.
    """
    stale, gone = _both_halves(index, series, variant, compiler, specs)
    if takes:
        outdated = _without_takes(index, series, variant, takes).union(stale)
        stale = [spec for spec in specs if spec in outdated]
    delivered, is_page_standing, noted = _besides(index, series, variant, len(specs), is_all_traced=not stale)
    gone = sorted({*gone, *delivered}.difference(specs)) if gone or delivered else []
    return stale if stale or gone or is_page_standing else list(specs[:1]), gone, noted


def _without_takes(index: str, series: str, variant: str, takes: Sequence[str]) -> set[str]:
    """The specs with a takes file that their traces do not know."""
    if not os.path.isfile(index):
        return set()
    known = {}  # By the name that it has without its folder: beside its spec.
    for name in takes:
        folder, _, file = name.rpartition("/")
        known[f"{folder.removesuffix('takes')}{file}"] = name
    unknown: set[str] = set()
    connection = sqlite3.connect(index, isolation_level=None)
    try:
        sql = "SELECT spec, files FROM traces WHERE series = ? AND variant = ?"
        for spec, files in connection.execute(sql, (series, variant)):
            path = known.get(spec.removesuffix(".episode.yaml") + ".takes.yaml")
            if path is not None and path not in files.split("\n"):
                unknown.add(spec)
    except UNREADABLE:  # A build must check.
        return unknown
    finally:
        connection.close()
    return unknown


def _besides(index: str, series: str, variant: str, count: int, *, is_all_traced: bool) -> tuple[list[str], bool, int]:
    """The specs of which something may be in dist/, whether the index page is valid, and the number of specs with
    notes.

    The list is empty when these are exactly the present specs: those are all traced, every traced spec is among them,
    and the numbers agree (10 000 are counted in 0.2 ms, and read in 5).
    """
    if not os.path.isfile(index):
        return [], False, 0
    connection = sqlite3.connect(index, isolation_level=None)
    try:
        if is_all_traced:
            ((delivered_count,),) = connection.execute("SELECT count(*) FROM delivered WHERE series = ?", (series,))
            if delivered_count == count:
                sql = "SELECT count(*) FROM trace_notes WHERE series = ? AND variant = ? AND told > 0"
                ((noted,),) = connection.execute(sql, (series, variant))  # The table is mostly empty.
                ((orphans,),) = connection.execute(ORPHANS)
                return [], not orphans and page_stands(connection, series, variant), noted
        rows = connection.execute("SELECT spec FROM delivered WHERE series = ?", (series,))
        return [spec for (spec,) in rows if isinstance(spec, str)], True, 0
    except UNREADABLE:  # A build must check.
        return [], False, 0
    finally:
        connection.close()


def page_stands(connection: sqlite3.Connection, series: str, variant: str) -> bool:
    """Whether the index page and those of the characters are unchanged since the last build of the series under this
    variant.
    """
    sql = "SELECT path, signature FROM page_bindings WHERE series = ? AND variant = ?"
    row = connection.execute(sql, (series, variant)).fetchone()
    return row is not None and isinstance(row[0], str) and (not row[0] or pack(row[0].split("\n")) == row[1])


def _both_halves(
    index: str, series: str, variant: str, compiler: str, specs: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Split the work in two: it is stat calls, 2 µs each, so with many episodes and a second processor a forked child
    takes the second half.
    """
    if len(specs) < FORK_FROM or processors() < 2 or _has_threads():
        return _compare(standing(index, series, variant, compiler), specs)
    middle = len(specs) // 2
    border = specs[middle]
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(
            reader, writer, lambda: _compare(standing(index, series, variant, compiler, first=border), specs[middle:])
        )
    os.close(writer)
    stale, gone = _compare(standing(index, series, variant, compiler, last=border), specs[:middle])
    with open(reader, "rb") as pipe:
        count, *names = pipe.read().decode("utf-8", "surrogateescape").split("\0")
    _, status = os.waitpid(child, 0)
    if status != 0:  # Check the child's half here: nothing may count as current unchecked.
        more, also = _compare(standing(index, series, variant, compiler, first=border), specs[middle:])
    else:
        more, also = names[: int(count)], names[int(count) :]
    return stale + more, gone + also


def _answer(reader: int, writer: int, work: object) -> None:
    """Run the child's half, write the answer to the pipe, and exit without running anything of the parent's."""
    status = 1
    try:
        os.close(reader)
        stale, gone = work()  # type: ignore[operator]
        with open(writer, "wb") as pipe:  # A name may hold a line break, but no NUL.
            pipe.write("\0".join([str(len(stale)), *stale, *gone]).encode("utf-8", "surrogateescape"))
        status = 0
    finally:
        os._exit(status)


def _compare(traced: Iterable[tuple[str, bool]], specs: Sequence[str]) -> tuple[list[str], list[str]]:
    known = dict(traced)
    if len(known) == len(specs) and all(known.values()) and list(known) == list(specs):
        return [], []
    present = set(specs)
    gone = [spec for spec in known if spec not in present and isinstance(spec, str)]
    return [spec for spec in specs if not known.get(spec, False)], gone


def processors() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1  # Not on macOS.


def _has_threads() -> bool:
    """Whether a fork could meet a lock held by another thread."""
    threading = sys.modules.get("threading")
    return threading is not None and threading.active_count() > 1
