"""An episode's new sound, put where it is found by name as soon as it is mixed."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from episodec.engine.cache import Record
from episodec.engine.events import Event, SoundWritten
from episodec.errors import CorruptBlob
from episodec.project.loaded import Loaded
from episodec.series.session import Session


def sounded(session: Session, episodes: Iterable[Loaded], record: Record, emit: Callable[[Event], None]) -> None:
    """Copy a mix out for each of its episodes, and tell where. One that is damaged already is made again anyway."""
    for one in episodes:
        place = Path(session.cache.layout.listen, f"{one.episode.name}_mix.wav")
        with suppress(CorruptBlob):
            session.cache.blobs.copy_out(record.outputs["mix.wav"].digest, place)
            emit(SoundWritten(one.spec, str(place)))
