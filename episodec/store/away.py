"""Remote contents: fetched when they are read, and trusted only after their bytes are verified."""

import errno
from contextlib import suppress

from episodec.engine.cache import Blob, Fetch
from episodec.errors import CorruptBlob, EpisodecError
from episodec.store.blobs import Blobs
from episodec.store.layout import unusable


def bring(blobs: Blobs, blob: Blob, fetch: Fetch) -> None:
    """Fetch a remote blob into this store.

    Raises:
        CorruptBlob: it cannot be fetched, or its bytes do not match.
        StoreError: there is no room for it here.
    """
    target = blobs.incoming()
    try:
        try:
            fetch(blob, target)
            received = blobs.put_file(target)
        finally:
            with suppress(OSError):
                target.unlink()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise unusable(error, target) from error
        raise _not_fetched(blob, str(error)) from error
    except EpisodecError as error:
        raise _not_fetched(blob, error.sentence) from error
    if received != blob:  # Those bytes are a blob of their own, without a record: gc removes it.
        raise _not_fetched(blob, f"other bytes came: {received.digest}, {received.size} bytes")


def _not_fetched(blob: Blob, reason: str) -> CorruptBlob:
    facts = {"digest": blob.digest, "place": blob.place or "unknown", "reason": reason}
    return CorruptBlob("a remote stored result cannot be fetched", facts=facts, hint="it is made again")
