"""A check that the cache was made on this machine: one that came with a checkout could decide what is
published, and is refused.
"""

import os

from episodec.errors import ProjectError
from episodec.project.git import tracked
from episodec.project.tree import LOCAL_FILE

_HARMLESS = (".gitignore", "CACHEDIR.TAG", "README", "README.md")
_SHOWN = 3


def check_cache(root: str, cache: str) -> None:
    """Check that git tracks no files in the cache of the project at `root`.

    Raises:
        ProjectError: it does, or does not answer.
    """
    inside = os.path.join(root, "cache")
    if cache != inside:
        _check_settings(root)
    if not os.path.lexists(cache):
        return
    # A cache outside the project may be in another repository.
    root = root if cache == inside else os.path.dirname(os.path.realpath(cache))
    name = os.path.basename(cache if cache == inside else os.path.realpath(cache))
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
        hint = f"its content cannot be trusted: git rm -r --cached {name}, and remove the folder"
        raise ProjectError("git tracks files of the cache, so it is refused", facts=facts, hint=hint)


def _check_settings(root: str) -> None:
    """Check that the settings that move the cache did not come with the checkout.

    Raises:
        ProjectError: git tracks them, or does not answer.
    """
    answer = tracked(root, LOCAL_FILE)
    if answer.error is not None:
        facts = {"reason": answer.error}
        hint = "make `git ls-files` work in this folder"
        raise ProjectError("git cannot tell whether it tracks the settings of this machine", facts=facts, hint=hint)
    if answer.files:
        hint = f"git rm --cached {LOCAL_FILE}, and name it in .gitignore"
        raise ProjectError("git tracks the settings of this machine, so they are refused", hint=hint)
