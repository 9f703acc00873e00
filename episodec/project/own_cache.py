"""A cache is of one machine: one that came with a checkout would decide what is published, and is refused."""

import os

from episodec.errors import ProjectError
from episodec.project.git import ask_git, checkout_of

_HARMLESS = (".gitignore", "CACHEDIR.TAG", "README", "README.md")
_SHOWN = 3


def check_cache(root: str, cache: str) -> None:
    """Nothing, unless git tracks files of the cache of the project at `root`.

    Raises:
        ProjectError: it does, or cannot tell.
    """
    top = checkout_of(root)
    if top is None or not os.path.lexists(cache):
        return
    name = os.path.relpath(cache, root)
    answer = ask_git(top, root, "ls-files", "-z", "--", name)
    facts = {"cache": cache}
    if answer.code != 0:
        hint = "make `git ls-files` work in this folder"
        facts["reason"] = answer.error
        raise ProjectError("git cannot tell whether it tracks the cache, so it is refused", facts=facts, hint=hint)
    tracked = [one for one in answer.output.split("\0") if one and os.path.relpath(one, name) not in _HARMLESS]
    if tracked:
        more = len(tracked) - _SHOWN
        facts["tracked"] = ", ".join(tracked[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
        hint = f"whoever made it may have put anything into it: git rm -r --cached {name}, and remove the folder"
        raise ProjectError("git tracks files of the cache, so it is refused", facts=facts, hint=hint)
