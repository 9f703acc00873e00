"""Files that commands write where the user says."""

import os
from pathlib import Path

from episodec.errors import UsageError


def write(name: str, content: bytes) -> None:
    """The file appears whole or not at all."""
    path = Path(name)
    incoming = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        try:
            incoming.write_bytes(content)
            incoming.replace(path)
        finally:
            incoming.unlink(missing_ok=True)
    except OSError as error:
        facts = {"file": path, "reason": error.strerror or error}
        raise UsageError("this file cannot be written", facts=facts) from error
