"""The shared cache of an open series: chosen by settings and series.yaml, opened when the first result is missing here.
Until then its client is not imported and nothing is sent.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Blob, Fetch, Record
from episodec.engine.key import ActionKey, KeyParts
from episodec.engine.shared import SharedLookup, shared_lookup
from episodec.errors import EpisodecError, SharedCacheError
from episodec.extras import missing_extra_error
from episodec.project.settings import LocalSettings
from episodec.remote.layout import sha256_at
from episodec.remote.settings import SharedCacheSettings, chosen_cache
from episodec.remote.totals import Totals
from episodec.series.request import Request
from episodec.store.cache import DiskCache


class Forgettable(Protocol):
    """Results in a shared cache that can be removed: `remote.shared_cache.Doomed`."""

    @property
    def results(self) -> int:
        """How many records."""
        ...

    @property
    def size(self) -> int:
        """The bytes of their contents."""
        ...

    @property
    def elsewhere(self) -> Mapping[str, int]:
        """How many such records other namespaces have, by name."""
        ...

    def remove(self) -> None:
        """Remove them."""
        ...


class OpenCache(Protocol):
    """A shared cache that is open: `remote.shared_cache.SharedCache`."""

    def ask(self, lookups: Sequence[SharedLookup]) -> Mapping[ActionKey, Record]:
        """See `engine.shared.AskShared`."""
        ...

    def fetch(self, blob: Blob, target: Path) -> None:
        """See `engine.cache.Fetch`."""
        ...

    def bring(self, blobs: Sequence[Blob]) -> None:
        """Fetch contents that are not here, several at a time."""
        ...

    def refusal(self, lookup: SharedLookup) -> str | None:
        """Why a record was not trusted, if there is one."""
        ...

    def offer(self, lookup: SharedLookup, record: Record, *, deterministic: bool) -> bool:
        """Queue a result for writing in the background; whether it will be written."""
        ...

    def finish(self, limit_s: float) -> Sequence[ActionKey]:
        """Wait until all results are written; the keys whose results others wrote first."""
        ...

    def forgettable(self, sha256s: Collection[str]) -> Forgettable:
        """The results made of these contents, directly or not."""
        ...

    def totals(self) -> Totals:
        """Counts of the reads and writes so far."""
        ...


class Sharing:
    """The shared cache of one series, or none."""

    def __init__(
        self,
        settings: SharedCacheSettings,
        cache: DiskCache,
        root: str,
        notice: Callable[[str], None],
        other: Fetch | None,  # Fetches results from an executor's machines.
    ) -> None:
        self.settings = settings
        self._cache = cache
        self._root = root
        self._notice = notice
        self._other = other
        self._open: OpenCache | None = None
        self._is_unusable = False

    def ask(self, lookups: Sequence[SharedLookup]) -> Mapping[ActionKey, Record]:
        """See `engine.shared.AskShared`."""
        opened = self._opened() if lookups else None
        return {} if opened is None else opened.ask(lookups)

    def fetch(self, blob: Blob, target: Path) -> None:
        """See `engine.cache.Fetch`."""
        if sha256_at(blob.place) is None:
            if self._other is None:
                raise SharedCacheError(
                    "this result is on a machine that takes no part in this build", facts={"place": blob.place}
                )
            self._other(blob, target)
            return
        opened = self._opened()
        if opened is None:
            raise SharedCacheError("the shared cache cannot be used")
        opened.fetch(blob, target)

    def bring(self, blobs: Iterable[Blob]) -> None:
        """Fetch those of these contents that are in the shared cache and not here, several at a time.

        A content that cannot be fetched fails when it is opened.
        """
        away = [blob for blob in blobs if sha256_at(blob.place) is not None]
        if away and (opened := self._opened()) is not None:
            opened.bring(away)

    def offer(
        self, action: Action, key: ActionKey, parts: KeyParts, records: Mapping[ActionId, Record], *, sure: bool
    ) -> None:
        """Queue an action's result for writing in the background; `records` holds it and those of its needs."""
        if self.settings.write is not None and (opened := self._opened()) is not None:
            opened.offer(shared_lookup(action, key, parts, records), records[action.id], deterministic=sure)

    def refusal(
        self, action: Action, key: ActionKey, parts: KeyParts, records: Mapping[ActionId, Record]
    ) -> str | None:
        """Why a record for this action was not trusted, if there is one."""
        return None if self._open is None else self._open.refusal(shared_lookup(action, key, parts, records))

    def finish(self, limit_s: float) -> Sequence[ActionKey]:
        """See `remote.shared_cache.SharedCache.finish`."""
        return () if self._open is None else self._open.finish(limit_s)

    def forgettable(self, sha256s: Collection[str]) -> Forgettable:
        """The results made of these contents, directly or not.

        Raises:
            SharedCacheError: it does not answer, or cannot list what it has.
        """
        opened = self._opened()
        if opened is None:
            raise SharedCacheError("the shared cache cannot be used", facts={"url": self.settings.url})
        return opened.forgettable(sha256s)

    def totals(self) -> Totals | None:
        """Counts of reads and writes; None if nothing was missing here."""
        return None if self._open is None else self._open.totals()

    def _opened(self) -> OpenCache | None:
        if self._open is None and not self._is_unusable:
            try:
                from episodec.remote.shared_cache import SharedCache  # Its client comes with an extra.

                self._open = SharedCache(self.settings, self._cache, self._root, self._notice)
            except ModuleNotFoundError as error:
                self._refuse(missing_extra_error(error) or error)
            except EpisodecError as error:
                self._refuse(error)
        return self._open

    def _refuse(self, error: Exception) -> None:
        self._is_unusable = True
        if not isinstance(error, EpisodecError):
            raise error
        hint = f" ({error.hint})" if error.hint else ""
        self._notice(f"the shared cache {self.settings.url} is not used: {error.sentence}{hint}")


@dataclass(frozen=True, slots=True)
class SharedChoice:
    """The facts that decide which shared cache is used."""

    settings: LocalSettings
    named: str | None  # The URL in series.yaml.
    request: Request


def sharing(choice: SharedChoice, cache: DiskCache, root: str, notice: Callable[[str], None]) -> Sharing | None:
    """The shared cache of a series, which `cache` fetches from; None if none is used. `notice` receives a sentence
    about one that is not used.

    Raises: SettingsError: environment variables are wrong.
    """
    request, settings = choice.request, choice.settings
    chosen = chosen_cache(settings.shared_cache, settings.trusted_caches, choice.named, request.environment)
    if chosen.notice is not None:
        notice(chosen.notice)
    if chosen.settings is None:
        return None
    shared = Sharing(chosen.settings, cache, root, notice, request.fetch)
    cache.use_fetch(shared.fetch)
    return shared
