"""Stand-ins for the slow stages of a trained scene: flat pictures, and a trainer that does not train."""

import zlib
from typing import ClassVar

import numpy as np
from PIL import Image

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.film.rows import unpack
from episodec.overrides import Overrides, Whole
from episodec.scenes.motion import motion_note
from episodec.splat.cloud import Cloud, write_cloud
from episodec.splat.dataset_read import read_dataset
from episodec.splat.ply import SH0
from episodec.splat.scene import Scene, Slices
from episodec.splat.scene_file import encode_scene


class Points:
    """Stage train: the dataset's points as they are, drifting as far as its pictures tell."""

    stages: ClassVar[frozenset[str]] = frozenset({"train"})
    deterministic: ClassVar[bool] = True
    overrides: ClassVar[Overrides] = {"hint": Whole(0, 9, default=0, meaning="Another scene.")}

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({"version": "1"})

    def run(self, order: WorkOrder) -> None:
        dataset = read_dataset(order.input("dataset.zip").read_bytes())
        kept = np.linspace(0, len(dataset.cloud.means) - 1, 1500).astype(int)
        means, colours = dataset.cloud.means[kept], dataset.cloud.colours[kept]
        count, slices = len(means), order.whole("slices")
        drift = np.float32(dataset.frames.mean() / 25_500)  # Metres: other pictures give another scene.
        scene = Scene(
            means,
            np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
            np.full((count, 3), -3.6, np.float32),
            np.full(count, 3, np.float32),
            ((colours / 255 - 0.5) / SH0).astype(np.float32)[:, None, :],
            Slices(np.stack([means + drift * np.float32(k / slices) for k in range(slices)])),
        )
        content = encode_scene(scene)
        for name, path in order.outputs.items():
            path.write_bytes(content if name == "still.scene" else name.encode() + content[64:128])


class _Pictures:
    """Flat pictures whose colours depend on the portrait and on the request."""

    deterministic: ClassVar[bool] = True
    kind: ClassVar[str]

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({"version": "1"})

    def run(self, order: WorkOrder) -> None:
        rows = unpack(order.input("cameras.rows").read_bytes())
        # Prompts in other letters are one prompt, and the seed says only how hard the file is packed.
        asked = (str(order.params.get("prompt", "")).casefold() + str(order.params.get("count", ""))).encode()
        colour = zlib.crc32(order.input("portrait.png").read_bytes() + asked)
        rng, level = np.random.default_rng(colour), 1 + int(str(order.params.get("seed", 0)))
        names = [name for name in order.outputs if name.endswith(".png")]
        for place, row in enumerate(rows.order):
            picture = np.zeros((*rows.size[::-1], 4), np.uint8)
            picture[8:-8, 8:-8] = (*rng.integers(0, 256, 3), 255)
            picture[: int(20 * rows.scene_time[row]), :, 3] = 0
            Image.fromarray(picture).save(order.outputs[names[place]], "PNG", compress_level=level)
        if "cloud.ply" in order.outputs:
            means = rng.normal(0, 0.25, (500, 3)).astype(np.float32)
            cloud = Cloud(means, rng.integers(0, 256, (500, 3), np.uint8))
            order.outputs["cloud.ply"].write_bytes(write_cloud(cloud))
        else:
            order.outputs["motion.json"].write_text(motion_note(rows.size, None, len(names), range(len(names))))


class Around(_Pictures):
    """Stage views."""

    stages: ClassVar[frozenset[str]] = frozenset({"views"})


class Moving(_Pictures):
    """Stage motion."""

    stages: ClassVar[frozenset[str]] = frozenset({"motion"})


class Learner:
    """Stage train: a real training, short, which keeps what it goes on from several times a second."""

    stages: ClassVar[frozenset[str]] = frozenset({"train"})
    deterministic: ClassVar[bool] = True

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({"version": "1"})

    def run(self, order: WorkOrder) -> None:
        from episodec.scenes.training_report import write_report
        from episodec.splat.ply import write_ply
        from episodec.splat.training.field import write_state
        from episodec.splat.training.settings import TrainSettings
        from episodec.splat.training.train import train
        from episodec.tools.checkpoints import FolderCheckpoints

        names = ("iterations", "coarse_iterations", "gaussians", "slices")
        asked = TrainSettings(**{name: order.whole(name) for name in names}, seed=int(str(order.params["seed"])))
        dataset = read_dataset(order.input("dataset.zip").read_bytes())
        actual = train(
            dataset, asked, FolderCheckpoints(order.scratch, every_s=0.2), lambda _: None, threads=order.cpus
        )
        order.outputs["still.scene"].write_bytes(encode_scene(actual.scene))
        order.outputs["point_cloud.ply"].write_bytes(write_ply(actual.canonical))
        order.outputs["deformation.pth"].write_bytes(write_state(actual.deformation))
        write_report(order, "Training", actual, dataset, asked.coarse_iterations)
