"""The client of a shared cache: objects by path on S3, GCS, Azure, HTTP or in a folder, over obstore.

It knows no records and no digests. A missing object is None; any other failure is a SharedCacheError. After the first
slow failure, or the second in a row, the cache counts as gone, and no more requests are sent.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotSupportedError
from obstore.store import AzureStore, GCSStore, HTTPStore, LocalStore, MemoryStore, S3Store

from episodec.errors import SharedCacheError
from episodec.remote.settings import SharedCacheSettings

# A server that does not answer costs one of these, less than three seconds.
CONNECT_S, ANSWER_S, STALL_S = 1.0, 2.0, 2.5
UPLOAD_S = 600.0  # The time limit of a whole object; there is no other limit on its bytes.
SLOW_S = 0.9  # A request that failed after longer is not repeated.
CHUNK_BYTES = 1 << 20
FROM_MACHINE = "from_machine"  # `credentials: {from_machine: yes}`: use those of the environment or the instance.

Store = AzureStore | GCSStore | HTTPStore | LocalStore | MemoryStore | S3Store


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """An object in a listing."""

    path: str
    size: int  # bytes
    changed_at: datetime


class Objects:
    """The objects of one shared cache. `quick` has `ANSWER_S` for a whole request; `patient`, for contents, may take as
    long as bytes keep arriving. Used by many threads.
    """

    def __init__(self, url: str, quick: Store, patient: Store) -> None:
        self.url = url
        self._quick = quick
        self._patient = patient
        self._lock = Lock()
        self._failures = 0  # Failures in a row.
        self.off: SharedCacheError | None = None  # The failure after which no more requests are sent.
        self.requests = 0

    def get(self, path: str, max_bytes: int) -> bytes | None:
        """A small object.

        Raises: SharedCacheError: it cannot be read, or is larger.
        """
        with self._asking(path) as ask:
            answer = ask(lambda: obstore.get(self._quick, path))
            if answer is None:
                return None
            if answer.meta["size"] > max_bytes:
                raise SharedCacheError("an object of the shared cache is too large", facts={"object": path})
            return bytes(answer.bytes())

    def size(self, path: str) -> int | None:
        """The size of an object in bytes."""
        with self._asking(path) as ask:
            facts = ask(lambda: obstore.head(self._quick, path))
            return None if facts is None else int(facts["size"])

    def chunks(self, path: str) -> Iterator[memoryview] | None:
        """The content of an object, in pieces as they arrive."""
        with self._asking(path) as ask:
            answer = ask(lambda: obstore.get(self._patient, path))
        return None if answer is None else self._streamed(path, answer)

    def _streamed(self, path: str, answer: Any) -> Iterator[memoryview]:
        with self._asking(path):
            for chunk in answer.stream(min_chunk_size=CHUNK_BYTES):
                yield memoryview(chunk)

    def put_file(self, path: str, file: Path) -> None:
        """Write a local file as an object. It appears whole or not at all."""
        with self._asking(path):
            obstore.put(self._patient, path, file, use_multipart=None if self._has_multipart() else False)

    def put_first(self, path: str, content: bytes) -> bool:
        """Write an object unless it exists; False if it does. Over HTTP, the last writer of a race wins."""
        with self._asking(path) as ask:
            if isinstance(self._quick, HTTPStore):
                if ask(lambda: obstore.head(self._quick, path)) is not None:
                    return False
                obstore.put(self._quick, path, content, use_multipart=False)
                return True
            try:
                obstore.put(self._quick, path, content, mode="create")
            except AlreadyExistsError:
                return False
            return True

    def replace(self, path: str, content: bytes) -> None:
        """Write an object, replacing an existing one."""
        with self._asking(path):
            obstore.put(self._quick, path, content, use_multipart=False)

    def delete(self, path: str) -> None:
        """Remove an object; a missing one is not an error."""
        with self._asking(path) as ask:
            ask(lambda: obstore.delete(self._quick, path))

    def list(self, prefix: str) -> list[ObjectFacts]:
        """All objects below a prefix.

        Raises:
            SharedCacheError: the server cannot list (plain HTTP), or does not answer.
        """
        if isinstance(self._quick, HTTPStore):
            hint = "read its files on the server, or use a store that can list: S3, GCS, Azure, a folder"
            raise SharedCacheError("a shared cache over HTTP cannot be listed", facts={"url": self.url}, hint=hint)
        with self._asking(prefix):
            parts = obstore.list(self._patient, prefix)
            return [ObjectFacts(one["path"], one["size"], one["last_modified"]) for part in parts for one in part]

    def _has_multipart(self) -> bool:
        return not isinstance(self._patient, HTTPStore)

    @contextmanager
    def _asking(self, path: str) -> Iterator[Callable[[Callable[[], Any]], Any]]:
        """A block that sends requests. The yielded function sends one and returns None if there is no object at the
        path.
        """
        if self.off is not None:
            raise self.off
        started = time.monotonic()
        self.requests += 1
        try:
            yield _or_none
        except (BaseError, OSError, ValueError) as error:  # ValueError: a wrong path or setting.
            failure = _failure(error, self.url, path)
            self._count(failure, time.monotonic() - started)
            raise failure from error
        with self._lock:
            self._failures = 0

    def _count(self, failure: SharedCacheError, seconds: float) -> None:
        with self._lock:
            self._failures += 1
            if self.off is None and (self._failures > 1 or seconds > SLOW_S):
                self.off = failure


def _or_none(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except FileNotFoundError:
        return None


def _failure(error: Exception, url: str, path: str) -> SharedCacheError:
    kind = type(error).__name__
    reasons = {"PermissionDeniedError": "permission denied", "UnauthenticatedError": "not authenticated"}
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), kind)
    reason = reasons.get(kind) or (f"{kind}: it is not supported" if isinstance(error, NotSupportedError) else first)
    return SharedCacheError("the shared cache does not answer", facts={"url": url, "object": path, "reason": reason})


def open_objects(settings: SharedCacheSettings, *, writes: bool) -> Objects:
    """The client of a shared cache. Nothing is sent yet.

    Raises:
        SharedCacheError: the URL or the credentials do not fit.
    """
    try:
        stores = [_store(settings, timeout_s, writes=writes) for timeout_s in (ANSWER_S, UPLOAD_S)]
    except (BaseError, OSError, ValueError, TypeError) as error:
        facts = {"url": settings.url, "reason": str(error).splitlines()[0] if str(error) else type(error).__name__}
        raise SharedCacheError("the shared cache cannot be opened", facts=facts) from error
    return Objects(settings.url, *stores)


def _store(settings: SharedCacheSettings, timeout_s: float, *, writes: bool) -> Store:
    """The store of a URL. Only credentials from the settings are sent; without them, requests are anonymous."""
    url, secrets = settings.url, dict(settings.credentials)
    parts = urlsplit(url)
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        if not writes and not folder.is_dir():
            raise FileNotFoundError(f"there is no folder {folder}")
        return LocalStore(folder, mkdir=writes)
    from_machine = secrets.pop(FROM_MACHINE, "") not in ("", "no", "false")
    plain = parts.scheme == "http" or secrets.get("endpoint", "").startswith("http://")
    client: dict[str, Any] = {
        "connect_timeout": timedelta(seconds=CONNECT_S),
        "timeout": timedelta(seconds=timeout_s),
        "read_timeout": timedelta(seconds=ANSWER_S if timeout_s == ANSWER_S else STALL_S),
        "allow_http": plain,
    }
    retries: Any = {"max_retries": 0, "retry_timeout": timedelta(seconds=timeout_s)}
    if parts.scheme in ("http", "https"):
        if secrets:
            client["default_headers"] = secrets
        return HTTPStore.from_url(url, client_options=client, retry_config=retries)  # type: ignore[arg-type]
    signs: dict[str, Any] = {} if from_machine or secrets.keys() - _PLAIN else {"skip_signature": True}
    kind: Any = {"s3": S3Store, "gs": GCSStore, "az": AzureStore}[parts.scheme]
    store: Store = kind.from_url(url, config={**secrets, **signs}, client_options=client, retry_config=retries)
    return store


_PLAIN = {"endpoint", "region", "virtual_hosted_style_request", "account_name"}  # Settings that are not secret.
