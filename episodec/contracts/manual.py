"""Renders the contracts as a manual in Markdown for authors of backends."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from episodec.contracts.catalogue import CONTRACTS
from episodec.contracts.contract import Contract, Format, InputFiles, Output, Param

_HEAD = """\
# The stages

Generated from the contracts in `episodec/contracts/` by `episodec schema --stages`. A backend implements one or more
stages. It receives an order (`WorkOrder` in `episodec/engine/backend.py`) with:

- `order.inputs`: the files of each input, in order if there are several. `recording.*` has the suffix of the author's
  file.
- `order.params`: the parameters, as plain values. Any stage may also have `overrides`: options of the backend itself,
  which declares them ([overrides.md](overrides.md)).
- `order.outputs`: a path for each output, to which the backend writes it.

Outputs are checked before they are stored. If one does not have its [format](#formats), the action fails and nothing of
it is recorded.
"""


def stages_manual(backends: Mapping[str, Sequence[str]]) -> str:
    """All stages in the order of the data flow, then all formats; `backends`: names of the backends of each stage."""
    sections = [_section(contract, backends[stage]) for stage, contract in CONTRACTS.items()]
    rows = sorted({(one.name, one.words) for contract in CONTRACTS.values() for one in _formats(contract)})
    return "\n".join([_HEAD, *sections, "## Formats\n", *_table(("format", "requirements"), rows)])


def _formats(contract: Contract) -> Iterator[Format]:
    yield from (role.format for role in contract.inputs)
    yield from (output.format for output in contract.outputs)


def _section(contract: Contract, backends: Sequence[str]) -> str:
    done_by = ", ".join(f"`{name}`" for name in backends)
    parts = [f"## `{contract.stage}`\n", f"{contract.makes}\n", f"Implemented by {done_by}.\n"]
    parts += _table(("input", "format", "content"), map(_file, contract.inputs))
    parts += _table(("param", "value", "unit", "meaning"), map(_param, contract.params))
    parts += _table(("output", "format", "content"), map(_file, contract.outputs))
    return "\n".join(parts)


def _file(files: InputFiles | Output) -> tuple[str, ...]:
    names = f"`{files.name}` …" if files.many else f"`{files.name}`"
    return names, files.format.name, _meaning(files.meaning, files.many, files.only)


def _param(param: Param) -> tuple[str, ...]:
    return f"`{param.name}`", param.kind.words, param.unit, _meaning(param.meaning, "", param.only)


def _meaning(meaning: str, many: str, only: str) -> str:
    """The meaning, the number of files and the condition, in one cell."""
    return "; ".join(part for part in (meaning, many, f"only {only}" if only else "") if part)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table and an empty line; nothing if there are no rows."""
    lines = [_row(row) for row in rows]
    if lines:
        yield "\n".join([_row(head), "|---" * len(head) + "|", *lines, ""])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
