"""The report of a training, by episodec or another system: its measurements as JSON and as a chart, and a turntable of
the scene.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodec.drawings.training_chart import ChartCurve, draw_training, write_turntable
from episodec.engine.backend import WorkOrder
from episodec.splat.dataset import Dataset
from episodec.splat.rasterise import render
from episodec.splat.scene import Scene
from episodec.splat.training.trained import Trained, report
from episodec.splat.view import View

TURNS, TURN_SIDE, TURN_MS = 48, 240, 83  # Pictures of the turntable, their side in pixels, how long each is shown.


def write_report(order: WorkOrder, title: str, trained: Trained, dataset: Dataset, coarse_iterations: int) -> None:
    """Write `training.json`, `training.png` and `turntable.webp` of an order."""
    order.outputs["training.json"].write_text(report(trained, coarse_iterations), encoding="utf-8")
    steps = [row.iteration for row in trained.history]
    curves = [
        ChartCurve("loss", steps, [row.loss for row in trained.history]),
        ChartCurve("PSNR of the training frames, dB", steps, [row.psnr_db for row in trained.history], from_zero=False),
        ChartCurve("Gaussians", steps, [float(row.gaussians) for row in trained.history]),
    ]
    near = "   ·   ".join(f"{name} {value:.2f} dB" for name, value in trained.psnr_db.items())
    draw_training(title, near, curves, coarse_iterations, order.outputs["training.png"])
    write_turntable(_turn(trained.scene, dataset, order.cpus), order.outputs["turntable.webp"], TURN_MS)


def _turn(scene: Scene, dataset: Dataset, threads: int) -> Iterator[NDArray[np.uint8]]:
    """The pictures of one full turn, over scene time 0 to 1, starting at the camera of the moving pictures."""
    side = min(TURN_SIDE, dataset.frames.shape[1])
    moving = dataset.where("train", "temporal")
    camera = dataset.camera_to_world[int((moving if len(moving) else dataset.where("train"))[0])]
    fx, fy, cx, cy = (number * side / dataset.frames.shape[1] for number in dataset.intrinsics)
    for number in range(TURNS):
        about: Any = np.eye(4)
        sin, cos = math.sin(2 * math.pi * number / TURNS), math.cos(2 * math.pi * number / TURNS)
        about[:3, :3] = [[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]
        view = View(about @ camera, (fx, fy, cx, cy), (side, side))
        yield render(scene, view, time=number / (TURNS - 1), threads=threads)
