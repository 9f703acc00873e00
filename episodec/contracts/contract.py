"""The parts of a contract: file formats, inputs by role, params, outputs. Values only; opens no files."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from episodec.contracts.kinds import ValueKind
from episodec.digest import Canonical
from episodec.engine.backend import WorkOrder

OVERRIDES = "overrides"
"""A param that every stage may have in addition: options for the backend, which knows their names."""

ReadOutput = Callable[[Path, WorkOrder], None]
"""Opens an output of an order. Raises BackendError: a stage could not read it, or it is not what the order asks for.

It is cheap compared with making the file: it reads headers, tables and texts, and decodes nothing large.
"""


@dataclass(frozen=True, slots=True)
class Format:
    """A file format."""

    name: str
    words: str  # The requirements on such a file.


@dataclass(frozen=True, slots=True)
class CheckedFormat(Format):
    """A format of files passed between stages, with the reader that checks them."""

    read: ReadOutput


@dataclass(frozen=True, slots=True)
class InputFiles:
    """An input: files of one format under one name.

    Attributes:
        name: its key in `order.inputs`; `recording.*` has the suffix of the author's file.
        format: the format of the files.
        meaning: their content.
        many: which files there are, and their order, if there may be several.
        only: when the input is present; empty: always.
    """

    name: str
    format: Format
    meaning: str
    many: str = ""
    only: str = ""

    def has(self, role: str) -> bool:
        """Whether an action's role is this input."""
        if self.name.endswith(".*"):
            return role.partition(".")[0] == self.name.removesuffix(".*")
        return role == self.name


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter.

    Attributes:
        name: its key in `order.params`.
        kind: its allowed values.
        meaning: its meaning.
        unit: the unit of its numbers.
        only: when the parameter is present; empty: always.
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
        name: with the suffix of its format. With `many`, `view_000.png` is the first of a numbered series.
        format: the format of the file, with its reader.
        meaning: its content.
        many: which files there are, and their order, if there may be several.
        only: when the output is requested; empty: always.
    """

    name: str
    format: CheckedFormat
    meaning: str
    many: str = ""
    only: str = ""

    def has(self, name: str) -> bool:
        """Whether an action's output is this one, or of this series."""
        if not self.many:
            return name == self.name
        head, tail = self.name.split("000")
        return re.fullmatch(rf"{re.escape(head)}\d{{3,}}{re.escape(tail)}", name) is not None


@dataclass(frozen=True, slots=True)
class Contract:
    """The inputs, params and outputs of a stage, whichever backend performs it."""

    stage: str
    makes: str  # A sentence or two for authors of backends.
    inputs: tuple[InputFiles, ...]
    params: tuple[Param, ...]
    outputs: tuple[Output, ...]  # In the order in which they are checked.

    def breaches(
        self, inputs: Mapping[str, tuple[Any, ...]], params: Mapping[str, Canonical], outputs: tuple[str, ...]
    ) -> Iterator[str]:
        """Yield the ways in which an action (its roles, params and declared outputs) breaks the contract."""
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
    """Yield names that are not in the contract, and names in it that are missing."""
    for name in names:
        if not any(one.has(name) for one in contracted):
            yield f"{kind} `{name}` is not in the contract"
    for expected in contracted:
        if not expected.only and not any(map(expected.has, names)):
            yield f"{kind} `{expected.name}` is missing"
