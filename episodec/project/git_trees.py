"""Commits in git: their names, trees and file contents. Knows nothing of the working tree."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from episodec.errors import ProjectError, UsageError
from episodec.project.git import Checkout, ask, cat_file

LINK, SUBMODULE = "120000", "160000"
"""Modes of tree entries; all other modes are files."""

_VERIFIED = ("--verify", "--quiet", "--end-of-options")
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, a link or a submodule in a tree."""

    mode: str
    object: str  # The object name of its content.
    path: str  # As spelled in the tree, which may be hostile.


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of an object. They must be read before the next object is requested."""

    object: str
    size: int
    pieces: Iterator[bytes]


def is_commit(checkout: Checkout, revision: str) -> bool:
    """Whether git knows a commit by this name."""
    return ask(checkout, "rev-parse", *_VERIFIED, f"{revision}^{{commit}}").code == 0


def commit_of(checkout: Checkout, revision: str) -> str:
    """The full name of the commit that a revision names: a branch, a tag, `HEAD~2`, digits.

    Raises:
        UsageError: there is none.
    """
    answer = ask(checkout, "rev-parse", *_VERIFIED, f"{revision}^{{commit}}")
    if answer.code == 0:
        return answer.output.strip()
    hint = "name a branch, a tag or a commit, as `git log` does"
    if ask(checkout, "rev-parse", "--is-shallow-repository").output.strip() == "true":
        hint = f"the clone is shallow: `git fetch origin {revision}`, or `git fetch --unshallow`"
    raise UsageError("git knows no such commit", facts={"given": revision}, hint=hint)


def last_commit(checkout: Checkout) -> str:
    """The full name of the last commit; of git's empty tree before the first one.

    Raises:
        UsageError: HEAD names no commit, but is no branch before its first one.
    """
    is_unborn = not is_commit(checkout, "HEAD") and ask(checkout, "symbolic-ref", "--quiet", "HEAD").code == 0
    if not is_unborn:
        return commit_of(checkout, "HEAD")
    return ask(checkout, "hash-object", "-t", "tree", os.devnull).output.strip()


def merge_base(checkout: Checkout, first: str, other: str) -> str:
    """The last common commit of two.

    Raises:
        UsageError: there is none here.
    """
    answer = ask(checkout, "merge-base", first, other)
    if answer.code == 0:
        return answer.output.strip()
    hint = "if the clone is shallow: `git fetch --unshallow`"
    raise UsageError("these commits have no common history here", facts={"commits": f"{first} {other}"}, hint=hint)


def entries(checkout: Checkout, commit: str, place: str) -> list[Entry]:
    """All files in a folder of a commit ("": all of it), with paths relative to the folder; none if it does not exist.

    Raises:
        ProjectError: trees of the commit are missing.
    """
    if place:
        above = ask(checkout, "ls-tree", "-z", "--full-tree", commit, place)
        if above.code == 0 and not above.output:
            return []
    answer = ask(checkout, "ls-tree", "-r", "-z", "--full-tree", f"{commit}:{place}")
    if answer.code != 0:
        raise _absent(commit, place, answer.error)
    tree_entries = []
    for line in answer.output.split("\0")[:-1]:
        head, _, path = line.partition("\t")
        mode, _, name = head.split(" ")
        tree_entries.append(Entry(mode, name, path))
    return tree_entries


def sizes(checkout: Checkout, commit: str, place: str, objects: Sequence[str]) -> dict[str, int]:
    """The sizes in bytes of these objects of a commit's folder.

    Raises:
        ProjectError: some are missing.
    """
    actual: dict[str, int] = {}
    with cat_file(checkout, "--batch-check", objects) as lines:
        for line in lines:
            name, _, size = line.decode().rstrip("\n").partition(" blob ")
            if size.isdecimal():
                actual[name] = int(size)
    for name in objects:
        if name not in actual:  # In a partial clone, git stops at the first missing one.
            raise _absent(commit, place, f"{name} is missing")
    return actual


def contents(checkout: Checkout, objects: Sequence[str]) -> Iterator[Content]:
    """The bytes of these objects, which must be here, one after the other.

    Raises:
        ProjectError: git stops before the last one.
    """
    with cat_file(checkout, "--batch", objects) as stream:
        for name in objects:
            head = stream.readline().decode().split()
            if len(head) != 3 or head[0] != name:
                raise ProjectError("git cannot read an object", facts={"object": name, "answer": " ".join(head)})
            pieces = _pieces(stream, int(head[2]))
            yield Content(name, int(head[2]), pieces)
            for _ in pieces:  # Bytes that the caller did not read.
                pass
            stream.read(1)  # The end of its line.


def _pieces(stream: IO[bytes], size: int) -> Iterator[bytes]:
    while size > 0:
        piece = stream.read(min(size, _PIECE))
        if not piece:
            raise ProjectError("git ended in the middle of an object")
        size -= len(piece)
        yield piece


def _absent(commit: str, place: str, reason: str) -> ProjectError:
    return ProjectError(
        "objects of a commit are missing: the clone is partial or damaged",
        facts={"commit": commit, "reason": reason},
        hint=f"`git archive --output=/dev/null {commit} {place or '.'}` fetches what is missing",
    )
