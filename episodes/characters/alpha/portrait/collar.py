"""The suit's stand-up collar: a band about the neck, open at the front, with a lining; and where skin and suit meet it."""

import numpy as np

from portrait.numbers import step

MIDDLE_Z = 0.17
AROUND, ROWS = 72, 11
HALF_OPEN = 0.10  # Radians from each end to the middle, at the top.


def _ring(turn, height):
    """(N, 3): points on the band; turn is 0 at the front, height 0 where it leaves the suit and 1 at its upper edge."""
    front, back = np.clip(np.cos(turn), 0, 1), np.clip(-np.cos(turn), 0, 1)
    out = 0.585 - 0.105 * height
    ahead = 0.455 + 0.075 * height
    behind = 0.500 - 0.045 * height
    x = np.sin(turn) * out
    z = MIDDLE_Z + np.cos(turn) * np.where(front > 0, ahead, behind)
    y = 5.185 - 0.165 * front**1.2 + 0.16 * back + height * (0.27 - 0.07 * front)
    return np.stack([x, y, z], -1)


def band():
    """Points (N, 3), quads, and texture points (N, 2): the turn over a whole one, and the height above the suit's edge.

    It begins under the suit, turns over at its upper edge and ends inside; heights of the lining are above 1.
    """
    heights = np.array([-0.55, -0.25, 0.0, 0.3, 0.6, 0.85, 1.0, 1.0, 0.85, 0.5, 0.1])
    inset = np.array([0, 0, 0, 0, 0, 0, 0.004, 0.034, 0.040, 0.042, 0.045])
    ends = np.linspace(-1, 1, AROUND)[:, None]
    opening = HALF_OPEN * (0.15 + 0.85 * step(-0.1, 1.1, heights))[None]
    turn = np.pi + ends * (np.pi - opening)  # From the front around the character's left and back.
    points = _ring(turn, heights[None] + 0 * turn)
    centre = np.array([0, 0, MIDDLE_Z])
    inwards = (centre - points) * [1, 0, 1]
    points = points + inwards / np.linalg.norm(inwards, axis=-1, keepdims=True) * inset[None, :, None]
    shown = np.where(np.arange(ROWS) > 6, 2 - heights, heights)
    texture = np.stack([turn / (2 * np.pi), (shown[None] + 0 * turn + 1) / 4], -1)
    k = np.arange(AROUND * ROWS).reshape(AROUND, ROWS)
    quads = np.stack([k[:-1, :-1], k[:-1, 1:], k[1:, 1:], k[1:, :-1]], -1).reshape(-1, 4)
    return points.reshape(-1, 3), quads[:, ::-1], texture.reshape(-1, 2)


def inside(points):
    """(N,) below 1 within the band, seen from above, and on all of the neck; large on chest, back and shoulders."""
    x, y, z = points[:, 0], points[:, 1], points[:, 2] - MIDDLE_Z
    radius = np.hypot(x / 0.555, z / np.where(z > 0, 0.455, 0.480))
    neck = (y > 5.30 - 0.22 * step(0, 0.4, z)) & (np.abs(x) < 0.62)
    return np.where(neck, np.minimum(radius, 0.9), np.where(y > 4.75, radius, 9.0))
