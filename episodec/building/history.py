"""The history of each action's inputs: `why` compares with it, and durations are predicted from it."""

from episodec.digest import Digest
from episodec.engine.action import Action
from episodec.engine.cache import Record
from episodec.engine.plan import Hit, Miss, NeverMade, Remade
from episodec.store.cache import DiskCache


def remember(cache: DiskCache, action: Action, verdict: Hit | Miss, record: Record, code: Digest | None) -> bool:
    """Record the action's current inputs; whether its outputs equal the previous ones. `code`: the code of the adapter
    that made it, None for other backends.
    """
    if isinstance(verdict, Miss) and code is not None:
        cache.note_code(verdict.key, code)
    is_another = isinstance(verdict, Miss) and isinstance(verdict.reason, Remade)
    is_first = isinstance(verdict, Miss) and isinstance(verdict.reason, NeverMade)
    if not is_another and not is_first and cache.last_key(action.id) == verdict.key:
        return True
    before = None if is_first else cache.last_outputs(action.id)
    cache.remember(action.id, verdict.key, verdict.parts.plain(), record)
    return before is not None and dict(before) == dict(record.outputs)
