"""A cache is of one machine: one that came with a checkout would decide what is published, and is refused."""

import os

from episodec.errors import ProjectError
from episodec.project.git import tracked

_HARMLESS = (".gitignore", "CACHEDIR.TAG", "README", "README.md")
_SHOWN = 3


def check_cache(root: str, cache: str) -> None:
    """Nothing, unless git tracks files of the cache of the project at `root`.

    Raises:
        ProjectError: it does, or cannot tell.
    """
    if not os.path.lexists(cache):
        return
    name = os.path.relpath(cache, root)
    answer = tracked(root, name)
    facts = {"cache": cache}
    if answer.error is not None:
        hint = "make `git ls-files` work in this folder"
        facts["reason"] = answer.error
        raise ProjectError("git cannot tell whether it tracks the cache, so it is refused", facts=facts, hint=hint)
    files = [one for one in answer.files if os.path.relpath(one, name) not in _HARMLESS]
    if files:
        more = len(files) - _SHOWN
        facts["tracked"] = ", ".join(files[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
        hint = f"whoever made it may have put anything into it: git rm -r --cached {name}, and remove the folder"
        raise ProjectError("git tracks files of the cache, so it is refused", facts=facts, hint=hint)
