"""How much memory one action may take on this machine."""

import os
from contextlib import suppress
from pathlib import Path

LEAST_MIB = 4096
_GROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def allowed_mib(memory_mib: int | None, asked_mib: int) -> int:
    """What builds may use by the settings, else all that the machine has; at least twice what the action's backend asks
    for, and 4 GiB. More than that no action needs, and an author's file that makes one ask for it is refused.
    """
    return max(machine_mib() if memory_mib is None else memory_mib, 2 * asked_mib, LEAST_MIB)


def machine_mib() -> int:
    """The machine's memory, or that of the container that this runs in."""
    bounds = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for group in _GROUPS:
        with suppress(OSError, ValueError):  # Other systems; `max`: no limit.
            bounds.append(int(Path(group).read_text(encoding="ascii")))
    return min(bounds) >> 20
