"""The folder of a review: a page and the films that it shows, recorded in a manifest.

It is beside dist/ and has a .gitignore, so that it is neither published with dist/ nor committed.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from episodec.digest import Digest, digest_bytes, digest_chunks
from episodec.errors import PublishError
from episodec.publishing.places import kind_of_file
from episodec.store.blobs import Blobs
from episodec.wholefile import write_whole

FOLDER = "review"
MANIFEST = "manifest.json"
_PIECE = 1 << 20
_TEXTS = {".gitignore": b"*\n"}


def write_review(folder: Path, pages: Mapping[str, bytes], films: Mapping[str, Digest], blobs: Blobs) -> None:
    """Write a review; files of the previous one that this one does not have are removed, unless they were changed.

    Raises:
        PublishError: a file that episodec did not make, a folder or a link is in the way. CorruptBlob: a film is
            damaged.
    """
    owned = _owned(folder)
    texts = {**_TEXTS, **pages}
    digests = {**films, **{name: digest_bytes(content) for name, content in texts.items()}}
    for name in digests:
        _check_place(folder, name, owned)
    # Written before the files: a kill leaves none without an owner.
    _write(folder / MANIFEST, _manifest({**owned, **digests}))
    for name, digest in films.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if _digest(folder / name) != digest:
            blobs.copy_out(digest, folder / name)
    for name, content in texts.items():
        _write(folder / name, content)
    for name, digest in owned.items():
        if name not in digests and _digest(folder / name) == digest:
            (folder / name).unlink()
            with suppress(OSError):  # Not empty.
                (folder / name).parent.rmdir()
    _write(folder / MANIFEST, _manifest(digests))


def _owned(folder: Path) -> dict[str, Digest]:
    """The files of the last review, with their contents.

    Raises:
        PublishError: the folder is not a review.
    """
    hint = "name another folder with --output, or move this one away"
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise PublishError("something else is where the review belongs", facts={"path": folder}, hint=hint)
    try:
        files = json.loads((folder / MANIFEST).read_bytes())["review"]
        return {str(name): Digest(digest) for name, digest in files.items() if _is_inside(str(name))}
    except FileNotFoundError:
        if folder.exists() and any(folder.iterdir()):
            raise PublishError("the folder is not a review by episodec", facts={"path": folder}, hint=hint) from None
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PublishError("the folder is not a review by episodec", facts={"path": folder}, hint=hint) from error


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _check_place(folder: Path, name: str, owned: Mapping[str, Digest]) -> None:
    for part in PurePosixPath(name).parents:
        if (folder / part).is_symlink():
            raise PublishError("a folder of the review is a link", facts={"path": folder / part})
    try:
        kind = kind_of_file((folder / name).lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return
    if kind is not None or name not in owned:
        sentence = f"{kind or 'a file that episodec did not make'} is where a file of the review belongs"
        raise PublishError(sentence, facts={"path": folder / name}, hint="move it away, then review again")


def _digest(path: Path) -> Digest | None:
    try:
        with path.open("rb") as file:
            return digest_chunks(iter(lambda: file.read(_PIECE), b""))
    except OSError:
        return None


def _manifest(files: Mapping[str, Digest]) -> bytes:
    return (json.dumps({"review": dict(sorted(files.items()))}, indent=1, ensure_ascii=False) + "\n").encode()


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as error:
        facts = {"file": path, "reason": error.strerror or error}
        raise PublishError("a file cannot be written", facts=facts) from error
