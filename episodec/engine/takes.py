"""Approved takes: results of adapters that an author has locked, identified by the request, not by how it was
fulfilled.

An adapter's result cannot be made a second time, so it is content. A lock names the outputs of one action. It holds for
an action with the same `for`: stage, backend, output names, the params that the author wrote, and the contents of the
inputs. There is no fingerprint in it and no key version, so an upgrade keeps the take and an edited sentence does not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from episodec.digest import Canonical, Digest, digest_value
from episodec.engine.action import Action, ActionId, Artifact, Input, Literal, Notes, Source
from episodec.engine.key import KeyParts

Authored = Callable[[str, Mapping[str, Canonical]], Mapping[str, Canonical]]
"""The params of a stage that the author wrote: those at their default left out."""


@dataclass(frozen=True, slots=True)
class LockedOutput:
    """One output of a locked result."""

    digest: Digest
    size: int  # bytes
    sha256: str | None = None  # Known if a shared cache is used.


@dataclass(frozen=True, slots=True)
class ApprovedTake:
    """An approved result: a line of a takes file."""

    label: str  # Its action, for readers: `d13-072/voice/0003`. Nothing is decided by it.
    take_key: Digest  # `for`.
    asked: Digest  # The same, with the authors' files behind the inputs in place of the inputs' contents.
    backend: str
    made_under: Digest  # The digest of the fingerprint that it was made under.
    outputs: Mapping[str, LockedOutput]


def take_key(parts: KeyParts, authored: Authored) -> Digest:
    """The digest of everything that a lock of this action depends on."""
    return digest_value(
        "take/1",
        {
            "stage": parts.stage,
            "backend": parts.backend,
            "outputs": sorted(parts.outputs),
            "params": dict(authored(parts.stage, parts.params)),
            "inputs": {role: list(digests) for role, digests in parts.inputs.items()},
        },
    )


def asked_digest(
    name: ActionId, actions: Mapping[ActionId, Action], authored: Authored, known: dict[ActionId, Digest]
) -> Digest:
    """The digest of everything that authors decide about an action, down to their files: it changes when an author
    changes something, and not when our own code gives other bytes.

    `known` keeps the digests of the same actions between calls: actions share what they are made of.
    """
    todo = [name]
    while todo:
        action = actions[todo[-1]]
        missing = [one for one in action.needs() if one not in known]
        if missing:
            todo += missing
            continue
        known[todo.pop()] = _asked(action, known, authored)
    return known[name]


def _asked(action: Action, known: Mapping[ActionId, Digest], authored: Authored) -> Digest:
    return digest_value(
        "asked/1",
        {
            "stage": action.stage,
            "backend": action.backend,
            "outputs": sorted(action.outputs),
            "params": dict(authored(action.stage, action.params)),
            "inputs": {role: [_asked_input(one, known) for one in group] for role, group in action.inputs.items()},
        },
    )


def _asked_input(input_: Input, known: Mapping[ActionId, Digest]) -> Canonical:
    match input_:
        case Artifact(action=name, output=output):
            return [known[name], output]
        case Source(digest=digest):
            return digest
        case Literal():
            return None  # Bytes of our own lowering, from params that count themselves.
        case Notes(of=of):
            return [known[name] for _, name in of]


def made_under(fingerprint: Mapping[str, Canonical]) -> Digest:
    """The digest of a fingerprint, to see whether two results come from the same installation."""
    return digest_value("fingerprint/1", dict(fingerprint))
