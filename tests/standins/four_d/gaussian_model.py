# ruff: noqa: PLR0913, PLR0917  # The interface of other people's programs.
"""Stands in for 4DGaussians' `scene/gaussian_model.py`: what the trainer's driver takes hold of."""

from typing import Any


class _Points(list[tuple[float, ...]]):
    @property
    def shape(self) -> tuple[int, int]:
        return len(self), 3


class GaussianModel:
    def __init__(self, points: list[tuple[float, ...]]) -> None:
        self._xyz = _Points(points)

    @property
    def get_xyz(self) -> _Points:
        return self._xyz

    def densify(
        self,
        max_grad: float,
        min_opacity: float,
        extent: float,
        max_screen_size: Any,
        density_threshold: float,
        displacement_scale: float,
        model_path: Any = None,
        iteration: Any = None,
        stage: Any = None,
    ) -> None:
        self._xyz.append(self._xyz[iteration % len(self._xyz)])
