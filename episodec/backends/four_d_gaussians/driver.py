"""Runs inside 4DGaussians' own Python (3.7), never in ours: its `train.py` with changes that it has no flags for.

    python driver.py SEED GAUSSIANS TRAIN_PY FLAGS-OF-TRAIN…

Its checkpoints contain a numpy number, which torch.load refuses since torch 2.6. Its own seeds are built in; Gaussians
are added up to 360 000; a NaN loss makes it restart its process forever; and a module imports a letter from tkinter,
which a machine without a screen may not have.
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
    """Run `train.py` with replacements for some of the names that it imports."""
    sys.path.pop(0)  # This folder: its files must not hide modules of 4DGaussians.
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
    """Load without restrictions: it wrote these files itself."""
    torch: Any = importlib.import_module("torch")
    theirs = torch.load
    if "weights_only" not in inspect.signature(theirs).parameters:  # Before torch 1.13.
        return

    def load(*given: Any, **named: Any) -> Any:
        named.setdefault("weights_only", False)
        return theirs(*given, **named)

    torch.load = load


def _seed_with(seed: int) -> None:
    """Apply our seed after its `safe_state`, which sets its own."""
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
