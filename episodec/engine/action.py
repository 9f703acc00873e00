"""One step of a build: declared inputs, plain parameters, promised outputs. Values only; nothing runs here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

from episodec.digest import Canonical, Digest

ActionId = NewType("ActionId", str)
"""Readable and unique in a graph, `072/render/0030-0060`; never hashed, so renaming costs nothing."""

Role = str
"""The name under which an action sees an input, with the suffix its tool expects: `recording.wav`, `sentence.wav`."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """The promised output of another action."""

    action: ActionId
    output: str


@dataclass(frozen=True, slots=True)
class Source:
    """An author's file, pinned by the digest of its content; the path says where to read it and never enters a key."""

    path: str  # Relative to the project root, with forward slashes.
    digest: Digest


@dataclass(frozen=True, slots=True)
class Literal:
    """Bytes made while lowering, such as the rows of a chunk: camera, intrinsics, scene time, size.

    They hold no frame index, which is a position.
    """

    content: bytes


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of other actions, as one text (`engine.notes.notes_text`).

    Its reader runs again when that text changes; ids are not part of it.
    """

    of: tuple[tuple[str, ActionId], ...]  # Pairs of a stage and an action of it.


Input = Artifact | Source | Literal | Notes


@dataclass(frozen=True, slots=True)
class Resources:
    """The resources that an action holds while it runs. One that asks for more cpus or memory than exist runs alone."""

    cpus: int = 1
    gpus: int = 0
    memory_mib: int = 0
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One step: its stage, backend, params and the contents of its inputs decide its outputs.

    Invariant: everything a backend sees of an action is in its key, and nothing else is: `id` and `resources` are not.
    """

    id: ActionId
    stage: str
    backend: str
    outputs: tuple[str, ...]  # Names with the suffix of their format, `voice.wav`; at least one.
    params: Mapping[str, Canonical] = field(default_factory=dict)
    inputs: Mapping[Role, tuple[Input, ...]] = field(default_factory=dict)  # Order within a role is meaningful.
    resources: Resources = Resources()

    def artifact(self, output: str | None = None) -> Artifact:
        """The promise of one output; without a name, of the only one."""
        name = self.outputs[0] if output is None and len(self.outputs) == 1 else output
        if name not in self.outputs:
            raise ValueError(f"action {self.id} promises {', '.join(self.outputs)}, not {output}")
        return Artifact(self.id, name)

    def needs(self) -> frozenset[ActionId]:
        """The actions whose outputs or notes this one reads."""
        artifacts = {i.action for group in self.inputs.values() for i in group if isinstance(i, Artifact)}
        return frozenset(artifacts | {name for one in self.notes() for _, name in one.of})

    def notes(self) -> tuple[Notes, ...]:
        """The inputs that are other actions' notes."""
        return tuple(i for group in self.inputs.values() for i in group if isinstance(i, Notes))

    def sources(self) -> tuple[Source, ...]:
        """The author's files that this action reads."""
        return tuple(i for group in self.inputs.values() for i in group if isinstance(i, Source))


@dataclass(frozen=True, slots=True)
class Deliverable:
    """A file of dist/: this artifact under this name."""

    path: str  # Relative to the profile's folder in dist/, with forward slashes.
    artifact: Artifact
