"""A checkpoint file that an interrupted computation resumes from: replaced atomically, verified when read."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import xxhash

_DIGEST_BYTES = 16


class FolderCheckpoints:
    """The file `kept` in a folder of its own. Content offered within `every_s` of the last write is dropped."""

    def __init__(self, folder: Path, every_s: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = folder / "kept"
        self._every_s = every_s
        self._clock = clock
        self._last_s = clock()

    def load(self) -> bytes | None:
        """The last content kept, or None; damaged content is reported in the log and ignored."""
        try:
            stored = self._path.read_bytes()
        except FileNotFoundError:
            return None
        content = stored[_DIGEST_BYTES:]
        if xxhash.xxh3_128_digest(content) != stored[:_DIGEST_BYTES]:
            print("the checkpoint of an interrupted run is damaged; starting over")  # noqa: T201
            return None
        print(f"resuming from the checkpoint of an interrupted run ({len(content)} bytes)")  # noqa: T201
        return content

    def keep(self, content: Callable[[], bytes]) -> None:
        """Replace the kept content if it is time; a kill at any moment leaves the old or the new file intact.

        Dropped content is never computed: serialising a training's state takes a tenth of a second.
        """
        if self._clock() - self._last_s < self._every_s:
            return
        serialized = content()
        new = self._path.with_name("kept.new")
        with new.open("wb") as file:
            file.write(xxhash.xxh3_128_digest(serialized))
            file.write(serialized)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._last_s = self._clock()
