"""The content of a folder, in words that tests compare."""

import os
from pathlib import Path


def names_in(folder: str | os.PathLike[str]) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())
