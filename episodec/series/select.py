"""The episodes that a command's targets select: paths, numbers, ranges of numbers."""

import os
import re
import shlex
from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence

from episodec.errors import UsageError
from episodec.project.tree import OTHER_STEMS, SPEC_SUFFIX, YAML_SUFFIXES, Place

Numbers = Callable[[Sequence[str]], Mapping[str, tuple[str, int]]]


_NUMBER = re.compile(r"(?:[^/]+/)?\d{1,9}(?:-\d{1,9})?")


def is_number(target: str) -> bool:
    """Whether this has the form of an episode number or a range of them."""
    return _NUMBER.fullmatch(target) is not None


def select(targets: Mapping[str, str], place: Place, specs: Sequence[str], numbers: Numbers) -> list[str]:
    """The selected specs in their order. Targets are absolute paths (a spec or a folder), `72`, `70-75`, `d13/72` or
    `d13/70-75`, each with the words in which the user gave it.

    Raises:
        UsageError: a target selects nothing.
    """
    chosen: set[str] = set()
    present = set(specs)
    ordered: list[tuple[int, str, str]] | None = None
    for target, given in targets.items():
        if os.path.isabs(target):
            selected = _below(target, given, place, specs, present)
        else:
            if ordered is None:
                ordered = sorted((number, of, spec) for spec, (of, number) in numbers(specs).items())
            selected = _numbered(target, ordered)
        if not selected and not _is_series(target, place):
            raise UsageError(
                "no episode matches this",
                facts={"target": target},
                hint="give a spec, a folder, a number or a range: 70-75",
            )
        chosen.update(selected)
    return [spec for spec in specs if spec in chosen]


def _below(path: str, given: str, place: Place, specs: Sequence[str], present: Collection[str]) -> list[str]:
    """The spec at this path, or those in this folder: by the path itself, or by the one that its links lead to.
    `given`: the path as the user wrote it.
    """
    relative = os.path.relpath(os.path.realpath(path), place.root)
    if relative == ".":
        return list(specs)
    if os.path.isfile(path) and not path.endswith(SPEC_SUFFIX):
        _refuse_misnamed(relative, given, place)
        question = f"episodec impact {shlex.quote(given)}"
        hint = f"a spec's name ends in {SPEC_SUFFIX}; to see what depends on another file: `{question}`"
        raise UsageError("this file is not an episode's spec", facts={"target": relative}, hint=hint)
    exact = os.path.relpath(os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path)), place.root)
    lexical = os.path.relpath(os.path.abspath(path), place.root)
    return [spec for name in dict.fromkeys((relative, exact, lexical)) for spec in _at(name, specs, present)]


def _refuse_misnamed(relative: str, given: str, place: Place) -> None:
    """Refuse a file that is a spec by its content.

    Raises:
        UsageError: with the name that it should have.
    """
    from episodec.project.misnamed import misnamed, spec_name  # Imported only after a mistake.
    from episodec.project.schemas import language

    stem, suffix = os.path.splitext(os.path.basename(relative).lower())
    if (
        suffix in YAML_SUFFIXES
        and stem not in OTHER_STEMS
        and misnamed(place.root, relative, language())[1] is not None
    ):
        name = spec_name(relative)
        command = f"mv {shlex.quote(given)} {shlex.quote(os.path.join(os.path.dirname(given), name))}"
        hint = f"name it {name}: `{command}`"
        raise UsageError("this spec has a name that specs do not have", facts={"target": relative}, hint=hint)


def _at(name: str, specs: Sequence[str], present: Collection[str]) -> Sequence[str]:
    if name in present:
        return [name]
    return specs[bisect_left(specs, name + "/") : bisect_left(specs, name + "0")]  # "0" follows "/" in ASCII.


def _is_series(path: str, place: Place) -> bool:
    """Whether the target is the series as a whole, which may be empty."""
    return os.path.isabs(path) and os.path.realpath(path) in (os.path.realpath(place.folder()), place.root)


def _numbered(target: str, ordered: Sequence[tuple[int, str, str]]) -> list[str]:
    """The specs in this range; `ordered`: number, season and spec, by number."""
    season, _, numbers = target.rpartition("/")
    first, dash, last = numbers.partition("-")
    start = int(first)
    end = int(last) if dash else start
    some = ordered[bisect_left(ordered, (start, "", "")) : bisect_left(ordered, (end + 1, "", ""))]
    return [spec for _, of, spec in some if season in ("", of)]
