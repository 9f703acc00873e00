"""Which series a command without targets is about."""

from episodec.errors import UsageError
from episodec.series import noop


def series_at(folder: str) -> noop.Place | None:
    """The series that the folder is in, or the one directly below it; None where there is none.

    Raises:
        UsageError: it is in none, and there are several below it.
    """
    here = noop.locate(folder)
    found = [here] if here is not None else noop.locate_below(folder)
    if len(found) > 1:
        raise UsageError("there are several series here", hint="name the folder of one, or go there with -C")
    return found[0] if found else None
