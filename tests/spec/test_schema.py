"""The schema files: valid draft-07, described in full, and saying the same as the dataclasses."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin

import jsonschema
import pytest

from episodec.digest import Canonical
from episodec.spec.schema import KINDS, Kind, Language, violations
from episodec.spec.structure import discriminate, plain
from episodec.spec.types import Episode, Series
from episodec.spec.types_of_character import Character
from tests.spec.specs import EPISODE, LANGUAGE, SCHEMAS, accepted, document

NAMED_BY_SERIES = {field.name for field in fields(Series)}
SPELT = {"seconds"}  # In place of frames, which `spec.lengths` writes for them; of an episode and its segments.
DERIVED = {"name", "clips"}  # By the naming template or the folder; what of a list of clips follows the first.


def subschemas(schema: Mapping[str, Any], place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every field and value that a schema describes; references are described where they point to."""
    for name, field in schema.get("properties", {}).items():
        yield f"{place}.{name}", field
        yield from subschemas(field, f"{place}.{name}")
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield f"{place}.{name}", schema[name]
            yield from subschemas(schema[name], f"{place}.{name}")
    for name, inner in schema.get("definitions", {}).items():
        yield f"{place}#{name}", inner
        yield from subschemas(inner, f"{place}#{name}")


@pytest.mark.parametrize("kind", KINDS)
def test_each_schema_is_draft_07(kind: str) -> None:
    schema = SCHEMAS[kind]
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["$id"] == f"urn:episodec:schema:{kind}:1"
    assert schema["required"][0] == "episodec"
    assert next(iter(schema["properties"])) == "episodec"


@pytest.mark.parametrize(
    ("place", "field"),
    [pair for kind in KINDS for pair in subschemas(SCHEMAS[kind], kind)],
    ids=lambda part: str(part)[:60],
)
def test_each_field_is_described_with_an_example(place: str, field: Mapping[str, Any]) -> None:
    assert {"title", "description", "examples"} <= field.keys(), place
    assert field["examples"]
    root = SCHEMAS[place.partition(".")[0].partition("#")[0]]
    validator = jsonschema.Draft7Validator({**field, "definitions": root.get("definitions", {})})
    for example in [*field["examples"], *([field["default"]] if "default" in field else [])]:
        assert validator.is_valid(example), (place, example)
    if field.get("type") == "object" and "oneOf" not in field:
        assert "additionalProperties" in field, place


@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_of_whole_files_are_valid(kind: Kind) -> None:
    for example in SCHEMAS[kind]["examples"]:
        assert LANGUAGE.accepts(example, kind)


def resolve(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    return root["definitions"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def hold_together(hint: Any, schema: Mapping[str, Any], root: Mapping[str, Any], place: str) -> None:
    """A type hint and a schema allow the same shape."""
    schema, origin = resolve(schema, root), get_origin(hint)
    if is_dataclass(hint):
        assert isinstance(hint, type)
        hold_fields(hint, schema, root, place)
    elif hint == Canonical:
        pass
    elif origin in {types.UnionType, Union}:
        kinds = [one for one in get_args(hint) if one is not types.NoneType]
        if len(kinds) == 1:
            hold_together(kinds[0], schema, root, place)
            return
        name, by_kind = discriminate(kinds)
        branches = {b["properties"][name]["const"]: b for b in (resolve(one, root) for one in schema["oneOf"])}
        assert list(branches) == list(by_kind), place
        for kind, dataclass in by_kind.items():
            hold_fields(dataclass, branches[kind], root, f"{place}.{kind}")
    elif origin is Literal:
        assert schema.get("enum", [schema.get("const")]) == list(get_args(hint)), place
    elif origin is tuple:
        assert "array" in schema["type"], place  # Where it is not alone, a word may stand for it: `register: high`.
        parts = get_args(hint)
        if parts[-1] is not Ellipsis:
            assert schema["minItems"] == schema["maxItems"] == len(parts), place
        hold_together(parts[0], schema["items"], root, f"{place}[]")
    elif origin is not None:
        assert schema["type"] == "object", place
        hold_together(get_args(hint)[1], schema["additionalProperties"], root, f"{place}.*")
    else:
        families = {int: "integer", float: "number", str: "string", bool: "boolean"}
        assert schema["type"] == families[hint], place


def default_of(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return plain(field.default_factory())
    return MISSING if field.default is MISSING else plain(field.default)


def hold_fields(kind: type, schema: Mapping[str, Any], root: Mapping[str, Any], place: str) -> None:
    by_name = {field.name: field for field in fields(kind) if field.name not in DERIVED}
    spelt = SPELT - by_name.keys() if "frames" in by_name else set()
    assert by_name.keys() == schema["properties"].keys() - {"episodec"} - spelt, place
    assert schema["additionalProperties"] is False, place
    for name, field in by_name.items():
        here, described = f"{place}.{name}", schema["properties"][name]
        hold_together(field.type, described, root, here)
        default = default_of(field)
        is_required = name in schema.get("required", ())
        if name == "frames" and {"move", "map"} & by_name.keys():
            assert not is_required, here  # The last segment fills the rest.
            continue
        if kind is Episode and name in NAMED_BY_SERIES:
            continue  # The series says it; test_an_episode_says_what_its_series_says holds the shapes together.
        assert is_required == (default is MISSING or "const" in described), here
        if default is not MISSING and not is_dataclass(field.default):
            assert described.get("default") == default, here
        elif "default" in described:
            assert {**plain(field.default), **described["default"]} == plain(field.default), here  # type: ignore[dict-item]


@pytest.mark.parametrize(("kind", "dataclass"), [("episode", Episode), ("series", Series), ("character", Character)])
def test_schema_and_dataclasses_hold_together(kind: str, dataclass: type) -> None:
    hold_fields(dataclass, SCHEMAS[kind], SCHEMAS[kind], kind)


def test_an_episode_says_what_its_series_says_in_the_same_words() -> None:
    episode, series = SCHEMAS["episode"]["properties"], SCHEMAS["series"]["properties"]
    for name in (episode.keys() & series.keys()) - {"title"}:
        kept = ("default", "examples")
        first, other = ({k: v for k, v in schema[name].items() if k not in kept} for schema in (episode, series))
        if name == "post":  # Its body is an episode's own.
            first["properties"] = {k: v for k, v in first["properties"].items() if k != "body"}
        assert first == other, name
        if name in {"frames", "rate"}:
            assert episode[name]["default"] == series[name]["default"]


def test_fields_of_a_segment_are_judged_by_its_own_kind() -> None:
    accepted(EPISODE + "camera:\n  - {move: orbit, frames: 400, radius: 3}\n  - {move: static, frames: 500}\n")
    wrong = document(EPISODE + "camera:\n  - {move: static, frames: 900, radius: 3}\n")
    assert [one.code for one in violations(wrong, "episode", LANGUAGE)] == ["S101"]


def test_both_validators_agree_that_a_whole_float_is_a_whole_number() -> None:
    assert accepted(EPISODE + "frames: 900.0\nrate: 30.0\n").frames == 900
    assert type(accepted(EPISODE + "rate: 30.0\n").rate) is int


def test_a_file_with_thousands_of_errors_reports_a_hundred() -> None:
    text = EPISODE + "tags: [" + "1," * 5000 + "]\n"
    assert 0 < len(violations(document(text), "episode", Language(SCHEMAS))) <= 100
