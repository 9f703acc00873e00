"""A plain text as blocks: headings, paragraphs, lists, tables and preformatted text, each with its lines' numbers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby, pairwise

_ITEM = re.compile(r"\s*(?:[•●▪*-]|\d{1,3}[.)])\s+\S")
_BULLET = re.compile(r"^\s*[•●▪*-]\s+")
_ROW = re.compile(r"\s*\|.*\|\s*$")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_HEADING_END = re.compile(r"[.:;!?,…)»\"”]$")
MAX_HEADING = 60  # Characters.
WRAPPED = 60  # Lines of a wrapped paragraph, except the last, are at least this long.


class BlockKind(Enum):
    """The kinds of blocks."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"
    FENCED = "fenced"  # Already marked as preformatted.
    PREFORMATTED = "preformatted"  # Lines that a paragraph would run together: code, or a table without marks.


@dataclass(frozen=True, slots=True)
class PostBlock:
    """Consecutive lines of one kind."""

    kind: BlockKind
    line: int  # The number of its first line, from 1.
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """A paragraph or heading as one line, without the marks of a heading."""
        return " ".join(" ".join(self.lines).split()).lstrip("#").strip()

    @property
    def last(self) -> int:
        """The number of its last line."""
        return self.line + len(self.lines) - 1


def read_blocks(text: str) -> list[PostBlock]:
    """The blocks of a text. In a text without blank lines, each line is a paragraph or a heading of its own."""
    lines = [line.rstrip() for line in text.removeprefix("\ufeff").splitlines()]
    written = [line for line in lines if line]
    is_dense = "" not in "\n".join(lines).strip("\n").split("\n") and len(written) > 3
    blocks = [
        PostBlock(kind, first, tuple(some))
        for start, group in _groups(lines)
        for kind, first, some in _runs(start, group, is_dense=is_dense)
    ]
    return [_named(block, following) for block, following in pairwise([*blocks, None]) if block is not None]


def _groups(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Lines between blank ones, with the number of the first; fenced text is one group with its blank lines."""
    group: list[str] = []
    fence = ""
    for number, line in enumerate([*lines, ""], 1):
        mark = _FENCE.match(line)
        if mark and not fence and group:
            yield number - len(group), group
            group = []
        if line or fence:
            group.append(line)
        if mark and (not fence or mark[0].strip() == fence):
            fence = "" if fence else mark[0].strip()
        if group and not fence and (mark or not line):
            yield number - len(group) + (1 if line else 0), group
            group = []
    if group:  # A fence that is not closed.
        yield len(lines) - len(group) + 2, group


def _runs(start: int, group: Sequence[str], *, is_dense: bool) -> Iterator[tuple[BlockKind, int, list[str]]]:
    """The parts of a group that are of one kind."""
    if _FENCE.match(group[0]):
        yield BlockKind.FENCED, start, list(group)
        return
    number = start
    for kind, run in groupby(group, _kind_of):
        lines = list(run)
        if kind is BlockKind.PARAGRAPH and is_dense:
            yield from ((kind, number + index, [line]) for index, line in enumerate(lines))
        else:
            is_whole = kind is not BlockKind.PARAGRAPH or _is_wrapped(lines)
            yield (kind if is_whole else BlockKind.PREFORMATTED), number, lines
        number += len(lines)


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Whether lines are one wrapped paragraph, not code or a table that lost its marks."""
    is_even = all(len(line) >= WRAPPED for line in lines[:-1])
    return is_even and not any(line.startswith((" ", "\t")) or line.endswith("\\") for line in lines)


def _kind_of(line: str) -> BlockKind:
    if _ROW.match(line):
        return BlockKind.TABLE
    return BlockKind.LIST if _ITEM.match(line) else BlockKind.PARAGRAPH


def _named(block: PostBlock, following: PostBlock | None) -> PostBlock:
    """The block, as a heading if it is one: a short line without a full stop, with something below it."""
    if block.kind is not BlockKind.PARAGRAPH or len(block.lines) > 1:
        return block
    line = block.lines[0].strip()
    is_short = len(line) <= MAX_HEADING and line[0].isupper() and not _HEADING_END.search(line)
    is_heading = line.startswith("#") or (is_short and following is not None)
    return PostBlock(BlockKind.HEADING, block.line, block.lines) if is_heading else block


def markdown(block: PostBlock) -> str:
    """The block in Markdown."""
    match block.kind:
        case BlockKind.HEADING:
            return block.lines[0] if block.lines[0].startswith("#") else f"## {block.text}"
        case BlockKind.LIST:
            return "\n".join(_BULLET.sub("- ", line).lstrip() for line in block.lines)
        case BlockKind.PREFORMATTED:
            return "\n".join(("```", *block.lines, "```"))
        case BlockKind.PARAGRAPH:
            return "\n".join(line.strip() for line in block.lines)
        case _:
            return "\n".join(block.lines)
