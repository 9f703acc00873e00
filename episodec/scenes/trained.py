"""Reads the measurements of a trained scene."""

import json
from pathlib import Path

from episodec.errors import BackendError
from episodec.page.summary import SceneFidelity


def read_fidelity(path: Path) -> SceneFidelity:
    """The measurements of a `scene.json`.

    Raises:
        BackendError: the file is not such measurements.
    """
    try:
        tree = json.loads(path.read_bytes())
        means = {str(split): float(mean["all"]) for split, mean in tree["psnr_db"].items()}
        return SceneFidelity(int(tree["gaussians"]), means, float(tree["orbit"]["frame_difference"]))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        facts = {"found": f"{type(error).__name__}: {error}"}
        hint = "a backend of `scene-check` writes it; docs/backends.md lists those included"
        raise BackendError("these are not measurements of a trained scene", facts=facts, hint=hint) from error
