"""Answers of git about a checkout. Its files may be a stranger's: git must not run any command that they name.

This is the only module that starts git.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from episodec.errors import ProjectError, UsageError

# The first two settings name programs that git may start while it reads an index. The third makes git refuse a folder
# that only looks like a repository; older versions ignore it, so nothing may depend on it.
_NEUTRAL = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "safe.bareRepository=explicit")


@dataclass(frozen=True, slots=True)
class Tracked:
    """The files that git tracks under a name in a folder."""

    files: tuple[str, ...] = ()  # Relative to that folder.
    error: str | None = None  # Why git could not answer: its first line of output, or why it did not run.


@dataclass(frozen=True, slots=True)
class GitAnswer:
    """The output and status of a git command."""

    code: int  # git's exit status; -1: it could not start or did not end.
    error: str  # The first line on stderr, or why it did not run.
    output: str = ""


@dataclass(frozen=True, slots=True)
class _Repository:
    directory: str
    work_tree: str | None  # The folder of its files; None: not configured, so it may be any folder.


class _CannotTell(Exception):
    """git did not answer."""


def tracked(folder: str, name: str) -> Tracked:
    """The files with this name, or below it, tracked by any repository that may have put them there.

    These are all checkouts that contain the folder, since one made inside another hides it but removes none of its
    files; and the repository that the environment names (`GIT_DIR`, `GIT_WORK_TREE`), as in deployments.
    """
    real = os.path.realpath(folder)
    paths: dict[str, None] = {}
    try:
        for repository in _repositories(real, os.environ):
            paths.update(dict.fromkeys(_files(repository, real, name)))
    except _CannotTell as error:
        return Tracked(error=str(error))
    return Tracked(tuple(paths))


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout and its repository."""

    directory: str
    top: str  # The folder of its files: an absolute path without links.

    def place_of(self, folder: str) -> str:
        """A folder as git names it: relative to the top; "" for the top itself."""
        relative = os.path.relpath(os.path.realpath(folder), self.top)
        return "" if relative == "." else relative


def checkout_of(folder: str) -> Checkout:
    """The innermost checkout that contains a folder.

    Raises:
        UsageError: there is none.
        ProjectError: git does not trust it, or does not run.
    """
    top = next(_checkouts(os.path.realpath(folder)), None)
    if top is None:
        sentence, hint = (
            "there is no history: this is not in a git checkout",
            "start one with `git init` and a commit",
        )
        raise UsageError(sentence, facts={"folder": folder}, hint=hint)
    answer = _run(top, "rev-parse", "--absolute-git-dir")
    if answer.code != 0:
        raise ProjectError("git cannot read the checkout", facts={"checkout": top, "reason": answer.error})
    return Checkout(os.path.join(top, ".git"), top)


def ask(checkout: Checkout, *words: str) -> GitAnswer:
    """Run git on a checkout, without fetching anything."""
    return _run(checkout.top, f"--git-dir={checkout.directory}", *words)


@contextmanager
def cat_file(checkout: Checkout, form: str, objects: Iterable[str]) -> Iterator[IO[bytes]]:
    """The output of `git cat-file` for these objects (`--batch`, `--batch-check`): bytes as stored, since no filter
    runs. Names are passed in a file: with two pipes, both sides could block.
    """
    with tempfile.TemporaryFile() as named:
        named.write("".join(f"{name}\n" for name in objects).encode())
        named.seek(0)
        command = ["git", *_NEUTRAL, f"--git-dir={checkout.directory}", "cat-file", form]
        where = _environment(os.environ)
        quiet = subprocess.DEVNULL
        with subprocess.Popen(command, env=where, stdin=named, stdout=subprocess.PIPE, stderr=quiet) as process:
            assert process.stdout is not None
            try:
                yield process.stdout
            finally:
                process.kill()  # No effect if it has ended.


def has_repository(folder: str) -> bool:
    """Whether any repository may have put files into a folder, so that git can be asked."""
    return bool(os.environ.get("GIT_DIR")) or next(_checkouts(os.path.realpath(folder)), None) is not None


def _checkouts(real: str) -> Iterator[str]:
    """The tops of all checkouts that contain a folder, innermost first.

    Only `.git` counts, which git refuses to track. A folder that looks like a repository itself (`HEAD`, `objects`,
    `refs`, `config`) may consist of tracked files.
    """
    top = real
    while True:
        if os.path.exists(os.path.join(top, ".git")):
            yield top
        parent = os.path.dirname(top)
        if parent == top:
            return
        top = parent


def _repositories(real: str, environment: Mapping[str, str]) -> Iterator[_Repository]:
    """The repositories that may track files in a folder, each with a work tree that contains it.

    Raises:
        _CannotTell: git does not trust one of them: `safe.directory` is not checked for a repository given by name.
    """
    known: dict[str, str] = {}  # By real path: the path used here.
    for top in _checkouts(real):
        place = _message(_run(top, "rev-parse", "--absolute-git-dir")).strip()
        known[os.path.realpath(place)] = directory = os.path.join(top, ".git")
        yield _Repository(directory, top)
        if (other := _configured_tree(directory)) not in (None, top) and _is_below(real, other):
            yield _Repository(directory, other)
    named, tree = environment.get("GIT_DIR"), environment.get("GIT_WORK_TREE")
    tree = os.path.realpath(tree) if tree else None
    for directory in [os.path.abspath(named)] if named else known.values():
        work_tree = tree or (_configured_tree(directory) if named else None)
        if work_tree is not None:
            if _is_below(real, work_tree):
                yield _Repository(directory, work_tree)
        elif named and os.path.realpath(directory) not in known:
            yield _Repository(directory, None)


def _configured_tree(directory: str) -> str | None:
    """The folder that a repository's own configuration names as its work tree."""
    answer = _run("/", f"--git-dir={directory}", "config", "--get", "core.worktree")
    if answer.code not in (0, 1):  # 1: it is not configured.
        raise _CannotTell(answer.error)
    text = answer.output.removesuffix("\n")
    return os.path.realpath(os.path.join(os.path.realpath(directory), text)) if text else None


def _files(repository: _Repository, real: str, name: str) -> list[str]:
    """The files that a repository tracks under a name in a folder, relative to it."""
    where = (f"--git-dir={repository.directory}", f"--work-tree={repository.work_tree or real}", "ls-files", "-z", "--")
    if repository.work_tree is not None:
        return _message(_run(real, *where, f":(icase){name}")).split("\0")[:-1]
    any_case = ":(top,glob,icase)**/"  # On file systems that ignore case these are the same name.
    paths = _message(_run(real, *where, f"{any_case}{name}", f"{any_case}{name}/**")).split("\0")[:-1]
    tracked_paths = []
    for path in paths:  # The folder may be anywhere in the work tree, as deep as the path has parts.
        place = f"/{path.lower()}/".find(f"/{name.lower()}/")
        if place >= 0 and f"/{real}".endswith(f"/{path}"[:place]):
            tracked_paths.append(path[place:])
    return tracked_paths


def _is_below(path: str, folder: str | None) -> bool:
    """Whether this is the folder or lies in it."""
    return folder is not None and f"{path}/".startswith(f"{folder.rstrip('/')}/")


def _message(answer: GitAnswer) -> str:
    if answer.code != 0:
        raise _CannotTell(answer.error)
    return answer.output


def _run(folder: str, *words: str) -> GitAnswer:
    command = ["git", *_NEUTRAL, "-C", folder, *words]
    try:
        ended = subprocess.run(
            command,
            env=_environment(os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return GitAnswer(-1, str(error))
    lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
    message = lines[0] if lines else f"exit status {ended.returncode}"
    return GitAnswer(ended.returncode, message, os.fsdecode(ended.stdout))


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    """The environment without variables that redirect git to another repository or index (hooks set them), but with the
    user's configuration. Fetching is disabled, because a partial clone's configuration names the command for it.
    """
    kept = {
        name: value for name, value in given.items() if not name.startswith("GIT_") or name.startswith("GIT_CONFIG_")
    }
    return {**kept, "GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1"}
