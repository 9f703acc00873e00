"""Files that specs name: each must exist, be a file, and lie inside the project by its real path, links followed.

A spec may come from a stranger's pull request: it must not be able to make a build read, or a diagnostic tell of, anything outside.
"""

import os
import stat
from pathlib import PurePosixPath

from episodec.spec.diagnostic import Diagnostic, Span, diagnose

ADDRESS_SIGNS = ("\\", "\0", ":")  # Drive letters, addresses and Windows paths mean something else on every machine.


def resolve(root: str, base: str, text: str, spec: str, span: Span | None) -> tuple[str | None, Diagnostic | None]:
    """The file that `text` names in the folder `base` (relative to `root`): its path relative to `root`, or what is wrong with it."""
    said = repr(text)

    def wrong(code: str, sentence: str, hint: str | None = None) -> tuple[None, Diagnostic]:
        return None, diagnose(code, sentence, spec, span, hint=hint)

    if text.startswith(("/", "~")) or any(sign in text for sign in ADDRESS_SIGNS) or not text.strip():
        return wrong(
            "F403", f"{said} is not a relative path", "name the file relative to this one, with `/` between folders"
        )
    path = os.path.normpath(os.path.join(base, text))
    if path == ".." or path.startswith("../"):
        return wrong("F402", f"{said} leads out of the project", "move the file into the project")
    full = os.path.join(root, path)
    real = os.path.realpath(full)
    inside = os.path.realpath(root)
    if real != inside and not real.startswith(inside.rstrip("/") + "/"):
        return wrong("F404", f"{said} is a link that leads out of the project", "copy the file into the project")
    try:
        mode = os.stat(full).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return wrong("F401", f"{said} does not exist", _near(root, path))
    except OSError as error:
        return wrong("F409", f"{said} cannot be read: {error.strerror}")
    if not stat.S_ISREG(mode):
        return wrong("F406", f"{said} is a folder" if stat.S_ISDIR(mode) else f"{said} is not a plain file")
    if not os.access(full, os.R_OK):
        return wrong("F409", f"{said} cannot be read: permission denied")
    return PurePosixPath(path).as_posix(), None


def _near(root: str, path: str) -> str | None:
    """A did-you-mean among the files beside the one that is missing."""
    from difflib import get_close_matches

    folder, name = os.path.split(path)
    try:
        names = [entry.name for entry in os.scandir(os.path.join(root, folder)) if entry.is_file()]
    except OSError:
        return f"the folder {folder!r} does not exist" if folder else None
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else None
