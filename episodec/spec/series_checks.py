"""Checks across the episodes of a series, on small facts: one changed spec of 10 000 costs one lookup.

Knows nothing of where facts are kept: `find` may query a dictionary or a database.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from episodec.spec.diagnostic import Diagnostic, Related, Span, diagnose
from episodec.spec.document import Document
from episodec.spec.types import Episode, Series

ClaimKind = Literal["number", "name", "foley"]
Claim = tuple[ClaimKind, str]  # A value that must be unique to an episode: ("number", "d13/72").


@dataclass(frozen=True, slots=True)
class EpisodeFacts:
    """The facts of one episode that checks of others need: plain data that can be kept for an unchanged file."""

    path: str
    number: int | None = None
    season: str = ""
    name: str | None = None
    foley_prompt: str | None = None  # Normalised.
    reuse: bool = False
    number_span: Span | None = None
    foley_span: Span | None = None

    def claims(self) -> Iterator[Claim]:
        """The values that must be unique to this episode; `check_facts` looks up others by them."""
        if self.number is not None:
            yield "number", f"{self.season}/{self.number}"
        if self.name is not None:
            yield "name", self.name.casefold()
        if self.foley_prompt:
            yield "foley", self.foley_prompt


Find = Callable[[Claim], Iterable[EpisodeFacts]]


def gather_facts(document: Document, series: Series, episode: Episode | None) -> EpisodeFacts:
    """The facts of one spec, as far as they are readable if it was refused (`episode` None)."""
    tree = document.tree
    number, season, foley = tree.get("number"), tree.get("season", series.season), tree.get("foley")
    foley = foley if isinstance(foley, Mapping) else {}
    prompt = foley.get("prompt")
    return EpisodeFacts(
        path=document.path,
        number=number if isinstance(number, int) and not isinstance(number, bool) else None,
        season=season if isinstance(season, str) else "",
        name=episode.name if episode else None,
        foley_prompt=normalize_prompt(prompt) if isinstance(prompt, str) else None,
        reuse=foley.get("reuse") is True,
        number_span=document.spans.get(("number",)),
        foley_span=document.spans.get(("foley", "prompt")),
    )


def normalize_prompt(prompt: str) -> str:
    """A prompt without parts that do not change its meaning: case, punctuation, spacing, compatibility forms."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", prompt).casefold())
    return " ".join(re.findall(r"\w+", folded))


def index_claims(facts: Iterable[EpisodeFacts]) -> Mapping[Claim, list[EpisodeFacts]]:
    """Facts by claim: `lambda claim: index.get(claim, ())` is a `Find`."""
    index: defaultdict[Claim, list[EpisodeFacts]] = defaultdict(list)
    for episode_facts in facts:
        for claim in episode_facts.claims():
            index[claim].append(episode_facts)
    return dict(index)


def check_facts(checked: Iterable[EpisodeFacts], find: Find) -> list[Diagnostic]:
    """The clashes between claims of the checked episodes and of all others.

    `find` gives all episodes with a claim; the checked ones may be among them. Each clash is reported at the later
    episode (by number, then path), whichever was checked, so that a partial check agrees with a whole one.
    """
    mine: defaultdict[Claim, dict[str, EpisodeFacts]] = defaultdict(dict)
    current = {one.path: one for one in checked}
    for episode_facts in current.values():
        for claim in episode_facts.claims():
            mine[claim][episode_facts.path] = episode_facts
    diagnostics: list[Diagnostic] = []
    for claim, holders in mine.items():
        others = {one.path: one for one in find(claim) if one.path not in current}
        ordered = sorted((holders | others).values(), key=_age)
        if len(ordered) > 1:
            diagnostics += (
                _RULES[claim[0]](later, ordered[0]) for later in ordered[1:] if _clashes(claim[0], later, ordered[0])
            )
    return diagnostics


def check_paths(checked: Iterable[str], present: Collection[str]) -> Iterator[Diagnostic]:
    """The checked specs whose paths equal those of other present ones when case and Unicode forms are ignored."""
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    for path in present:
        by_name[any_system(path)].append(path)
    if len(by_name) == len(present):
        return
    for path in checked:
        others = sorted(other for other in by_name[any_system(path)] if other != path)
        if others:
            yield one_name(path, others[0], path, None)


def one_name(path: str, other: str, spec: str, span: Span | None) -> Diagnostic:
    """The diagnostic of two paths that are equal on other systems, at a place in a spec."""
    same = unicodedata.normalize("NFC", path) == unicodedata.normalize("NFC", other)
    how = "in Unicode normalisation" if same else "in case"
    message = f"the name differs from that of `{other}` only {how}"
    return diagnose("F422", message, spec, span, hint="rename one of them: on other systems they are one file")


def any_system(path: str) -> str:
    """One text for all paths that some file system treats as equal. Such systems fold letter by letter: ß stays ß."""
    if path.isascii():
        return path.lower()
    letters = unicodedata.normalize("NFC", path)
    return "".join(folded if len(folded := letter.casefold()) == 1 else letter for letter in letters)


def _age(facts: EpisodeFacts) -> tuple[int, str]:
    return (facts.number if facts.number is not None else -1), facts.path


def _clashes(kind: ClaimKind, later: EpisodeFacts, first: EpisodeFacts) -> bool:
    match kind:
        case "number":
            return True
        case "name":  # One number gives one name: that is already reported.
            return (later.season, later.number) != (first.season, first.number)
        case "foley":
            return not later.reuse


def _number_twice(later: EpisodeFacts, first: EpisodeFacts) -> Diagnostic:
    season = f" of season {later.season}" if later.season else ""
    related = [Related(first.path, first.number_span, "the other one is here")]
    message = f"another episode{season} has the number {later.number}"
    return diagnose("X301", message, later.path, later.number_span, related=related)


def _name_twice(later: EpisodeFacts, first: EpisodeFacts) -> Diagnostic:
    related = [Related(first.path, first.number_span, f"the other one, named {first.name}, is here")]
    hint = "use {season} and {number} in `naming` of series.yaml"
    message = f"another episode has the name {later.name}: their files would overwrite each other"
    return diagnose("X302", message, later.path, later.number_span, hint=hint, related=related)


def _foley_twice(later: EpisodeFacts, first: EpisodeFacts) -> Diagnostic:
    twin = f"episode {first.number}" if first.number is not None else "another episode"
    related = [Related(first.path, first.foley_span, f"{twin} has it here")]
    hint = "write a different prompt, or set `reuse: true` under `foley`"
    message = f"this Foley prompt is the same as that of {twin}"
    return diagnose("X303", message, later.path, later.foley_span, hint=hint, related=related)


_RULES: Mapping[ClaimKind, Callable[[EpisodeFacts, EpisodeFacts], Diagnostic]] = {
    "number": _number_twice,
    "name": _name_twice,
    "foley": _foley_twice,
}
