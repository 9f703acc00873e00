"""Commits as git has them: their names, their trees, the bytes of their files. Of the working tree it knows nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from episodec.errors import ProjectError, UsageError
from episodec.project.git import Checkout, ask, cat_file

LINK, SUBMODULE = "120000", "160000"
"""Modes of a tree's entries; all others are files."""

_VERIFIED = ("--verify", "--quiet", "--end-of-options")
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, a link or a submodule of a tree."""

    mode: str
    object: str  # The name of its content.
    path: str  # As the tree spells it, which may be hostile.


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of an object, to be read once, before the next one is asked for."""

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
        hint = f"the clone has the end of the history alone: `git fetch origin {revision}`, or `git fetch --unshallow`"
    raise UsageError("git knows no such commit", facts={"given": revision}, hint=hint)


def merge_base(checkout: Checkout, one: str, other: str) -> str:
    """The last commit that two have in common.

    Raises:
        UsageError: there is none here.
    """
    answer = ask(checkout, "merge-base", one, other)
    if answer.code == 0:
        return answer.output.strip()
    hint = "where the clone has the end of the history alone: `git fetch --unshallow`"
    raise UsageError("these commits have no history in common here", facts={"commits": f"{one} {other}"}, hint=hint)


def entries(checkout: Checkout, commit: str, place: str) -> list[Entry]:
    """All files of a folder of a commit ("": of all of it), by paths relative to it; none where it is not there.

    Raises:
        ProjectError: the commit's trees are not all here.
    """
    if place:
        above = ask(checkout, "ls-tree", "-z", "--full-tree", commit, place)
        if above.code == 0 and not above.output:
            return []
    answer = ask(checkout, "ls-tree", "-r", "-z", "--full-tree", f"{commit}:{place}")
    if answer.code != 0:
        raise _absent(commit, place, answer.error)
    found = []
    for line in answer.output.split("\0")[:-1]:
        head, _, path = line.partition("\t")
        mode, _, name = head.split(" ")
        found.append(Entry(mode, name, path))
    return found


def sizes(checkout: Checkout, commit: str, place: str, objects: Sequence[str]) -> dict[str, int]:
    """How many bytes each of these objects of a commit's folder has.

    Raises:
        ProjectError: not all are here.
    """
    found: dict[str, int] = {}
    with cat_file(checkout, "--batch-check", objects) as lines:
        for line in lines:
            name, _, size = line.decode().rstrip("\n").partition(" blob ")
            if size.isdecimal():
                found[name] = int(size)
    for name in objects:
        if name not in found:  # Of a partial clone git ends with the first that is missing.
            raise _absent(commit, place, f"{name} is missing")
    return found


def contents(checkout: Checkout, objects: Sequence[str]) -> Iterator[Content]:
    """The bytes of these objects, which must be here, one after the other.

    Raises:
        ProjectError: git ends before the last one.
    """
    with cat_file(checkout, "--batch", objects) as stream:
        for name in objects:
            head = stream.readline().decode().split()
            if len(head) != 3 or head[0] != name:
                raise ProjectError("git cannot read an object", facts={"object": name, "answer": " ".join(head)})
            pieces = _pieces(stream, int(head[2]))
            yield Content(name, int(head[2]), pieces)
            for _ in pieces:  # What nobody read.
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
        "objects of a commit are not here: the clone is a partial one, or damaged",
        facts={"commit": commit, "reason": reason},
        hint=f"`git archive --output=/dev/null {commit} {place or '.'}` fetches what is missing",
    )
