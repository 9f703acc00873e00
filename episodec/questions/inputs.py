"""The inputs of an action, as `why` shows them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from episodec.engine.action import Action, ActionId, Artifact, Input, Literal, Notes, Source
from episodec.engine.cache import Record
from episodec.engine.plan import Hit, Plan, input_digest
from episodec.text import count_text


@dataclass(frozen=True, slots=True)
class InputShown:
    """One input of an action."""

    role: str
    what: str  # A path, another action's output, the size of a literal in bytes, or the number of actions with notes.
    digest: str | None  # None: not made yet.


def inputs_shown(action: Action, judged: Plan) -> Iterator[InputShown]:
    """Every input, with its digest in the action's key if the actions that make it are in the cache."""
    records = {name: verdict.record for name in action.needs() if isinstance(verdict := judged[name], Hit)}
    for role, group in action.inputs.items():
        for input_ in group:
            yield InputShown(role, _what(input_), input_digest(input_, records) if _is_known(input_, records) else None)


def _is_known(input_: Input, records: Mapping[ActionId, Record]) -> bool:
    match input_:
        case Source() | Literal():
            return True
        case Artifact(action=name):
            return name in records
        case Notes(of=origins):
            return all(name in records for _, name in origins)


def _what(input_: Input) -> str:
    match input_:
        case Source(path=path):
            return path
        case Artifact(action=name, output=output):
            return f"{name}: {output}"
        case Literal(content=content):
            return f"{len(content)} bytes made by lowering"
        case Notes(of=origins):
            return f"notes of {count_text(len(origins), 'action')}"
