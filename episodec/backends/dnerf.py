"""Backend `dnerf`: views and motion as one dataset in the layout of D-NeRF, which 4DGaussians reads."""

from pathlib import Path
from typing import Any, ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError


class Dnerf:
    """Stage dataset: `view.png`, `frame.png`, `views.rows`, `motion.rows` and `cloud.ply` to `dataset.zip`.

    Params `val` and `test` are the held-out moving frames of the first clip. Transparency is over white for
    trainers.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"dataset"})
    deterministic: ClassVar[bool] = True

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.faces.conform import square_picture
        from episodec.film.rows import unpack
        from episodec.splat.cloud import read_cloud
        from episodec.splat.dataset import Shot, write_dataset

        views = unpack(order.input("views.rows").read_bytes())
        motions = [unpack(path.read_bytes()) for path in order.inputs["motion.rows"]]
        held = {order.whole("val"): "val", order.whole("test"): "test"}
        lens = {tuple(float(one) for one in row) for rows in (views, *motions) for row in rows.intrinsics}
        sizes = sorted({rows.size for rows in (views, *motions)})
        if len(lens) != 1 or len(sizes) != 1:
            facts = {"lenses": len(lens), "sizes": sizes}
            raise BackendError("views and motion do not share one lens and one size", facts=facts)
        cameras, frames = _listed(views), [one for rows in motions for one in _listed(rows)]
        _check_count("views", order.inputs["view.png"], len(cameras))
        _check_count("moving frames", order.inputs["frame.png"], len(frames))
        shots = [Shot("train", "spatial", k, time, pose) for k, (time, pose) in enumerate(cameras)]
        for k, (time, pose) in enumerate(frames):
            split: Any = held.get(k, "train")
            shots.append(Shot(split, "temporal", k, time, pose))
        paths = (*order.inputs["view.png"], *order.inputs["frame.png"])
        names = [f"{shot.kind} {shot.index}" for shot in shots]
        pictures = [square_picture(path, views.size[0], name) for path, name in zip(paths, names, strict=True)]
        cloud = read_cloud(order.input("cloud.ply").read_bytes())
        (intrinsics,) = lens
        order.output().write_bytes(
            write_dataset(shots, pictures, (intrinsics[0], intrinsics[1], intrinsics[2], intrinsics[3]), cloud)
        )


def _listed(rows: Any) -> list[tuple[float, Any]]:
    """The scene time and camera of each picture."""
    return [(float(rows.scene_time[row]), rows.camera_to_world[row]) for row in rows.order]


def _check_count(what: str, paths: tuple[Path, ...], expected: int) -> None:
    if len(paths) != expected:
        facts = {"pictures": what, "found": len(paths), "cameras": expected}
        raise BackendError("the numbers of pictures and cameras differ", facts=facts)
