"""Checks of a place in dist/ before a file is written: links, folders, foreign files."""

import stat
from pathlib import Path, PurePosixPath

from episodec.errors import PublishError


def link_on_the_way(root: Path, path: str) -> Path | None:
    """The first folder on the way to a path in dist/ that is a link, and so could lead out of dist/."""
    place = root
    for part in PurePosixPath(path).parts[:-1]:
        place = place / part
        if place.is_symlink() and place != root / "dist":  # dist/ itself may be a link to a larger disk.
            return place
    return None


def kind_of_file(mode: int) -> str | None:
    """A description of a file with this st_mode; None for a regular file."""
    if stat.S_ISREG(mode):
        return None
    return "a link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "something that is not a file"


def check_folders(root: Path, path: str) -> None:
    """Refuse a path that leads through a link.

    Raises:
        PublishError: a folder on the way is a link.
    """
    place = link_on_the_way(root, path)
    if place is not None:
        raise PublishError(
            "a folder in dist/ is a link", facts={"path": place.relative_to(root)}, hint="replace the link by a folder"
        )
