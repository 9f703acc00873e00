"""The series of a command that has no targets."""

from episodec.errors import UsageError
from episodec.project import tree


def series_at(folder: str) -> tree.Place | None:
    """The series that contains the folder, or the one directly below it; None if there is neither.

    Raises:
        UsageError: there are several series below the folder.
    """
    here = tree.locate(folder)
    places = [here] if here is not None else tree.locate_below(folder)
    if len(places) > 1:
        raise UsageError("there are several series here", hint="name the folder of one, or change to it with -C")
    return places[0] if places else None
