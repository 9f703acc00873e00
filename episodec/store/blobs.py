"""Contents by digest: read-only files that appear whole or not at all, and are verified before they are used.

Works without the index, so that workers, which have only the folder, can store their outputs.
"""

import errno
import os
import stat
import time
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from pathlib import Path

from episodec.digest import Digest, digest_bytes, digest_chunks, is_digest
from episodec.engine.cache import Blob
from episodec.errors import CorruptBlob, PublishError, StoreError
from episodec.store.blob_files import (
    CREATE,
    READ,
    chunks_of,
    cloned_chunks,
    damaged_blob,
    opened,
    refuse_unless_plain,
    unlink_quietly,
    write_all,
)
from episodec.store.layout import StoreLayout, unusable
from episodec.store.signature import Signature, is_racy, of_stat

Recover = Callable[[Digest], bool]
"""Gets a blob that this store lacks from a remote place; False if there is none. Raises CorruptBlob when that failed.
"""

LEFTOVER_PREFIX = ".episodec-"  # Outside the store, a file with this prefix is a copy that a kill interrupted.


class Blobs:
    """The contents below a store's root. `verified`: the signature under which each blob last matched its digest."""

    def __init__(
        self,
        layout: StoreLayout,
        verified: MutableMapping[Digest, Signature] | None = None,
        sync: Callable[[int], None] = os.fsync,
        recover: Recover = lambda _: False,
    ) -> None:
        self.layout = layout
        self._verified = {} if verified is None else verified
        self._sync = sync  # Of an open file or folder. The in-memory twin, which need not survive a crash, skips it.
        self._recover = recover

    def path_of(self, digest: Digest) -> Path:
        """Where the content of this digest is or would be."""
        return Path(self._path(digest))

    def has(self, digest: Digest, size: int) -> bool:
        """Whether an intact blob of this digest and size is present; a damaged one is set aside."""
        try:
            return self._check(digest).st_size == size
        except CorruptBlob:
            return False

    def open_blob(self, digest: Digest) -> Path:
        """The read-only file with this content, its bytes verified: once for as long as its signature is unchanged.

        Raises:
            CorruptBlob: the file is missing, or its bytes do not match; it was set aside and is a miss from now on.
        """
        try:
            self._check(digest)
        except CorruptBlob:
            if not self._recover(digest):
                raise
            self._check(digest)
        return self.path_of(digest)

    def incoming(self) -> Path:
        """A path at which to write a file that will be moved into the store."""
        return Path(self._temporary())

    def put_bytes(self, content: bytes) -> Blob:
        """Keep these bytes; durable on return."""
        digest = digest_bytes(content)
        temporary = self._temporary()
        try:
            file = os.open(temporary, CREATE, 0o644)
            with os.fdopen(file, "wb") as writer:
                writer.write(content)
                writer.flush()
                self._settle(writer.fileno(), temporary, digest)
        except OSError as error:
            raise unusable(error, temporary) from error
        finally:
            unlink_quietly(temporary)
        return Blob(digest, len(content))

    def put_file(self, path: str | os.PathLike[str]) -> Blob:
        """Move this file into the store, by rename where possible; durable on return. The file at `path` is gone.

        Raises:
            StoreError: it is not a plain file, something still writes to it, or the store cannot hold it.
        """
        try:
            refuse_unless_plain(path)
            with opened(path) as file:
                status = os.fstat(file)
                # A second name for the file would let its owner edit the blob; another device does not allow a rename.
                if status.st_nlink > 1 or status.st_dev != os.stat(self.layout.incoming).st_dev:
                    blob = self._put_copy(file)
                else:
                    blob = self._put_moved(file, path)
            with suppress(FileNotFoundError):  # It was renamed, unless the blob existed already.
                os.unlink(path)
        except OSError as error:
            raise unusable(error, path) from error
        return blob

    def copy_out(self, digest: Digest, destination: str | os.PathLike[str]) -> Signature:
        """Make `destination` a writable file with this content, atomically, and give back its signature.

        A reflink or a copy, never a hard link: an edit of the destination must not reach the store. The written bytes
        are digested, so a damaged blob never gets out. When both are on one file system, the copy is made in the store
        and renamed, so that a kill leaves nothing beside the destination; otherwise it is made there under
        `LEFTOVER_PREFIX`.

        Raises:
            CorruptBlob: the blob is missing or damaged (it was set aside); the destination is unchanged.
            PublishError: the destination cannot be written.
        """
        target = os.fspath(destination)
        try:
            return self._copy_out(digest, target)
        except CorruptBlob:
            if not self._recover(digest):
                raise
            return self._copy_out(digest, target)

    def _copy_out(self, digest: Digest, target: str) -> Signature:
        folder = os.path.dirname(target) or "."
        try:
            if os.stat(folder).st_dev == os.stat(self.layout.incoming).st_dev:
                try:
                    return self._replace(digest, target, self._temporary())
                except OSError as error:
                    if (
                        error.errno != errno.EXDEV
                    ):  # Two mounts of one file system are one device, but do not allow a rename across.
                        raise
            return self._replace(digest, target, f"{folder}/{LEFTOVER_PREFIX}{os.urandom(8).hex()}.tmp")
        except OSError as error:
            if error.errno == errno.EIO:  # Whose disk? If the store's, the blob is damaged.
                self._verified.pop(digest, None)
                self._check(digest)
            raise PublishError(
                "a finished file cannot be written",
                facts={"file": target, "reason": error.strerror or error},
                hint="check the free space, and that you can write to the folder",
            ) from error

    def set_aside(self, digest: Digest, status: os.stat_result | None = None) -> None:
        """Move a damaged blob to damaged/: it is a miss from now on.

        With `found`, only while the file is still the one found damaged: another build may have made it again.
        """
        self._verified.pop(digest, None)
        if not self.layout.has_own_blobs:
            return
        path = self._path(digest)
        try:
            if status is not None and of_stat(os.lstat(path)) != of_stat(status):
                return
            os.rename(path, f"{self.layout.damaged}/{digest.rpartition(':')[2]}-{os.urandom(4).hex()}")
        except FileNotFoundError:
            return
        except OSError as error:
            raise unusable(error, path) from error

    def _path(self, digest: Digest) -> str:
        if not is_digest(digest):
            raise StoreError("this is not a digest", facts={"text": repr(digest)})
        return self.layout.blob_of(digest)

    def _temporary(self) -> str:
        return f"{self.layout.incoming}/{os.getpid()}-{os.urandom(8).hex()}"

    def _check(self, digest: Digest) -> os.stat_result:
        """The stat of an intact blob. Raises: CorruptBlob, when there is none."""
        path = self._path(digest)
        try:
            status = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            self._verified.pop(digest, None)
            raise CorruptBlob("a stored result is missing", facts={"digest": digest}) from None
        except OSError as error:
            raise unusable(error, path) from error
        if self._verified.get(digest) == of_stat(status):
            return status
        observed_at_ns = time.time_ns()
        actual = self._digest_of(path) if stat.S_ISREG(status.st_mode) else None
        if actual != digest:
            self.set_aside(digest, status)
            raise damaged_blob(digest, actual)
        if not is_racy(of_stat(status), observed_at_ns):
            self._verified[digest] = of_stat(status)
        return status

    def _digest_of(self, path: str) -> Digest | None:
        """The digest of a file's bytes; None where the disk can no longer read them."""
        try:
            with opened(path) as file:
                return digest_chunks(chunks_of(file))
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in (errno.EIO, errno.ELOOP):
                return None
            raise unusable(error, path) from error

    def _put_copy(self, source: int) -> Blob:
        temporary = self._temporary()
        try:
            with opened(temporary, CREATE) as file:
                size = 0
                for chunk in chunks_of(source):
                    size += len(chunk)
                    write_all(file, chunk)
                os.lseek(file, 0, os.SEEK_SET)
                digest = digest_chunks(chunks_of(file))
                self._settle(file, temporary, digest)
        finally:
            unlink_quietly(temporary)
        return Blob(digest, size)

    def _put_moved(self, file: int, path: str | os.PathLike[str]) -> Blob:
        before = os.fstat(file)
        digest = digest_chunks(chunks_of(file))
        after = os.fstat(file)
        if of_stat(before) != of_stat(after):
            raise StoreError(
                "an output changed while it was stored",
                facts={"file": path},
                hint="a process of the tool that wrote it is still running",
            )
        self._settle(file, path, digest)
        return Blob(digest, before.st_size)

    def _settle(self, file: int, path: str | os.PathLike[str], digest: Digest) -> None:
        """Move the file at `path`, open as `file`, to its place among the blobs; sync its bytes and its name."""
        target = self._path(digest)
        folder = os.path.dirname(target)
        try:
            self._check(digest)
        except CorruptBlob:
            # Missing, or damaged and now out of the way.
            os.fchmod(file, 0o444)
            self._sync(file)
            try:
                os.mkdir(folder)
                self._sync_folder(self.layout.blobs)
            except FileExistsError:
                pass
            os.rename(path, target)  # If another process wins the race, it wrote the same bytes.
        self._sync_folder(folder)  # Also for a twin's blob, whose writer may not have got that far yet.

    def _replace(self, digest: Digest, target: str, temporary: str) -> Signature:
        try:
            self._copy_verified(digest, temporary)
            os.replace(temporary, target)
        finally:
            unlink_quietly(temporary)
        return of_stat(os.lstat(target))

    def _copy_verified(self, digest: Digest, temporary: str) -> None:
        try:
            source = os.open(self._path(digest), READ)
        except (FileNotFoundError, NotADirectoryError):
            raise CorruptBlob("a stored result is missing", facts={"digest": digest}) from None
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            self.set_aside(digest)
            raise damaged_blob(digest, None) from error
        try:
            # The default mode of a new file: the kernel applies the umask, which never has to be read.
            with opened(temporary, CREATE) as file:
                actual = digest_chunks(cloned_chunks(source, file))
                if actual != digest:
                    self.set_aside(digest, os.fstat(source))
                    raise damaged_blob(digest, actual)
                self._sync(file)
        finally:
            os.close(source)

    def _sync_folder(self, folder: str) -> None:
        with opened(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) as file:
            self._sync(file)
