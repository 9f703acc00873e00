"""What was measured of a trained scene, read for those who tell of it."""

import json
from pathlib import Path

from episodec.errors import BackendError
from episodec.page.told import Fidelity


def read_fidelity(path: Path) -> Fidelity:
    """The measurements of a `scene.json`.

    Raises:
        BackendError: it is no such file.
    """
    try:
        tree = json.loads(path.read_bytes())
        means = {str(split): float(mean["all"]) for split, mean in tree["psnr_db"].items()}
        return Fidelity(int(tree["gaussians"]), means, float(tree["orbit"]["frame_difference"]))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        facts = {"found": f"{type(error).__name__}: {error}"}
        hint = "whoever does `scene-check` writes it; docs/backends.md names ours"
        raise BackendError("these are no measurements of a trained scene", facts=facts, hint=hint) from error
