"""Names everything under a cache root and creates its folders. Knows no content, and is light on imports.

cache/
    FORMAT CACHEDIR.TAG .gitignore
    index.db               records, history and memos (SQLite); replaced by an empty one when damaged
    blobs/ab/<30 digits>   contents, read-only, named by their digest
    incoming/              bytes on their way into blobs/ or out to dist/: same file system, so both are one rename
    damaged/               blobs that did not match their digest, and broken indexes, until gc
    scratch/<key>/         where a long action resumes; survives kills
    work/<key>/            in/ and out/ of a running action
    listen/                takes by name, to listen to, until gc
    locks/  logs/  runs/

A store of another format is refused, never misread and never moved: it may hold results that cannot be made again (a
recorded voice take), and the user may only have started the wrong version of episodec. The error names both ways out.
"""

import errno
import os

from episodec.errors import StoreError, StoreFormatError

FORMAT = 1
"""Raised when files or tables change their meaning. A new table alone does not raise it: it is created where missing.
"""

_FORMAT_WORD = "episodec-store"
_FOLDERS = ("blobs", "damaged", "incoming", "listen", "locks", "logs", "runs", "scratch", "work")
# https://bford.info/cachedir/: backup programs skip such a folder.
_CACHEDIR_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# The build cache of episodec.\n"
_HEXADECIMAL = frozenset("0123456789abcdef")


class StoreLayout:
    """The paths of a store, as absolute text, so that a change of the working folder does not move the store."""

    __slots__ = (
        "blobs",
        "damaged",
        "has_own_blobs",
        "incoming",
        "index",
        "listen",
        "locks",
        "logs",
        "root",
        "runs",
        "scratch",
        "work",
    )

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = os.path.abspath(root)
        self.index = f"{self.root}/index.db"
        self.blobs = f"{self.root}/blobs"
        self.has_own_blobs = True  # Otherwise they are another store's, and are never modified.
        self.incoming = f"{self.root}/incoming"
        self.damaged = f"{self.root}/damaged"
        self.listen = f"{self.root}/listen"
        self.locks = f"{self.root}/locks"
        self.logs = f"{self.root}/logs"
        self.runs = f"{self.root}/runs"
        self.scratch = f"{self.root}/scratch"
        self.work = f"{self.root}/work"

    def blob_of(self, digest: str) -> str:
        """The path of the content with this digest."""
        digits = digits_of(digest)
        return f"{self.blobs}/{digits[:2]}/{digits[2:]}"

    def scratch_of(self, key: str) -> str:
        """The folder in which the action of this key keeps files that survive a kill."""
        return f"{self.scratch}/{digits_of(key)}"

    def work_of(self, key: str) -> str:
        """The folder in which the action of this key runs."""
        return f"{self.work}/{digits_of(key)}"


def digits_of(digest: str) -> str:
    """The 32 hexadecimal digits of a digest or key: the only part of it that becomes a file name.

    Raises:
        StoreError: it is not a digest, so that no path outside the store can be formed.
    """
    digits = digest.rpartition(":")[2]
    if len(digits) != 32 or not _HEXADECIMAL.issuperset(digits):
        raise StoreError("this is not a digest", facts={"text": repr(digest)})
    return digits


def open_layout(root: str | os.PathLike[str]) -> StoreLayout:
    """The layout of the store at this root, with missing folders created.

    Raises:
        StoreFormatError: the store was written by another format version.
        StoreError: the folder cannot be created or written, or one in it is a link.
    """
    layout = StoreLayout(root)
    try:
        _refuse_links(layout)
        format_line = _format(layout)
        if format_line is None:
            os.makedirs(layout.root, exist_ok=True)
        elif format_line != f"{_FORMAT_WORD} {FORMAT}":
            raise wrong_format(layout, format_line)
        present = {entry.name for entry in os.scandir(layout.root)}
        for folder in _FOLDERS:
            if folder not in present:
                os.makedirs(f"{layout.root}/{folder}", exist_ok=True)
        if format_line is None:  # Last, so that a store interrupted by a kill is completed next time.
            _write_once(f"{layout.root}/CACHEDIR.TAG", _CACHEDIR_TAG)
            _write_once(f"{layout.root}/.gitignore", "*\n")
            _write_once(f"{layout.root}/FORMAT", f"{_FORMAT_WORD} {FORMAT}\n")
    except OSError as error:
        raise unusable(error, layout.root) from error
    return layout


def _refuse_links(layout: StoreLayout) -> None:
    """Refuse a store whose folders are links: files in them are written and removed, whoever owns them."""
    for folder in _FOLDERS:
        path = f"{layout.root}/{folder}"
        if os.path.islink(path):
            facts = {"folder": path, "leads to": os.path.realpath(path)}
            hint = "remove the link; only the cache folder as a whole may be a link"
            raise StoreError("a folder of the cache is a link", facts=facts, hint=hint)


def wrong_format(layout: StoreLayout, actual: object) -> StoreFormatError:
    """The error for a store that another format version wrote."""
    return StoreFormatError(
        "the cache was written by another version of episodec",
        facts={"cache": layout.root, "its format": actual, "ours": f"{_FORMAT_WORD} {FORMAT}"},
        hint=f"run the version that wrote it, or move it away: mv {layout.root} {layout.root}.old",
    )


def unusable(error: OSError, path: str | os.PathLike[str]) -> StoreError:
    """An error of the operating system in the store's terms."""
    hints = {
        errno.ENOSPC: "free some space, or run `episodec gc --max-size` with a smaller size",
        errno.EDQUOT: "your disk quota is used up: free some space, or run `episodec gc --max-size`",
        errno.EROFS: "the file system is read-only: move the cache, or mount it writable",
        errno.EACCES: "you must be able to write to the cache: check its owner and mode",
        errno.EPERM: "you must be able to write to the cache: check its owner and mode",
        errno.EIO: "the disk reports errors: check it before you continue",
        errno.ENOLCK: "the file system does not support locks: put the cache on a local disk",
    }
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return StoreError(
        "the disk of the cache is full" if full else "the cache cannot be used",
        facts={"path": error.filename or path, "reason": error.strerror or error},
        hint=hints.get(error.errno or 0),
    )


def _format(layout: StoreLayout) -> str | None:
    try:
        with open(f"{layout.root}/FORMAT", encoding="utf-8", errors="replace") as file:
            return file.read(100).strip()
    except FileNotFoundError:
        return None


def _write_once(path: str, text: str) -> None:
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
