"""The CUDA rasteriser: `rasterise`'s interface on gsplat (extra `cuda`), for machines with an NVIDIA GPU.

One constant differs from the reference: gsplat clamps alpha at 0.999, 3DGS at 0.99. For opacities below 0.99, pictures
agree with the reference within 1e-3. The order of equal depths and of sums is the GPU's: bytes may differ.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.extras import to_install
from episodec.splat.scene import Floats, Scene, at
from episodec.splat.view import View, checked_view

NEAR = 0.2  # metres

Colour = tuple[float, float, float]


def missing() -> str | None:
    """The reason why this machine cannot render with CUDA, or None if it can."""
    try:
        import gsplat  # noqa: F401  # Only whether it is there.
        import torch
    except ImportError as error:
        return f"{error.name or error} is not installed: {to_install('cuda')}"
    if not torch.cuda.is_available():
        return "torch finds no usable GPU"
    return None


class CudaScene:
    """A scene in the GPU's memory; each distinct time is evaluated once."""

    def __init__(self, scene: Scene) -> None:
        if (reason := missing()) is not None:
            raise BackendError("the CUDA rasteriser cannot run here", facts={"reason": reason})
        self._scene = scene
        self._still: dict[float, tuple[Any, ...]] = {}
        self._constant = (self._sent(scene.opacity_logits).sigmoid(), self._sent(scene.harmonics))

    def render_floats(self, view: View, *, time: float = 0.0, background: Colour = (1.0, 1.0, 1.0)) -> Floats:
        """The picture at a scene time of 0 to 1: (h, w, 3) float32, in the scene's own encoding.

        Raises:
            BackendError: the view or the time is invalid.
        """
        (picture,) = self.render_batch([view], time=time, background=background)
        floats: Floats = picture
        return floats

    def render(self, view: View, *, time: float = 0.0, background: Colour = (1.0, 1.0, 1.0)) -> NDArray[np.uint8]:
        """The same picture rounded: (h, w, 3) uint8."""
        picture = self.render_floats(view, time=time, background=background)
        return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)

    def render_batch(self, views: list[View], *, time: float, background: Colour) -> Floats:
        """Pictures of one scene time and one size, (n, h, w, 3) float32: cheaper in a batch than one by one."""
        import gsplat
        import torch

        width, height = views[0].size
        lenses = np.zeros((len(views), 3, 3))
        for lens, view in zip(lenses, views, strict=True):
            fx, fy, cx, cy = checked_view(view).intrinsics
            lens[:] = np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])
        means, quaternions, scales = self._moved(time)
        with torch.no_grad():
            pictures, _, _ = gsplat.rasterization(
                means,
                quaternions,
                scales,
                *self._constant,
                self._sent(np.stack([view.world_to_camera() for view in views])),
                self._sent(lenses),
                width,
                height,
                near_plane=NEAR,
                sh_degree=self._scene.degree,
                packed=False,
                backgrounds=self._sent(np.tile(background, (len(views), 1))),
            )
        floats: Floats = pictures.cpu().numpy()
        return floats

    def _moved(self, time: float) -> tuple[Any, ...]:
        """Means, quaternions and linear scales at a time, on the GPU."""
        if time not in self._still:
            still = at(self._scene, time)
            scales = self._sent(still.log_scales).clamp(-40, 40).exp()
            self._still[time] = (self._sent(still.means), self._sent(still.quaternions), scales)
        return self._still[time]

    @staticmethod
    def _sent(array: NDArray[Any]) -> Any:
        import torch

        return torch.from_numpy(np.array(array, np.float32, order="C")).cuda()
