"""The paths of a shared cache, and the places of its contents.

/cas/<sha256>                contents of the namespace `main`
/own/<namespace>/<sha256>    contents of every other namespace, so that its writers need no right to write /cas/
/ac/<namespace>/<name>       records
"""

from collections.abc import Iterable

from episodec.engine.cache import Blob
from episodec.remote.settings import MAIN, NAMESPACE
from episodec.remote.wire import RecordName, Sha256, is_sha256

RECORDS, MAIN_BLOBS, OWN_BLOBS = "ac", "cas", "own"
_SCHEME = "shared"  # The prefix of places in a shared cache; other places are an executor's.


def record_path(namespace: str, name: RecordName) -> str:
    """The path of a record."""
    return f"{RECORDS}/{namespace}/{name}"


def blob_path(namespace: str, sha256: str) -> str:
    """The path to which writers of this namespace write a content."""
    return f"{MAIN_BLOBS}/{sha256}" if namespace == MAIN else f"{OWN_BLOBS}/{namespace}/{sha256}"


def blob_paths(namespace: str, sha256: str) -> tuple[str, ...]:
    """The paths at which a content named by a record of this namespace may lie."""
    return tuple(dict.fromkeys((blob_path(namespace, sha256), blob_path(MAIN, sha256))))


def place_of(namespace: str, sha256: Sha256) -> str:
    """The place of a blob (`engine.cache.Blob.place`) that a record of this namespace names."""
    return f"{_SCHEME}:{namespace}:{sha256}"


def parsed_place(place: str | None) -> tuple[str, Sha256] | None:
    """The namespace and sha256 of a place in a shared cache; None for any other place."""
    scheme, _, rest = (place or "").partition(":")
    namespace, _, sha256 = rest.partition(":")
    if scheme != _SCHEME or not NAMESPACE.fullmatch(namespace) or not is_sha256(sha256):
        return None
    return namespace, Sha256(sha256)


def sha256_at(place: str | None) -> Sha256 | None:
    """The sha256 of the content at a place in a shared cache; None for any other place."""
    parsed = parsed_place(place)
    return None if parsed is None else parsed[1]


def bytes_away(blobs: Iterable[Blob]) -> int:
    """The total size of those contents that would have to be fetched from a shared cache, each counted once."""
    return sum({blob.digest: blob.size for blob in blobs if sha256_at(blob.place) is not None}.values())
