"""Where a field belongs that is not known at its place: in another segment, section or kind of file."""

from collections.abc import Mapping
from typing import Any

from episodec.spec.manual import FILES
from episodec.spec.near import in_words

Schema = Mapping[str, Any]


def place_of_field(key: str, schema: Schema, root: Schema, others: Mapping[str, Schema]) -> str | None:
    """The hint that names where a field of this name exists.

    `schema` is that of the place where it was written, `root` that of its file, `others` those of the other kinds of
    files. The nearest comes first: another kind of segment, of the same track first, then the file itself, its
    sections, and other files.
    """
    kinds = [one for one in root.get("definitions", {}).values() if key in one.get("properties", ())]
    own = next((name for name, one in schema.get("properties", {}).items() if "const" in one), None)
    kinds.sort(key=lambda one: own not in one["properties"])
    named = [_kind(one) for one in kinds if own is None or own in one["properties"]] or [_kind(one) for one in kinds]
    if named:
        return f"`{key}` is a field of {in_words(named)}"
    if key in root["properties"]:
        return f"`{key}` is a field of the file itself: write it at the left margin"
    inside = [name for name, one in root["properties"].items() if key in one.get("properties", ())]
    return f"`{key}` is a field of {in_words(inside)}" if inside else _in_other_files(key, others)


def _in_other_files(key: str, others: Mapping[str, Schema]) -> str | None:
    """The kinds of files that have a field of this name: at their margin, otherwise in a section."""
    places = [FILES[kind] for kind, other in others.items() if key in other["properties"]] or [
        f"`{name}` in {FILES[kind]}"
        for kind, other in others.items()
        for name, section in other["properties"].items()
        if key in section.get("properties", ())
    ]
    return f"`{key}` is a field of {in_words(places, quote='')}" if places else None


def _kind(definition: Schema) -> str:
    """A kind of segment as a spec writes it: `move: orbit`."""
    constants = ((name, one["const"]) for name, one in definition["properties"].items() if "const" in one)
    return next((f"{name}: {value}" for name, value in constants), str(definition.get("title", "")).lower())
