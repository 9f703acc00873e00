"""The page of each character in dist/: a copy of the viewer of its newest episode that has one.

Like the index page it belongs to a folder, and is made of what all episodes deliver there: each build leaves the pages
that a full build would leave. Which episode is the newest is read from the viewers themselves.
"""

from dataclasses import dataclass
from pathlib import Path

from episodec.digest import Digest, digest_bytes
from episodec.errors import CorruptBlob, PublishError
from episodec.page.viewer.head import HEAD_BYTES, ViewerHead, newest_of, viewer_head
from episodec.publishing.places import check_folders, kind_of_file
from episodec.store.blobs import Blobs
from episodec.store.index import Index
from episodec.store.sealed import decoded, digest_of

VIEWERS = "viewer"  # The folder of viewers, in the profile's folder of dist/.


@dataclass(frozen=True, slots=True)
class CharacterPages:
    """Writes and removes the pages of the characters of one project."""

    root: Path
    index: Index
    blobs: Blobs

    def write(self, folder: str) -> tuple[str, ...]:
        """Update the pages in this profile's folder; the paths of those that were written or removed.

        Raises:
            PublishError: a file that episodec did not make, a folder or a link is where a page belongs.
        """
        pages = self._pages(folder)
        changed = [path for path, content in sorted(pages.items()) if self._put(path, content)]
        return (*changed, *(path for path in self._owned(folder) if path not in pages and self._remove(path)))

    def paths(self, folder: str) -> list[str]:
        """The pages that episodec has written in this folder."""
        return self._owned(folder)

    def _pages(self, folder: str) -> dict[str, bytes]:
        """The newest viewer of each character, by the path of its page. A path that an episode delivers is left out."""
        claims = self._claims(folder)
        # One without a head is missing in dist/ and in the store: the build that restores it writes the page again.
        heads = [(head, claim) for claim in claims if (head := self._head(*claim)) is not None]
        pages = {f"{folder}/{VIEWERS}/{name}.html": claim for name, claim in newest_of(heads).items()}
        delivered = {path for path, _ in claims}
        return {place: self._content(*claim) for place, claim in pages.items() if place not in delivered}

    def _claims(self, folder: str) -> list[tuple[str, Digest]]:
        prefix = f"{folder}/{VIEWERS}/"
        sql = (
            "SELECT path, digest FROM published_files WHERE live = 1 AND folder = ? AND path >= ? AND path < ?"
            " ORDER BY path, digest"
        )
        values = (folder, prefix, f"{prefix[:-1]}0")
        return decoded(self.index, sql, values, lambda path, digest: (path, digest_of(digest)))

    def _head(self, path: str, digest: Digest) -> ViewerHead | None:
        for file in self._files(path, digest):
            try:
                with file.open("rb") as content:
                    return viewer_head(content.read(HEAD_BYTES))
            except OSError:
                continue
        return None

    def _content(self, path: str, digest: Digest) -> bytes:
        """The viewer's bytes. Raises PublishError: it is neither in dist/ nor in the store."""
        for file in self._files(path, digest):
            try:
                content = file.read_bytes()
            except OSError:
                continue
            if digest_bytes(content) == digest:
                return content
        raise PublishError("a viewer is missing in dist/ and in the store", facts={"path": path}, hint="build again")

    def _files(self, path: str, digest: Digest) -> list[Path]:
        """The blob, if the store has it, and the file in dist/."""
        try:
            return [self.blobs.open_blob(digest), self.root / path]
        except (CorruptBlob, OSError):
            return [self.root / path]

    def _put(self, path: str, content: bytes) -> bool:
        """Write a page unless it is there; whether it was written."""
        check_folders(self.root, path)
        place = self.root / path
        hint = "move it away, then build again; episodec never overwrites a file that it did not make"
        try:
            kind = kind_of_file(place.lstat().st_mode)
            present = b"" if kind else place.read_bytes()
        except FileNotFoundError:
            kind, present = None, None
        except OSError as error:
            raise PublishError("a character's page cannot be read", facts={"path": path, "reason": error}) from error
        if kind is not None:
            raise PublishError(f"{kind} is where a character's page belongs", facts={"path": path}, hint=hint)
        if present is not None and present != content and path not in self._owned(path.rpartition(f"/{VIEWERS}/")[0]):
            sentence = "a file that episodec did not make is where a character's page belongs"
            if viewer_head(present[:HEAD_BYTES]) is None:
                raise PublishError(sentence, facts={"path": path}, hint=hint)
        self.index.write("INSERT OR REPLACE INTO pages (folder, generation, ours) VALUES (?, 0, 1)", (path,))
        if present == content:
            return False
        blob = self.blobs.put_bytes(content)
        place.parent.mkdir(parents=True, exist_ok=True)
        self.blobs.copy_out(blob.digest, place)
        return True

    def _owned(self, folder: str) -> list[str]:
        """The pages of characters on record, whose rows of `pages` have their own paths as folders."""
        prefix = f"{folder}/{VIEWERS}/"
        sql = "SELECT folder FROM pages WHERE ours = 1 AND folder >= ? AND folder < ? ORDER BY folder"
        return [str(row["folder"]) for row in self.index.rows(sql, (prefix, f"{prefix[:-1]}0"))]

    def _remove(self, path: str) -> bool:
        """Remove a page whose character has no viewer any more; one that is no viewer stays."""
        place = self.root / path
        self.index.write("DELETE FROM pages WHERE folder = ?", (path,))
        if any(claim == path for claim, _ in self._claims(path.rpartition(f"/{VIEWERS}/")[0])):
            return False
        try:
            if kind_of_file(place.lstat().st_mode) or viewer_head(place.read_bytes()[:HEAD_BYTES]) is None:
                return False
            check_folders(self.root, path)
            place.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            facts = {"path": path, "reason": error.strerror or error}
            raise PublishError("a character's page cannot be removed", facts=facts) from error
        return True
