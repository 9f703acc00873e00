"""How much memory a worker may take. It decides whether an order ends well, and never its bytes."""

import os
import resource
import sys
import threading
import time
from pathlib import Path

BEYOND = 113  # The exit code of a worker that went beyond it.
LIBRARIES_MIB = 6144  # What libraries map without using it counts, too: torch's for CUDA, some 5 GiB.
_LOOK_S = 0.25
_STATM = Path("/proc/self/statm")

_resident = {"limit": 0}  # Bytes; what the watch goes by.


def limit_memory(mib: int, *, watched: bool) -> None:
    """Hold this process, and children that it starts from now on, to so much memory.

    Where drivers of a GPU map more than there is (`watched`), a thread watches what is resident instead, of this
    process alone, and ends it with `BEYOND`; else asking for more is a MemoryError. macOS holds nobody to it.
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
            return  # There is no /proc.
        if resident > _resident["limit"]:
            os.write(2, b"more memory is in use than may be\n")
            os._exit(BEYOND)
