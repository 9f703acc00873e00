"""Curves through keys: cubic pieces that pass every key at its frame, with a continuous speed (C1), and stay within
the range between two neighbouring keys.

The slopes are those of PCHIP (Fritsch and Butland 1984, SIAM J. Sci. Stat. Comput. 5:300), one coordinate at a time.
Catmull-Rom splines were rejected: they overshoot, so a camera sways before and after a rest and a field of view can
leave its range.
"""

from dataclasses import dataclass

import numpy as np

from episodec.film.exact import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Keys and the slopes at them."""

    knots: Floats  # (K,), increasing: frames, as floats.
    values: Floats  # (K, D).
    slopes: Floats  # (K, D), values a frame.

    def at(self, frames: Floats) -> Floats:
        """The curve's values at these frames, (N, D); constant before the first and after the last key."""
        if len(self.knots) == 1:
            return np.repeat(self.values, len(frames), axis=0)
        inside = np.clip(frames, self.knots[0], self.knots[-1])
        piece = np.clip(np.searchsorted(self.knots, inside, side="right") - 1, 0, len(self.knots) - 2)
        width = (self.knots[piece + 1] - self.knots[piece])[:, None]
        t = (inside - self.knots[piece])[:, None] / width
        # Hermite's basis, written so that keys come out exactly.
        rise = t * t * (3 - 2 * t)
        mixed = self.values[piece] * (1 - rise) + self.values[piece + 1] * rise
        bend = self.slopes[piece] * (t * (1 - t) * (1 - t)) - self.slopes[piece + 1] * (t * t * (1 - t))
        curve: Floats = mixed + width * bend
        # Rounding alone could overshoot a key's value.
        low = np.minimum(self.values[piece], self.values[piece + 1])
        high = np.maximum(self.values[piece], self.values[piece + 1])
        return np.clip(curve, low, high)


def through(knots: Floats, values: Floats, *, rests_first: bool, rests_last: bool) -> Curve:
    """The curve through these keys.

    knots: (K,) increasing; values: (K, D). `rests_first`, `rests_last`: the speed at that end is zero; otherwise it is
    estimated from the three nearest keys.
    """
    slopes = np.zeros_like(values)
    if len(knots) == 1:
        return Curve(knots, values, slopes)
    widths = np.diff(knots)[:, None]
    chords = np.diff(values, axis=0) / widths
    slopes[1:-1] = _inner(widths, chords)
    if not rests_first:
        slopes[0] = _outer(widths[:2, 0], chords[:2])
    if not rests_last:
        slopes[-1] = _outer(widths[::-1][:2, 0], chords[::-1][:2])
    return Curve(knots, values, slopes)


def _inner(widths: Floats, chords: Floats) -> Floats:
    """Slopes at inner keys: a weighted harmonic mean of the chords, zero where the direction reverses."""
    before, after = chords[:-1], chords[1:]
    first = 2 * widths[1:] + widths[:-1]
    second = widths[1:] + 2 * widths[:-1]
    # Products, not reciprocals: that of a chord of 1e-310 overflows. A chord that vanishes beside its neighbour counts
    # as 0.
    product = before * after
    weighted = np.where(product > 0, first * after + second * before, 1.0)
    return np.where(product > 0, (first + second) * product / weighted, 0.0)


def _outer(widths: Floats, chords: Floats) -> Floats:
    """The slope at an end from its nearest chords: a parabola's, bounded so that the curve stays between the keys."""
    if len(chords) == 1:
        straight: Floats = chords[0]
        return straight
    near, far = chords
    slope = ((2 * widths[0] + widths[1]) * near - widths[0] * far) / (widths[0] + widths[1])
    slope = np.where(slope * near <= 0, 0.0, slope)
    return np.where((near * far < 0) & (np.abs(slope) > 3 * np.abs(near)), 3 * near, slope)
