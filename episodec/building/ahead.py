"""The first chunks that a preview's build makes, shown while the others are still being made."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress

from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Record
from episodec.errors import CorruptBlob
from episodec.series.goals import Cut

FEW = 2  # Chunks: if no more are missing, the whole preview follows immediately.
_FIRST_S = 1e5  # Added to a chunk's seconds: longer than all chains, and less than `request.SOON_S`.


def in_film_order(seconds: Callable[[Action], float], cut: Cut) -> Callable[[Action], float]:
    """The seconds of actions for the order of starts, in which a cut's chunks come in the film's order."""
    places: dict[ActionId, int] = {}
    for place, chunk in enumerate(cut.chunks):
        places.setdefault(chunk.action, place)

    def urgent(action: Action) -> float:
        place = places.get(action.id)
        return seconds(action) if place is None else _FIRST_S - place

    return urgent


def touched(cut: Cut, executed: Collection[ActionId], known: Collection[ActionId]) -> Cut | None:
    """The first chunks in a row that this build made, if more than a few are still missing; None before that, or while
    the sound is not made.

    executed: the actions that this build made; known: all whose results are there.
    """
    missing = sum(chunk.action not in known for chunk in cut.chunks)
    if missing <= FEW or (cut.sound is not None and cut.sound.action not in known):
        return None
    is_new = [chunk.action in executed and chunk.action in known for chunk in cut.chunks]
    if not any(is_new):
        return None
    first = is_new.index(True)
    end = is_new.index(False, first) if False in is_new[first:] else len(is_new)
    return cut.part(first, end)


class FramesAhead:
    """Writes the first new chunks of a cut once, as soon as they are made."""

    def __init__(self, cut: Cut, write: Callable[[Cut, Mapping[ActionId, Record]], object]) -> None:
        self._cut = cut
        self._write = write
        self._records: dict[ActionId, Record] = {}
        self._is_written = False

    def tell(self, name: ActionId, record: Record, executed: Collection[ActionId]) -> None:
        """Process a result. A damaged one is skipped: it is made again anyway."""
        self._records[name] = record
        if self._is_written or name not in executed:
            return
        part = touched(self._cut, executed, self._records)
        if part is not None:
            self._is_written = True
            with suppress(CorruptBlob):
                self._write(part, self._records)
