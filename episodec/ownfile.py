"""Files of this package that are no modules to it: programs that are started by path, style sheets, scripts.

Whoever opens one names it through `own_file`, with the name written out: so it counts among the code that decides a
result (`closure`).
"""

import os
from pathlib import Path


def own_file(module_file: str | os.PathLike[str], name: str) -> Path:
    """The file of this name beside the module whose `__file__` is given."""
    return Path(module_file).with_name(name)
