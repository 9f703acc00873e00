"""Writing and refreshing verifying traces; `store.traces` checks them on the no-op path."""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from episodec import canonical_json
from episodec.digest import Digest
from episodec.engine.notes import EpisodeNote, told_from_plain
from episodec.store import traces
from episodec.store.digests import FileDigests, is_text
from episodec.store.index import Index
from episodec.store.rows import WrongRow
from episodec.store.sealed import decoded, seal, unseal
from episodec.store.signature import GRAIN_NS
from episodec.store.trace_folders import TraceFolders

ABSENT = Digest("")
"""In a trace: the file was missing; if it appears, the trace is invalid."""

UNREADABLE = Digest("unreadable")
"""The digest of a path that exists but is not a readable file: no trace holds it."""


@dataclass(frozen=True, slots=True)
class Trace:
    """The files an episode was built from, its deliverables, its keys and its notes. Paths are relative to the root,
    which is the working folder.
    """

    spec: str
    own: Mapping[str, Digest]  # The spec, the files only it names, its deliverables.
    shared: Mapping[str, Digest]  # Files that other episodes depend on too; ABSENT for a missing one.
    keys: tuple[str, ...]  # Of all its actions: what gc must keep.
    notes: tuple[EpisodeNote, ...] = ()  # Their notes for the author.


@dataclass(slots=True)
class TraceLog:
    """The traces of one series under one variant (profile and overrides)."""

    index: Index
    digests: FileDigests
    series: str
    variant: str
    compiler: str
    folders: TraceFolders = field(init=False)

    def __post_init__(self) -> None:
        self.folders = TraceFolders(self.index, self.series, self.variant)

    def record(self, trace: Trace) -> bool:
        """Note that the episode is current. False, without noting anything, when a file no longer matches the trace."""
        own = _look(trace.own, self.digests)
        shared = self._shared_id(trace.shared)
        if own is None or shared is None:
            return False
        packed, racy = own
        if not self.folders.hold([*trace.own, *trace.shared]):
            return False
        with self.index.transaction():
            self.index.write("INSERT OR IGNORE INTO delivered (series, spec) VALUES (?, ?)", (self.series, trace.spec))
            self.index.write(
                "INSERT OR REPLACE INTO traces (series, variant, spec, shared, racy, signatures, files)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (self.series, self.variant, trace.spec, shared, racy, packed, "\n".join(trace.own)),
            )
            self.folders.note([*trace.own, *trace.shared])
            self.index.write(
                "INSERT OR REPLACE INTO trace_details (series, variant, spec, digests, keys) VALUES (?, ?, ?, ?, ?)",
                (self.series, self.variant, trace.spec, "\n".join(trace.own.values()), "\n".join(trace.keys)),
            )
            self._record_notes(trace)
        return True

    def notes(self) -> dict[str, tuple[EpisodeNote, ...]]:
        """The notes of the traced episodes that have some, by spec."""
        self._refuse_orphans()
        sql = "SELECT spec, told, notes FROM trace_notes WHERE series = ? AND variant = ? ORDER BY spec"
        return dict(decoded(self.index, sql, (self.series, self.variant), self._notes_of_row))

    def noted(self) -> list[str]:
        """The traced episodes with notes that their specs do not allow, sorted."""
        self._refuse_orphans()
        sql = "SELECT spec FROM trace_notes WHERE series = ? AND variant = ? AND told > 0 ORDER BY spec"
        return [row["spec"] for row in self.index.rows(sql, (self.series, self.variant))]

    def _refuse_orphans(self) -> None:
        """Treat notes without a trace as damage: it is unknown whose they were."""
        while self.index.rows(traces.ORPHANS)[0][0]:
            self.index.recover(WrongRow("there are notes of an episode without a trace"))

    def _notes_of_row(self, spec: str, count: int, sealed: str) -> tuple[str, tuple[EpisodeNote, ...]]:
        listed = canonical_json.load(unseal(sealed, self.series, self.variant, spec))
        if not isinstance(listed, list):
            raise ValueError("a row lacks a list")  # noqa: TRY004 - `decoded` takes it for damage.
        notes = tuple(map(told_from_plain, listed))
        if count != _not_allowed(notes):
            raise ValueError("a row's number of notes differs from what was written")
        return spec, notes

    def _record_notes(self, trace: Trace) -> None:
        place = (self.series, self.variant, trace.spec)
        if not trace.notes:
            self.index.write("DELETE FROM trace_notes WHERE series = ? AND variant = ? AND spec = ?", place)
            return
        sealed = seal(canonical_json.dump([one.plain() for one in trace.notes]), *place)
        sql = "INSERT OR REPLACE INTO trace_notes (series, variant, spec, told, notes) VALUES (?, ?, ?, ?, ?)"
        self.index.write(sql, (*place, _not_allowed(trace.notes), sealed))

    def refresh(self, spec: str, known: dict[int, bool], new: str | None = None) -> bool:
        """Whether an outdated trace still holds: every file whose signature changed has the same content.

        If so, its new signatures are noted. `known` remembers the answer for shared files between calls. `new`: a file
        that there is now, and that the trace must know.
        """
        if not is_text(spec):  # It has no trace.
            return False
        place = (self.series, self.variant, spec)
        sql = (
            "SELECT shared, files, digests FROM traces JOIN trace_details USING (series, variant, spec)"
            " WHERE series = ? AND variant = ? AND spec = ?"
        )
        rows = decoded(self.index, sql, place, lambda shared, *noted: (shared, _paired(*noted)))
        if not rows:
            return False
        ((shared, files),) = rows
        if shared not in known:
            known[shared] = self._refresh_shared(shared)
        is_whole = known[shared] and (new is None or new in files) and self.folders.hold(files)
        looked = _look(files, self.digests) if is_whole else None
        if looked is None:
            self.index.write(
                "UPDATE traces SET racy = 1 WHERE series = ? AND variant = ? AND spec = ? AND NOT racy", place
            )
            return False
        packed, racy = looked
        self.index.write(
            "UPDATE traces SET signatures = ?, racy = ? WHERE series = ? AND variant = ? AND spec = ?",
            (packed, racy, *place),
        )
        return True

    def changed(self, spec: str) -> list[str] | None:
        """The files that differ from those the episode was built from; None when it was never built.

        A file that exists and should not counts too. Empty when only the compiler changed.
        """
        sql = (
            "SELECT t.files, d.digests, s.files, s.digests"
            " FROM traces t JOIN trace_details d USING (series, variant, spec) JOIN shared s ON s.id = t.shared"
            " WHERE series = ? AND variant = ? AND spec = ?"
        )
        rows = decoded(
            self.index,
            sql,
            (self.series, self.variant, spec),
            lambda own, digests, *shared: {**_paired(own, digests), **_paired(*shared)},
        )
        if not rows:
            return None
        return [path for path, digest in rows[0].items() if self._content(path) != digest]

    def _content(self, path: str) -> Digest:
        try:
            return self.digests.of_watched(path)
        except OSError:
            return UNREADABLE if os.path.lexists(path) else ABSENT

    def invalidate(self, specs: Iterable[str]) -> None:
        """Invalidate the traces of these specs under every variant, though their files are unchanged. What gc must keep
        for them stays.
        """
        for spec in filter(is_text, specs):
            sql = (
                "SELECT variant, files, digests FROM trace_details JOIN traces USING (series, variant, spec)"
                " WHERE series = ? AND spec = ?"
            )
            rows = decoded(self.index, sql, (self.series, spec), lambda variant, *noted: (variant, _paired(*noted)))
            for variant, files in rows:
                noted = {**files, spec: ABSENT}  # A text that differs from the one on disk.
                place = (self.series, variant, spec)
                with self.index.transaction():
                    sql = "UPDATE traces SET racy = 1 WHERE series = ? AND variant = ? AND spec = ?"
                    self.index.write(sql, place)
                    sql = "UPDATE trace_details SET digests = ? WHERE series = ? AND variant = ? AND spec = ?"
                    self.index.write(sql, ("\n".join(noted.values()), *place))

    def forget(self, specs: Sequence[str]) -> None:
        """Drop the traces of specs that are gone, under every variant."""
        rows = [(self.series, spec) for spec in specs]
        with self.index.transaction():  # Notes without a trace are damage.
            self.index.write_many("DELETE FROM traces WHERE series = ? AND spec = ?", rows)
            self.index.write_many("DELETE FROM trace_details WHERE series = ? AND spec = ?", rows)
            self.index.write_many("DELETE FROM trace_notes WHERE series = ? AND spec = ?", rows)

    def _refresh_shared(self, shared: int) -> bool:
        sql = "SELECT files, digests FROM shared WHERE id = ? AND compiler = ?"
        rows = decoded(self.index, sql, (shared, self.compiler), _paired)
        if not rows:
            return False
        (files,) = rows
        looked = _look(files, self.digests) if self.folders.hold(files) else None
        if looked is None:
            self.index.write("UPDATE shared SET racy = 1 WHERE id = ? AND NOT racy", (shared,))
            return False
        self.index.write("UPDATE shared SET signatures = ?, racy = ? WHERE id = ?", (*looked, shared))
        return True

    def _shared_id(self, files: Mapping[str, Digest]) -> int | None:
        """The row of these shared files with these contents, created if missing.

        Invariant: a row never changes its compiler or contents. Traces that were not checked again keep the old row,
        which is out of date.
        """
        looked = _look(files, self.digests)
        if looked is None:
            return None
        packed, racy = looked
        names, contents = "\n".join(files), "\n".join(files.values())
        equal_rows = self.index.rows(
            "SELECT id FROM shared WHERE compiler = ? AND files = ? AND digests = ?", (self.compiler, names, contents)
        )
        if equal_rows:
            self.index.write(
                "UPDATE shared SET signatures = ?, racy = ? WHERE id = ? AND (signatures <> ? OR racy)",
                (packed, racy, equal_rows[0]["id"], packed),
            )
            return int(equal_rows[0]["id"])
        with self.index.transaction():
            self.index.write("DELETE FROM shared WHERE id NOT IN (SELECT shared FROM traces)")
            self.index.write(
                "INSERT INTO shared (compiler, racy, signatures, files, digests) VALUES (?, ?, ?, ?, ?)",
                (self.compiler, racy, packed, names, contents),
            )
            rows = self.index.rows("SELECT id FROM shared ORDER BY id DESC LIMIT 1")
            return rows[0]["id"] if rows else None  # The index may have been replaced since.


def _not_allowed(notes: Iterable[EpisodeNote]) -> int:
    return sum(not one.allowed for one in notes)


def pinned_keys(index: Index) -> set[str]:
    """The keys of every action of every traced episode, which gc must keep."""
    return {key for row in index.rows("SELECT keys FROM trace_details") for key in row["keys"].split("\n") if key}


def _look(files: Mapping[str, Digest], digests: FileDigests) -> tuple[bytes, int] | None:
    """The packed signatures of these files and whether one is racy; None when one has other content."""
    if any("\n" in path for path in files):
        return None  # Such a name cannot be noted; its episode is judged in every build.
    observed_at_ns = time.time_ns()
    before = traces.pack(list(files))
    for path, digest in files.items():
        try:
            current = digests.of_watched(path)
        except OSError:
            current = UNREADABLE if os.path.lexists(path) else ABSENT
        if current != digest:
            return None
    if traces.pack(list(files)) != before:
        return None
    return before, int(traces.newest_change(before) > observed_at_ns - GRAIN_NS)


def _paired(files: str, digests: str) -> dict[str, Digest]:
    """Pair paths with digests. Raises: ValueError, when their numbers differ."""
    return {path: Digest(digest) for path, digest in zip(files.split("\n"), digests.split("\n"), strict=True)}
