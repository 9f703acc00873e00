"""Copies of new mixes under their episodes' names, written as soon as each is mixed."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Record
from episodec.engine.events import ActionMade, Event, SoundWritten
from episodec.errors import CorruptBlob
from episodec.project.loaded import LoadedEpisode
from episodec.series.request import HEARD
from episodec.series.session import Session


class Hearing:
    """Forwards events; if mixes are wanted first, copies out each one that this build makes, and reports its path."""

    def __init__(self, session: Session, emit: Callable[[Event], None]) -> None:
        self._session = session
        self._emit = emit
        self.executed: set[ActionId] = set()

    def emit(self, event: Event) -> None:
        """Note which actions were made, and pass the event on."""
        if isinstance(event, ActionMade):
            self.executed.add(event.id)
        self._emit(event)

    def tell(self, action: Action, episodes: Iterable[LoadedEpisode], record: Record) -> None:
        """Copy out an action's mix, if it is wanted. A damaged one is skipped: it is made again anyway."""
        if not self._session.request.hears or action.stage != HEARD or action.id not in self.executed:
            return
        for episode in episodes:
            place = Path(self._session.cache.layout.listen, f"{episode.episode.name}_mix.wav")
            with suppress(CorruptBlob):
                self._session.cache.blobs.copy_out(record.outputs["mix.wav"].digest, place)
                self._emit(SoundWritten(episode.spec, str(place)))
