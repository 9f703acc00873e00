"""The placeholders of a post's header and footer: their names, their forms, and their places in a text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

FILES = (
    *("video", "audio", "narration", "ambience", "captions", "srt", "poster", "sheet", "preview"),
    *("plan_picture", "chart", "scene_film", "turntable"),
)
"""The kinds of files that a post can name, as `page.links` has them."""

GENDERS = ("m", "f", "n")
"""The genders of an ordinal, in languages whose ordinals have one: 72-й, 72-я, 72-е."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of a placeholder, and its forms: `{ordinal:f}` has the form `f`."""

    text: str  # For people.
    forms: tuple[str, ...] = ()
    needs_form: bool = False


PLACEHOLDERS: Mapping[str, Meaning] = MappingProxyType(
    {
        "number": Meaning("the episode's number: 72"),
        "ordinal": Meaning("the number as an ordinal, in Russian with its gender: 72nd, 72-я", GENDERS),
        "name": Meaning("the episode's name, as its files have it"),
        "title": Meaning("the episode's title"),
        "description": Meaning("the episode's description, on one line"),
        "series": Meaning("the title of the series"),
        "season": Meaning("the season"),
        "character": Meaning("the character's title"),
        "tags": Meaning("the tags, with commas"),
        "duration": Meaning("the length of the episode: 30 seconds"),
        "seconds": Meaning("the same as a number: 30"),
        "frames": Meaning("the same in frames: 900 frames"),
        "narration": Meaning("the whole narration, on one line"),
        "narration_duration": Meaning("its length, to the second: 28 seconds"),
        "narration_seconds": Meaning("the same as a number: 28"),
        "ambience": Meaning("the prompt of the ambience"),
        "tools": Meaning("a sentence that names the tools that made the episode"),
        "cost": Meaning("`post.cost`"),
        "signature": Meaning("`post.signature`"),
        "disclosure": Meaning("the disclosure, otherwise a section of its own at the end"),
        "file": Meaning("the path of a file in the folder of publishing", FILES, needs_form=True),
        "link": Meaning("a link to that file", FILES, needs_form=True),
    }
)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A placeholder, or what looks like one, in a text: its half-open range includes the braces."""

    name: str
    form: str
    start: int
    end: int


_BRACES = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}|[{}]")


def placeholders(template: str) -> Iterator[Placeholder]:
    """All placeholders in order, known or not. A brace without its partner is one without a name; `{{` is text."""
    for match in _BRACES.finditer(template):
        if match[0] not in {"{{", "}}"}:
            name, _, form = (match[1] or "").partition(":")
            yield Placeholder(name, form, match.start(), match.end())


def is_known(placeholder: Placeholder) -> bool:
    """Whether it is one of `PLACEHOLDERS`, in one of its forms."""
    meaning = PLACEHOLDERS.get(placeholder.name)
    if meaning is None:
        return False
    return placeholder.form in meaning.forms or (not placeholder.form and not meaning.needs_form)


def fill(line: str, values: Mapping[str, str | None]) -> str | None:
    """The line with its placeholders replaced; None if one has no value. Keys are as written: `file:video`."""
    pieces, at = [], 0
    for placeholder in placeholders(line):
        value = values.get(line[placeholder.start + 1 : placeholder.end - 1])
        if value is None:
            return None
        pieces += [_bare(line[at : placeholder.start]), value]
        at = placeholder.end
    return "".join([*pieces, _bare(line[at:])])


def _bare(text: str) -> str:
    """Text between placeholders: doubled braces are single ones."""
    return text.replace("{{", "{").replace("}}", "}")
