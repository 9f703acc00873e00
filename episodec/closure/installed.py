"""The distributions that are installed on a path of folders: which module is of which, their versions and what they
need. Read from the names of their metadata folders and their lists of files; nothing is imported.
"""

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from episodec import closure

_INFO = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(?:-py[0-9.]+)?\.(?:dist|egg)-info")
_NEEDS = re.compile(r"Requires-Dist:\s*([A-Za-z0-9._-]+)")


@dataclass(frozen=True, slots=True)
class Distribution:
    """An installed distribution."""

    name: str  # In the one spelling of `plain_name`.
    version: str
    info: str  # Its metadata folder.

    @property
    def metadata(self) -> str:
        """The file that an installation of another version replaces."""
        return f"{self.info}/{'METADATA' if self.info.endswith('.dist-info') else 'PKG-INFO'}"


@dataclass(frozen=True, slots=True)
class Installed:
    """All distributions on a path. Of two that are one, the first counts, as it does for imports."""

    distributions: Mapping[str, Distribution]  # By name.
    by_module: Mapping[str, Sequence[str]]  # Top-level modules' names to those of distributions.

    def reached(self, names: Iterable[str]) -> dict[str, Distribution]:
        """These distributions and all that they need, by name; what is needed under conditions, where it is there."""
        found: dict[str, Distribution] = {}
        todo = list(names)
        while todo:
            name = plain_name(todo.pop())
            if name in found or name not in self.distributions:
                continue
            found[name] = self.distributions[name]
            todo += needs(self.distributions[name])
        return dict(sorted(found.items()))


def plain_name(name: str) -> str:
    """A distribution's name in its one spelling: `PyYAML` and `pyyaml` are one."""
    return re.sub(r"[-_.]+", "-", name).lower()


def search_path(extra: Iterable[str] = ()) -> list[str]:
    """Where workers find modules: beside this package, then `extra`, then where Python itself looks. Neither
    PYTHONPATH nor the folder of the program that was started counts: workers have none of them.
    """
    library = os.path.dirname(os.__file__)
    after = sys.path[sys.path.index(library) :] if library in sys.path else sys.path
    (here,) = closure.__path__  # Not `__file__`: who names that is taken to open any file beside it.
    return list(dict.fromkeys([str(Path(here).parents[1]), *extra, *filter(None, after)]))


def found_by_workers(module: str) -> str | None:
    """The file of a top-level module as workers find it, whatever PYTHONPATH says here; None where there is none."""
    spec = PathFinder.find_spec(module, search_path())
    return spec.origin if spec is not None else None


def spec_of(module: str, path: Sequence[str]) -> ModuleSpec | None:
    """Where a top-level module lies for workers: in one of these folders, or where an editable installation says by a
    finder of its own (setuptools brings one where a folder alone would offer too much).
    """
    found = PathFinder.find_spec(module, path)
    editable = (one for one in sys.meta_path if str(getattr(one, "__module__", "")).startswith("__editable__"))
    return found or next((spec for one in editable if (spec := one.find_spec(module, None)) is not None), None)


def look(path: Sequence[str]) -> Installed:
    """All that is installed on this path."""
    found: dict[str, Distribution] = {}
    by_module: dict[str, list[str]] = {}
    for folder in path:
        for name in metadata_folders(folder):
            one = distribution_at(f"{folder}/{name}")
            if one is None or one.name in found:
                continue
            found[one.name] = one
            for module in _modules_of(one):
                by_module.setdefault(module, []).append(one.name)
    return Installed(found, by_module)


def metadata_folders(folder: str) -> list[str]:
    """The metadata folders of all distributions installed in one folder: name and version of each."""
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-info")))
    except OSError:
        return []


def distribution_at(info: str) -> Distribution | None:
    """The distribution of this metadata folder, by its name."""
    matched = _INFO.fullmatch(os.path.basename(info))
    return Distribution(plain_name(matched["name"]), matched["version"], info) if matched else None


@cache
def needs(one: Distribution) -> Sequence[str]:
    """The names of the distributions that this one needs, without those of its extras."""
    lines = _text(one.metadata).partition("\n\n")[0].splitlines()
    return [found[1] for line in lines if (found := _NEEDS.match(line)) and "extra ==" not in line]


def files_of(one: Distribution) -> list[str]:
    """Its files, as its list of them says, relative to the folder that it is installed in."""
    return [line.rsplit(",", 2)[0].strip('"') for line in _text(f"{one.info}/RECORD").splitlines()]


def _modules_of(one: Distribution) -> set[str]:
    """The top-level modules of a distribution."""
    tops = {name.partition("/")[0] for name in files_of(one)}
    found = {top.partition(".")[0] for top in tops if not top.endswith((".dist-info", ".pth", "..")) and top}
    return found | set(_text(f"{one.info}/top_level.txt").split())


def _text(path: str) -> str:
    try:
        return Path(path).read_text("utf-8", "replace")
    except OSError:
        return ""
