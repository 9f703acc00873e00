"""Backend `mesh`: views of an author's mesh, rendered as flat Gaussians on its surface by our own rasteriser."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.tools.notes import PORTRAIT


class Mesh:
    """Stage views: `model.glb` or `model.obj`, `portrait.png` and `cameras.rows`; no overrides.

    The mesh is y up and faces +z; it is scaled and moved to the height of the portrait's silhouette.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"views"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = PORTRAIT

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.faces.pixels import rgba_of
        from episodec.faces.portrait import check_portrait
        from episodec.film.rows import unpack
        from episodec.scenes.mesh_file import read_mesh
        from episodec.scenes.views import write_views
        from episodec.splat.cutout import finer_than
        from episodec.splat.surfels import placed, surfels

        height = unpack(order.input("cameras.rows").read_bytes()).size[1]
        portrait = order.input("portrait.png")
        for note in check_portrait(portrait).notes:
            order.note(*note)
        finer = finer_than(height)
        parts = read_mesh(_model(order))
        scene, colours = surfels(placed(parts, rgba_of(portrait)), finer * height)
        write_views(order, scene, colours, finer=finer)


def _model(order: WorkOrder) -> Path:
    """The single file whose role is `model` plus any suffix."""
    matches = [path for role, paths in order.inputs.items() if role.partition(".")[0] == "model" for path in paths]
    if len(matches) != 1:
        hint = "give it in character.yaml: `scene: {views: {model: FILE.glb}}`"
        raise BackendError("the backend `mesh` needs one model", facts={"found": len(matches)}, hint=hint)
    return matches[0]
