"""How much memory one action may take on this machine."""

import os
from contextlib import suppress
from pathlib import Path

LEAST_MIB = 4096
_GROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def allowed_mib(memory_mib: int | None, asked_mib: int) -> int:
    """The limit of one action: `memory_mib` of the settings or the machine's memory, but at least twice what the
    backend asks for, and 4 GiB. No valid action needs more, so an input that makes one allocate more is refused.
    """
    return max(machine_mib() if memory_mib is None else memory_mib, 2 * asked_mib, LEAST_MIB)


def machine_mib() -> int:
    """The memory of the machine, or of the container."""
    bounds = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for group in _GROUPS:
        with suppress(OSError, ValueError):  # Other systems; `max`: no limit.
            bounds.append(int(Path(group).read_text(encoding="ascii")))
    return min(bounds) >> 20
