"""Kills a process with everything that it started. Knows the kernel's process table, not workers."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

_PATIENCE_S = 2.0  # A process in an uninterruptible system call dies when the call returns.
_PROC = Path("/proc")


def kill_tree(root: int) -> None:
    """Kill a process, its descendants, and every member of the session that it leads; the caller itself last.

    The session covers children whose parents have died, the descent those that started their own session. Only a child
    that did both escapes. Without /proc (macOS) only the process group is killed.
    """
    me = os.getpid()
    end = time.monotonic() + _PATIENCE_S
    while (descendants := _members(root) - {me}) and time.monotonic() < end:
        for pid in descendants:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.001)
    if not _PROC.is_dir():
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(root, signal.SIGKILL)
    if root == me:
        os.kill(me, signal.SIGKILL)


def _members(root: int) -> set[int]:
    """Live processes of the tree, in one snapshot of the process table."""
    parents: dict[int, int] = {}
    members: set[int] = set()
    for entry in os.listdir(_PROC) if _PROC.is_dir() else ():  # noqa: PTH208  # Only names are needed.
        if not entry.isdigit():
            continue
        try:
            stat = (_PROC / entry / "stat").read_bytes()
        except OSError:  # It has ended.
            continue
        # `pid (name) state ppid pgrp session …`, see proc(5); the name may hold spaces and brackets.
        state, parent, _, session = stat[stat.rindex(b")") + 2 :].split(maxsplit=4)[:4]
        if state in b"ZX":
            continue
        parents[int(entry)] = int(parent)
        if int(session) == root or int(entry) == root:
            members.add(int(entry))
    return members | {pid for pid in parents if _descends(pid, root, parents)}


def _descends(pid: int, root: int, parents: dict[int, int]) -> bool:
    steps = 0
    while pid in parents and steps < len(parents):
        pid, steps = parents[pid], steps + 1
        if pid == root:
            return True
    return False
