"""Files that commands write where the user says."""

from pathlib import Path

from episodec.errors import UsageError
from episodec.wholefile import write_whole


def write(name: str, content: bytes) -> None:
    """The file appears whole or not at all.

    Raises:
        UsageError: it cannot be written, or something stands there that is no file: what a pipe or /dev/null is for
            would be lost when a file took its place.
    """
    path = Path(name)
    try:
        if path.exists() and not path.is_file():
            raise _refused(path, "it is not a plain file")
        write_whole(path, content)
    except OSError as error:
        raise _refused(path, error.strerror or error) from error


def check_png(name: str) -> None:
    """Refuse a picture under a name that says something else.

    Raises:
        UsageError: it does.
    """
    if not name.lower().endswith(".png"):
        raise UsageError("the picture is a PNG", facts={"given": name}, hint="--picture NAME.png")


def _refused(path: Path, reason: object) -> UsageError:
    return UsageError("this file cannot be written", facts={"file": path, "reason": reason})
