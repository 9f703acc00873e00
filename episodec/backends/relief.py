"""Backend `relief`: a portrait to a closed, idly moving body of Gaussians, on the CPU and without any model.

Stage scene: input `portrait.png` to our own scene file; overrides `slices` (24 unless given) and `blinks`.
Stage views: the same body at rest, seen by the cameras of `cameras.rows`, without a background; no overrides.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from episodec.engine.protocols import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.tools.notes import FACE
from episodec.tools.params import no_overrides

SLICES = 24


class Relief:
    """Stages scene and views, from the character's portrait."""

    stages: ClassVar[frozenset[str]] = frozenset({"scene", "views"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = FACE

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        if order.stage == "views":
            _views(order)
        else:
            _scene(order)


def _scene(order: WorkOrder) -> None:
    from episodec.splat.scene_file import pieces

    slices, has_blinks = _overrides(order)
    found = _body(order, slices, has_blinks=has_blinks)
    with order.output().open("wb") as file:
        file.writelines(pieces(found))


def _views(order: WorkOrder) -> None:
    """At rest, its eyes open: the pose that any motion of it passes through."""
    from episodec.film.rows import unpack
    from episodec.scenes.views import write_views
    from episodec.splat.cutout import finer_than

    no_overrides(order)
    body = _body(order, 1, has_blinks=False)
    rows = unpack(order.input("cameras.rows").read_bytes())
    write_views(order, body, finer=finer_than(rows.size[1]))


def _body(order: WorkOrder, slices: int, *, has_blinks: bool) -> Any:
    """The scene of the portrait."""
    import cv2

    from episodec.faces.pixels import rgba_of
    from episodec.faces.portrait import check_portrait
    from episodec.splat.relief.body import relief

    portrait = _portrait(order)
    facts_of = check_portrait(portrait)
    cv2.setNumThreads(order.cpus)
    found = relief(rgba_of(portrait), slices=slices, has_blinks=has_blinks, threads=order.cpus)
    for told in (*facts_of.notes, *found.notes):
        order.note(*told)
    return found.scene


def _overrides(order: WorkOrder) -> tuple[int, bool]:
    """How many slices, and whether the eyes blink."""
    overrides = order.params.get("overrides", {})
    assert isinstance(overrides, Mapping)
    slices, has_blinks = overrides.get("slices", SLICES), overrides.get("blinks", True)
    is_whole = isinstance(slices, int) and not isinstance(slices, bool) and 1 <= slices <= 1024
    unknown = sorted(set(overrides) - {"slices", "blinks"})
    if unknown or not is_whole or not isinstance(has_blinks, bool):
        facts = {"found": dict(overrides), "known": "slices (1 to 1024), blinks (true or false)"}
        raise BackendError("the backend `relief` does not understand an override", facts=facts)
    assert isinstance(slices, int)
    return slices, has_blinks


def _portrait(order: WorkOrder) -> Path:
    """The one file whose role is `portrait`, whatever its suffix."""
    found = [path for role, paths in order.inputs.items() if role.partition(".")[0] == "portrait" for path in paths]
    if len(found) != 1:
        raise BackendError("the backend `relief` needs one portrait", facts={"found": len(found)})
    return found[0]
