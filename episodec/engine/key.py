"""Action keys: a key is a value (`KeyParts`) before it is a hash, so that "why?" is a diff of two values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NewType

from episodec.digest import Canonical, Digest, digest_value, encode
from episodec.engine.action import Action, Role

ActionKey = NewType("ActionKey", str)

KEY_VERSION = 2
"""Raised when the meaning of any part of a key changes; old results then no longer match, and none is misread."""


@dataclass(frozen=True, slots=True)
class KeyParts:
    """Everything that decides an action's outputs, and nothing else."""

    stage: str
    backend: str
    fingerprint: Mapping[str, Canonical]  # Everything that changes the backend's output: code, packages, models.
    params: Mapping[str, Canonical]
    inputs: Mapping[Role, tuple[Digest, ...]]
    outputs: tuple[str, ...]
    version: int = KEY_VERSION

    def plain(self) -> dict[str, Canonical]:
        """The value as plain data, which survives JSON when no part holds bytes."""
        return {
            "stage": self.stage,
            "backend": self.backend,
            "fingerprint": self.fingerprint,
            "params": self.params,
            "inputs": {role: list(digests) for role, digests in self.inputs.items()},
            "outputs": list(self.outputs),
            "version": self.version,
        }


def key_parts(
    action: Action, fingerprint: Mapping[str, Canonical], inputs: Mapping[Role, tuple[Digest, ...]]
) -> KeyParts:
    """The parts of this action's key, once the contents of all its inputs are known."""
    return KeyParts(action.stage, action.backend, fingerprint, action.params, inputs, tuple(sorted(action.outputs)))


def action_key(parts: KeyParts) -> ActionKey:
    """The digest of the parts: equal exactly when all of them are."""
    return ActionKey(digest_value("action-key", parts.plain()))


def changed_parts(before: Mapping[str, Canonical], after: Mapping[str, Canonical]) -> Iterator[str]:
    """The dotted names of the leaves that differ between two plain `KeyParts`: `inputs.ref.npy`, `params.text`.

    Leaves differ exactly where keys do: 1 from true, a missing value from null, but a list not from a tuple.
    """
    for name in [*before, *(n for n in after if n not in before)]:
        old, new = before.get(name), after.get(name)
        if (name in before) == (name in after) and encode(old) == encode(new):
            continue
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from (f"{name}.{inner}" for inner in changed_parts(old, new))
        else:
            yield name
