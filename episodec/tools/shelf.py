"""A file that an interrupted computation goes on from: replaced whole, now and then, and verified when it is read."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import xxhash

_DIGEST_BYTES = 16


class FolderShelf:
    """The file `kept` in a folder of our own. What is kept sooner than `every_s` after the last is let go."""

    def __init__(self, folder: Path, every_s: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = folder / "kept"
        self._every_s = every_s
        self._clock = clock
        self._last_s = clock()

    def load(self) -> bytes | None:
        """What was kept last, or None; what is damaged is told in the log and counts as nothing."""
        try:
            found = self._path.read_bytes()
        except FileNotFoundError:
            return None
        content = found[_DIGEST_BYTES:]
        if xxhash.xxh3_128_digest(content) != found[:_DIGEST_BYTES]:
            print("what was kept of an interrupted run is damaged; it starts anew")  # noqa: T201
            return None
        print(f"goes on from what an interrupted run kept ({len(content)} bytes)")  # noqa: T201
        return content

    def keep(self, content: Callable[[], bytes]) -> None:
        """Replace what is kept, when it is time; after a kill at any instant, one or the other is there whole.

        What is let go is not even made: a training's state takes a tenth of a second.
        """
        if self._clock() - self._last_s < self._every_s:
            return
        found = content()
        new = self._path.with_name("kept.new")
        with new.open("wb") as file:
            file.write(xxhash.xxh3_128_digest(found))
            file.write(found)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._last_s = self._clock()
