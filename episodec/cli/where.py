"""Which series a command without targets is about."""

from episodec.errors import UsageError
from episodec.project import tree


def series_at(folder: str) -> tree.Place | None:
    """The series that the folder is in, or the one directly below it; None where there is none.

    Raises:
        UsageError: it is in none, and there are several below it.
    """
    here = tree.locate(folder)
    found = [here] if here is not None else tree.locate_below(folder)
    if len(found) > 1:
        raise UsageError("there are several series here", hint="name the folder of one, or go there with -C")
    return found[0] if found else None
