"""Events as JSON, one object per line, for `--json` and the run log.

Every object has `event`, the kind in words with hyphens (`action-made`), and `time`, seconds since 1970 in UTC. The
first is `stream-started` with `version`, which is raised when a field is removed or changes its meaning; new fields and
kinds may appear at any time. The other fields are those of the classes in `episodec.engine.events`. A reason is
`{"kind": "changed", "parts": […]}`, an error `{"kind": …, "sentence": …, "facts": {…}, "hint": …}`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

from episodec.engine.events import Event
from episodec.engine.plan import Changed, Forced, Lost, NeverMade, NotApproved, Remade
from episodec.errors import EpisodecError
from episodec.project.authoring import Diagnostic, to_json

VERSION = 1

Plain = dict[str, object]


def event_to_plain(event: Event, now_s: float) -> Plain:
    """An event as plain data."""
    plain: Plain = {"event": kind_of(event), "time": round(now_s, 3)}
    for member in fields(event):
        plain[member.name] = value_to_plain(getattr(event, member.name))
    return plain


def value_to_plain(value: object) -> object:  # noqa: C901, PLR0911 - one return a type.
    """A field's value as plain data."""
    match value:
        case EpisodecError():
            return {"kind": kind_of(value), "sentence": value.sentence, "facts": value.facts, "hint": value.hint}
        case BaseException():
            return {"kind": kind_of(value), "sentence": str(value), "facts": {}, "hint": None}
        case Diagnostic():
            return to_json(value)
        case NeverMade() | Changed() | Lost() | Forced() | Remade():
            return {"kind": kind_of(value), **{one.name: list(getattr(value, one.name)) for one in fields(value)}}
        case NotApproved():
            return {"kind": kind_of(value), "sentence": value.sentence, "facts": dict(value.facts), "hint": value.hint}
        case Path():
            return str(value)
        case bytes():
            return value.hex()
        case Mapping():
            return {str(name): value_to_plain(one) for name, one in value.items()}
        case str() | int() | float() | bool() | None:
            return value
        case tuple() | list() | set() | frozenset():
            return [value_to_plain(one) for one in value]
        case _ if is_dataclass(value):
            return {one.name: value_to_plain(getattr(value, one.name)) for one in fields(value)}
        case _:
            return str(value)


def diagnostic_to_plain(diagnostic: Diagnostic) -> Plain:
    """A diagnostic as plain data."""
    return to_json(diagnostic)


def answer(kind: str, value: object) -> str:
    """The whole answer to a question as one JSON object."""
    document = {"version": VERSION, "answer": kind, kind: value_to_plain(value)}
    return json.dumps(document, ensure_ascii=True, indent=1) + "\n"


def kind_of(value: object) -> str:
    """The class of a value in words with hyphens: `ActionMade` is `action-made`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(value).__name__).lower()


def line(plain: Mapping[str, object]) -> str:
    """One line of a stream, in pure ASCII: no locale and no control character can break it."""
    return json.dumps(plain, ensure_ascii=True, separators=(", ", ": ")) + "\n"
