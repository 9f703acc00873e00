"""Limits the memory of a worker. This decides whether an order succeeds, never its bytes."""

import os
import resource
import sys
import threading
import time
from pathlib import Path

BEYOND = 113  # The exit code of a worker that exceeds its limit.
LIBRARIES_MIB = 6144  # Libraries also map memory that they do not use: torch some 5 GiB for CUDA.
_LOOK_S = 0.25
_STATM = Path("/proc/self/statm")

_resident = {"limit": 0}  # Bytes; read by the watch thread.


def limit_memory(mib: int, *, watched: bool) -> None:
    """Limit the memory of this process and of children started from now on.

    GPU drivers map more than the machine has: with `watched`, a thread watches the resident memory of this process
    alone and ends it with `BEYOND`. Otherwise allocating more raises MemoryError. macOS does not enforce the limit.
    """
    if watched:
        if not _resident["limit"]:
            threading.Thread(target=_watch, name="memory", daemon=True).start()
        _resident["limit"] = mib << 20
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    asked = (mib + LIBRARIES_MIB) << 20
    limit = asked if most == resource.RLIM_INFINITY else min(asked, most)
    if sys.platform != "darwin":
        resource.setrlimit(resource.RLIMIT_AS, (limit, most))


def _watch() -> None:
    page = os.sysconf("SC_PAGE_SIZE")
    while True:
        time.sleep(_LOOK_S)
        try:
            resident = int(_STATM.read_bytes().split()[1]) * page
        except OSError:
            return  # No /proc.
        if resident > _resident["limit"]:
            os.write(2, b"the memory limit is exceeded\n")
            os._exit(BEYOND)
