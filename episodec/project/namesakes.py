"""Files whose names are equal on other systems, where a checkout would keep only one of them. Knows no specs."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from episodec.spec.series_checks import any_system


@dataclass(frozen=True, slots=True)
class Namesakes:
    """Finds namesakes below a root; each folder is listed once per command."""

    root: str
    listed: dict[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)

    def of(self, path: str) -> str | None:
        """The first neighbour of a path relative to the root, or of a folder on its way, whose name differs only in
        case or Unicode form; None if there is none.
        """
        folder = ""
        for name in path.split("/"):
            others = [other for other in self._named(folder).get(any_system(name), ()) if other != name]
            if others:
                return os.path.join(folder, min(others))
            folder = os.path.join(folder, name)
        return None

    def _named(self, folder: str) -> Mapping[str, Sequence[str]]:
        """The names in a folder, grouped by their form on any system; none if it cannot be listed."""
        if folder not in self.listed:
            by_name: defaultdict[str, list[str]] = defaultdict(list)
            try:
                for name in os.listdir(os.path.join(self.root, folder)):
                    by_name[any_system(name)].append(name)
            except OSError:  # The reader of its files reports the error.
                by_name.clear()
            self.listed[folder] = by_name
        return self.listed[folder]
