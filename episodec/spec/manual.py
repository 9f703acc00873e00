"""The language as a manual for people: every field of the schemas in Markdown. Schemas in, text out."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

FILES = {
    "episode": "NAME.episode.yaml",
    "series": "series.yaml",
    "character": "characters/NAME/character.yaml",
    "local": "episodec.local.yaml",
}

_HEAD = """\
# The spec, field by field

Generated from the JSON Schema files in `schema/` by `episodec schema --manual`. An editor that supports the first
line of a spec (`# yaml-language-server: $schema=…`) shows the same while you type; `episodec validate` checks all other
rules, and `episodec explain CODE` explains them.
"""

_TYPES = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "`true` or `false`",
    "null": "none",
}
_MANY = {"integer": "whole numbers", "number": "numbers", "string": "texts", "object": "mappings"}


_STAGES = """\
## Stages, backends and overrides

The stages, in the order of the data flow: STAGES.

Each stage is done by a backend. `backends` of an episode selects one for that episode, a profile of series.yaml for all
episodes built under it, `--backend STAGE=NAME` for one command. `overrides` of an episode sets, by stage,
parameters of the backend beyond the fields below: [docs/overrides.md](overrides.md) lists them.

Names are checked before anything runs:

- *An episode has the stages that its sections ask for*, under the profile being built. `backends` and `overrides` of
  another stage are refused at their line (E244), since they would be ignored; the message lists the stages that it has.
  `refine` exists where a backend is named for it, `foley-join` where the ambience is made of segments.
- *A profile and the command line are for many episodes.* An episode without a stage ignores its backend. Names that
  no episode could use are refused: an unknown stage (E210), and a backend that is not installed or does not do the
  stage (P502). Only the profile being built is checked: backends of another may be installed elsewhere.
- *An override is one that the stage's backend declares* (E245), of its type and in its range (E246). It may belong to
  the backend that another profile of the series names for the stage: it then applies only to that profile, and others
  ignore it. If the episode names the backend itself, only that backend counts.
"""


def manual(schemas: Mapping[str, Schema]) -> str:
    """Every kind of file with its fields, in the order of the schemas."""
    blocks = [_HEAD]
    if "episode" in schemas:
        names = schemas["episode"]["properties"]["backends"]["propertyNames"]["enum"]
        blocks += [_STAGES.replace("STAGES", ", ".join(f"`{name}`" for name in names))]
    for kind, schema in schemas.items():
        heading = f"## {schema['title']}: `{FILES[kind]}`\n\n{schema['description']}"
        blocks += [f"{heading}\n", *_tables(schema, "", schema)]
    return "\n".join(blocks)


def _tables(section: Schema, path: str, root: Schema) -> Iterator[str]:
    """A table of a section's fields, followed by those of its subsections."""
    fields: Mapping[str, Schema] = section["properties"]
    if "anyOf" in section:
        names = [name for branch in section["anyOf"] for name in branch["required"]]
        yield f"One of {_listed(names)} is needed.\n"
    yield "| field | value | default | what it is |\n|---|---|---|---|"
    needed = section.get("required", ())
    yield "".join(f"{_row(name, field, is_needed=name in needed)}\n" for name, field in fields.items())
    for name, field in fields.items():
        yield from _below(f"{path}{name}", field, root)


def _below(path: str, field: Schema, root: Schema) -> Iterator[str]:
    """The sections of one field: its own, or those of a mapping's values or a list's members."""
    inner = field
    while True:
        if "properties" in inner:
            yield f"### `{path}`\n\n{inner['description']}\n"
            yield from _tables(inner, f"{path}.", root)
            return
        if isinstance(inner.get("additionalProperties"), dict):
            inner, path = inner["additionalProperties"], f"{path}.NAME"
        elif "items" in inner:
            inner, path = inner["items"], f"{path}[]"
        else:
            break
    for branch in inner.get("oneOf", ()):
        chosen = root["definitions"][branch["$ref"].rpartition("/")[2]]
        ((name, kind),) = [(name, one["const"]) for name, one in chosen["properties"].items() if "const" in one]
        yield f"### `{path}`, `{name}: {kind}`\n\n{chosen['description']}\n"
        yield from _tables(chosen, f"{path}.", root)


def _row(name: str, field: Schema, *, is_needed: bool) -> str:
    default = "needed" if is_needed else _yaml_text(field["default"]) if "default" in field else ""
    cells = [f"`{name}`", value_text(field), default, field["description"]]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def value_text(field: Schema) -> str:  # noqa: PLR0911 - one return a kind of value.
    """The values that a field may have, in words."""
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return _listed(field["enum"])
    match field["type"]:
        case "array":
            return _list_text(field)
        case "object" if "properties" in field:
            return "section, below"
        case "object":
            inner = field["additionalProperties"]
            what = "section, below" if "properties" in inner else value_text(inner)
            return f"mapping of {_keys(field.get('propertyNames', {}))} to: {what}"
        case list() as types if "object" in types:
            return "section, below, or " + ("a list of such" if "array" in types else "text")
        case list() as types if "array" in types:
            return f"text, or {_list_text(field)}"
        case list() as types:
            return ", ".join(_TYPES[one] for one in types)
        case "string":
            return f"text, as {_yaml_text(field['examples'][0])}" if "default" not in field else "text"
        case kind:
            return _TYPES[kind] + _range(field)


def _keys(names: Schema) -> str:
    """The keys of a mapping: names of a kind if it has one, else the known ones, else any names."""
    if "title" in names:
        return f"{names['title'].lower()}s"
    return _listed(names["enum"]) if "enum" in names else "names"


def _list_text(field: Schema) -> str:
    inner = field["items"]
    least, most = field.get("minItems"), field.get("maxItems")
    count = f"{least} " if least is not None and least == most else ""
    if "oneOf" in inner:
        return "list of segments, below"
    return f"list of {count}{_MANY[inner['type']]}" + _range(inner)


def _range(field: Schema) -> str:
    """`, 1 to 60`, `, more than 0, at most 1000`, `, even`."""
    if {"minimum", "maximum"} <= field.keys():
        limits = [f"{_number(field['minimum'])} to {_number(field['maximum'])}"]
    else:
        words = {
            "exclusiveMinimum": "more than",
            "minimum": "at least",
            "exclusiveMaximum": "less than",
            "maximum": "at most",
        }
        limits = [f"{word} {_number(field[name])}" for name, word in words.items() if name in field]
    limits += ["even"] if field.get("multipleOf") == 2 else []
    return "".join(f", {one}" for one in limits)


def _number(value: float) -> str:
    return f"{value:,}".replace(",", " ").replace("-", "−")


def _listed(values: list[Any]) -> str:
    *most, last = [f"`{one}`" for one in values]
    return f"{', '.join(most)} or {last}" if most else last


def _yaml_text(value: object) -> str:
    """A value as YAML has it, on one line."""
    return f"`{json.dumps(value, ensure_ascii=False)}`"
