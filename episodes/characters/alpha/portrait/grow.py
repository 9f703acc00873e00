"""Strands from their roots to their ends: combed over the head, then falling, held off the body. Compiled by numba."""

import numpy as np
from numba import njit, prange

from portrait.space import at, outwards

PIECE = 0.040  # Decimetres of one step.
STEPS = 112


@njit(cache=True)
def _rise(a, b, x):
    t = min(max((x - a) / (b - a), 0.0), 1.0)
    return t * t * (3 - 2 * t)


@njit(cache=True)
def _towards(grid, p, root, side, fringe, lift, arc):
    """The preferred direction of a strand at p: combed along the head, then down; and its preferred distance from the
    head.
    """
    gx, gy, gz = outwards(grid, p[0], p[1], p[2], 0)
    off_now = at(grid, p[0], p[1], p[2], 0)
    behind = _rise(0.30, -0.10, root[2])
    apart = abs(root[0] - root[3])
    on_head = _rise(5.9, 6.7, p[1]) * _rise(1.9, 0.9, arc)
    if fringe:
        cx, cy, cz = side * (0.40 + 0.85 * min(apart, 1.0)), -1.0, 0.15
    else:
        # Behind the front the parting closes: hair beside it goes back over the crown.
        back = max(behind, 0.85 * _rise(0.66, 0.30, root[2]) * _rise(0.55, 0.10, apart))
        cx, cy, cz = side * (1.0 - 0.8 * back), -0.55, -0.10 - 0.8 * back
    along = cx * gx + cy * gy + cz * gz
    cx, cy, cz = cx - along * gx, cy - along * gy, cz - along * gz
    length = np.sqrt(cx * cx + cy * cy + cz * cz) + 1e-9
    near_parting = 0.38 + 0.62 * _rise(0.02, 0.85, abs(p[0] - root[3]))
    off = lift * min(1.0, arc / 0.28) * near_parting * (1 - 0.42 * _rise(7.1, 7.7, p[1])) + 0.02
    pull = min(max((off_now - off) * 5, -1.2), 2.5)
    cx, cy, cz = cx / length - gx * pull, cy / length - gy * pull, cz / length - gz * pull
    length = np.sqrt(cx * cx + cy * cy + cz * cz) + 1e-9
    # Below the ears the hair follows the neck a little, and its ends turn in.
    inwards = -side * (
        (0.20 + 0.20 * behind) * _rise(6.3, 5.9, p[1]) * _rise(5.0, 5.5, p[1]) + 0.10 * _rise(4.9, 4.4, p[1])
    )
    # Above the shoulders it goes either to the front or to the back.
    ahead = 1.0 if root[2] > 0.05 else -1.0
    forth = 0.30 * ahead * _rise(6.2, 5.8, p[1]) * _rise(4.9, 5.2, p[1]) * _rise(0.75, 0.35, abs(p[2] - 0.1))
    forth -= 0.40 * behind * _rise(6.5, 6.1, p[1]) * _rise(5.3, 5.6, p[1]) * _rise(-0.75, -0.5, p[2])
    fall = 1.05 - on_head
    # Locks about the face swing out beside the cheek and in below the jaw, each side in its own way.
    swing = (0.18 + 0.04 * side) * np.sin(4.0 * (p[1] - 6.0 + 0.10 * side) + 0.8 * np.sin(11 * root[0] + 7 * root[2]))
    swing *= side * _rise(0.30, 0.75, root[2]) * _rise(6.8, 6.4, p[1])
    tx, ty, tz = (
        cx / length * on_head + (inwards + swing) * fall,
        cy / length * on_head - fall,
        cz / length * on_head + forth * fall,
    )
    # On the shoulders it slides off in that direction.
    slide = 1.4 * max(gy, 0.0) * _rise(0.16, 0.04, at(grid, p[0], p[1], p[2], 1)) * _rise(5.7, 5.4, p[1])
    tz += ahead * slide
    ty += slide * 0.5
    # The face stays uncovered.
    ragged = 0.055 * np.sin(root[0] * 91 + root[1] * 57 + root[2] * 73)
    window = (0.50 + ragged + 0.07 * _rise(5.75, 6.25, p[1])) * _rise(5.1, 5.9, p[1]) * _rise(7.05, 6.75, p[1])
    if p[2] > 0.45 and abs(p[0]) < window and (not fringe or p[1] < 6.74):
        tx += 1.2 * side
    length = np.sqrt(tx * tx + ty * ty + tz * tz) + 1e-9
    return tx / length, ty / length, tz / length, off


@njit(cache=True, parallel=True)
def grown(grid, roots, heading, side, fringe, lift):
    """(S, STEPS, 3) float32. roots (S, 4): place, and the x of the parting there; heading (S, 3): where they start to."""
    count = len(roots)
    strands = np.empty((count, STEPS, 3), np.float32)
    for s in prange(count):
        p, v = roots[s, :3].copy(), heading[s].copy()
        strands[s, 0] = p
        for k in range(1, STEPS):
            arc = k * PIECE
            tx, ty, tz, off = _towards(grid, p, roots[s], side[s], fringe[s], lift[s], arc)
            v[0], v[1], v[2] = v[0] * 0.70 + tx * 0.30, v[1] * 0.70 + ty * 0.30, v[2] * 0.70 + tz * 0.30
            length = np.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]) + 1e-9
            v /= length
            p += v * PIECE
            wide, near = at(grid, p[0], p[1], p[2], 0), at(grid, p[0], p[1], p[2], 1)
            push = min(max(off - wide, 0.03 * min(1.0, arc / 0.2) - near, 0.0), 0.06)
            if push > 0:
                gx, gy, gz = outwards(grid, p[0], p[1], p[2], 0)
                low = _rise(
                    5.35, 5.1, p[1]
                )  # On the shoulders hair goes to the front or to the back, not off the side.
                gx, gy = gx * (1 - 0.85 * low), gy * (1 - 0.5 * low)
                gz += (0.35 if p[2] > 0.05 else -0.35) * low
                length = np.sqrt(gx * gx + gy * gy + gz * gz) + 1e-9
                p[0], p[1], p[2] = p[0] + gx / length * push, p[1] + gy / length * push, p[2] + gz / length * push
            strands[s, k] = p
    return strands


@njit(cache=True, parallel=True)
def held_off(grid, knots, least):
    """Move knots (S, K, 3) nearer to the body than `least` to that distance; the first two of a strand stay."""
    for s in prange(len(knots)):
        for k in range(2, knots.shape[1]):
            for _ in range(2):
                x, y, z = knots[s, k]
                lack = min(max(least - at(grid, x, y, z, 1), 0.0), 0.08)
                if lack > 0:
                    gx, gy, gz = outwards(grid, x, y, z, 0)
                    knots[s, k, 0], knots[s, k, 1], knots[s, k, 2] = x + gx * lack, y + gy * lack, z + gz * lack


@njit(cache=True, parallel=True)
def away(grid, knots):
    """(S, K, 3) float32: the unit vectors away from the body at knots."""
    found = np.empty(knots.shape, np.float32)
    for s in prange(len(knots)):
        for k in range(knots.shape[1]):
            found[s, k, 0], found[s, k, 1], found[s, k, 2] = outwards(
                grid, knots[s, k, 0], knots[s, k, 1], knots[s, k, 2], 0
            )
    return found
