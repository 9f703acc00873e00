"""Runs inside 4DGaussians' own Python (3.7), never in ours: its `train.py` with what it has no flag for.

    python driver.py SEED GAUSSIANS TRAIN_PY FLAGS-OF-TRAIN…

It loads its checkpoints, which hold a number of numpy's, by a torch.load that refuses such from torch 2.6 on. Its own
seeds are built in; Gaussians are added up to 360 000 of them; a loss that is not a number makes it replace its
process by itself, forever; and a module imports a letter from tkinter, which a machine without a screen may not have.
"""

import importlib
import inspect
import os
import random
import runpy
import sys
import types
from typing import Any, NoReturn


def main() -> None:
    """Hand over to `train.py`, the names that it imports replaced by ours."""
    sys.path.pop(0)  # This folder: its files are not modules of theirs.
    seed, most, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    sys.argv = [program, *sys.argv[4:]]
    os.execv = _refuse
    try:
        importlib.import_module("tkinter")
    except ImportError:
        empty: Any = types.ModuleType("tkinter")
        empty.W = "w"
        sys.modules["tkinter"] = empty
    _load_all_of_a_file()
    _seed_with(seed)
    _stop_growing_at(most)
    runpy.run_path(program, run_name="__main__")


def _refuse(*_: object) -> NoReturn:
    sys.exit("loss is nan: not started again")


def _load_all_of_a_file() -> None:
    """What it loads it wrote itself, so no object in it is a stranger's."""
    torch: Any = importlib.import_module("torch")
    theirs = torch.load
    if "weights_only" not in inspect.signature(theirs).parameters:  # Before torch 1.13.
        return

    def load(*given: Any, **named: Any) -> Any:
        named.setdefault("weights_only", False)
        return theirs(*given, **named)

    torch.load = load


def _seed_with(seed: int) -> None:
    """Its `safe_state` sets its own seed, so ours comes after it."""
    general: Any = importlib.import_module("utils.general_utils")
    theirs = general.safe_state

    def safe_state(silent: bool) -> None:  # noqa: FBT001  # As it is called.
        theirs(silent)
        random.seed(seed)
        importlib.import_module("numpy").random.seed(seed % (1 << 32))
        importlib.import_module("torch").manual_seed(seed)

    general.safe_state = safe_state


def _stop_growing_at(most: int) -> None:
    model: Any = importlib.import_module("scene.gaussian_model").GaussianModel
    theirs = model.densify

    def densify(self: Any, *given: Any, **named: Any) -> None:
        if self.get_xyz.shape[0] < most:
            theirs(self, *given, **named)

    model.densify = densify


if __name__ == "__main__":
    main()
