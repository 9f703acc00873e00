"""The parts of a contract: formats of files, inputs by role, params, outputs. Values only; nothing is opened here."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from episodec.contracts.kinds import ValueKind
from episodec.digest import Canonical
from episodec.engine.backend import WorkOrder

OVERRIDES = "overrides"
"""The param that every stage may have besides: what an author asks of the backend itself, which knows its names."""

ReadOutput = Callable[[Path, WorkOrder], None]
"""Opens an output of an order. Raises BackendError: a stage that reads it could not, or it is not what was asked for.

Costs little beside making the file: it reads headers, tables and texts, and decodes nothing that is big.
"""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file."""

    name: str
    words: str  # What makes a file one of these.


@dataclass(frozen=True, slots=True)
class CheckedFormat(Format):
    """A kind of file that stages make for each other, and the reader that it must pass."""

    read: ReadOutput


@dataclass(frozen=True, slots=True)
class InputFiles:
    """An input: files of one format under one name.

    Attributes:
        name: as the backend finds it in `order.inputs`; `recording.*` has the suffix of the author's file.
        format: what kind of file it is.
        meaning: what it holds.
        many: which files there are, and in what order, where there may be several.
        only: when it is there; empty: always.
    """

    name: str
    format: Format
    meaning: str
    many: str = ""
    only: str = ""

    def has(self, role: str) -> bool:
        """Whether an action's role is this one."""
        if self.name.endswith(".*"):
            return role.partition(".")[0] == self.name.removesuffix(".*")
        return role == self.name


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter.

    Attributes:
        name: as the backend finds it in `order.params`.
        kind: which values it has.
        meaning: what it says.
        unit: of its numbers.
        only: when it is there; empty: always.
    """

    name: str
    kind: ValueKind
    meaning: str
    unit: str = ""
    only: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """An output, which the backend writes to its path in `order.outputs`.

    Attributes:
        name: with the suffix of what it holds. `view_000.png` is the first of a row of files, with `many`.
        format: what kind of file it is, and what opens it.
        meaning: what it holds.
        many: which files there are, and in what order, where there may be several.
        only: when it is asked for; empty: always.
    """

    name: str
    format: CheckedFormat
    meaning: str
    many: str = ""
    only: str = ""

    def has(self, name: str) -> bool:
        """Whether an action's output is this one, or of this row."""
        if not self.many:
            return name == self.name
        head, tail = self.name.split("000")
        return re.fullmatch(rf"{re.escape(head)}\d{{3,}}{re.escape(tail)}", name) is not None


@dataclass(frozen=True, slots=True)
class Contract:
    """What a stage takes and gives, whoever does it."""

    stage: str
    makes: str  # A sentence or two for who writes a backend.
    inputs: tuple[InputFiles, ...]
    params: tuple[Param, ...]
    outputs: tuple[Output, ...]  # In the order in which they are looked at.

    def breaches(
        self, inputs: Mapping[str, tuple[Any, ...]], params: Mapping[str, Canonical], outputs: tuple[str, ...]
    ) -> Iterator[str]:
        """What of an action, given by its roles, params and promised outputs, is not as the contract says."""
        yield from _misnamed("input", self.inputs, inputs)
        yield from _misnamed("output", self.outputs, outputs)
        for role in self.inputs:
            if not role.many:
                several = (name for name, files in inputs.items() if role.has(name) and len(files) != 1)
                yield from (f"input `{name}` has {len(inputs[name])} files, not 1" for name in several)
        kinds = {param.name: param for param in self.params}
        yield from (f"param `{name}` is missing" for name, one in kinds.items() if not one.only and name not in params)
        for name, value in params.items():
            if name == OVERRIDES:
                continue
            if name not in kinds:
                yield f"param `{name}` is not in the contract"
            elif not kinds[name].kind.accepts(value):
                yield f"param `{name}` is {value!r:.60}, not: {kinds[name].kind.words}"


def _misnamed(
    kind: str, contracted: tuple[InputFiles, ...] | tuple[Output, ...], names: Mapping[str, Any] | tuple[str, ...]
) -> Iterator[str]:
    """Names that the contract does not have, and those it has that are missing."""
    for name in names:
        if not any(one.has(name) for one in contracted):
            yield f"{kind} `{name}` is not in the contract"
    for one in contracted:
        if not one.only and not any(map(one.has, names)):
            yield f"{kind} `{one.name}` is missing"
