"""The last commit to change each line of a file. Git sees only committed content: nothing in the working tree is read
or run. The lines of an uncommitted text are matched here.
"""

import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from episodec.errors import EpisodecError
from episodec.project.git import Checkout, ask
from episodec.project.git_trees import contents

_HEXADECIMAL = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit."""

    id: str
    author: str
    time_s: int  # Seconds since 1970: the author date.
    summary: str  # The first line of its message.


@dataclass(frozen=True, slots=True)
class Written:
    """A text and its history."""

    commit: Commit | None  # The last commit with this very text at this path; None: there is none.
    lines: tuple[Commit | None, ...]  # For each line, the commit that wrote it; None: it is in no commit.


def text_in_git(checkout: Checkout, blob: str) -> bytes | None:
    """The bytes with this object name; None if the repository does not have them here."""
    if len(blob) < 40 or not _HEXADECIMAL.issuperset(blob) or ask(checkout, "cat-file", "-e", blob).code != 0:
        return None
    try:
        return b"".join(piece for one in contents(checkout, [blob]) for piece in one.pieces)
    except EpisodecError:
        return None


def written(checkout: Checkout, root: str, path: str, blob: str, text: Sequence[str]) -> Written:
    """Find the last commits that wrote these lines of a file. `path` is relative to `root`; `blob` is git's
    name of the text.

    A text that is in no commit is matched line by line with that of HEAD.
    """
    name = os.path.join(checkout.place_of(root), path)
    commit = _commit_with(checkout, name, blob)
    blamed = list(_blamed(checkout, commit or "HEAD", name))
    lines: list[Commit | None] = [None] * len(text)
    matcher = difflib.SequenceMatcher(None, [line for line, _ in blamed], text, autojunk=False)
    for start, place, length in matcher.get_matching_blocks():
        for offset in range(length):
            lines[place + offset] = blamed[start + offset][1]
    return Written(None if commit is None else _commit_of(checkout, commit), tuple(lines))


def _commit_with(checkout: Checkout, name: str, blob: str) -> str | None:
    """The last commit up to HEAD whose tree has this blob at this path."""
    answer = ask(checkout, "-c", "log.showSignature=false", "log", "--format=%H", f"--find-object={blob}", "--", name)
    for commit in answer.output.split():  # A commit that removed the blob is listed, too.
        if ask(checkout, "rev-parse", "--verify", "--quiet", f"{commit}:{name}").output.strip() == blob:
            return commit
    return None


def _commit_of(checkout: Checkout, commit: str) -> Commit | None:
    form = "--format=%H%n%an%n%at%n%s"
    answer = ask(checkout, "-c", "log.showSignature=false", "log", "-1", "--no-patch", form, commit)
    lines = answer.output.splitlines()
    return Commit(lines[0], lines[1], int(lines[2]), lines[3]) if len(lines) == 4 else None


def _blamed(checkout: Checkout, commit: str, name: str) -> Iterator[tuple[str, Commit]]:
    """The lines of a file in a commit, each with the commit that wrote it. No filter runs, since the file
    is a commit's.
    """
    answer = ask(checkout, "blame", "--porcelain", "--no-textconv", commit, "--", name)
    known: dict[str, Commit] = {}
    head, facts = "", dict[str, str]()
    for line in answer.output.split("\n"):
        if line.startswith("\t"):
            if head not in known:
                known[head] = _commit(head, facts)
            yield line[1:].removesuffix("\r"), known[head]
            head, facts = "", {}
        elif not head:
            head = line.partition(" ")[0]
        else:
            key, _, value = line.partition(" ")
            facts[key] = value


def _commit(name: str, facts: Mapping[str, str]) -> Commit:
    return Commit(name, facts.get("author", ""), int(facts.get("author-time", "0")), facts.get("summary", ""))
