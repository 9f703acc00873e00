"""The episodes that each action belongs to, and the notes of its result for their authors."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from episodec.engine.action import ActionId
from episodec.engine.cache import Record
from episodec.engine.events import Event, NoteTold
from episodec.project.loaded import LoadedEpisode


def users_of(loaded: Iterable[LoadedEpisode]) -> Mapping[ActionId, Sequence[LoadedEpisode]]:
    """The episodes that contain each action, in the order given."""
    users: dict[ActionId, list[LoadedEpisode]] = {}
    for episode in loaded:
        for name in {action.id for action in episode.lowered.actions}:
            users.setdefault(name, []).append(episode)
    return users


def tell(users: Iterable[LoadedEpisode], name: ActionId, record: Record, emit: Callable[[Event], None]) -> None:
    """Emit a result's notes for the author of each episode that it belongs to."""
    for episode in users if record.notes else ():
        for note in episode.notes_of(name, record.notes):
            emit(NoteTold(episode.spec, note))
