"""The location of a project and its specs. Knows nothing of specs' contents.

Imports only the lightest parts of the standard library, since the no-op path uses it.
"""

import os
from collections.abc import Mapping

SPEC_SUFFIX = ".episode.yaml"
TAKES_SUFFIX = ".takes.yaml"
SERIES_FILE = "series.yaml"
YAML_SUFFIXES = (".yaml", ".yml")
LOCAL_FILE = "episodec.local.yaml"
OTHER_STEMS = ("series", "character", "episodec.local")
"""Names, without suffix, of YAML files that are not specs: the series, a character, the settings of a machine."""


class Place:
    """The location of a series: `root` holds cache/ and dist/, `series` is the folder of series.yaml, relative to the
    root ("" for the root itself).
    """

    __slots__ = ("root", "series")

    def __init__(self, root: str, series: str) -> None:
        self.root = root
        self.series = series

    def cache(self) -> str:
        """The store's folder: cache/, or the one in the settings of this machine."""
        return cache_elsewhere(self.root) or os.path.join(self.root, "cache")

    def folder(self) -> str:
        """The series' folder."""
        return os.path.join(self.root, self.series) if self.series else self.root


def cache_elsewhere(root: str) -> str | None:
    """The folder of the cache in the project's own settings of this machine; None if they name none.

    Only the plain line `cache: /a/folder` counts: a no-op build has no time for YAML. `settings` refuses
    any other spelling.
    """
    try:
        with open(os.path.join(root, LOCAL_FILE), encoding="utf-8", errors="surrogateescape") as file:
            text = file.read(1 << 20)
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith("cache: /"):
            return line.removeprefix("cache: ").partition(" #")[0].rstrip()
    return None


def locate(path: str) -> Place | None:
    """The series that this file or folder belongs to: the nearest series.yaml at or above it.

    The root is the folder above the series' own, so that cache/ and dist/ are beside episodes/, not in it; a series
    folder that is a git checkout is its own root.
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
    """The series directly in this folder (for `episodec build` without a path at a project's root)."""
    try:
        names = sorted(entry.name for entry in os.scandir(path) if _is_folder(entry))
    except OSError:
        return []
    folders = [os.path.join(path, name) for name in names if os.path.isfile(os.path.join(path, name, SERIES_FILE))]
    return [place for place in map(locate, folders) if place is not None]


def takes_of(spec: str) -> str:
    """The path of a spec's takes file, whether or not it exists: `episodes/takes/072.takes.yaml`."""
    folder, _, name = spec.rpartition("/")
    return f"{folder + '/' if folder else ''}takes/{name.removesuffix(SPEC_SUFFIX)}{TAKES_SUFFIX}"


def spec_files(
    place: Place, left_out: list[str] | None = None, strays: list[str] | None = None, takes: list[str] | None = None
) -> list[str]:
    """Every spec of the series, relative to the root, sorted. Hidden files and folders are skipped, and so is
    everything below another series.yaml, which is another series.

    A linked folder is followed once, if it ends inside the root and outside the series. One with specs that ends
    outside the root is added to `left_out`; a YAML file without a known name to `strays`: its content may show that it
    is a misnamed spec; a takes file to `takes`.
    """
    specs: list[str] = []
    links: list[str] = []
    followed: list[str] = []
    todo = [place.series]
    while todo or links:
        if not todo:
            folder = min(links)  # In order of names: of two links to a folder, the same one is followed each time.
            links.remove(folder)
            if not _is_followed(place, folder, followed, left_out):
                continue
        else:
            folder = todo.pop()
        some, below, linked, others, is_series = _listed(place.root, folder)
        if is_series and folder != place.series:
            continue
        specs += some
        if strays is not None:
            strays += [name for name in others if not name.endswith(TAKES_SUFFIX)]
        if takes is not None:
            takes += [name for name in others if name.endswith(TAKES_SUFFIX)]
        links += linked
        todo += below if folder else [name for name in below if name not in ("cache", "dist")]
    if strays is not None:
        strays.sort()
    specs.sort()
    return specs


def _listed(root: str, folder: str) -> tuple[list[str], list[str], list[str], list[str], bool]:
    """The specs, folders, links and strays directly in a folder, and whether it has a series.yaml."""
    prefix = folder + "/" if folder else ""
    specs: list[str] = []
    folders: list[str] = []
    links: list[str] = []
    strays: list[str] = []
    is_series = False
    with os.scandir(os.path.join(root, folder) if folder else root) as entries:
        for entry in entries:
            name = entry.name
            if name[0] == ".":
                continue
            if name.endswith(SPEC_SUFFIX):
                specs.append(prefix + name)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(prefix + name)
            elif name == SERIES_FILE:
                is_series = True
            elif entry.is_symlink() and _is_folder(entry):
                links.append(prefix + name)
            elif _is_stray(name):
                strays.append(prefix + name)
    return specs, folders, links, strays, is_series


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    """Whether this is a folder once links are followed; a link to nothing or to itself is not."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_stray(name: str) -> bool:
    """Whether this is the name of a YAML file that is neither a spec nor another known file."""
    stem, suffix = os.path.splitext(name.lower())
    return suffix in YAML_SUFFIXES and stem not in OTHER_STEMS


def _is_followed(place: Place, link: str, followed: list[str], left_out: list[str] | None) -> bool:
    """Whether a linked folder is searched; if so, it is added to `followed`."""
    root, series = os.path.realpath(place.root), os.path.realpath(place.folder())
    real = os.path.realpath(os.path.join(place.root, link))
    if not _is_below(real, root):
        if left_out is not None and _holds_specs(os.path.join(place.root, link)):
            left_out.append(link)
        return False
    generated = (os.path.join(root, "cache"), os.path.join(root, "dist"))
    if _is_below(series, real) or any(_is_below(real, one) for one in (series, *generated, *followed)):
        return False
    followed.append(real)
    return True


def _holds_specs(folder: str) -> bool:
    try:
        return any(name.endswith(SPEC_SUFFIX) for name in os.listdir(folder))
    except OSError:
        return False


def _is_below(path: str, folder: str) -> bool:
    """Whether this is the folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def user_settings(environment: Mapping[str, str]) -> str:
    """The path of the user's settings, whether or not they exist."""
    configuration = environment.get("XDG_CONFIG_HOME") or os.path.join(
        environment.get("HOME") or os.path.expanduser("~"), ".config"
    )
    return os.path.join(configuration, "episodec", "local.yaml")
