"""Runs inside HunyuanVideo-Foley's own Python, never in ours: its `infer.py` with a seed of our choice.

    python driver.py SEED FLAGS-OF-INFER…

`infer.main` always seeds with 1, so every clip of a prompt would sound the same.
"""

import importlib
import sys
from typing import Any


def main() -> None:
    """Run `infer.main`, with its seeding replaced by our seed."""
    sys.path.pop(0)  # This folder: its files must not hide modules of HunyuanVideo-Foley.
    seed = int(sys.argv.pop(1))
    infer: Any = importlib.import_module("infer")
    seeding = infer.set_manual_seed
    infer.set_manual_seed = lambda _: seeding(seed)
    sys.argv[0] = str(infer.__file__)
    infer.main()


if __name__ == "__main__":
    main()
