"""One side of a comparison: a series from a commit or from the working tree, lowered by this compiler, with an index of
its own. Neither the checkout nor its cache is written.
"""

import os
import re
from collections.abc import Sequence
from contextlib import chdir
from dataclasses import dataclass

from episodec.errors import UsageError
from episodec.project import tree
from episodec.project.absent import Absent
from episodec.project.fetched import put_fetched
from episodec.project.git import Checkout, checkout_of
from episodec.project.git_trees import commit_of, is_commit, last_commit, merge_base
from episodec.project.loaded import LoadedEpisode
from episodec.project.loading import Project
from episodec.project.references import leads_out
from episodec.project.settings import LocalSettings
from episodec.project.tree import Place
from episodec.project.written_out import write_out
from episodec.series import noop
from episodec.series.request import Request
from episodec.series.select import is_number, select
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.layout import open_layout


@dataclass(frozen=True, slots=True)
class Revisions:
    """The versions to compare: full commit names; None is the working tree."""

    base: str
    head: str | None


@dataclass(frozen=True, slots=True)
class Side:
    """One series, lowered."""

    place: Place
    project: Project | None  # None: it has no series.yaml there.
    specs: tuple[str, ...]  # All of the series.
    selected: tuple[str, ...]  # The chosen ones.
    loaded: dict[str, LoadedEpisode]  # Of these, those without errors, by spec.
    absent: Absent
    index: Index | None  # Open while the project is in use; `close` closes it.

    def close(self) -> None:
        """Close its index."""
        if self.index is not None:
            self.index.close()

    def refused(self) -> dict[str, tuple[str, ...]]:
        """The specs that could not be lowered, with the codes of their errors, or else of errors in shared files."""
        errors = [] if self.project is None else [one for one in self.project.diagnostics if one.severity == "error"]
        refused_specs = {}
        for spec in self.selected:
            if spec not in self.loaded:
                own = {one.code for one in errors if one.path == spec}
                refused_specs[spec] = tuple(sorted(own or {one.code for one in errors if one.path not in self.specs}))
        return refused_specs


def base_and_targets(words: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """The revision that the words of a command line begin with, or None, and the targets after it."""
    begins = bool(words) and _is_revision(words[0])
    return (words[0], tuple(words[1:])) if begins else (None, tuple(words))


def _is_revision(word: str) -> bool:
    """Whether the first word of a command line is a revision, not a target: paths and numbers are targets."""
    if os.path.lexists(word) or is_number(word):
        return False
    ends = re.split(r"\.\.\.?", word)
    checkout = checkout_of(".")
    return len(ends) == 2 or is_commit(checkout, word) or not re.search(r"[/.]", word)


def revisions(checkout: Checkout, word: str | None) -> Revisions:
    """The versions in `BASE` (against the working tree), `BASE..HEAD`, or `BASE...HEAD` (from their merge base, as in
    git). An empty name is the last commit.

    Raises:
        UsageError: git knows no such commit.
    """
    match = re.fullmatch(r"(.*?)(\.\.\.?)(.*)", word or "")
    if match is None:
        return Revisions(commit_of(checkout, word) if word else last_commit(checkout), None)
    base, head = (commit_of(checkout, one or "HEAD") for one in (match[1], match[3]))
    return Revisions(merge_base(checkout, base, head) if match[2] == "..." else base, head)


def of_working_tree(
    place: Place, folder: str, request: Request, targets: Sequence[str], before: Side | None = None
) -> Side:
    """A series from the working tree. `folder`: an empty folder for the index; `before`: the other side, whose
    episodes are reused where they are the same.
    """
    return _lowered(place, folder, request, targets, Absent(place.root), None, before)


def of_commit(  # noqa: PLR0913, PLR0917 - the whole description of a side.
    checkout: Checkout,
    commit: str,
    place: Place,
    folder: str,
    request: Request,
    targets: Sequence[str],
    settings: LocalSettings,
    before: Side | None = None,
) -> Side:
    """A series from a commit. `folder`: an empty folder; `settings`: this machine's, which no commit holds; `before`:
    as of `of_working_tree`.
    """
    root = os.path.join(folder, "tree")
    os.mkdir(root)
    written = write_out(checkout, commit, place, root)
    put_fetched(written, place.root)
    moved = [_moved(target, place, root) for target in targets]
    absent = Absent(root, written.objects, written.left_out)
    return _lowered(written.place, os.path.join(folder, "index"), request, moved, absent, settings, before)


def _moved(target: str, place: Place, root: str) -> str:
    """A target with its path in the working tree replaced by the path in the written tree."""
    return (
        os.path.join(root, os.path.relpath(target, os.path.realpath(place.root))) if os.path.isabs(target) else target
    )


def absolute(targets: Sequence[str]) -> list[str]:
    """Targets with absolute paths, links in their folders resolved."""
    return [_real(target) if os.path.lexists(target) else target for target in targets]


def _real(path: str) -> str:
    return os.path.normpath(os.path.join(os.path.realpath(os.path.dirname(path) or "."), os.path.basename(path)))


def _lowered(  # noqa: PLR0913, PLR0917 - the whole description of a side.
    place: Place,
    folder: str,
    request: Request,
    targets: Sequence[str],
    absent: Absent,
    settings: LocalSettings | None,
    before: Side | None,
) -> Side:
    file = os.path.join(place.folder(), tree.SERIES_FILE)
    if not os.path.isfile(file) or leads_out(place.folder(), place.root):  # A commit may have a link in its place.
        return Side(place, None, (), (), {}, absent, None)
    strays: list[str] = []
    specs = tree.spec_files(place, None, strays)
    index = Index(open_layout(folder))
    try:
        with chdir(place.root):
            digests = FileDigests(index, place.root)
            compiler = noop.toolchain_signature(request.environment)
            project = Project(place, index, digests, request.asked, compiler, request.environment)
            if settings is not None:
                project.use_settings(settings)
            if request.backends is not None or request.worker_path:
                project.use_backends(request.backends, request.worker_path)
            if request.lower is not None:
                project.use_lowering(request.lower)
            project.take_absent(absent)
            project.refuse_misnamed(strays)
            if before is not None and before.project is not None and not (before.absent.reasons or absent.reasons):
                project.take_lowered(before.project, before.loaded)
            chosen = _chosen(place, specs, targets, project)
            loaded = project.load(chosen, set(specs))
    except BaseException:
        index.close()
        raise
    return Side(place, project, tuple(specs), tuple(chosen), {one.spec: one for one in loaded}, absent, index)


def _chosen(place: Place, specs: Sequence[str], targets: Sequence[str], project: Project) -> list[str]:
    """The specs that targets choose on this side; a target may match on the other side only."""
    if not targets:
        return list(specs)
    chosen: set[str] = set()
    for target in targets:
        try:
            chosen |= set(select({target: target}, place, specs, project.numbers))
        except UsageError:
            continue
    return [spec for spec in specs if spec in chosen]
