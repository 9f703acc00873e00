"""Backend `4dgs-checkpoint`: what 4DGaussians has trained, sampled at distinct times and kept as a scene of ours.

Stage scene; inputs `point_cloud` (.ply) and `deformation` (.pth).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.overrides import Overrides, Whole
from episodec.tools.notes import OPACITY
from episodec.tools.params import overrides_of


class Checkpoint4dgs:
    """Stage scene, from a 4DGaussians output folder's two files."""

    stages: ClassVar[frozenset[str]] = frozenset({"scene"})
    deterministic: ClassVar[bool] = False  # Torch's sums differ between processors in their last bits.
    notes: ClassVar[Mapping[str, str]] = OPACITY
    overrides: ClassVar[Overrides] = {
        "slices": Whole(2, 1024, default=24, meaning="Into how many moments the movement is sampled."),
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        import torch

        from episodec.splat.deformation import deformed, read_state
        from episodec.splat.ply import read_ply
        from episodec.splat.scene_file import pieces

        slices = overrides_of(order, self.overrides)["slices"]
        cloud, field = _input(order, "point_cloud"), _input(order, "deformation")
        torch.set_num_threads(order.cpus)
        loaded = read_ply(cloud.read_bytes())
        for told in loaded.notes:
            order.note(*told)
        scene = deformed(loaded.scene, read_state(field.read_bytes()), slices)
        with order.output().open("wb") as file:
            file.writelines(pieces(scene))


def _input(order: WorkOrder, name: str) -> Path:
    """The one file whose role is this word, whatever its suffix."""
    found = [path for role, paths in order.inputs.items() if role.partition(".")[0] == name for path in paths]
    if len(found) != 1:
        facts = {"input": name, "found": len(found)}
        raise BackendError("the backend `4dgs-checkpoint` needs two files of a checkpoint", facts=facts)
    return found[0]
