"""Files that appear whole, or not at all. What is in them, and how a failure is told, callers know."""

import contextlib
import os
from pathlib import Path


def write_whole(path: Path, content: bytes, mode: int | None = None) -> None:
    """The file has this content: under a name of its own first, synced, then renamed. A link is replaced, not followed.
    mode: its permissions; None: those of any new file.

    Raises:
        OSError: it cannot be written. What was there is there still.
    """
    temporary = path.parent / f".{path.name}.{os.getpid()}.tmp"
    try:
        temporary.unlink(missing_ok=True)  # A kill may have left it, where processes have the same numbers again.
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
