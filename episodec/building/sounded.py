"""An episode's new sound, put where it is found by name as soon as it is mixed."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Record
from episodec.engine.events import ActionMade, Event, SoundWritten
from episodec.errors import CorruptBlob
from episodec.project.loaded import Loaded
from episodec.series.request import HEARD
from episodec.series.session import Session


class Hearing:
    """Passes events on, and where a mix is wanted first, copies out each that was made here, and tells where."""

    def __init__(self, session: Session, emit: Callable[[Event], None]) -> None:
        self._session = session
        self._emit = emit
        self._made: set[ActionId] = set()

    def emit(self, event: Event) -> None:
        """Hear what is made."""
        if isinstance(event, ActionMade):
            self._made.add(event.id)
        self._emit(event)

    def tell(self, action: Action, episodes: Iterable[Loaded], record: Record) -> None:
        """An action has a result. A mix that is damaged already is made again anyway."""
        if not self._session.request.hears or action.stage != HEARD or action.id not in self._made:
            return
        for one in episodes:
            place = Path(self._session.cache.layout.listen, f"{one.episode.name}_mix.wav")
            with suppress(CorruptBlob):
                self._session.cache.blobs.copy_out(record.outputs["mix.wav"].digest, place)
                self._emit(SoundWritten(one.spec, str(place)))
