"""`episodec build --at COMMIT`: build the episodes of a commit, from git and the cache, into a folder of their own.

The commit's project is written from git into a scratch folder and built there with the project's cache and this
machine's settings. These settings are all that is read from the working tree, and dist/_at/ is all that is written
to it.
"""

import os
import time
from collections.abc import Callable
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from episodec.building.outcome import Outcome
from episodec.cli import build, results
from episodec.cli.options import Context
from episodec.errors import RejectedSpecs, UsageError
from episodec.project.accepted import ACCEPTS_ALL
from episodec.project.git import checkout_of
from episodec.project.git_trees import commit_of
from episodec.project.settings import read_settings
from episodec.project.tree import LOCAL_FILE, Place
from episodec.project.written_out import WrittenOut, write_out
from episodec.series.goals import WholeEpisodesGoal
from episodec.series.request import Request
from episodec.series.session import places
from episodec.store.layout import open_layout
from episodec.text import count_text, seconds_text

FOLDER = "_at"  # In dist/; no profile can have this name.
SHORT = 12  # Digits of the commit in the folder's name.


def run(context: Context) -> int:
    """Build the commit and print where its films are.

    Raises:
        UsageError: there is no git checkout or no such commit, or the commit lacks a target.
    """
    started, request = time.monotonic(), context.request()
    (place, targets), *others = places(request.targets)
    if others:
        raise UsageError("--at builds a single series", hint="name one, or change to its folder with -C")
    commit = commit_of(checkout_of(place.root), context.options.at)
    folder = str(Path(place.root, "dist", FOLDER, commit[:SHORT]))
    outcomes = built_at(
        context, request, place, commit, folder, lambda scratch: _inside(place, scratch, targets, commit)
    )
    code = build.exit_code(outcomes)
    made_count = sum(one.made_count for one in outcomes)
    text = f"{commit[:SHORT]}: {count_text(outcomes[0].episodes, 'episode')} · {count_text(made_count, 'action')} made"
    paths = [results.from_here(path) for one in outcomes for path in one.files]
    lines = [
        f"{text} · {seconds_text(time.monotonic() - started)}",
        *results.lines(paths, has_links=context.screen.has_links),
    ]
    if not context.options.json:
        context.screen.summary(lines)
    return code


def built_at(
    context: Context,
    request: Request,
    place: Place,
    commit: str,
    folder: str,
    inside: Callable[[str], tuple[str, ...]],
) -> list[Outcome]:
    """Build a commit into `folder`; its outcomes. `inside`: its targets, given the folder that it is written to.

    Raises:
        RejectedSpecs: the settings of this machine are wrong, or nobody has accepted them.
    """
    settings = _settings(place, context)
    with TemporaryDirectory(dir=open_layout(place.cache()).incoming, prefix="at-") as scratch:
        written = write_out(checkout_of(place.root), commit, place, scratch)
        _tell_left_out(context, written, commit)
        Path(scratch, LOCAL_FILE).write_text(settings, encoding="utf-8")
        environment = {**request.environment, ACCEPTS_ALL: "1"}  # The settings are those that were just read.
        there = replace(request, targets=inside(scratch), goals=WholeEpisodesGoal(folder), environment=environment)
        with chdir(written.place.folder()):
            return build.built(replace(context, series_states={}), there)


def _settings(place: Place, context: Context) -> str:
    """This machine's settings for the project as YAML, with the place of the cache added.

    Raises:
        RejectedSpecs: they have errors, or have not been accepted.
    """
    _, diagnostics, texts = read_settings(place.root, context.base.environment)
    if any(one.severity == "error" for one in diagnostics):
        raise RejectedSpecs("this machine's settings have errors", hint="`episodec validate` shows them")
    text = texts.get(LOCAL_FILE, "episodec: 1\n")
    has_cache = any(line.startswith("cache:") for line in text.splitlines())
    return text if has_cache else f"{text.rstrip()}\ncache: {place.cache()}\n"


def _inside(place: Place, scratch: str, targets: list[str], commit: str) -> tuple[str, ...]:
    """The targets as paths in the scratch project; numbers are unchanged.

    Raises:
        UsageError: the commit lacks a target.
    """
    is_inside = []
    for target in targets:
        if not os.path.lexists(target):  # A number.
            is_inside.append(target)
            continue
        path = Path(scratch, os.path.relpath(os.path.realpath(target), place.root))
        if not os.path.lexists(path):
            raise UsageError("the commit has no such file", facts={"commit": commit, "target": target})
        is_inside.append(os.path.normpath(path))
    return tuple(is_inside)


def _tell_left_out(context: Context, written: WrittenOut, commit: str) -> None:
    for path, reason in written.left_out.items():
        context.notice(f"{path} of {commit[:SHORT]} is left out: {reason}")
