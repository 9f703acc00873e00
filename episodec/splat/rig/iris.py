"""Where the iris is in the picture of an eye: the circle with the largest step of brightness (Daugman, 1993)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.face.rims import blurred
from episodec.splat.relief.surface import taken
from episodec.splat.rig.openings import RimOpening

LEAST_RADIUS, MOST_RADIUS = 0.07, 0.16  # Eye distances.
STEP = 0.0125
LEAST_STEP = 0.03  # Of brightness, 0 to 1, times that outside: less is no iris.
ANGLES = 9
ACROSS = 0.02  # Eye distances to either side of the circle.
MOST_STEP = 0.6
SIDES_DEG = 50.0  # From the horizontal: lids cover what is above and below.

Depths = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Iris:
    """Pixels."""

    x: float
    y: float
    radius: float


def irises_of(rgb: NDArray[np.uint8], openings: Sequence[RimOpening], unit: float) -> list[Iris] | None:
    """The irises in the openings of an (h, w, 3) picture, all of one size; None where none can be told."""
    light = blurred(rgb, 0.01 * unit).min(axis=2) / 255  # High in the white alone, whatever the iris's hue.
    best, most = None, LEAST_STEP * len(openings)
    for radius in np.arange(LEAST_RADIUS * unit, MOST_RADIUS * unit, STEP * unit):
        irises = [_best(light, opening, float(radius), unit) for opening in openings]
        # Pupils end as clearly, and are smaller.
        score = sum(score for _, score in irises) * math.sqrt(radius / (LEAST_RADIUS * unit))
        if score > most:
            best, most = [iris for iris, _ in irises], score
    return best


def _best(light: Depths, opening: RimOpening, radius: float, unit: float) -> tuple[Iris, float]:
    """The circle of this radius with the largest step, and how large that is."""
    inside = opening.mask(light.shape).astype(np.float64)
    (left, right), (top, bottom) = opening.box(0.0, 0.0)
    step = STEP * unit
    x, y = (each.ravel() for each in np.meshgrid(np.arange(left, right, step), np.arange(top, bottom, step)))
    sides = [_step(light, inside, (x, y), (radius, side), unit) for side in (0.0, 180.0)]
    both = np.minimum(*sides)  # A circle has two sides; a highlight is one.
    k = int(both.argmax())
    return Iris(float(x[k]), float(y[k]), radius), float(both[k])


def _step(light: Depths, inside: Depths, at: tuple[Depths, Depths], circle: tuple[float, float], unit: float) -> Depths:
    """(n,): by how much it gets brighter across a side of the circles at these places, times how bright it gets."""
    total, count = np.zeros(len(at[0])), np.zeros(len(at[0]))
    radius, side_deg = circle
    for angle in np.radians(side_deg + np.linspace(-SIDES_DEG, SIDES_DEG, ANGLES)):
        known, values = np.ones(len(at[0]), np.bool_), []
        for far in (radius - ACROSS * unit, radius + ACROSS * unit):
            column, row = at[0] + far * np.cos(angle), at[1] + far * np.sin(angle)
            known &= taken(inside, column, row) > 0.5
            values.append(taken(light, column, row))
        # A pupil ends at what is darker than white.
        total += np.where(known, np.clip(values[1] - values[0], -MOST_STEP, MOST_STEP) * values[1], 0.0)
        count += known
    # What is seen counts by how much of it there is.
    learned: Depths = total / np.maximum(count, 1) * np.minimum(1, count / (0.5 * ANGLES))
    return learned
