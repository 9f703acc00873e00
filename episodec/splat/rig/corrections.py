"""Corrections of the head's shapes by a rig, so that lips look as they sound; all in decimetres of the head.

Chosen on sheets of a drawn face, of the scene trained on it, and of a photograph, by the landmark network's readings
and by eye.
"""

import numpy as np
from numpy.typing import NDArray

MOUTH_Y = -0.612  # Where the lips meet.
LIFT = 0.045  # The middle of the lower lip where the jaw opens: the head's own ends in a V.

# The corners of the mouth and the skin beside them: their positions, and the radius of a correction.
CORNER_X, CORNER_WIDE = 0.22, 0.08
CORNER_HIGH = {"mouthPucker": 0.10, "mouthStretch": 0.12}
OUTWARDS = {"mouthPucker": -0.024, "mouthStretch": 0.031}

# In a pucker, lips close beside the middle: the distances at which this begins, is complete, and ends.
SEALS, SEALED_X, ENDS_X, ENDS_WIDE = 0.045, (0.05, 0.11), 0.2, 0.05
SEAL_HIGH, SEAL_SOFT = 0.06, 0.01

Lengths = NDArray[np.float64]


def corrected(name: str, vertices: Lengths, moves: Lengths) -> Lengths:
    """(n, 2): the additional movement sideways and up of (n, 3) vertices that a shape moves by `moves` at weight 1."""
    stem = name.removesuffix("Left").removesuffix("Right")
    more = np.zeros((len(vertices), 2))
    if stem in OUTWARDS:
        more[:, 0] = OUTWARDS[stem] * _at_corners(vertices, CORNER_HIGH[stem])
    if stem == "mouthPucker":
        more[:, 1] = _sealed(vertices)
    elif stem == "jawOpen":
        more[:, 1] = _rounder(vertices, moves)
    return more


def _at_corners(vertices: Lengths, high: float) -> Lengths:
    """(n,): 1 and -1 at the left and the right corner of the mouth, falling towards 0 around them."""
    x, y = vertices[:, 0], vertices[:, 1]
    beside = np.exp(-(((np.abs(x) - CORNER_X) / CORNER_WIDE) ** 2)) * np.exp(-(((y - MOUTH_Y) / high) ** 2))
    signed: Lengths = np.sign(x) * beside
    return signed


def _sealed(vertices: Lengths) -> Lengths:
    """(n,): how far each lip moves towards the other, except in the middle, so that the opening is small and round."""
    x, up = np.abs(vertices[:, 0]), vertices[:, 1] - MOUTH_Y
    first, last = SEALED_X
    beside = np.clip((x - first) / (last - first), 0, 1) * np.clip((ENDS_X - x) / ENDS_WIDE, 0, 1)
    lips = np.clip(up / SEAL_SOFT, -1, 1) * np.exp(-((up / SEAL_HIGH) ** 2))
    towards: Lengths = -SEALS * beside * lips
    return towards


def _rounder(vertices: Lengths, moves: Lengths) -> Lengths:
    """(n,): how far the middle of the lower lip is lifted."""
    x, y = vertices[:, 0], vertices[:, 1]
    lower = np.clip(-moves[:, 1] / 0.28, 0, 1)
    lift: Lengths = LIFT * lower * np.exp(-((x / 0.05) ** 2)) * np.exp(-(((y + 0.66) / 0.10) ** 2))
    return lift
