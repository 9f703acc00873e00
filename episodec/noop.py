"""The no-op path: where the project lies, which specs it has, and which of them a build need not look at.

Knows nothing of specs' contents. Imports the standard library's lightest parts only: a no-op build of 72 episodes is a
few
milliseconds over the interpreter's start, and every import here would be paid by it.
"""

import os

from episodec.store import traces

SPEC_SUFFIX = ".episode.yaml"
SERIES_FILE = "series.yaml"

Standing = tuple[list[str], list[str], list[str]]
"""All specs of a series, those that a build must look at, and the traced ones that are gone; relative to the root,
sorted.
"""


class Place:
    """Where a series lies: `root` holds cache/ and dist/, `series` is the folder of series.yaml, relative to it ("" if
    it is it).
    """

    __slots__ = ("root", "series")

    def __init__(self, root: str, series: str) -> None:
        self.root = root
        self.series = series

    def cache(self) -> str:
        """The store's folder."""
        return os.path.join(self.root, "cache")

    def folder(self) -> str:
        """The series' folder."""
        return os.path.join(self.root, self.series) if self.series else self.root


def locate(path: str) -> Place | None:
    """The series that this file or folder belongs to: the nearest series.yaml at or above it.

    The root is the folder above the series' own, so that cache/ and dist/ lie beside episodes/ and not in it; a series
    folder that is a git checkout of its own is its own root.
    """
    folder = os.path.realpath(path)
    while True:
        if os.path.isfile(os.path.join(folder, SERIES_FILE)):
            parent = os.path.dirname(folder)
            if parent == folder or os.path.exists(os.path.join(folder, ".git")):
                return Place(folder, "")
            return Place(parent, os.path.basename(folder))
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def locate_below(path: str) -> list[Place]:
    """The series that lie directly in this folder (what `episodec build` without a path means at a project's root)."""
    try:
        names = sorted(entry.name for entry in os.scandir(path) if entry.is_dir())
    except OSError:
        return []
    found = [os.path.join(path, name) for name in names if os.path.isfile(os.path.join(path, name, SERIES_FILE))]
    return [place for place in map(locate, found) if place is not None]


def spec_files(place: Place) -> list[str]:
    """Every spec of the series, relative to the root, sorted. Hidden folders are not looked into."""
    found: list[str] = []
    todo = [place.series]
    while todo:
        folder = todo.pop()
        prefix = folder + "/" if folder else ""
        with os.scandir(os.path.join(place.root, folder) if folder else place.root) as entries:
            for entry in entries:
                name = entry.name
                if name.endswith(SPEC_SUFFIX):
                    found.append(prefix + name)
                elif (
                    "." not in name
                    and entry.is_dir(follow_symlinks=False)
                    and (folder or name not in ("cache", "dist"))
                ):
                    todo.append(prefix + name)
    found.sort()
    return found


def stale_specs(place: Place, variant: str) -> Standing:
    """How the series stands under this variant (profile and overrides): one scan, one table read, one comparison an
    episode.
    """
    specs = spec_files(place)
    before = os.getcwd()
    os.chdir(place.root)  # Short relative paths: a third of the cost of a stat call is its path.
    try:
        compiler = traces.compiler_signature(os.path.dirname(os.path.abspath(__file__)))
        stale, gone = traces.not_standing("cache/index.db", place.series, variant, compiler, specs)
    finally:
        os.chdir(before)
    return specs, stale, gone
