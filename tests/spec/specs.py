"""The language as it is shipped, and small specs for the tests of it."""

import json
from pathlib import Path
from typing import Any

from episodec.spec.diagnostic import Diagnostic
from episodec.spec.document import Document
from episodec.spec.fit import check_fit
from episodec.spec.parse import parse_character, parse_episode, parse_series
from episodec.spec.reader import read
from episodec.spec.schema import KINDS, Language
from episodec.spec.types import Episode, Series
from episodec.spec.types_of_character import Character

ROOT = Path(__file__).parents[2]
SCHEMAS: dict[str, dict[str, Any]] = {
    kind: json.loads((ROOT / f"schema/{kind}.schema.json").read_bytes()) for kind in KINDS
}
LANGUAGE = Language(SCHEMAS)
SERIES = Series(title="Alpha explains", season="d13", character="alpha", disclosure="Voice and pictures are synthetic.")
ALPHA = Character(name="alpha")

EPISODE = """\
episodec: 1
number: 72
title: A single source of truth
"""


def document(text: str, path: str = "072.episode.yaml") -> Document:
    read_document, actual = read(text.encode(), path)
    assert read_document is not None, actual
    assert not actual
    return read_document


def series(text: str) -> tuple[Series | None, list[Diagnostic]]:
    return parse_series(document(text, "series.yaml"), LANGUAGE)


def character(text: str) -> tuple[Character | None, list[Diagnostic]]:
    return parse_character(document(text, "character.yaml"), "alpha", LANGUAGE)


def episode(text: str, of: Series = SERIES) -> tuple[Episode | None, list[Diagnostic]]:
    """The episode of a spec's text, and all that is wrong with it."""
    first = document(text)
    parsed, actual = parse_episode(first, of, LANGUAGE)
    return parsed, actual + (list(check_fit(parsed, ALPHA, first)) if parsed else [])


def accepted(text: str, of: Series = SERIES) -> Episode:
    parsed, actual = episode(text, of)
    assert actual == []
    assert parsed is not None
    return parsed


def codes(diagnostics: list[Diagnostic]) -> list[str]:
    return [one.code for one in diagnostics]
