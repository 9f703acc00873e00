"""The cache of a command: the project's own or, for questions, a copy of one that cannot be written."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from episodec.project.tree import Place
from episodec.series.request import Request
from episodec.store.borrowed import borrowed, is_writable
from episodec.store.cache import DiskCache, open_cache
from episodec.store.layout import open_layout


@contextmanager
def opened_cache(place: Place, request: Request, notice: Callable[[str], None]) -> Iterator[DiskCache]:
    """Open the cache of this project for the length of the block."""
    with ExitStack() as held:
        if request.only_reads and not is_writable(place.cache()):
            notice("the cache is read-only, so nothing is recorded")
            layout = held.enter_context(borrowed(place.cache()))
        else:
            layout = open_layout(place.cache())
        cache = open_cache(layout, notice, request.fetch)
        held.callback(cache.index.close)
        yield cache
