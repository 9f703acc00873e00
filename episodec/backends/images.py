"""Backend `images`: an author's own pictures of the character, from all around or in motion."""

from collections.abc import Mapping
from typing import Any, ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError


class Images:
    """Stages views and motion: `image.png`, in the order of the cameras in `cameras.rows`; no overrides.

    Pictures are square PNGs of any size and are resized to that of the cameras. If they have silhouettes (alpha), the
    points of `cloud.ply` lie in the intersection of all silhouettes.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"motion", "views"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        "pictures-opaque": "Pictures have no transparent pixel: their background is trained, too.",
        "silhouettes-unused": "The pictures' silhouettes do not intersect in a body: training starts from a ball.",
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        import numpy as np

        from episodec.faces.conform import save_picture, square_picture
        from episodec.film.rows import unpack
        from episodec.scenes.motion import motion_note
        from episodec.splat.cloud import write_cloud
        from episodec.splat.hull import hull

        rows = unpack(order.input("cameras.rows").read_bytes())
        paths, count = order.inputs.get("image.png", ()), len(rows.order)
        if len(paths) != count:
            raise BackendError(
                "the numbers of pictures and cameras differ", facts={"found": len(paths), "cameras": count}
            )
        size = rows.size[0]
        pictures = [square_picture(path, size, f"number {place + 1}") for place, path in enumerate(paths)]
        _tell_of_alpha(order, pictures)
        stem = "view" if order.stage == "views" else "frame"
        for place, picture in enumerate(pictures):
            save_picture(order.outputs[f"{stem}_{place:03}.png"], picture)
        if order.stage == "views":
            fx, fy, cx, cy = (float(one) for one in rows.intrinsics[0])
            cloud, is_body = hull(np.stack(pictures), rows.camera_to_world[rows.order], (fx, fy, cx, cy))
            if not is_body:
                order.note("silhouettes-unused", "the silhouettes have no body in common: training starts from a ball")
            order.outputs["cloud.ply"].write_bytes(write_cloud(cloud))
        else:
            note = motion_note((size, size), None, count, range(count))
            order.outputs["motion.json"].write_text(note, encoding="utf-8")


def _tell_of_alpha(order: WorkOrder, pictures: list[Any]) -> None:
    """Note pictures without alpha, whose background is trained."""
    opaque = sum(int(picture[..., 3].min()) == 255 for picture in pictures)
    if opaque:
        sentence = f"{opaque} of {len(pictures)} pictures have no transparent pixel: their background is trained, too"
        order.note("pictures-opaque", sentence, facts={"opaque": opaque, "pictures": len(pictures)})
