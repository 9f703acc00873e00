"""The canonical form of a spec: fields in the schema's order, quotes only where needed, texts as blocks, comments kept.

Never changes the parsed value: the result is read again and compared before it is returned.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from episodec.digest import encode
from episodec.errors import ProjectError, RejectedSpecs
from episodec.spec.diagnostic import has_errors
from episodec.spec.document import Document
from episodec.spec.layout import BLANK, Collection, LayoutEntry, Scalar, lay_out
from episodec.spec.reader import read
from episodec.spec.scalars import is_ambiguous, resolve
from episodec.spec.schema import Kind, Language

WIDTH = 100  # The longest line for a list in brackets.
INDENT = "  "
MODELINE = "# yaml-language-server:"

_FOLDED = re.compile(r">(-?)\s*(#.*)?")


def format_text(text: str, kind: Kind, language: Language) -> str:
    """The canonical form of a spec's text.

    Raises:
        RejectedSpecs: the text is not YAML that the reader accepts.
        ProjectError: the canonical form would have another meaning (a bug in episodec): nothing may be written.
    """
    document, diagnostics = read(text.encode(), "")
    if document is None or has_errors(diagnostics):
        raise RejectedSpecs(
            f"only a readable spec can be formatted: {diagnostics[0].message}", facts={"code": diagnostics[0].code}
        )
    return format_document(document, kind, language)


def format_document(document: Document, kind: Kind, language: Language) -> str:
    """The canonical form of a document that was read without errors.

    Raises:
        ProjectError: see `format_text`.
    """
    layout = lay_out(_ends_with_newline(document.text.replace("\r\n", "\n")))
    before = sorted(layout.comments())
    header = _take_header(layout)
    _reorder(layout, language.schemas[kind], language.schemas[kind])
    text = "\n".join([*header, *_without_leading_blank(_Printer().block(layout, ""))]) + "\n"
    _prove(document, text, before)
    return text


def write_text(text: str) -> str:
    """A text as a scalar on one line, quoted where necessary."""
    return _in_line(Scalar(text, text, is_plain=False, style=None), in_flow=False)


def _ends_with_newline(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def _prove(document: Document, text: str, comments: list[str]) -> None:
    again, _ = read(text.encode(), document.path)
    same = again is not None and _fingerprint(again) == _fingerprint(document)
    if not same or sorted(lay_out(text).comments()) != comments:
        raise ProjectError(
            "the canonical form of this spec would have another meaning",
            facts={"file": document.path},
            hint="this is a bug in episodec: the file is unchanged; please report it",
        )


def _fingerprint(document: Document) -> bytes:
    tree: Any = document.tree
    return encode(tree)  # Distinguishes 1, 1.0, true and "1", and ignores the order of keys.


def _take_header(layout: Collection) -> list[str]:
    """The comments that belong to the file rather than to its first field; the modeline comes first."""
    if not layout.entries:
        return []
    lead = layout.entries[0].lead
    marks = [index for index, line in enumerate(lead) if line == BLANK or line.startswith(MODELINE)]
    cut = marks[-1] + 1 if marks else 0
    header, layout.entries[0].lead = lead[:cut], lead[cut:]
    modelines = [line for line in header if line.startswith(MODELINE)]
    rest = _without_leading_blank(_trimmed([line for line in header if not line.startswith(MODELINE)]))
    gap = [BLANK] if header and header[-1] == BLANK and (modelines or rest) else []
    return [*modelines, *rest, *gap]


def _without_leading_blank(lines: list[str]) -> list[str]:
    while lines and lines[0] == BLANK:
        lines = lines[1:]
    return lines


def _reorder(collection: Collection, schema: Mapping[str, Any], root: Mapping[str, Any]) -> None:
    """Put the entries of mappings, at all levels, in the order of their schema."""
    schema = _branch(collection, schema, root)
    fields: Mapping[str, Any] = schema.get("properties", {})
    if collection.is_mapping and fields:
        order = {name: index for index, name in enumerate(fields)}
        collection.entries.sort(key=lambda entry: order.get(entry.key.value if entry.key else "", len(order)))
    for entry in collection.entries:
        if isinstance(entry.value, Collection):
            inner = (
                fields.get(entry.key.value, schema.get("additionalProperties")) if entry.key else schema.get("items")
            )
            _reorder(entry.value, inner if isinstance(inner, dict) else {}, root)


def _branch(collection: Collection, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of this collection: references followed, and of a union the kind that the collection names."""
    while isinstance(reference := schema.get("$ref"), str):
        schema = root["definitions"][reference.rpartition("/")[2]]
    given = {
        entry.key.value: entry.value.value
        for entry in collection.entries
        if entry.key and isinstance(entry.value, Scalar)
    }
    for option in schema.get("oneOf", ()):
        branch = _branch(collection, option, root)
        tags = {name: field["const"] for name, field in branch["properties"].items() if "const" in field}
        if tags.items() <= given.items():
            return branch
    return schema


class _Printer:
    """Layouts as lines."""

    def __init__(self) -> None:
        self.ends_with_kept_newlines = False  # The last line belongs to a text: a blank line would add to it.

    def block(self, collection: Collection, indent: str) -> list[str]:
        """The lines of a collection, one or more per entry."""
        lines: list[str] = []
        for entry in collection.entries:
            lines += self._lead(self._leading(entry), indent) + self._entry(entry, indent)
        return lines + self._lead(_trimmed(collection.tail), indent)

    def _leading(self, entry: LayoutEntry) -> list[str]:
        """The comments above an entry; in a list, also those above the first entry of a collection on the same line."""
        lead = list(entry.lead)
        inner = entry.value
        if entry.key is None and isinstance(inner, Collection) and not self._fits_flow(inner, 0):
            lead += filter(None, [entry.trail])
            entry.trail = None
            if inner.entries:
                lead += filter(None, self._leading(inner.entries[0]))
                inner.entries[0].lead = []
        return lead

    def _lead(self, lead: Iterable[str], indent: str) -> list[str]:
        lines: list[str] = []
        for line in lead:
            if line != BLANK:
                lines.append(indent + line)
                self.ends_with_kept_newlines = False
            elif not self.ends_with_kept_newlines and (not lines or lines[-1] != BLANK):
                lines.append(BLANK)
        return lines

    def _entry(self, entry: LayoutEntry, indent: str) -> list[str]:
        head = indent + (f"{_in_line(entry.key, in_flow=False)}:" if entry.key else "-")
        trail = f"  {entry.trail}" if entry.trail else ""
        value = entry.value
        self.ends_with_kept_newlines = False
        if isinstance(value, Scalar):
            first, *rest = self._scalar(value, is_listed=entry.key is None)
            self.ends_with_kept_newlines = bool(rest) and rest[-1] == ""
            return [
                (f"{head} {first}" if first else head) + trail,
                *(indent + INDENT + line if line else "" for line in rest),
            ]
        assert value is not None
        if self._fits_flow(value, len(head) + 1):
            return [f"{head} {self._flow(value)}{trail}"]
        inner = self.block(value, indent + INDENT)
        if entry.key:
            return [head + trail, *inner]
        return [head + " " + inner[0][len(indent) + 2 :], *inner[1:]]

    def _fits_flow(self, collection: Collection, column: int) -> bool:
        if not collection.entries:
            return not collection.tail
        if not collection.is_flow or any(True for _ in collection.comments()):
            return False
        return column + len(self._flow(collection)) <= WIDTH

    def _flow(self, collection: Collection) -> str:
        parts = []
        for entry in collection.entries:
            value = entry.value
            text = self._flow(value) if isinstance(value, Collection) else _in_line(value, in_flow=True)
            parts.append(f"{_in_line(entry.key, in_flow=True)}: {text}" if entry.key else text)
        left, right = "{}" if collection.is_mapping else "[]"
        return left + ", ".join(parts) + right

    def _scalar(self, scalar: Scalar, *, is_listed: bool) -> list[str]:
        """The text after the key, and the lines of a block below it without their indent."""
        if scalar.is_plain and not isinstance(resolve(scalar.value), str):
            return [scalar.source or ("null" if is_listed else "")]
        return _folded(scalar) or _literal(scalar.value) or [_in_line(scalar, in_flow=False)]


def _folded(scalar: Scalar) -> list[str] | None:
    """A text that its author wrapped into lines that a reader joins: the breaks are kept."""
    lines = scalar.source.split("\n")
    if scalar.is_plain and len(lines) > 1 and "\n" not in scalar.value:
        words = [line.strip() for line in lines]
        return [">-", *words] if " ".join(words) == scalar.value else None
    header = _FOLDED.fullmatch(lines[0]) if scalar.style == ">" else None
    if header is None or not scalar.value.strip("\n"):
        return None
    content = "\n".join(lines[1:]).rstrip("\n").split("\n")
    first = next(line for line in content if line.strip())
    indent = len(first) - len(first.lstrip(" "))
    if not content[0].strip() or any(line[:indent].strip() for line in content):
        return None
    return [f">{header[1]}", *(line[indent:] for line in content)]


def _literal(value: str) -> list[str] | None:
    """A text of several lines as a block; None where a block cannot hold it."""
    body = value.rstrip("\n")
    lines = body.split("\n")
    if "\n" not in value or not lines[0].strip() or not lines[-1].strip() or body[0] == "\t":
        return None  # Blanks at either end cannot be distinguished from layout.
    newlines = len(value) - len(body)
    chomp = {0: "-", 1: ""}.get(newlines, "+")
    return [f"|{'2' if body[0] == ' ' else ''}{chomp}", *lines, *[""] * (newlines - 1)]


def _in_line(scalar: Any, *, in_flow: bool) -> str:
    """A scalar on one line: plain where that is safe."""
    value: str = scalar.value
    if scalar.is_plain and not isinstance(resolve(value), str):
        return scalar.source or "null"
    if _is_safe_plain(value, in_flow=in_flow):
        return value
    if ('"' in value or "\\" in value) and not set("'\n\t") & set(value):
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _is_safe_plain(value: str, *, in_flow: bool) -> bool:
    if not value or value != value.strip() or "\n" in value or "\t" in value or is_ambiguous(value):
        return False
    if value[0] in "-?:,[]{}#&*!|>'\"%@`=" or value.startswith("..."):
        return False
    if ": " in value or " #" in value or value.endswith(":"):
        return False
    return not in_flow or not set(",[]{}:?") & set(value)


def _trimmed(lines: list[str]) -> list[str]:
    """The lines without blank ones at the end."""
    while lines and lines[-1] == BLANK:
        lines = lines[:-1]
    return lines
