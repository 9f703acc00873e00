"""Backend `relief`: a portrait to a closed body of Gaussians with an idle motion, on the CPU.

A portrait with a face gets a head fitted to it; one without becomes a plain relief, and a note says so.

Stage scene: input `portrait.png` to a scene file.
Stage views: the same body at rest, seen by the cameras of `cameras.rows`, without a background.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.overrides import Overrides, Whole
from episodec.tools.notes import FACE
from episodec.tools.params import overrides_of


class Relief:
    """Stages scene and views, from the character's portrait."""

    stages: ClassVar[frozenset[str]] = frozenset({"scene", "views"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = FACE
    overrides: ClassVar[Overrides] = {
        "slices": Whole(1, 1024, default=24, stages=("scene",), meaning="The number of time samples of the motion."),
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        if order.stage == "views":
            _views(order)
        else:
            _scene(order, **overrides_of(order, self.overrides))


def _scene(order: WorkOrder, slices: int) -> None:
    from episodec.splat.scene_file import pieces

    body = _body(order, slices)
    with order.output().open("wb") as file:
        file.writelines(pieces(body))


def _views(order: WorkOrder) -> None:
    """Write the views at rest, a pose that every motion passes through."""
    from episodec.film.rows import unpack
    from episodec.scenes.views import write_views
    from episodec.splat.cutout import finer_than

    body = _body(order, 1)
    rows = unpack(order.input("cameras.rows").read_bytes())
    write_views(order, body, finer=finer_than(rows.size[1]))


def _body(order: WorkOrder, slices: int) -> Any:
    """The scene of the portrait."""
    import cv2

    from episodec.faces.heads import head_of
    from episodec.faces.pixels import rgba_of
    from episodec.faces.portrait import check_portrait
    from episodec.splat.relief.body import relief

    portrait = _portrait(order)
    facts_of = check_portrait(portrait)
    cv2.setNumThreads(order.cpus)
    rgba = rgba_of(portrait)
    body = relief(rgba, head_of(order, rgba), slices=slices, threads=order.cpus)
    for note in (*facts_of.notes, *body.notes):
        order.note(*note)
    return body.scene


def _portrait(order: WorkOrder) -> Path:
    """The single file whose role is `portrait` plus any suffix."""
    matches = [path for role, paths in order.inputs.items() if role.partition(".")[0] == "portrait" for path in paths]
    if len(matches) != 1:
        raise BackendError("the backend `relief` needs one portrait", facts={"found": len(matches)})
    return matches[0]
