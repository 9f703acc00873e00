"""Notices about a project's own folders that links put elsewhere, made by the author or the source of a checkout."""

import os
from collections.abc import Iterable, Iterator

from episodec.project.references import leads_out
from episodec.project.tree import Place

_OWN = (("dist", "files are published to"), ("cache", "results are kept in"))


def links_elsewhere(place: Place, targets: Iterable[str]) -> Iterator[str]:
    """Describe each link that puts dist/, cache/ or the series itself outside: a linked series belongs to the project
    at the link's end, not to the one in which it was named.
    """
    for name, role in _OWN:
        path = os.path.join(place.root, name)
        if os.path.islink(path) and leads_out(path, place.root):
            yield f"{name}/ is a link that leads out of the project: {role} {os.path.realpath(path)}"
    folder = os.path.realpath(place.folder())
    named = {os.path.dirname(os.path.abspath(path)) for path in _named(targets) if os.path.realpath(path) == folder}
    if place.series and any(os.path.realpath(parent) != os.path.realpath(place.root) for parent in named):
        yield f"{place.series}/ is a link out of this folder: its project, with cache/ and dist/, is {place.root}"


def _named(targets: Iterable[str]) -> Iterator[str]:
    """The targets, the folders above them and the links in them; the user named the series by one of these."""
    for target in targets:
        path = os.path.abspath(target)
        yield path
        try:
            with os.scandir(path) as entries:
                yield from (entry.path for entry in entries if entry.is_symlink())
        except OSError:
            pass
        while (parent := os.path.dirname(path)) != path:
            yield (path := parent)
