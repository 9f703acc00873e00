"""The judge's lookup in a shared cache: an action's key as a value, with the contents of its inputs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from episodec.engine.action import Action, ActionId, Artifact, Input, Literal, Notes, Role, Source
from episodec.engine.cache import Blob, Record
from episodec.engine.key import ActionKey, KeyParts
from episodec.engine.notes import notes_text

InputContent = Blob | Source | bytes
"""The content of an input: a result, an author's file, or bytes of the order itself."""


@dataclass(frozen=True, slots=True)
class SharedLookup:
    """An action whose result is not in this machine's cache. Its key names inputs by xxh3, which other machines do not
    trust: `contents` has their bytes or places, from which a cryptographic digest is computed.
    """

    action: Action
    key: ActionKey
    parts: KeyParts
    contents: Mapping[Role, tuple[InputContent, ...]]


AskShared = Callable[[Sequence[SharedLookup]], Mapping[ActionKey, Record]]
"""The results of those lookups that a shared cache has. It raises nothing: a failed lookup counts as missing."""


def shared_lookup(action: Action, key: ActionKey, parts: KeyParts, records: Mapping[ActionId, Record]) -> SharedLookup:
    """The lookup for an action whose needs are all made."""
    contents = {role: tuple(_content(one, records) for one in group) for role, group in action.inputs.items()}
    return SharedLookup(action, key, parts, contents)


def _content(input_: Input, records: Mapping[ActionId, Record]) -> InputContent:
    match input_:
        case Artifact(action=name, output=output):
            return records[name].outputs[output]
        case Source():
            return input_
        case Literal(content=content):
            return content
        case Notes(of=of):
            return notes_text((stage, records[name].notes) for stage, name in of)
