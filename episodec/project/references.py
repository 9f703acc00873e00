"""Files that specs name: each must exist, be a file, and be inside the project once links are followed.

A spec may come from a stranger's pull request: it must not make a build read, or a diagnostic reveal, anything outside
the project.
"""

import os
import stat
import unicodedata

from episodec.pointers import missing_because, stand_in
from episodec.project.tree import locate
from episodec.spec.diagnostic import Diagnostic, Span, diagnose
from episodec.spec.near import nearest
from episodec.store.digests import is_text

# Drive letters, addresses and Windows paths mean something different on each machine.
ADDRESS_SIGNS = ("\\", "\0", ":")


def resolve(root: str, base: str, text: str, spec: str, span: Span | None) -> tuple[str | None, Diagnostic | None]:
    """The file that `text` names in the folder `base` (relative to `root`): its path relative to `root`, or
    a diagnostic.
    """
    try:
        return _inside(root, base, text), None
    except _BadReference as wrong:
        return None, diagnose(wrong.code, f"{text!r} {wrong}", spec, span, hint=wrong.hint)


_OUTSIDE, _COPY = "is a link that leads out of the project", "copy the file into the project"


class _BadReference(Exception):
    """The error in a reference: the end of a sentence that begins with the reference."""

    def __init__(self, code: str, ending: str, hint: str | None = None) -> None:
        super().__init__(ending)
        self.code = code
        self.hint = hint


def _inside(root: str, base: str, text: str) -> str:
    """The path of an existing file inside the project, relative to it."""
    if text.startswith(("/", "~")) or any(sign in text for sign in ADDRESS_SIGNS) or not text.strip():
        raise _BadReference(
            "F403", "is not a relative path", "name the file relative to this one, with `/` between folders"
        )
    if not is_text(text):  # JSON can encode half of a character.
        raise _BadReference("F403", "is not valid text for a file name")
    path = _on_disk(root, os.path.normpath(os.path.join(base, text)))
    if path == ".." or path.startswith("../"):
        raise _BadReference("F402", "leads out of the project", "move the file into the project")
    if _has_link(root, path) and leads_out(os.path.join(root, path), root):
        is_annexed = os.path.islink(full := os.path.join(root, path)) and "annex/objects/" in os.readlink(full)
        raise _BadReference("F404", _OUTSIDE, "`git annex unlock` puts the file itself here" if is_annexed else _COPY)
    _check_readable(root, path)
    return path


def leads_out(path: str, root: str) -> bool:
    """Whether a path, which need not exist, ends outside of this folder once links are followed."""
    real, top = os.path.realpath(path), os.path.realpath(root)
    return real != top and not real.startswith(top.rstrip("/") + "/")


def project_of(path: str) -> str | None:
    """The root of the project that contains a path as written: links on the way count as folders of the project, unless
    they lead into another one. None: the path is in no project.
    """
    folder = os.path.abspath(path)
    while (parent := os.path.dirname(folder)) != folder:
        folder = parent
        place = locate(folder)
        if place is not None:
            return place.root
    return None


def link_outside(path: str) -> Diagnostic | None:
    """The diagnostic for a file to be read and written that leads out of its project, or out of its folder if it is in
    no project.
    """
    if not leads_out(path, project_of(path) or os.path.dirname(path) or "."):
        return None
    return diagnose("F404", f"{os.path.basename(path)!r} {_OUTSIDE}", path, hint=_COPY)


def is_missing(path: str) -> bool:
    """Whether there is no such file; a file that cannot be examined counts as present."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _on_disk(root: str, path: str) -> str:
    """The path as the file system spells it: spec text is in NFC, and names on disk may have another form (macOS writes
    NFD). A path that exists as written, or in no form, is left as it is.
    """
    if path.isascii() or path.startswith("../") or os.path.lexists(os.path.join(root, path)):
        return path
    place = ""
    for part in path.split("/"):
        step = os.path.join(place, part)
        if not os.path.lexists(os.path.join(root, step)):
            normalized = unicodedata.normalize("NFC", part)
            try:
                names = sorted(os.listdir(os.path.join(root, place)))
            except OSError:
                return path
            same = [name for name in names if unicodedata.normalize("NFC", name) == normalized]
            if not same:
                return path
            step = os.path.join(place, same[0])
        place = step
    return place


def _has_link(root: str, path: str) -> bool:
    """Whether there is a link on the way from the root; without one, a path without `..` ends inside it."""
    place = root
    for part in path.split("/"):
        place += "/" + part
        try:
            if stat.S_ISLNK(os.lstat(place).st_mode):
                return True
        except OSError:
            return True  # The full check finds out.
    return False


def _check_readable(root: str, path: str) -> None:
    full = os.path.join(root, path)
    try:
        _check_fetched(root, path)
        mode = os.stat(full).st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise _BadReference("F401", "does not exist", _near(root, path)) from None
    except OSError as error:
        raise _BadReference("F409", f"cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(mode):
        raise _BadReference("F406", "is a folder" if stat.S_ISDIR(mode) else "is not a plain file")
    if not os.access(full, os.R_OK):
        raise _BadReference("F409", "cannot be read: permission denied")


def _check_fetched(root: str, path: str) -> None:
    full = os.path.join(root, path)
    if os.path.exists(full):
        if os.access(full, os.R_OK) and (pointer := stand_in(full)) is not None:
            raise _BadReference("F424", f"is {pointer[0]} in place of the file", f"`{pointer[1]}` fetches it")
    elif (pointer := stand_in(full) if os.path.islink(full) else missing_because(root, path)) is not None:
        raise _BadReference("F424", f"does not exist: {pointer[0]}", f"`{pointer[1]}` fetches it")


def _near(root: str, path: str) -> str | None:
    """A did-you-mean among the files beside the missing one."""
    folder, name = os.path.split(path)
    try:
        names = [entry.name for entry in os.scandir(os.path.join(root, folder)) if entry.is_file()]
    except OSError:
        return f"the folder `{folder}` does not exist" if folder else None
    near = nearest(name, names)
    return f"did you mean `{near}`?" if near else None
