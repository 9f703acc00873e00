"""Files that appear whole or not at all. Callers know the content and report failures."""

import contextlib
import os
from pathlib import Path


def write_whole(path: Path, content: bytes, mode: int | None = None) -> None:
    """Write the file under a temporary name, sync it, then rename it. A link is replaced, not followed.

    mode: its permissions; None: those of any new file.

    Raises:
        OSError: it cannot be written. The previous content is untouched.
    """
    temporary = path.parent / f".{path.name}.{os.getpid()}.tmp"
    try:
        temporary.unlink(missing_ok=True)  # Left by a killed process whose number is in use again.
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
