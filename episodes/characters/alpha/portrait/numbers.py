"""Numeric helpers shared by all parts."""

import numpy as np


def unit(v):
    """Vectors of length 1, along the last axis."""
    v = np.asarray(v, float)
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)


def step(a, b, x):
    """0 at a, 1 at b, smooth between them; a may be above b."""
    t = np.clip((x - a) / (b - a), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a, b, t):
    """Colours a where t is 0, b where it is 1; t has one axis fewer."""
    return a + (b - a) * np.asarray(t)[..., None]


def axes(direction):
    """Rows: right, up and the direction itself."""
    z = unit(direction)
    x = unit(np.cross([0, 1.0, 0] if abs(z[1]) < 0.9 else [1.0, 0, 0], z))
    return np.stack([x, np.cross(z, x), z])
