"""Backend `4dgs-checkpoint`: a checkpoint of 4DGaussians, sampled at fixed times and stored as a scene.

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
    """Stage scene, from the two files of a 4DGaussians output folder."""

    stages: ClassVar[frozenset[str]] = frozenset({"scene"})
    deterministic: ClassVar[bool] = False  # The last bits of torch's sums differ between processors.
    notes: ClassVar[Mapping[str, str]] = OPACITY
    overrides: ClassVar[Overrides] = {
        "slices": Whole(2, 1024, default=24, meaning="The number of time samples of the motion."),
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
        for note in loaded.notes:
            order.note(*note)
        scene = deformed(loaded.scene, read_state(field.read_bytes()), slices)
        with order.output().open("wb") as file:
            file.writelines(pieces(scene))


def _input(order: WorkOrder, name: str) -> Path:
    """The single file whose role is `name` plus any suffix."""
    matches = [path for role, paths in order.inputs.items() if role.partition(".")[0] == name for path in paths]
    if len(matches) != 1:
        facts = {"input": name, "found": len(matches)}
        raise BackendError("the backend `4dgs-checkpoint` needs both files of a checkpoint", facts=facts)
    return matches[0]
