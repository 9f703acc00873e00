"""Which episodes a command is about: paths, numbers, ranges of numbers."""

import os
import re
from collections.abc import Callable, Mapping, Sequence

from episodec.errors import UsageError
from episodec.noop import SPEC_SUFFIX, Place

Numbers = Callable[[Sequence[str]], Mapping[str, tuple[str, int]]]


_NUMBER = re.compile(r"(?:[^/]+/)?\d{1,9}(?:-\d{1,9})?")


def is_number(target: str) -> bool:
    """Whether this is written like an episode's number or a range of them."""
    return _NUMBER.fullmatch(target) is not None


def select(targets: Sequence[str], place: Place, specs: Sequence[str], numbers: Numbers) -> list[str]:
    """The chosen specs in their order. Targets are absolute paths (a spec or a folder), `72`, `70-75`, `d13/72` or
    `d13/70-75`.

    Raises:
        UsageError: a target chooses nothing.
    """
    chosen: set[str] = set()
    known: Mapping[str, tuple[str, int]] | None = None
    for target in targets:
        if os.path.isabs(target):
            found = _below(target, place, specs)
        else:
            known = numbers(specs) if known is None else known
            found = _numbered(target, known)
        if not found and not _is_series(target, place):
            raise UsageError(
                "no episode is chosen by this",
                facts={"target": target},
                hint="give a spec, a folder, a number or a range: 70-75",
            )
        chosen.update(found)
    return [spec for spec in specs if spec in chosen]


def _below(path: str, place: Place, specs: Sequence[str]) -> list[str]:
    relative = os.path.relpath(os.path.realpath(path), place.root)
    if relative == ".":
        return list(specs)
    if os.path.isfile(path) and not path.endswith(SPEC_SUFFIX):
        question = f"episodec impact {os.path.basename(path)}"
        hint = f"a spec's name ends in {SPEC_SUFFIX}; to see what hangs on another file: `{question}`"
        raise UsageError("this file is not an episode's spec", facts={"target": relative}, hint=hint)
    exact = os.path.relpath(os.path.abspath(path), place.root)
    return [spec for spec in specs if spec in (relative, exact) or spec.startswith(relative.rstrip("/") + "/")]


def _is_series(path: str, place: Place) -> bool:
    """Whether the target is the series as a whole, which may be empty."""
    return os.path.isabs(path) and os.path.realpath(path) in (os.path.realpath(place.folder()), place.root)


def _numbered(target: str, known: Mapping[str, tuple[str, int]]) -> list[str]:
    season, _, numbers = target.rpartition("/")
    first, dash, last = numbers.partition("-")
    start = int(first)
    end = int(last) if dash else start
    return [spec for spec, (of, number) in known.items() if start <= number <= end and season in ("", of)]
