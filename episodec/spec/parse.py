"""From documents to typed values: version, schema, defaults of the series, checks within one file."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from episodec.spec import naming
from episodec.spec.background import check_background
from episodec.spec.character_checks import check_character_scene, check_register
from episodec.spec.checks import check_episode, check_gate_ranges, check_language_tag
from episodec.spec.diagnostic import Diagnostic, bounded, diagnose, has_errors
from episodec.spec.document import Document
from episodec.spec.lengths import with_lengths
from episodec.spec.near import did_you_mean
from episodec.spec.post_texts import check_placeholders
from episodec.spec.references import check_path_forms
from episodec.spec.schema import Kind, Language, violations
from episodec.spec.structure import plain, structure
from episodec.spec.types import Episode, Series
from episodec.spec.types_of_character import REGISTERS, Character
from episodec.spec.version import upgrade

T = TypeVar("T")

Parsed = tuple[T | None, list[Diagnostic]]  # The value is None where a diagnostic is an error.

# Fields that an episode inherits from its series; sections are merged field by field.
_INHERITED = ("season", "character", "language", "disclosure", "rate")
_MERGED = ("mix", "loudness", "lexicon", "checks", "post")

DISCLOSURE_EXAMPLE = "Voice and pictures in this episode are synthetic."


def conform(document: Document, kind: Kind, language: Language) -> tuple[Document | None, list[Diagnostic]]:
    """The document in the current version of the language, if it satisfies its schema."""
    current, diagnostics = upgrade(document)
    if current is not None:
        diagnostics = violations(current, kind, language)
    return (None if diagnostics or document.unreadable or current is None else _in_full(current)), diagnostics


def _in_full(document: Document) -> Document:
    """The document with its short forms expanded.

    `scene: hybrid` is `scene: {kind: hybrid}`, a colour is a background of it, the name of a register is its range, a
    list of clips is the first and the others, and `performance: none` is null. A recording starts with the episode,
    since the author may have a film to match.
    """
    kind, voice = document.tree.get("scene"), document.tree.get("voice")
    spelt: dict[str, object] = {}
    if isinstance(colour := document.tree.get("background"), str):
        spelt["background"] = {"colours": [colour]}
    if isinstance(kind, str):
        spelt["scene"] = {"kind": kind}
    if isinstance(document.tree.get("performance"), str):
        spelt["performance"] = None
    if isinstance(kind, Mapping) and isinstance(clips := kind.get("motion"), list):
        spelt["scene"] = {**kind, "motion": clips[0], "clips": clips[1:]}
    if isinstance(voice, Mapping) and isinstance(register := voice.get("register"), str):
        spelt["voice"] = {**voice, "register": REGISTERS[register]}
    if isinstance(voice, Mapping) and "file" in voice:
        spelt["voice"] = {"lead_s": 0, "tail_s": 0, **voice}
    return replace(document, tree={**document.tree, **spelt}) if spelt else document


def parse_series(document: Document, language: Language) -> Parsed[Series]:
    """The series' defaults, and everything wrong in series.yaml."""
    current, diagnostics = conform(document, "series", language)
    if current is None:
        return None, diagnostics
    series = structure(_fields(current), Series)
    diagnostics = [
        *check_language_tag(series.language, current),
        *check_gate_ranges(series.checks, current),
        *check_background(series.background, current),
        *check_path_forms(series, current),
        *check_placeholders(current),
        *_check_naming(series, current),
        *_check_length(current),
        *_check_profiles(series, current),
    ]
    return (None if has_errors(diagnostics) else series), bounded(diagnostics)


def parse_character(document: Document, name: str, language: Language) -> Parsed[Character]:
    """The character of this name (that of its folder), and everything wrong in its character.yaml."""
    current, diagnostics = conform(document, "character", language)
    if current is None:
        return None, diagnostics
    character = structure({**_fields(current), "name": name}, Character)
    diagnostics = [
        *check_path_forms(character, current),
        *check_background(character.background, current),
        *check_register(character.voice, current),
        *check_character_scene(character.scene, current),
    ]
    return (None if has_errors(diagnostics) else character), diagnostics


def parse_episode(document: Document, series: Series, language: Language) -> Parsed[Episode]:
    """The episode with the series' defaults filled in, and everything wrong within its spec.

    `fit.check_fit` checks whether the text fits (it needs the character), `series_checks` whatever it shares with
    others, and `project` whether its files exist.
    """
    current, diagnostics = conform(document, "episode", language)
    if current is None:
        return None, diagnostics
    tree = _with_defaults(_fields(current), series)
    diagnostics = list(_check_said(tree, current, series))
    tree, wrong_lengths = with_lengths(tree, current, series)
    diagnostics += wrong_lengths
    if diagnostics:
        return None, bounded(diagnostics)
    nameless = structure({**tree, "name": ""}, Episode)
    name, diagnostics = _name(nameless, series, current)
    episode = replace(nameless, name=name)
    diagnostics += check_episode(episode, current, language)
    return (None if has_errors(diagnostics) else episode), bounded(diagnostics)


def _fields(document: Document) -> dict[str, object]:
    return {name: value for name, value in document.tree.items() if name != "episodec"}


def _with_defaults(tree: dict[str, object], series: Series) -> dict[str, object]:
    inherited = {name: getattr(series, name) for name in _INHERITED if name not in tree}
    merged = {name: _merge(plain(getattr(series, name)), tree.get(name, {})) for name in _MERGED}
    return {**tree, **{name: value for name, value in inherited.items() if value is not None}, **merged}


def _merge(default: object, given: object) -> object:
    """Merge mappings field by field; replace everything else."""
    if not isinstance(default, Mapping) or not isinstance(given, Mapping):
        return given
    return {**default, **{name: _merge(default.get(name), value) for name, value in given.items()}}


def _check_said(tree: dict[str, object], document: Document, series: Series) -> Iterator[Diagnostic]:
    """Check for the fields that an episode or its series must have."""
    if "character" not in tree:
        hint = "add `character: NAME` here, or to series.yaml for all episodes"
        yield diagnose("E217", "no character is named", document.path, hint=hint)
    if "season" not in tree:
        if naming.uses(series.naming, "season"):
            hint = "add `season: NAME` here, or to series.yaml; or take {season} out of `naming`"
            yield diagnose("E218", "the name needs a season, but none is named", document.path, hint=hint)
        tree["season"] = ""
    if "disclosure" not in tree:
        hint = f"add `disclosure: {DISCLOSURE_EXAMPLE}` here, or to series.yaml for all episodes"
        yield diagnose("E211", "`disclosure` of synthetic media is missing", document.path, hint=hint)


def _name(episode: Episode, series: Series, document: Document) -> tuple[str, list[Diagnostic]]:
    who, season, number = episode.character, episode.season, episode.number
    try:
        name = naming.expand(series.naming, character=who, season=season, number=number)
    except ValueError as error:
        return "", [diagnose("E215", f"the series' naming template: {error}", document.path, document.span("number"))]
    if complaint := naming.complain(name):
        message = f"the name `{name[:120]}` is not a safe file name: {complaint}"
        hint = f"it comes from `naming` in series.yaml: {series.naming[:120]}"
        return name, [diagnose("E216", message, document.path, document.span("number"), hint=hint)]
    return name, []


def _check_naming(series: Series, document: Document) -> Iterator[Diagnostic]:
    span = document.span("naming")
    try:
        name = naming.expand(series.naming, character="character", season="season", number=1)
    except ValueError as error:
        hint = "it may hold {character}, {season}, {number} and {number:03}"
        yield diagnose("E215", f"the naming template cannot be used: {error}", document.path, span, hint=hint)
        return
    if complaint := naming.complain(name):
        yield diagnose("E216", f"names like `{name}` are not safe file names: {complaint}", document.path, span)
    if not naming.uses(series.naming, "number"):
        hint = "add {number}"
        yield diagnose("E215", "the naming template gives all episodes the same name", document.path, span, hint=hint)


def _check_length(document: Document) -> Iterator[Diagnostic]:
    """Refuse both fields together. Whether `seconds` is whole frames depends on the rate, which an episode may set."""
    if {"frames", "seconds"} <= document.tree.keys():
        message, hint = "`frames` and `seconds` both give the length of an episode", "remove one of the two"
        yield diagnose("E261", message, document.path, document.key_span("seconds"), hint=hint)


def _check_profiles(series: Series, document: Document) -> Iterator[Diagnostic]:
    if series.profile not in series.profiles and (series.profiles or "profile" in document.tree):
        hint = did_you_mean(series.profile, series.profiles) or f"define it under `profiles: {{{series.profile}: …}}`"
        message = f"the default profile `{series.profile}` is not defined in `profiles`"
        yield diagnose("E221", message, document.path, document.span("profile"), hint=hint)
    for name in sorted(set(series.profiles) & {*naming.DIST_FOLDERS, naming.DIST_PAGE} - {series.profile}):
        what = "where the index page is" if name == naming.DIST_PAGE else "into a folder of the default profile's"
        message = f"the profile `{name}` would be published {what}, dist/{name}"
        span = document.key_span("profiles", name)
        yield diagnose("P507", message, document.path, span, hint="give it another name")
