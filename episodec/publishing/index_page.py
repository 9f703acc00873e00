"""The index page: rebuilt from the entries in dist/ after every build, and traced for the no-op path.

The page belongs to a folder, not to an episode or series: it is made of all entries there. So each build writes the
page that a full build would write, however little it built itself. The contents of a page are decided in `page.index`.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from episodec.digest import Digest, digest_bytes
from episodec.errors import CorruptBlob, PublishError, StoreError
from episodec.page.index import index_page, is_ours
from episodec.publishing.character_pages import CharacterPages
from episodec.publishing.places import check_folders, kind_of_file
from episodec.store import traces
from episodec.store.blobs import Blobs
from episodec.store.index import Index
from episodec.store.layout import StoreLayout
from episodec.store.locks import Lock, try_lock
from episodec.store.sealed import decoded, digest_of
from episodec.store.signature import GRAIN_NS

PAGE = "index.html"
ENTRIES = "page"  # The folder of entries, in the profile's folder of dist/.
PATIENCE_S = 60.0  # Another build writes its page in milliseconds.


@dataclass(frozen=True, slots=True)
class IndexPage:
    """Writes the index pages of one project, for a build of one series under one variant."""

    root: Path
    layout: StoreLayout
    index: Index
    blobs: Blobs
    series: str  # The series' folder, relative to the root.
    variant: str
    compiler: str  # The compiler that wrote the page: another one may write it differently.

    def write(self, folder: str) -> str | None:
        """Update the page from the entries in this folder, and trace it; its path if it changed.

        One build at a time: each records its entries before it comes here, so the last one sees them all.

        Raises:
            PublishError: a file that episodec did not make, a folder or a link is where the page belongs.
        """
        path = f"{folder}/{PAGE}"
        with self._alone():
            if self._stands(folder):
                return None
            generation = self._generation(folder)  # Read before the entries: the trace must not cover newer ones.
            entries = self._entries(folder)
            if not entries:
                changed = self._remove(folder)
                self._trace(folder, "", b"", generation)
                return path if changed else None
            page = index_page(entries, folder.partition("/")[2] or None)
            is_there = self._check_place(folder, page)
            self._own(folder)  # Before the page is written.
            if not is_there:
                self._write_file(path, page)
            paths = [path, *self._characters().paths(folder)]
            packed = self._settled(paths, digest_bytes(page))
            if packed is not None:
                self._trace(folder, "\n".join(paths), packed, generation)
            return None if is_there else path

    def write_characters(self, folder: str) -> tuple[str, ...]:
        """Update the pages of the characters in this folder; the paths of those that changed. Comes before `write`,
        which traces them with the index page.

        Raises:
            PublishError: as `write`.
        """
        with self._alone():
            return self._characters().write(folder)

    def _characters(self) -> CharacterPages:
        return CharacterPages(self.root, self.index, self.blobs)

    def would_change(self, folder: str) -> bool:
        """Whether the page differs from what the entries in dist/ would give now."""
        if self._stands(folder):
            return False
        entries = self._entries(folder)
        try:
            content = (self.root / folder / PAGE).read_bytes()
        except OSError:
            return bool(entries)
        return index_page(entries, folder.partition("/")[2] or None) != content if entries else is_ours(content)

    def _stands(self, folder: str) -> bool:
        """Whether the page is as it was last written and no entry has changed since. Nothing else is read."""
        rows = self.index.rows(
            "SELECT path, signature FROM page_bindings"
            " WHERE series = ? AND variant = ? AND folder = ? AND compiler = ?",
            (self.series, self.variant, folder, self._writer()),
        )
        if not rows:
            return False
        paths = str(rows[0]["path"])
        return not paths or traces.pack(paths.split("\n")) == rows[0]["signature"]

    def _generation(self, folder: str) -> int:
        """How often entries of this folder have changed."""
        rows = self.index.rows("SELECT generation FROM pages WHERE folder = ?", (folder,))
        return int(rows[0]["generation"]) if rows else 0

    def _own(self, folder: str) -> None:
        """Record that the page is episodec's."""
        sql = (
            "INSERT INTO pages (folder, generation, ours) VALUES (?, 0, 1) ON CONFLICT (folder) DO UPDATE SET ours = 1"
        )
        self.index.write(sql, (folder,))

    def _is_owned(self, folder: str) -> bool:
        return bool(self.index.rows("SELECT 1 FROM pages WHERE folder = ? AND ours = 1", (folder,)))

    def _entries(self, folder: str) -> list[str]:
        """The entries that episodes deliver in this folder, by path. An entry that is missing or changed both in dist/
        and in the store is left out: its episode's trace fails, and the build that restores it writes the page again.
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
        entries = (self._entry(path, digests) for path, digests in claimed.items())
        return [content.decode() for content in entries if content is not None]

    def _entry(self, path: str, digests: list[Digest]) -> bytes | None:
        """The entry's content: the file in dist/ or, if it does not have a claimed digest, the blob. While a new
        version is being written, both its digest and the old one are claimed.
        """
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
        """Whether this very page is there. Raises PublishError if the file in its place must not be replaced."""
        path = f"{folder}/{PAGE}"
        check_folders(self.root, path)
        try:
            kind = kind_of_file((self.root / path).lstat().st_mode)
            content = None if kind else (self.root / path).read_bytes()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise PublishError("the index page cannot be read", facts={"path": path, "reason": error}) from error
        hint = "move it away, then build again; episodec never overwrites a file that it did not make"
        if content is None:
            raise PublishError(f"{kind} is where the index page belongs", facts={"path": path}, hint=hint)
        if content != page and not is_ours(content) and not self._is_owned(folder):
            sentence = "a file that episodec did not make is where the index page belongs"
            raise PublishError(sentence, facts={"path": path}, hint=hint)
        return content == page

    def _write_file(self, path: str, page: bytes) -> None:
        blob = self.blobs.put_bytes(page)
        try:
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PublishError("a folder in dist/ cannot be created", facts={"path": path, "reason": error}) from error
        self.blobs.copy_out(blob.digest, self.root / path)

    def _remove(self, folder: str) -> bool:
        """Remove a page that has no entries left, if episodec wrote it and nobody changed it."""
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

    def _settled(self, paths: Sequence[str], digest: Digest) -> bytes | None:
        """The signature of the page, the first path, and of the characters' pages, taken once the clock has moved on;
        None if the page is not as it was written. An earlier signature could miss a change within one tick of the
        clock.
        """
        packed = traces.pack(paths)
        time.sleep(max(0, traces.newest_change(packed) + GRAIN_NS - time.time_ns()) / 1e9)
        try:
            is_same = digest_bytes((self.root / paths[0]).read_bytes()) == digest
        except OSError:
            return None
        return packed if is_same and traces.pack(paths) == packed else None

    def _trace(self, folder: str, path: str, signature: bytes, generation: int) -> None:
        """Record the page's signature, unless entries changed since they were read."""
        self.index.write(
            "INSERT OR REPLACE INTO page_bindings (series, variant, folder, path, signature, compiler)"
            " SELECT ?, ?, ?, ?, ?, ? WHERE coalesce((SELECT generation FROM pages WHERE folder = ?), 0) = ?",
            (self.series, self.variant, folder, path, signature, self._writer(), folder, generation),
        )

    def _writer(self) -> Digest:
        return digest_bytes(self.compiler.encode())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock that keeps other builds from writing the page."""
        waited_until = time.monotonic() + PATIENCE_S
        while (lock := self._lock()) is None:
            if time.monotonic() > waited_until:
                raise StoreError("another build has been writing the index page for a minute")
            time.sleep(0.005)
        with lock:
            yield

    def _lock(self) -> Lock | None:
        return try_lock(f"{self.layout.locks}/index-page")
