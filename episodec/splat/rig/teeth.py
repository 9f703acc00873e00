"""Single teeth painted on a plain arch: by how far along it a place lies from the middle, and how far from the edge."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IVORY, GUM = (0.90, 0.865, 0.80), (0.56, 0.29, 0.29)
BACK_Z = -0.09  # Decimetres of the head: where the arch is HALF_WIDE from the middle.
HALF_WIDE = 0.305
LAST_Z = 0.03  # What lies farther back is not made: cheeks hide it.
SHADED_Z = -0.04

Depths = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Arch:
    """Teeth from the middle outwards: their widths, and how high they are; decimetres."""

    widths: tuple[float, ...]
    high: float
    is_upper: bool
    light: float


UPPER = Arch((0.085, 0.066, 0.076, 0.07, 0.068, 0.10, 0.10, 0.10), 0.105, is_upper=True, light=0.90)
LOWER = Arch((0.054, 0.058, 0.068, 0.07, 0.07, 0.11, 0.11, 0.11), 0.085, is_upper=False, light=0.78)


def painted(at: Depths, arch_vertices: Depths, arch: Arch) -> tuple[Depths, NDArray[np.bool_]]:
    """Colours, (n, 3), of places on an arch of the head, (n, 3) decimetres, and which of them there are."""
    front = float(arch_vertices[:, 2].max())
    edge_y = float(arch_vertices[:, 1].min() if arch.is_upper else arch_vertices[:, 1].max())
    x = np.linspace(0, HALF_WIDE, 120)
    profile = front - (front - BACK_Z) * (x / HALF_WIDE) ** 2.2
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(profile)))])
    ends = np.concatenate([[0.0], np.cumsum(arch.widths)])
    far = np.interp(np.abs(at[:, 0]), x, along)
    tooth = np.clip(np.searchsorted(ends, far) - 1, 0, len(arch.widths) - 1)
    side = 2 * (far - ends[tooth]) / np.array(arch.widths)[tooth] - 1  # -1 and 1 between two teeth.
    from_edge = at[:, 1] - edge_y if arch.is_upper else edge_y - at[:, 1]
    is_gum = from_edge > arch.high * (1 - 0.18 * side**2)
    notch = 0.005 + 0.014 * np.abs(side) ** 4
    depth = np.clip((at[:, 2] - SHADED_Z) / (front - SHADED_Z), 0, 1) ** 1.4
    tone = (0.97 - 0.30 * np.abs(side) ** 6) * (1 - 0.10 * np.clip(from_edge / arch.high, 0, 1))
    tone *= 1 + 0.03 * (tooth % 2 == 0)
    colours = np.where(is_gum[:, None], np.array(GUM), np.array(IVORY) * tone[:, None])
    colours = colours * (0.10 + arch.light * depth)[:, None] * (1 - (1 - depth)[:, None] * np.array([0, 0.12, 0.2]))
    return colours, (from_edge > notch) & (at[:, 2] > LAST_Z)
