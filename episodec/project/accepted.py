"""The settings files that the user has accepted in projects without git: a list in the user's own folder,
outside all projects.

With git, a settings file that came with a checkout is tracked, and refused. An archive has no git to ask.
"""

import hashlib
import os
from collections.abc import Mapping

from episodec.errors import SettingsError
from episodec.project.git import has_repository

ACCEPTS_ALL = "EPISODEC_ACCEPT_SETTINGS"  # A variable of the machine, for containers and continuous integration.


def is_accepted(path: str, content: bytes, environment: Mapping[str, str]) -> bool:
    """Whether this file may name programs: git knows the project, or its user accepted the file with this content."""
    if environment.get(ACCEPTS_ALL) or has_repository(os.path.dirname(path)):
        return True
    try:
        with open(_list(environment), encoding="utf-8", errors="surrogateescape") as file:
            return _line(path, content) in file.read().split("\n")
    except OSError:
        return False


def accept(path: str, environment: Mapping[str, str]) -> str:
    """Accept the file with its present content; the path of the list.

    Raises:
        SettingsError: the file cannot be read, or the list cannot be written.
    """
    place = _list(environment)
    try:
        with open(path, "rb") as file:
            line = _line(path, file.read())
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "a", encoding="utf-8", errors="surrogateescape") as file_of_all:
            file_of_all.write(f"{line}\n")
    except OSError as error:
        facts = {"file": error.filename or path, "reason": error.strerror or error}
        raise SettingsError("the settings cannot be accepted", facts=facts) from error
    return place


def _list(environment: Mapping[str, str]) -> str:
    home = environment.get("HOME") or os.path.expanduser("~")
    state = environment.get("XDG_STATE_HOME") or os.path.join(home, ".local", "state")
    return os.path.join(state, "episodec", "accepted-settings")


def _line(path: str, content: bytes) -> str:
    """The line for a file of this content at its real path, with newlines escaped."""
    real = os.path.realpath(path).replace("\\", "\\\\").replace("\n", "\\n")
    return f"sha256:{hashlib.sha256(content).hexdigest()} {real}"
