"""Paints single teeth on a plain arch, by a place's distances along it from the middle and from the edge."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IVORY, GUM = (0.985, 0.96, 0.915), (0.62, 0.33, 0.33)
BACK_Z = -0.09  # Decimetres of the head: the depth at which the arch is HALF_WIDE from the middle.
HALF_WIDE = 0.305
SHADE, SHADED_Z = 0.45, -0.07  # The share of the front's light that is left at the back, and from where on.
UNDER_LIP = 0.14  # How much darker a tooth is at its gum, in the lip's shade.

Depths = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Arch:
    """Teeth from the middle outwards: their widths and their height, in decimetres."""

    widths: tuple[float, ...]
    high: float
    is_upper: bool
    light: float
    last_z: float  # Parts farther back are left out: cheeks and the lower lip hide them.


UPPER = Arch((0.085, 0.066, 0.076, 0.07, 0.068, 0.10, 0.10, 0.10), 0.105, is_upper=True, light=1.0, last_z=-0.07)
LOWER = Arch((0.054, 0.058, 0.068, 0.07, 0.07, 0.11, 0.11, 0.11), 0.085, is_upper=False, light=0.92, last_z=0.06)


def painted(at: Depths, arch_vertices: Depths, arch: Arch) -> tuple[Depths, NDArray[np.bool_]]:
    """Colours, (n, 3), of places on an arch of the head, (n, 3) decimetres, and which of the places exist."""
    front = float(arch_vertices[:, 2].max())
    edge_y = float(arch_vertices[:, 1].min() if arch.is_upper else arch_vertices[:, 1].max())
    x = np.linspace(0, HALF_WIDE, 120)
    profile = front - (front - BACK_Z) * (x / HALF_WIDE) ** 2.2
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(profile)))])
    ends = np.concatenate([[0.0], np.cumsum(arch.widths)])
    far = np.interp(np.abs(at[:, 0]), x, along)
    tooth = np.clip(np.searchsorted(ends, far) - 1, 0, len(arch.widths) - 1)
    side = 2 * (far - ends[tooth]) / np.array(arch.widths)[tooth] - 1  # -1 and 1 at the gaps between teeth.
    from_edge = at[:, 1] - edge_y if arch.is_upper else edge_y - at[:, 1]
    is_gum = from_edge > arch.high * (1 - 0.18 * side**2)
    notch = 0.004 + 0.008 * np.abs(side) ** 4
    lit = SHADE + (1 - SHADE) * np.clip((at[:, 2] - SHADED_Z) / (front - SHADED_Z), 0, 1)
    tone = (1 - 0.10 * np.abs(side) ** 8) * (1 - UNDER_LIP * np.clip(from_edge / arch.high, 0, 1))
    tone *= 1 - 0.015 * (tooth % 2)
    colours = np.where(is_gum[:, None], np.array(GUM), np.array(IVORY) * tone[:, None])
    colours = colours * arch.light * lit[:, None] * (1 - (1 - lit)[:, None] * np.array([0, 0.12, 0.2]))
    return colours, (from_edge > notch) & (at[:, 2] > arch.last_z)
