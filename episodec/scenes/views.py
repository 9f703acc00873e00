"""The outputs of stage views, from a static scene: its pictures by the order's cameras, and its points."""

import numpy as np
from numpy.typing import NDArray

from episodec.engine.backend import WorkOrder
from episodec.faces.conform import save_picture
from episodec.film.rows import unpack
from episodec.scenes.cameras import view_of
from episodec.splat.cloud import thinned, write_cloud
from episodec.splat.cutout import cut_out
from episodec.splat.ply import SH0
from episodec.splat.scene import Scene

POINTS = 40_000  # The greatest number of points in the cloud.

Colours = NDArray[np.uint8]  # (N, 3)


def write_views(order: WorkOrder, scene: Scene, colours: Colours | None = None, *, finer: int = 1) -> None:
    """Write `view_000.png` … for the cameras of `cameras.rows`, without a background, and `cloud.ply`.

    Pictures are supersampled `finer` times. colours: of the points; None: those of the Gaussians.

    Raises:
        BackendError: a camera is invalid.
    """
    rows = unpack(order.input("cameras.rows").read_bytes())
    colours = colours_of(scene) if colours is None else colours
    for place, row in enumerate(rows.order):
        picture = cut_out(scene, view_of(rows, int(row)), threads=order.cpus, finer=finer)
        save_picture(order.outputs[f"view_{place:03}.png"], picture)
    order.outputs["cloud.ply"].write_bytes(write_cloud(thinned(scene.means, colours, POINTS)))


def colours_of(scene: Scene) -> Colours:
    """(N, 3): the colour of each Gaussian averaged over all directions."""
    shares = np.clip(scene.harmonics[:, 0] * SH0 + 0.5, 0, 1)
    colours: Colours = np.rint(shares * 255).astype(np.uint8)
    return colours
