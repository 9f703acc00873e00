"""The distributions installed on a path of folders: their modules, versions and needs. Read from the names of metadata
folders and their file lists; nothing is imported.
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

    name: str  # Normalized by `plain_name`.
    version: str
    info: str  # Its metadata folder.

    @property
    def metadata(self) -> str:
        """The file that installing another version replaces."""
        return f"{self.info}/{'METADATA' if self.info.endswith('.dist-info') else 'PKG-INFO'}"


@dataclass(frozen=True, slots=True)
class Installed:
    """All distributions on a path. Of two with the same name the first counts, as it does for imports."""

    distributions: Mapping[str, Distribution]  # By name.
    by_module: Mapping[str, Sequence[str]]  # Names of top-level modules to names of distributions.

    def reached(self, names: Iterable[str]) -> dict[str, Distribution]:
        """These distributions and everything they need, by name; conditional needs, too, if they are installed."""
        by_name: dict[str, Distribution] = {}
        todo = list(names)
        while todo:
            name = plain_name(todo.pop())
            if name in by_name or name not in self.distributions:
                continue
            by_name[name] = self.distributions[name]
            todo += needs(self.distributions[name])
        return dict(sorted(by_name.items()))


def plain_name(name: str) -> str:
    """A distribution's normalized name: `PyYAML` and `pyyaml` are the same."""
    return re.sub(r"[-_.]+", "-", name).lower()


def search_path(extra: Iterable[str] = ()) -> list[str]:
    """The folders in which workers look for modules: episodec's own, then `extra`, then Python's. PYTHONPATH and the
    started program's folder do not count: workers have neither.
    """
    library = os.path.dirname(os.__file__)
    after = sys.path[sys.path.index(library) :] if library in sys.path else sys.path
    (here,) = closure.__path__  # Not `__file__`: code that names it counts as opening any file in its folder.
    return list(dict.fromkeys([str(Path(here).parents[1]), *extra, *filter(None, after)]))


def found_by_workers(module: str) -> str | None:
    """The file of a top-level module as workers find it, ignoring PYTHONPATH; None if there is none."""
    spec = PathFinder.find_spec(module, search_path())
    return spec.origin if spec is not None else None


def spec_of(module: str, path: Sequence[str]) -> ModuleSpec | None:
    """The spec of a top-level module for workers: in one of these folders, or from the finder of an editable
    installation (setuptools adds one if a folder alone would expose too much).
    """
    default_spec = PathFinder.find_spec(module, path)
    editable = (one for one in sys.meta_path if str(getattr(one, "__module__", "")).startswith("__editable__"))
    return default_spec or next((spec for one in editable if (spec := one.find_spec(module, None)) is not None), None)


def look(path: Sequence[str]) -> Installed:
    """Everything installed on this path."""
    by_name: dict[str, Distribution] = {}
    by_module: dict[str, list[str]] = {}
    for folder in path:
        for name in metadata_folders(folder):
            distribution = distribution_at(f"{folder}/{name}")
            if distribution is None or distribution.name in by_name:
                continue
            by_name[distribution.name] = distribution
            for module in _modules_of(distribution):
                by_module.setdefault(module, []).append(distribution.name)
    return Installed(by_name, by_module)


def metadata_folders(folder: str) -> list[str]:
    """The metadata folders of all distributions installed in a folder: name and version of each."""
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-info")))
    except OSError:
        return []


def distribution_at(info: str) -> Distribution | None:
    """The distribution of this metadata folder, by the folder's name."""
    matched = _INFO.fullmatch(os.path.basename(info))
    return Distribution(plain_name(matched["name"]), matched["version"], info) if matched else None


@cache
def needs(distribution: Distribution) -> Sequence[str]:
    """The names of the distributions that this one needs, without those of its extras."""
    lines = _text(distribution.metadata).partition("\n\n")[0].splitlines()
    return [match[1] for line in lines if (match := _NEEDS.match(line)) and "extra ==" not in line]


def files_of(distribution: Distribution) -> list[str]:
    """The files in its file list, relative to the folder in which it is installed."""
    return [line.rsplit(",", 2)[0].strip('"') for line in _text(f"{distribution.info}/RECORD").splitlines()]


def _modules_of(distribution: Distribution) -> set[str]:
    """The top-level modules of a distribution."""
    tops = {name.partition("/")[0] for name in files_of(distribution)}
    modules = {top.partition(".")[0] for top in tops if not top.endswith((".dist-info", ".pth", "..")) and top}
    return modules | set(_text(f"{distribution.info}/top_level.txt").split())


def _text(path: str) -> str:
    try:
        return Path(path).read_text("utf-8", "replace")
    except OSError:
        return ""
