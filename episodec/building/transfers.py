"""Whole results moved between this machine's cache and the shared one: `cache push` and `cache pull`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from episodec.engine.plan import Hit, Knowledge, judge_all
from episodec.errors import SharedCacheError, UsageError
from episodec.remote.totals import Totals
from episodec.series.request import Request
from episodec.series.session import Session, linked, opened, places

PUSH_S = 24 * 3600.0  # The user waits for it and can end it by Ctrl-C.


@dataclass(frozen=True, slots=True)
class Transfer:
    """The results of the requested episodes, and what was moved."""

    actions: int
    here: int  # Results that are on this machine now.
    totals: Totals | None  # None: there was nothing to move.


def push(request: Request, notice: Callable[[str], None]) -> list[Transfer]:
    """Write the results of the requested episodes that are here to the shared cache.

    Raises:
        UsageError: there is no shared cache that this machine writes.
        SharedCacheError: it did not take all of them.
    """
    return [_pushed(session) for session in _sessions(request, notice, writes=True)]


def pull(request: Request, notice: Callable[[str], None]) -> list[Transfer]:
    """Fetch the results of the requested episodes that the shared cache has, with all contents.

    Raises:
        UsageError: there is no shared cache.
        SharedCacheError: it does not answer.
    """
    return [_pulled(session) for session in _sessions(request, notice, writes=False)]


def _sessions(request: Request, notice: Callable[[str], None], *, writes: bool) -> Iterator[Session]:
    for place, targets in places(request.targets):
        with opened(place, targets, request, notice) as session:
            if session.shared is None or (writes and session.shared.settings.write is None):
                sentence = "this machine does not write to a shared cache" if writes else "there is no shared cache"
                hint = "set `shared_cache` in your own settings: docs/shared-cache.md"
                raise UsageError(sentence, hint=hint)
            yield session


def _pushed(session: Session) -> Transfer:
    graph, known, shared = linked(session.load_selected()), session.knowledge(), session.shared
    assert shared is not None
    judged = judge_all(graph, Knowledge(known.lookup, known.last_parts, known.fingerprint))
    hits = {name: one for name, one in judged.items() if isinstance(one, Hit)}
    records = {name: one.record for name, one in hits.items()}
    for name, hit in hits.items():
        action = graph.actions[name]
        sure = session.project.backends.backend(action.backend).deterministic
        shared.offer(action, hit.key, hit.parts, records, sure=sure)
    shared.finish(PUSH_S)
    return Transfer(len(graph), len(hits), _checked(shared.totals()))


def _pulled(session: Session) -> Transfer:
    graph, shared = linked(session.load_selected()), session.shared
    assert shared is not None
    judged = judge_all(graph, session.knowledge())
    hits = [one for one in judged.values() if isinstance(one, Hit)]
    blobs = {blob.digest: blob for hit in hits for blob in hit.record.outputs.values()}
    shared.bring(blobs.values())
    store = session.cache.blobs
    here = [hit for hit in hits if all(store.has(blob.digest, blob.size) for blob in hit.record.outputs.values())]
    return Transfer(len(graph), len(here), _checked(shared.totals()))


def _checked(totals: Totals | None) -> Totals | None:
    if totals is not None and not totals.answers:
        raise SharedCacheError("the shared cache does not answer", facts={"url": totals.url})
    return totals
