"""The end of a build with a shared cache: waits for what is still being written, and reports what was shared."""

from collections.abc import Callable, Collection, Mapping

from episodec.building.run_context import Stop
from episodec.engine.action import ActionId
from episodec.engine.events import Event, ResultsShared
from episodec.engine.key import ActionKey
from episodec.series.session import Session

FLUSH_S = (30.0, 2.0, 0.0)  # The longest wait, by the level at which the user wants the build to stop.


def finish_sharing(
    session: Session, keys: Mapping[ActionId, ActionKey], emit: Callable[[Event], None], stop: Stop
) -> Collection[ActionId]:
    """Wait until results are written. Returns the actions whose results another machine wrote first, with other bytes:
    the local cache has those now, and the next build uses them.
    """
    if session.shared is None:
        return ()
    earlier = set(session.shared.finish(FLUSH_S[min(stop.level, 2)]))
    totals = session.shared.totals()
    if totals is not None:
        read, written = totals.read, totals.written
        emit(
            ResultsShared(
                url=totals.url,
                hits=read.hits,
                bytes_fetched=read.bytes_fetched,
                disbelieved=read.disbelieved,
                written=written.results,
                bytes_written=written.bytes_sent,
                dropped=written.dropped,
                errors=read.errors + written.errors,
                earlier=len(earlier),
            )
        )
    return [name for name, key in keys.items() if key in earlier]
