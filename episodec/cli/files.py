"""Files that commands write to paths given by the user."""

from pathlib import Path

from episodec.errors import UsageError
from episodec.wholefile import write_whole


def write(name: str, content: bytes) -> None:
    """Write a file, whole or not at all.

    Raises:
        UsageError: it cannot be written, or the path is not a plain file: a pipe or /dev/null must not be replaced.
    """
    path = Path(name)
    try:
        if path.exists() and not path.is_file():
            raise _refused(path, "it is not a plain file")
        write_whole(path, content)
    except OSError as error:
        raise _refused(path, error.strerror or error) from error


def check_png(name: str) -> None:
    """Check that the name of a picture ends in .png.

    Raises:
        UsageError: it does not.
    """
    if not name.lower().endswith(".png"):
        raise UsageError("the picture's name must end in .png", facts={"given": name}, hint="NAME.png")


def _refused(path: Path, reason: object) -> UsageError:
    return UsageError("this file cannot be written", facts={"file": path, "reason": reason})
