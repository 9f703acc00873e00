"""Finds the iris in the picture of an eye: the circle with the largest step of brightness (Daugman, 1993)."""

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
LEAST_STEP = 0.03  # A step of brightness, 0 to 1, times the brightness outside: a smaller product is not an iris.
ANGLES = 9
ACROSS = 0.02  # Eye distances to either side of the circle.
MOST_STEP = 0.6
SIDES_DEG = 50.0  # Angle from the horizontal: lids cover the rest of the circle.

Depths = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Iris:
    """Pixels."""

    x: float
    y: float
    radius: float


def irises_of(rgb: NDArray[np.uint8], openings: Sequence[RimOpening], unit: float) -> list[Iris] | None:
    """The irises in the openings of an (h, w, 3) picture, all of one size; None where there is no distinct one."""
    light = blurred(rgb, 0.01 * unit).min(axis=2) / 255  # High only in the white, whatever the iris's hue.
    best, most = None, LEAST_STEP * len(openings)
    for radius in np.arange(LEAST_RADIUS * unit, MOST_RADIUS * unit, STEP * unit):
        irises = [_best(light, opening, float(radius), unit) for opening in openings]
        # Pupils have an edge as clear, but are smaller.
        score = sum(score for _, score in irises) * math.sqrt(radius / (LEAST_RADIUS * unit))
        if score > most:
            best, most = [iris for iris, _ in irises], score
    return best


def _best(light: Depths, opening: RimOpening, radius: float, unit: float) -> tuple[Iris, float]:
    """The circle of this radius with the largest step, and that step."""
    inside = opening.mask(light.shape).astype(np.float64)
    (left, right), (top, bottom) = opening.box(0.0, 0.0)
    step = STEP * unit
    x, y = (each.ravel() for each in np.meshgrid(np.arange(left, right, step), np.arange(top, bottom, step)))
    sides = [_step(light, inside, (x, y), (radius, side), unit) for side in (0.0, 180.0)]
    both = np.minimum(*sides)  # A circle has an edge on both sides, a highlight only on one.
    k = int(both.argmax())
    return Iris(float(x[k]), float(y[k]), radius), float(both[k])


def _step(light: Depths, inside: Depths, at: tuple[Depths, Depths], circle: tuple[float, float], unit: float) -> Depths:
    """(n,): the rise in brightness across one side of the circles at these places, times the brightness outside."""
    total, count = np.zeros(len(at[0])), np.zeros(len(at[0]))
    radius, side_deg = circle
    for angle in np.radians(side_deg + np.linspace(-SIDES_DEG, SIDES_DEG, ANGLES)):
        known, values = np.ones(len(at[0]), np.bool_), []
        for far in (radius - ACROSS * unit, radius + ACROSS * unit):
            column, row = at[0] + far * np.cos(angle), at[1] + far * np.sin(angle)
            known &= taken(inside, column, row) > 0.5
            values.append(taken(light, column, row))
        # Outside a pupil it is darker than white.
        total += np.where(known, np.clip(values[1] - values[0], -MOST_STEP, MOST_STEP) * values[1], 0.0)
        count += known
    # Visible parts are weighted by their length.
    learned: Depths = total / np.maximum(count, 1) * np.minimum(1, count / (0.5 * ANGLES))
    return learned
