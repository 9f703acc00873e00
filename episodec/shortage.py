"""Errors of a machine that is out of memory or file handles: neither a bug in episodec nor a failure of a tool."""

import errno
from collections.abc import Iterator
from dataclasses import dataclass

_MEMORY = ("can't allocate memory", "Cannot allocate memory", "CUDA out of memory", "std::bad_alloc")
"""Wording of torch, the dynamic linker and C++ in errors that have no type of their own."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """The sentence and the hint of an error about a shortage."""

    sentence: str
    hint: str


MEMORY = Shortage(
    "out of memory",
    "close other programs, try a smaller --jobs, or raise `memory_mib` in episodec.local.yaml and `ulimit -v`",
)
FILES = Shortage("too many open files", "try a smaller --jobs, or raise `ulimit -n`")


def shortage(error: BaseException) -> Shortage | None:
    """The shortage that caused an error, directly or through its chain of causes; None if there is none."""
    for reason in _reasons(error):
        if isinstance(reason, MemoryError):
            return MEMORY
        if isinstance(reason, OSError) and reason.errno in (errno.ENOMEM, errno.EMFILE, errno.ENFILE):
            return MEMORY if reason.errno == errno.ENOMEM else FILES
        if isinstance(reason, RuntimeError | ImportError | OSError) and any(sign in str(reason) for sign in _MEMORY):
            return MEMORY
    return None


def _reasons(error: BaseException) -> Iterator[BaseException]:
    visited = set[int]()
    following: BaseException | None = error
    while following is not None and id(following) not in visited:
        visited.add(id(following))
        yield following
        following = following.__cause__ or following.__context__
