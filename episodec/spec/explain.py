"""Schema violations in words: one diagnostic for each, at its place.

Neither the schema nor the instance is ever printed: messages are made from titles, ranges and the value in question.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import jsonschema
from jsonschema import ValidationError

from episodec.spec.diagnostic import Diagnostic, Span, diagnose
from episodec.spec.document import Document, Path
from episodec.spec.field_places import place_of_field
from episodec.spec.near import did_you_mean, in_words, nearest

MAX_ERRORS = 100  # In one file: more do not help.

_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


def explain(document: Document, schema: Mapping[str, Any], others: Mapping[str, Any]) -> list[Diagnostic]:
    """All violations of one of our schemas in a document. `others`: the schemas of other kinds of files, by kind."""
    rules = {"uniqueItems": _check_unique, "items": _check_items}
    validator = jsonschema.validators.extend(jsonschema.Draft7Validator, rules)  # type: ignore[no-untyped-call]
    errors = islice(validator(dict(schema)).iter_errors(document.tree), MAX_ERRORS)
    explainer = _Explainer(document, schema, others)
    new = (error for error in errors if tuple(error.absolute_path) not in document.unreadable)
    return list(islice((one for error in new for one in explainer.explain(error)), MAX_ERRORS))


def _check_unique(
    _validator: object, is_wanted: object, instance: object, _schema: object
) -> Iterator[ValidationError]:
    """Check uniqueness in linear time: jsonschema compares all pairs of values that cannot be sorted."""
    if is_wanted and isinstance(instance, list) and len(set(map(repr, instance))) < len(instance):
        yield ValidationError("a value occurs twice")


def _check_items(validator: Any, items: object, instance: object, schema: Mapping[str, Any]) -> Iterator[Any]:
    """Check items like jsonschema, but no more than the list may have: the rest is reported as too many."""
    if isinstance(instance, list):
        for index, element in enumerate(instance[: schema.get("maxItems")]):
            yield from validator.descend(element, items, path=index)


class _Explainer:
    """The document and the schemas with which errors are explained."""

    def __init__(self, document: Document, root: Mapping[str, Any], others: Mapping[str, Any]) -> None:
        self.document = document
        self.root = root
        self.others = others
        self.rules: dict[str, Callable[[Any, Path], Iterable[Diagnostic]]] = {
            "additionalProperties": self._unknown,
            "required": self._missing,
            "type": self._type,
            "enum": self._enum,
            "const": self._enum,
            "oneOf": self._segment,
            "anyOf": self._needs_one_of,
            "minimum": self._range,
            "maximum": self._range,
            "exclusiveMinimum": self._range,
            "exclusiveMaximum": self._range,
            "multipleOf": self._range,
        }

    def explain(self, error: ValidationError) -> Iterator[Diagnostic]:
        rule = self.rules.get(str(error.validator), self._form)
        if "propertyNames" in error.absolute_schema_path:
            rule = self._name
        yield from rule(error, tuple(error.absolute_path))

    def _say(self, code: str, message: str, span: Span | None, hint: str | None = None) -> Diagnostic:
        return diagnose(code, message, self.document.path, span, hint=hint)

    def _unknown(self, error: Any, path: Path) -> Iterator[Diagnostic]:
        allowed = list(error.schema.get("properties", ()))
        for key in error.instance:
            if key not in allowed:
                near = nearest(key, allowed)
                free = [one for one in allowed if one not in error.instance]
                hint = f"`{near}` is already here" if near in error.instance else did_you_mean(key, free)
                hint = place_of_field(key, error.schema, self.root, self.others) or hint
                place = f"in `{dotted(path)}`" if path else "in this file"
                message = f"there is no field `{shorten(key)}` {place}"
                yield self._say("S101", message, self.document.key_span(*path, key), hint)

    def _missing(self, error: Any, path: Path) -> Iterator[Diagnostic]:
        # jsonschema gives one error for each missing field and names it only in its message.
        name = next(one for one in error.validator_value if error.message.startswith(repr(one)))
        described = self._resolve(error.schema).get("properties", {}).get(name, {}).get("description", "")
        place = f"`{dotted(path)}` lacks" if path else "the file lacks"
        span = self._head(path)
        yield self._say("S102", f"{place} the field `{name}`", span, f"{name}: {described}" if described else None)

    def _type(self, error: Any, path: Path) -> Iterator[Diagnostic]:
        expected = error.validator_value
        expected = [expected] if isinstance(expected, str) else expected
        if "enum" in error.schema and isinstance(error.instance, float):
            return  # `rate: 29.97`: the list of choices is more helpful.
        words = in_words((_TYPES[one] for one in expected), quote="")
        message = f"`{dotted(path)}` is {self._in_words(error.instance, path)}, expected {words}"
        yield self._say("S103", message, self._value(path), self._type_hint(error, path, expected))

    def _type_hint(self, error: Any, path: Path, expected: list[str]) -> str | None:
        value = error.instance
        if expected == ["string"] and isinstance(value, int | float | bool):
            return f'put quotes around it: "{self._written(path)}"'
        if value is None:
            span = self._value(path)
            rest = self.document.lines[span.line - 1][span.column - 1 :].lstrip() if span else ""
            if rest.startswith("#"):
                return "`#` starts a comment here: put quotes around the value"
            return "write a value, or remove the line"
        if "array" in expected and not isinstance(value, list | dict):
            return f"write a list: [{shorten(self._written(path))}]"
        if expected == ["boolean"] and str(value).casefold() in {"yes", "no", "on", "off", "y", "n"}:
            return f"write {'true' if str(value).casefold() in {'yes', 'on', 'y'} else 'false'}"
        return hint if isinstance(hint := error.schema.get("errorMessage"), str) else None

    def _enum(self, error: Any, path: Path) -> Iterator[Diagnostic]:
        allowed = error.validator_value if error.validator == "enum" else [error.validator_value]
        value = error.instance
        if isinstance(value, bool) or isinstance(value, str) != isinstance(allowed[0], str):
            return  # Its type is wrong, which is already reported.
        hint = error.schema.get("errorMessage")
        if isinstance(value, str):
            hint = hint or did_you_mean(value, map(str, allowed))
        message = f"`{dotted(path)}` is {self._in_words(value, path)}, expected {in_words(allowed)}"
        yield self._say("S104", message, self._value(path), hint)

    def _segment(self, error: Any, path: Path) -> Iterator[Diagnostic]:
        """The errors of the one branch that the segment's kind names."""
        name, branches = self._branches(error.validator_value)
        if not isinstance(error.instance, dict):
            return  # Its type is wrong, which is already reported.
        kind = error.instance.get(name)
        if name not in error.instance:
            message = f"`{dotted(path)}` does not name its kind: the field `{name}` is missing"
            yield self._say("S109", message, self._head(path), f"{name}: one of {in_words(branches)}")
        elif not isinstance(kind, str) or kind not in branches:
            message = (
                f"`{dotted((*path, name))}` is {self._in_words(kind, (*path, name))}, expected {in_words(branches)}"
            )
            span = self._value((*path, name))
            yield self._say("S104", message, span, did_you_mean(str(kind), branches))
        else:
            for inner in error.context:
                if inner.schema_path[0] == branches[kind]:
                    yield from self.explain(inner)

    def _branches(self, branches: Iterable[Mapping[str, Any]]) -> tuple[str, dict[str, int]]:
        """The name of the field that distinguishes the branches of a union, and the branch for each of its values."""
        kinds = [
            (name, field["const"], index)
            for index, branch in enumerate(branches)
            for name, field in self._resolve(branch)["properties"].items()
            if "const" in field
        ]
        return kinds[0][0], {kind: index for _, kind, index in kinds}

    def _needs_one_of(self, error: Any, path: Path) -> Iterator[Diagnostic]:
        names = [name for branch in error.validator_value for name in branch["required"]]
        message = f"`{dotted(path)}` needs {in_words(names)}"
        yield self._say("S110", message, self._head(path))

    def _name(self, error: Any, path: Path) -> Iterator[Diagnostic]:
        for inner in error.context or [error]:
            name = str(inner.instance)
            message = f"`{shorten(name)}` cannot be a name in `{dotted(path)}`"
            hint, code = None, "S106"
            if inner.validator == "pattern":
                hint = "names are small letters, digits, dot, hyphen and underscore"
            elif inner.validator == "enum":
                hint = did_you_mean(name, inner.validator_value)
                if kind := inner.schema.get("title"):
                    message, code = f"there is no {kind.lower()} `{shorten(name)}`", inner.schema["errorCode"]
                    hint = hint or f"there are: {', '.join(inner.validator_value)}"
            yield self._say(code, message, self.document.key_span(*path, name), hint)

    def _range(self, error: Any, path: Path) -> Iterator[Diagnostic]:
        limit = error.validator_value
        words = {
            "minimum": f"at least {limit}",
            "maximum": f"at most {limit}",
            "exclusiveMinimum": f"more than {limit}",
            "exclusiveMaximum": f"less than {limit}",
            "multipleOf": "an even number" if limit == 2 else f"a multiple of {limit}",
        }[str(error.validator)]
        message = f"`{dotted(path)}` is {self._written(path)}, expected {words}"
        yield self._say("S105", message, self._value(path), self._describe(error))

    def _form(self, error: Any, path: Path) -> Iterator[Diagnostic]:
        limit, value = error.validator_value, error.instance
        words = {
            "minLength": "is empty" if not value else f"is shorter than {limit} characters",
            "maxLength": f"has {len(value)} characters, at most {limit} are allowed",
            "minItems": f"has {_count(value)}, expected {limit}" + (" or more" if limit == 1 else ""),
            "maxItems": f"has {_count(value)}, at most {limit} are allowed",
            "uniqueItems": "holds a value twice",
            "pattern": f"is {self._in_words(value, path)}, which does not have the right form",
        }.get(str(error.validator), "does not have the right form")
        yield self._say("S106", f"`{dotted(path)}` {words}", self._value(path), self._describe(error))

    def _describe(self, error: Any) -> str | None:
        text = error.schema.get("errorMessage") or error.schema.get("description")
        return text if isinstance(text, str) else None

    def _resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while isinstance(reference := schema.get("$ref"), str):
            schema = self.root["definitions"][reference.rpartition("/")[2]]
        return schema

    def _value(self, path: Path) -> Span | None:
        return self.document.span(*path)

    def _head(self, path: Path) -> Span | None:
        """The start of a mapping: its key, or its first line in a list."""
        if path and isinstance(path[-1], str):
            return self.document.key_span(*path)
        span = self.document.spans.get(path)
        return span and Span(span.line, span.column, span.line, len(self.document.lines[span.line - 1]) + 1)

    def _written(self, path: Path) -> str:
        """A scalar as the author wrote it."""
        span = self._value(path)
        if span is None or span.line != span.end_line:
            return "this"
        return shorten(self.document.lines[span.line - 1][span.column - 1 : span.end_column - 1])

    def _in_words(self, value: object, path: Path) -> str:
        match value:
            case None:
                return "empty"
            case bool():
                return f"the truth value {self._written(path)}"
            case int() | float():
                return f"the number {self._written(path)}"
            case str():
                return f'the text "{shorten(value)}"'
            case list():
                return "a list"
            case _:
                return "a mapping"


def dotted(path: Path) -> str:
    """A path as authors read it: `camera[0].frames`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{shorten(step)}" if text else shorten(step)
    return text or "the file"


def shorten(text: str, length: int = 60) -> str:
    """The text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _count(value: object) -> str:
    number = len(value) if isinstance(value, list | dict | str) else 0
    return f"{number} value{'' if number == 1 else 's'}"
