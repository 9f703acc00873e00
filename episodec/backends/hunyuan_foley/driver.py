"""Runs inside HunyuanVideo-Foley's own Python, never in ours: its `infer.py` with a seed that is not built in.

    python driver.py SEED FLAGS-OF-INFER…

`infer.main` seeds with 1 whatever it is asked for, so that every clip of one prompt would sound the same.
"""

import importlib
import sys
from typing import Any


def main() -> None:
    """Hand over to `infer.main`, its own seeding done with our seed."""
    sys.path.pop(0)  # This folder: its files are not modules of theirs.
    seed = int(sys.argv.pop(1))
    infer: Any = importlib.import_module("infer")
    seeding = infer.set_manual_seed
    infer.set_manual_seed = lambda _: seeding(seed)
    sys.argv[0] = str(infer.__file__)
    infer.main()


if __name__ == "__main__":
    main()
