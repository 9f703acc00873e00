"""What git says of a checkout. Its files may be a stranger's: git runs no command that they name.

This is the only place that starts git.
"""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

# The first two name programs that git may start while it reads an index. The third makes git refuse a folder that only
# looks like a repository; older versions do not know it, so that nothing hangs on it.
_NEUTRAL = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "safe.bareRepository=explicit")


@dataclass(frozen=True, slots=True)
class Answer:
    """What git said."""

    code: int  # Its exit status; -1: it could not be started, or did not end.
    error: str  # The first line of what it wrote to stderr, or the reason why it did not run.
    output: str = ""


def checkout_of(folder: str) -> str | None:
    """The top of the checkout that a folder lies in; None where it lies in none.

    Only a `.git` counts, which git refuses to track. A folder that looks like a repository itself (`HEAD`, `objects`,
    `refs`, `config`) may be made of tracked files.
    """
    top = os.path.realpath(folder)
    while not os.path.exists(os.path.join(top, ".git")):
        parent = os.path.dirname(top)
        if parent == top:
            return None
        top = parent
    return top


def ask_git(top: str, folder: str, *words: str) -> Answer:
    """What git answers in a folder of the checkout whose top is `top`.

    git is told where the repository lies, and looks for no other. Before, it says whether it trusts that checkout: a
    repository that is named is not held to `safe.directory`.
    """
    trust = _run(top, "rev-parse", "--git-dir")
    if trust.code != 0:
        return trust
    where = (f"--git-dir={os.path.join(top, '.git')}", f"--work-tree={top}")
    return _run(os.path.realpath(folder), *where, *words)


def _run(folder: str, *words: str) -> Answer:
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
        return Answer(-1, str(error))
    lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
    said = lines[0] if lines else f"exit status {ended.returncode}"
    return Answer(ended.returncode, said, ended.stdout.decode("utf-8", "surrogateescape"))


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    """Without the variables that send git to another repository or index, as its hooks get them; with the user's
    configuration. Nothing is fetched: of a partial clone the transport is a command that its configuration names.
    """
    kept = {
        name: value for name, value in given.items() if not name.startswith("GIT_") or name.startswith("GIT_CONFIG_")
    }
    return {**kept, "GIT_ALLOW_PROTOCOL": ""}
