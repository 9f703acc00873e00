"""From the bytes of a spec to plain values with their places: one pass over the events of libyaml.

Nothing is composed or constructed by PyYAML, so depth, anchors and tags are checked before they can cost anything.
Knows nothing of the meaning of fields.
"""

import unicodedata
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, NoReturn

from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from episodec.errors import ProjectError
from episodec.spec.diagnostic import Diagnostic, Related, Span, diagnose
from episodec.spec.document import Document, Path, split_lines, trimmed
from episodec.spec.scalars import CONTROL, INVISIBLE, MAX_MARKS, OutOfRange, describe_character, marks_at, resolve
from episodec.spec.syntax import explain_syntax

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_VALUES = 200_000  # Keys, values, lists and mappings together: more than any real file of that size has.
MAX_ERRORS = 100  # Of one kind in one file: more do not help, and each costs a search of the text.


def read(content: bytes, path: str) -> tuple[Document | None, list[Diagnostic]]:
    """The document of a spec's bytes, and everything wrong with its YAML.

    The document is None where reading could not continue. A document with errors serves to find more of them: it must
    not be built.

    Raises:
        ProjectError: PyYAML was installed without its C parser.
    """
    text, diagnostics = decode(content, path)
    if text is None:
        return None, diagnostics
    reader = _Reader(path, text)
    try:
        tree = reader.read()
    except _Refused as refused:
        return None, [*reader.diagnostics, refused.diagnostic]
    except MarkedYAMLError as error:
        return None, [*reader.diagnostics, explain_syntax(error, path, split_lines(text))]
    except YAMLError as error:  # A ReaderError: text that passed our own decoder cannot raise it.
        return None, [*reader.diagnostics, diagnose("Y006", f"the text is not YAML: {error}", path)]
    return Document(
        path, text, tree, reader.value_marks, reader.key_marks, frozenset(reader.unreadable)
    ), reader.diagnostics


class _Refused(Exception):
    """Reading cannot continue."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def decode(content: bytes, path: str) -> tuple[str | None, list[Diagnostic]]:
    """The text of a file, in UTF-8 and without characters that a spec must not hold; None with what is wrong."""
    if len(content) > MAX_BYTES:
        message = f"the file has {len(content)} bytes: a spec has at most {MAX_BYTES}"
        return None, [diagnose("Y002", message, path)]
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in content[:2]:
        return None, [diagnose("Y001", "the file is UTF-16 or UTF-32 text", path, hint="save it as UTF-8")]
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
        message = f"byte 0x{content[error.start]:02x} at offset {error.start} is not UTF-8 text"
        return None, [diagnose("Y001", message, path, _point(before), hint="save the file as UTF-8")]
    marks = None if text.isascii() else marks_at(text)
    if marks is not None:
        return None, [_too_many_marks(path, _point(text[:marks]))]
    if text.replace("\n", "").isprintable():  # Nearly all specs; ten times faster than the searches below.
        return text, []
    diagnostics = [
        diagnose("Y003", f"control character {describe_character(hit[0][0])}", path, _point(text[: hit.start()]))
        for hit in islice(CONTROL.finditer(text), MAX_ERRORS)
    ]
    diagnostics += [
        diagnose("Y004", f"invisible character {describe_character(hit[0])}", path, _point(text[: hit.start()]))
        for hit in islice(INVISIBLE.finditer(text), MAX_ERRORS)
    ]
    return (None, diagnostics) if diagnostics else (text, [])


def _too_many_marks(path: str, span: Span) -> Diagnostic:
    return diagnose("Y015", f"more than {MAX_MARKS} combining marks on one letter", path, span)


def _point(before: str) -> Span:
    """The place of the character after this text."""
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return Span(line, column, line, column + 1)


class _Reader:
    """The state of one pass: the parser, the places and the errors so far."""

    def __init__(self, path: str, text: str) -> None:
        try:
            from yaml.cyaml import CParser  # type: ignore[attr-defined]  # Its stubs do not name it.
        except ImportError as error:
            raise ProjectError(
                "PyYAML was installed without its C parser",
                hint="install a wheel of PyYAML, or libyaml's headers before building it",
            ) from error
        self.path = path
        self.next: Callable[[], Any] = CParser(text.encode()).get_event
        self.text = text
        self.is_nfc = text.isascii() or unicodedata.is_normalized("NFC", text)
        self.value_marks: dict[Path, tuple[Any, Any]] = {}
        self.key_marks: dict[Path, tuple[Any, Any]] = {}
        self.unreadable: list[Path] = []
        self.values = 0  # The number read so far, including keys and containers.
        self.diagnostics: list[Diagnostic] = []

    def read(self) -> Mapping[str, object]:
        self.next()  # The stream's start.
        start = self.next()
        if type(start) is StreamEndEvent:
            raise _Refused(diagnose("Y005", "the file is empty", self.path, hint="it starts with `episodec: 1`"))
        if isinstance(start, DocumentStartEvent) and (start.version or start.tags):
            self.refuse("Y010", "a YAML directive", start, "remove the line that starts with %")
        root = self.next()
        if type(root) is not MappingStartEvent:
            self._refuse_root(root)
        self._judge_node(root)
        tree = self._mapping(root, (), 1)
        self.next()  # The document's end.
        after = self.next()
        if type(after) is not StreamEndEvent:
            self.refuse("Y012", "a second YAML document starts here", after, "put each spec into a file of its own")
        return tree

    def refuse(self, code: str, message: str, event: Event, hint: str | None = None) -> NoReturn:
        raise _Refused(diagnose(code, message, self.path, self._span(event), hint=hint))

    def _report(self, code: str, message: str, event: Event, hint: str | None = None) -> None:
        if len(self.diagnostics) < MAX_ERRORS:
            self.diagnostics.append(diagnose(code, message, self.path, self._span(event), hint=hint))

    def _refuse_root(self, root: Event) -> NoReturn:
        if isinstance(root, ScalarEvent) and not root.value:
            self.refuse("Y005", "the file has no fields", root, "it starts with `episodec: 1`")
        self.refuse("Y014", "the file is not a mapping of fields", root, "write lines of `field: value`")

    def _mapping(self, start: Event, path: Path, depth: int) -> dict[str, object]:
        entries: dict[str, object] = {}
        while type(event := self.next()) is not MappingEndEvent:
            key = self._key(event)
            here = (*path, key)
            if key in entries:
                self._report_twice(key, here, event)
                here = (*path, f"{key} (again)")
            else:
                self.key_marks[here] = (event.start_mark, event.end_mark)
            value = self._value(self.next(), here, depth)
            if here[-1] == key:
                entries[key] = value
        self.value_marks[path] = (start.start_mark, event.end_mark)
        return entries

    def _report_twice(self, key: str, first: Path, event: Event) -> None:
        if len(self.diagnostics) >= MAX_ERRORS:
            return
        start, end = self.key_marks[first]
        twin = Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
        related = [Related(self.path, twin, "it occurs here first")]
        message = f"the key `{key}` occurs twice in this mapping"
        self.diagnostics.append(diagnose("Y008", message, self.path, self._span(event), related=related))

    def _key(self, event: Event) -> str:
        if type(event) is not ScalarEvent:
            self._judge_node(event)
            self.refuse("Y011", "a list or a mapping cannot be a key", event, "put quotes around text with brackets")
        self._judge_node(event)
        start: Any = event.start_mark
        before = start.index - 1
        if before > 0 and self.text[before] == "?":  # A bug of libyaml, in braces and brackets.
            sentence = f"`?{event.value[:40]}` is read as a key without its `?` by some readers"
            self.refuse("Y006", sentence, event, f'put quotes around it: "?{event.value[:40]}"')
        if event.value == "<<" and event.implicit[0]:
            self.refuse("Y009", "merge keys (`<<`) are not part of the language", event, "write the fields out")
        value = self._scalar(event, ())
        if not isinstance(value, str):
            self._report("Y011", "a key must be text", event, f'put quotes around it: "{event.value[:40]}"')
            return str(event.value)
        return value

    def _sequence(self, start: Event, path: Path, depth: int) -> list[object]:
        values: list[object] = []
        while type(event := self.next()) is not SequenceEndEvent:
            values.append(self._value(event, (*path, len(values)), depth))
        self.value_marks[path] = (start.start_mark, event.end_mark)
        return values

    def _value(self, event: Event, path: Path, depth: int) -> object:
        self._judge_node(event)
        if type(event) is ScalarEvent:
            self.value_marks[path] = (event.start_mark, event.end_mark)
            return self._scalar(event, path)
        if depth == MAX_DEPTH:
            self.refuse("Y007", f"values are nested more than {MAX_DEPTH} levels deep", event)
        if type(event) is MappingStartEvent:
            return self._mapping(event, path, depth + 1)
        return self._sequence(event, path, depth + 1)

    def _judge_node(self, event: Any) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            self.refuse("Y002", f"the file has more than {MAX_VALUES} values, keys included", event)
        if event.anchor is not None:
            what = "an alias" if type(event) is AliasEvent else "an anchor"
            hint = "write the value out; values that episodes share belong in series.yaml"
            if self.text[event.start_mark.index] == "*":
                hint = "put quotes around text that starts with `*`, or write the value out"
            self.refuse("Y009", f"{what} (`{event.anchor[:40]}`) is not part of the language", event, hint)
        if event.tag is not None:
            hint = "put quotes around text that starts with `!`; otherwise write the value without a tag"
            self.refuse("Y010", f"the tag `{event.tag[:60]}` is not part of the language", event, hint)

    def _scalar(self, event: Any, path: Path) -> object:
        value: str = event.value
        if event.implicit[0]:
            try:
                resolved = resolve(value)
            except OutOfRange as error:
                self._report(
                    "Y013", f"{error} is not a value for any field", event, "put quotes around it if it is text"
                )
                self.unreadable.append(path)
                return None
            if resolved is not value:
                return resolved
        elif event.style == '"' and (hit := CONTROL.search(value) or INVISIBLE.search(value)):
            self._report("Y003", f"an escape for the control character {describe_character(hit[0][0])}", event)
            self.unreadable.append(path)
            return None
        if self.is_nfc and event.style != '"':
            return value
        if event.style == '"' and marks_at(value) is not None:  # Escapes: literal ones were refused before.
            raise _Refused(_too_many_marks(self.path, self._span(event)))
        return unicodedata.normalize("NFC", value)

    def _span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        span = Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
        return trimmed(split_lines(self.text), span)
