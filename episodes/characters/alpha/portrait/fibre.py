"""Shading of hair: each strand is a fibre that reflects, transmits and scatters (after Kajiya and Kay, 1989, and
Marschner, 2003).
"""

import numpy as np
from numba import njit, prange

from portrait.film import Strands
from portrait.light import LAMPS

EVERY = 3  # Light is evaluated at each third knot of a strand, and interpolated between.
DEEP, BRIGHT = np.array([0.026, 0.007, 0.056]), np.array([0.145, 0.047, 0.275])
BLUE, MAGENTA = np.array([0.82, 0.95, 1.10]), np.array([1.22, 0.98, 0.94])
SHINE = np.array([0.80, 0.62, 1.0])
TIPS = np.array([0.034, 0.008, 0.034])
TOWARDS = np.stack([lamp.towards for lamp in LAMPS])
COLOURS = np.stack([lamp.colour for lamp in LAMPS])
STRENGTH = np.array([1.0, 0.9, 0.75, 0.8])


def looked_up(hair):
    """(K, 3): the points on the hair where light is evaluated."""
    return np.ascontiguousarray(hair.knots[:, ::EVERY].reshape(-1, 3))


def lit(hair, light):
    """The hair as strands of colours, in this light at its looked-up places."""
    count, knots = hair.width.shape
    at = np.arange(knots) / EVERY
    few = -(-knots // EVERY)
    first = np.minimum(at.astype(int), few - 2)
    t = np.minimum(at - first, 1.0)[None, :, None]

    def everywhere(values):
        values = values.reshape(count, few, -1)
        return (values[:, first] * (1 - t) + values[:, first + 1] * t).astype(np.float32)

    tangents = np.gradient(hair.knots, axis=1)
    tangents /= np.maximum(np.linalg.norm(tangents, axis=-1, keepdims=True), 1e-9)
    colour = _albedo(hair)
    ambient, seen = everywhere(light.ambient), everywhere(light.seen)

    def colours(towards):
        found = np.empty((count, knots, 3))
        _shade(tangents, hair.away, colour, hair.shift, ambient, seen, towards, found)
        return found.reshape(-1, 3)

    return Strands(hair.knots, hair.width, colours)


def _albedo(hair):
    """(S, K, 3): darker at the roots, lighter and redder to the ends, each strand a little its own."""
    along = np.linspace(0, 1, hair.width.shape[1])[None, :, None]
    tone, hue = hair.tone[:, None, None], hair.hue[:, None, None]
    colour = (DEEP + (BRIGHT - DEEP) * tone) * (BLUE + (MAGENTA - BLUE) * hue)
    colour = colour * (0.58 + 0.42 * np.clip(along * 6, 0, 1))
    return colour + TIPS * np.clip(along - 0.5, 0, 1) * (~hair.fringe)[:, None, None]


@njit(cache=True, parallel=True)
def _shade(tangents, away, albedo, shift, ambient, seen, towards, found):
    """Write the light from knots `towards` the camera into found (S, K, 3)."""
    for s in prange(len(found)):
        for k in range(found.shape[1]):
            t, n = tangents[s, k], away[s, k]
            for c in range(3):
                found[s, k, c] = albedo[s, k, c] * ambient[s, k, c] * 0.95
            for lamp in range(len(TOWARDS)):
                light = TOWARDS[lamp]
                visible = seen[s, k, lamp] * STRENGTH[lamp]
                if visible < 1e-4:
                    continue
                cosine = t[0] * light[0] + t[1] * light[1] + t[2] * light[2]
                sine = np.sqrt(max(1 - cosine * cosine, 0.0))
                facing = min(max(0.45 + 0.75 * (n[0] * light[0] + n[1] * light[1] + n[2] * light[2]), 0.0), 1.0)
                hx, hy, hz = light[0] + towards[0], light[1] + towards[1], light[2] + towards[2]
                length = np.sqrt(hx * hx + hy * hy + hz * hz) + 1e-9
                white = 0.13 * _lobe(t, n, shift[s] - 0.10, hx / length, hy / length, hz / length, 110.0)
                tinted = 0.28 * _lobe(t, n, shift[s] + 0.10, hx / length, hy / length, hz / length, 24.0)
                behind = max(-(light[0] * towards[0] + light[1] * towards[1] + light[2] * towards[2]), 0.0)
                through = 0.8 * behind * behind * sine
                for c in range(3):
                    a = albedo[s, k, c]
                    shine = white * SHINE[c] + tinted * min(a * 2.4, 1.0)
                    body = a * sine * facing * 0.95 + facing * shine + through * min(a * 1.8, 1.0)
                    found[s, k, c] += body * visible * COLOURS[lamp, c]


@njit(cache=True)
def _lobe(t, n, shift, hx, hy, hz, sharpness):
    """A highlight across the strand, moved along it by `shift`."""
    x, y, z = t[0] + shift * n[0], t[1] + shift * n[1], t[2] + shift * n[2]
    cosine = (x * hx + y * hy + z * hz) / (np.sqrt(x * x + y * y + z * z) + 1e-9)
    return max(1 - cosine * cosine, 0.0) ** (sharpness / 2)
