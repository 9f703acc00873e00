"""The episodes that each action belongs to, and the notes of its result for their authors."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from episodec.engine.action import ActionId
from episodec.engine.cache import Record
from episodec.engine.events import Event, NoteTold
from episodec.project.loaded import Loaded


def users_of(loaded: Iterable[Loaded]) -> Mapping[ActionId, Sequence[Loaded]]:
    """The episodes that contain each action, in the order given."""
    found: dict[ActionId, list[Loaded]] = {}
    for one in loaded:
        for name in {action.id for action in one.lowered.actions}:
            found.setdefault(name, []).append(one)
    return found


def tell(users: Iterable[Loaded], name: ActionId, record: Record, emit: Callable[[Event], None]) -> None:
    """Emit a result's notes for the author of each episode that it belongs to."""
    for one in users if record.notes else ():
        for note in one.told(name, record.notes):
            emit(NoteTold(one.spec, note))
