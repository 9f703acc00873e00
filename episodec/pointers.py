"""Placeholders of files that are not fetched yet: pointers of Git LFS and git-annex, empty submodules, DVC files.

It recognises their form and does not run the programs.
"""

import os
import stat

LONGEST = 1024  # Bytes. By specification, Git LFS pointers are shorter.

_LFS = (b"version https://git-lfs.github.com/spec/", b"version https://hawser.github.com/spec/")
_ANNEX_OBJECTS = "annex/objects/"


def stand_in(path: str) -> tuple[str, str] | None:
    """The kind of placeholder at this path and the command that fetches the file; None where it is the file itself.

    Raises:
        OSError: the file cannot be read.
    """
    if os.path.islink(path) and not os.path.exists(path):
        is_annex = _ANNEX_OBJECTS in os.readlink(path)
        return ("a link of git-annex to a file that is not here", "git annex get") if is_annex else None
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode) or not 0 < status.st_size < LONGEST:
        return None
    with open(path, "rb") as file:
        content = file.read(LONGEST)
    if content.startswith(_LFS):
        return "a Git LFS pointer", "git lfs pull"
    first = content.splitlines()[0]
    # Unlocked, or checked out where there are no links: `/annex/objects/KEY`, `../.git/annex/objects/…`.
    if _ANNEX_OBJECTS.encode() in first and first.startswith((b"/annex/objects/", b".git/", b"../")):
        return "a pointer of git-annex", "git annex get"
    return None


def missing_because(root: str, path: str) -> tuple[str, str] | None:
    """Why a file, given relative to `root`, is missing, and the command that fetches it; None if unknown."""
    if os.path.isfile(os.path.join(root, path + ".dvc")):
        return "only its DVC file is here", "dvc pull"
    folder = os.path.dirname(os.path.normpath(os.path.join(os.path.realpath(root), path)))
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    try:
        is_empty = not any(name != ".git" for name in os.listdir(folder))
    except OSError:
        return None
    if is_empty and _is_submodule(folder):
        return f"the submodule `{os.path.basename(folder)}` is not checked out", "git submodule update --init"
    return None


def _is_submodule(folder: str) -> bool:
    """Whether the .gitmodules of a folder above lists this folder."""
    above = folder
    while (parent := os.path.dirname(above)) != above:
        above = parent
        listed = os.path.join(above, ".gitmodules")
        if os.path.isfile(listed):
            with open(listed, encoding="utf-8", errors="replace") as file:
                values = [line.partition("=") for line in file.read(1 << 20).splitlines()]
            named = {value.strip().strip('"') for name, _, value in values if name.strip() == "path"}
            return os.path.relpath(folder, above) in named
    return False
