"""Keeping the index page: bound anew from the entries in dist/ after every build, and traced so that a no-op sees it.

The page is a folder's, not an episode's: all entries there, of whichever series, make it. So each build writes the page
that a build of everything would, however little it built itself. What stands in a page is decided in `page.index`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from episodec.digest import Digest, digest_bytes
from episodec.errors import CorruptBlob, PublishError, StoreError
from episodec.page.index import index_page, is_ours
from episodec.publishing.places import check_folders, kind_of_file
from episodec.store import traces
from episodec.store.blobs import Blobs
from episodec.store.index import Index
from episodec.store.layout import Layout
from episodec.store.locks import Lock, try_lock
from episodec.store.sealed import decoded, digest_of
from episodec.store.signature import GRAIN_NS

PAGE = "index.html"
ENTRIES = "page"  # The folder of entries, in the profile's folder of dist/.
PATIENCE_S = 60.0  # Another build binds in milliseconds.


@dataclass(frozen=True, slots=True)
class Bindery:
    """The index pages of one project, as one build of a series under one variant leaves them."""

    root: Path
    layout: Layout
    index: Index
    blobs: Blobs
    series: str  # The series' folder, relative to the root.
    variant: str
    compiler: str  # What wrote the page: another one may write another.

    def bind(self, folder: str) -> str | None:
        """Bring the page to what the entries in this folder say, and trace it; its path when it changed.

        One build at a time: each notes its entries before it comes here, so whoever is last sees those of all.

        Raises:
            PublishError: a file that is not ours, a folder or a link stands where the page belongs.
        """
        path = f"{folder}/{PAGE}"
        with self._alone():
            if self._stands(folder):
                return None
            generation = self._generation(folder)  # Before the entries are read: of younger ones no trace may say.
            entries = self._entries(folder)
            if not entries:
                changed = self._remove(folder)
                self._trace(folder, "", b"", generation)
                return path if changed else None
            page = index_page(entries, folder.partition("/")[2] or None)
            is_there = self._check_place(folder, page)
            self._own(folder)  # Before it is there.
            if not is_there:
                self._write(path, page)
            packed = self._settled(path, digest_bytes(page))
            if packed is not None:
                self._trace(folder, path, packed, generation)
            return None if is_there else path

    def would_change(self, folder: str) -> bool:
        """Whether the page is not what the entries in dist/ say now."""
        if self._stands(folder):
            return False
        entries = self._entries(folder)
        try:
            found = (self.root / folder / PAGE).read_bytes()
        except OSError:
            return bool(entries)
        return index_page(entries, folder.partition("/")[2] or None) != found if entries else is_ours(found)

    def _stands(self, folder: str) -> bool:
        """Whether the page is as the last binding left it, and no entry changed since: then nothing is read."""
        rows = self.index.rows(
            "SELECT path, signature FROM page_bindings"
            " WHERE series = ? AND variant = ? AND folder = ? AND compiler = ?",
            (self.series, self.variant, folder, self._writer()),
        )
        return bool(rows) and (not rows[0]["path"] or traces.pack([rows[0]["path"]]) == rows[0]["signature"])

    def _generation(self, folder: str) -> int:
        """How often entries of this folder changed."""
        rows = self.index.rows("SELECT generation FROM pages WHERE folder = ?", (folder,))
        return int(rows[0]["generation"]) if rows else 0

    def _own(self, folder: str) -> None:
        """Say that the page is ours."""
        sql = (
            "INSERT INTO pages (folder, generation, ours) VALUES (?, 0, 1) ON CONFLICT (folder) DO UPDATE SET ours = 1"
        )
        self.index.write(sql, (folder,))

    def _is_owned(self, folder: str) -> bool:
        return bool(self.index.rows("SELECT 1 FROM pages WHERE folder = ? AND ours = 1", (folder,)))

    def _entries(self, folder: str) -> list[str]:
        """The entries that episodes deliver in this folder, by path. One that is neither in dist/ nor in the store as
        it was delivered is left out: its episode's trace does not stand, and the build that mends it binds again.
        """
        prefix = f"{folder}/{ENTRIES}/"
        sql = (
            "SELECT path, digest FROM published_files WHERE live = 1 AND folder = ? AND path >= ? AND path < ?"
            " ORDER BY path, digest"
        )
        values = (folder, prefix, f"{prefix[:-1]}0")
        claimed: dict[str, list[Digest]] = {}
        for path, digest in decoded(self.index, sql, values, lambda path, digest: (path, digest_of(digest))):
            claimed.setdefault(path, []).append(digest)
        found = (self._entry(path, digests) for path, digests in claimed.items())
        return [content.decode() for content in found if content is not None]

    def _entry(self, path: str, digests: list[Digest]) -> bytes | None:
        """Between a claim and the writing of its file there are two digests, and the file has one of them."""
        try:
            content = (self.root / path).read_bytes()
        except OSError:
            content = b""
        if digest_bytes(content) in digests:
            return content
        for digest in digests:
            try:
                return self.blobs.open_blob(digest).read_bytes()
            except (CorruptBlob, OSError):
                continue
        return None

    def _check_place(self, folder: str, page: bytes) -> bool:
        """Whether this very page is there. Raises PublishError where something stands that we may not replace."""
        path = f"{folder}/{PAGE}"
        check_folders(self.root, path)
        try:
            kind = kind_of_file((self.root / path).lstat().st_mode)
            found = None if kind else (self.root / path).read_bytes()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise PublishError("the index page cannot be read", facts={"path": path, "reason": error}) from error
        hint = "move it away, then build again; episodec never overwrites a file that it did not make"
        if found is None:
            raise PublishError(f"{kind} stands where the index page belongs", facts={"path": path}, hint=hint)
        if found != page and not is_ours(found) and not self._is_owned(folder):
            sentence = "a file that episodec did not make stands where the index page belongs"
            raise PublishError(sentence, facts={"path": path}, hint=hint)
        return found == page

    def _write(self, path: str, page: bytes) -> None:
        blob = self.blobs.put_bytes(page)
        try:
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PublishError("a folder of dist/ cannot be made", facts={"path": path, "reason": error}) from error
        self.blobs.copy_out(blob.digest, self.root / path)

    def _remove(self, folder: str) -> bool:
        """Take out a page that no entry is left for, if it is ours as we left it."""
        path = f"{folder}/{PAGE}"
        place = self.root / path
        try:
            if kind_of_file(place.lstat().st_mode) or not is_ours(place.read_bytes()):
                return False
            check_folders(self.root, path)
            place.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            facts = {"path": path, "reason": error.strerror or error}
            raise PublishError("an index page without entries cannot be removed", facts=facts) from error
        self.index.write("UPDATE pages SET ours = 0 WHERE folder = ?", (folder,))
        return True

    def _settled(self, path: str, digest: Digest) -> bytes | None:
        """The page's signature, once the clock has moved on from it: a file as young as the look at it is not believed.
        None when it is no longer as it was written.
        """
        packed = traces.pack([path])
        time.sleep(max(0, traces.newest_change(packed) + GRAIN_NS - time.time_ns()) / 1e9)
        try:
            is_same = digest_bytes((self.root / path).read_bytes()) == digest
        except OSError:
            return None
        return packed if is_same and traces.pack([path]) == packed else None

    def _trace(self, folder: str, path: str, signature: bytes, generation: int) -> None:
        """Note how the page stands, unless entries changed since they were read."""
        self.index.write(
            "INSERT OR REPLACE INTO page_bindings (series, variant, folder, path, signature, compiler)"
            " SELECT ?, ?, ?, ?, ?, ? WHERE coalesce((SELECT generation FROM pages WHERE folder = ?), 0) = ?",
            (self.series, self.variant, folder, path, signature, self._writer(), folder, generation),
        )

    def _writer(self) -> Digest:
        return digest_bytes(self.compiler.encode())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While it lasts, no other build binds."""
        waited_until = time.monotonic() + PATIENCE_S
        while (lock := self._lock()) is None:
            if time.monotonic() > waited_until:
                raise StoreError("another build has been writing the index page for a minute")
            time.sleep(0.005)
        with lock:
            yield

    def _lock(self) -> Lock | None:
        return try_lock(f"{self.layout.locks}/index-page")
