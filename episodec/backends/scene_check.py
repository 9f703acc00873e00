"""Backend `scene-check`: compares a trained scene with its dataset, in numbers and a picture, and films it."""

import json
from typing import Any, ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.tools import ffmpeg

SHOWN = {("train", "spatial"): 4, ("train", "temporal"): 2, ("val", "temporal"): 1, ("test", "temporal"): 1}
"""The number of frames of each split and kind in the picture."""


class SceneCheck:
    """Stage scene-check: `still.scene` and `dataset.zip` to `scene.json`, `scene.png` and `scene.mp4`; no overrides.

    The rendering speed goes to the action's log, never into a file.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"scene-check"})
    deterministic: ClassVar[bool] = True

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return ffmpeg.fingerprint(settings, digests)

    def run(self, order: WorkOrder) -> None:
        import time

        import numpy as np

        from episodec.drawings.fidelity_picture import write_fidelity
        from episodec.splat.dataset_read import read_dataset
        from episodec.splat.fidelity import measure
        from episodec.splat.scene import columnar
        from episodec.splat.scene_file import decode_scene
        from episodec.video.x264 import FrameForm, encode_chunk

        dataset = read_dataset(order.input("dataset.zip").read_bytes())
        scene = columnar(decode_scene(order.input("still.scene").read_bytes()))
        started = time.perf_counter()
        fidelity = measure(scene, dataset, orbit=order.whole("frames"), threads=order.cpus)
        seconds = time.perf_counter() - started
        rendered = len(dataset.times) + len(fidelity.orbit)
        side = dataset.frames.shape[1]
        print(f"{rendered} frames of {side}x{side} in {seconds:.1f} s: {rendered / seconds:.0f} fps")  # noqa: T201
        table = _table(scene, dataset, fidelity)
        text = json.dumps(table, indent=1, allow_nan=False)
        order.outputs["scene.json"].write_text(f"{text}\n", encoding="utf-8")
        title = f"{scene.count} Gaussians   ·   {_whole(table)}"
        write_fidelity(order.outputs["scene.png"], title, _cases(dataset, fidelity), list(fidelity.orbit))
        even = side - side % 2  # Chroma has half the resolution.
        film = FrameForm(even, even, order.whole("rate"))
        around = np.ascontiguousarray(fidelity.orbit[:, :even, :even])
        encode_chunk(around, film, order.outputs["scene.mp4"], ffmpeg.program(order.settings))


def _table(scene: Any, dataset: Any, fidelity: Any) -> dict[str, Any]:
    """The measurements, rounded to meaningful digits."""
    means: dict[str, dict[str, float]] = {}
    for split, kind in SHOWN:
        here = dataset.where(split, kind)
        if len(here):
            means.setdefault(split, {})[kind] = round(float(fidelity.psnr_db[here].mean()), 3)
    for split, mean in means.items():
        mean["all"] = round(float(fidelity.psnr_db[dataset.where(split)].mean()), 3)
    rows = zip(dataset.splits, dataset.kinds, dataset.times, fidelity.psnr_db, strict=True)
    frames = [
        {"split": split, "kind": kind, "scene_time": round(float(time), 6), "psnr_db": round(float(psnr), 3)}
        for split, kind, time, psnr in rows
    ]
    return {
        "gaussians": scene.count,
        "slices": 0 if scene.slices is None else int(scene.slices.means.shape[0]),
        "size": list(dataset.size),
        "psnr_db": means,
        "orbit": {
            "frames": len(fidelity.orbit),
            "frame_difference": round(fidelity.frame_difference(), 4),
            "pixel_mean": round(float(fidelity.orbit.mean()), 3),
            "pixel_deviation": round(float(fidelity.orbit.std()), 3),
        },
        "frames": frames,
    }


def _whole(table: dict[str, Any]) -> str:
    means = table["psnr_db"]
    parts = [f"{split} {means[split]['all']:.1f} dB" for split in means]
    return "   ·   ".join([*parts, f"frame difference {table['orbit']['frame_difference']:.1f}"])


def _cases(dataset: Any, fidelity: Any) -> list[tuple[str, str, Any, Any]]:
    """Evenly chosen frames of each split, with names and measurements."""
    cases = []
    for (split, kind), count in SHOWN.items():
        here = dataset.where(split, kind)
        for place in range(min(count, len(here))):
            frame = here[place * len(here) // min(count, len(here))]
            name = f"{split} {kind}, time {dataset.times[frame]:.2f}"
            cases.append((name, f"{fidelity.psnr_db[frame]:.1f} dB", fidelity.truth[frame], fidelity.rendered[frame]))
    return cases
