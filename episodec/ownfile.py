"""Files of this package that it does not import as modules: programs started by path, style sheets, scripts.

Code that opens one calls `own_file` with the name as a literal, so that the file counts among the code that decides a
result (`closure`).
"""

import os
from pathlib import Path


def own_file(module_file: str | os.PathLike[str], name: str) -> Path:
    """The file of this name beside the module whose `__file__` is given."""
    return Path(module_file).with_name(name)
