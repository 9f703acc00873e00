"""The folders of traced files: whether they are in the project, and where they lead when they are links."""

import os
from collections.abc import Iterable, Iterator

from episodec.store import traces
from episodec.store.index import Index


class TraceFolders:
    """The folders of one series' traces under one variant. Each is read once and noted in that state."""

    def __init__(self, index: Index, series: str, variant: str) -> None:
        self._index = index
        self._series = series
        self._variant = variant
        self._places: dict[str, str] = {}  # The real paths of folders that were checked.
        self._links: dict[str, str] = {}  # Of these and all folders above them, where each led then.

    def hold(self, files: Iterable[str]) -> bool:
        """Whether files of the project are inside it by their real paths: a folder may have become a link that leads
        out.

        Deliverables are exempt: dist/ may be on a larger disk.
        """
        top = os.path.realpath(".")
        for path in filter(_is_of_project, files):
            folder = self._place(os.path.dirname(path))
            place = os.path.realpath(path) if os.path.islink(path) else folder
            if place != top and not f"{place}/".startswith(f"{top.rstrip('/')}/"):
                return False
        return True

    def note(self, files: Iterable[str]) -> None:
        """Note where the folders of these files, which `hold` has checked, led then.

        Only of these files: the folders of all known files would grow with every episode.
        """
        self._note({os.path.dirname(path) for path in filter(_is_of_project, files)})

    def settle(self) -> None:
        """Note where folders lead now, after every trace was refreshed.

        Traces that do not hold are already marked, and will be checked again whatever their signatures are.
        """
        for row in self._index.rows(traces.LINKS, (self._series, self._variant)):
            self._place(row["folder"])
        self._note(self._places)

    def _place(self, folder: str) -> str:
        """The real path of a folder, as it was when first read.

        Its links are read before it: one that changes meanwhile is noted in its old state, and the next no-op notices.
        """
        if folder not in self._places:
            for parent in _with_those_above(folder):
                if parent not in self._links:
                    self._links[parent] = traces.link_text(parent)
            self._places[folder] = os.path.realpath(folder)
        return self._places[folder]

    def _note(self, folders: Iterable[str]) -> None:
        """Note these folders and those above them."""
        above = {part for folder in folders for part in _with_those_above(folder)}
        self._index.write_many(
            "INSERT INTO trace_folders (series, variant, folder, link) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET link = excluded.link WHERE link <> excluded.link",
            [(self._series, self._variant, folder, self._links[folder]) for folder in sorted(above)],
        )


def _is_of_project(path: str) -> bool:
    """Whether a traced file must be in the project: not a model or program of this machine, and not a deliverable."""
    return not (os.path.isabs(path) or path.startswith("dist/"))


def _with_those_above(folder: str) -> Iterator[str]:
    """This folder and those above it, without the root."""
    while folder:
        yield folder
        folder = os.path.dirname(folder)
