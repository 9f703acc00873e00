"""Brows and lashes, hair by hair. Knows nothing of the hair of the head."""

import numpy as np
from scipy.interpolate import LinearNDInterpolator

from portrait.body import SKIN
from portrait.film import Strands
from portrait.numbers import unit

BROW_KNOTS, LASH_KNOTS = 7, 9
BROW, BROW_TIPS = np.array([0.105, 0.058, 0.108]), np.array([0.270, 0.175, 0.285])
LASH = np.array([0.016, 0.010, 0.020])


def both(body):
    """The strands of brows and of lashes."""
    return [_brows(body), _lashes(body)]


def _coloured(colours):
    """View-independent colours of strands."""
    flat = np.ascontiguousarray(colours.reshape(-1, 3))
    return lambda _: flat


def _brows(body):
    rng = np.random.default_rng(11)
    mine = (
        (body.part == SKIN)
        & (body.normals[:, 2] > 0.1)
        & (np.abs(body.points[:, 1] - 6.8) < 0.45)
        & (body.points[:, 2] > 0.5)
    )
    surface = LinearNDInterpolator(body.points[mine, :2], body.points[mine, 2])
    knots, widths, colours = [], [], []
    along = np.linspace(0, 1, BROW_KNOTS)[None]
    for side in (1, -1):
        eye = body.eyes["left" if side > 0 else "right"].centre
        count = 560
        u = ((np.arange(count) + rng.random(count)) / count) ** 0.86
        half = np.interp(u, [0, 0.10, 0.28, 0.60, 1], [0.011, 0.019, 0.022, 0.017, 0.003])
        v = np.clip(rng.normal(0, 0.5, count), -1, 1)
        arch = 0.236 + 0.052 * np.sin(np.pi * np.clip(u / 1.36, 0, 1)) - 0.050 * np.clip((u - 0.66) / 0.34, 0, 1) ** 1.4
        x = abs(eye[0]) - 0.158 + 0.415 * u + 0.006 * rng.standard_normal(count)
        y = eye[1] + arch + v * half
        lean = np.interp(u, [0, 0.12, 0.40, 0.75, 1], [1.30, 0.85, 0.34, -0.10, -0.42]) - 0.45 * v * np.interp(
            u, [0, 0.3, 1], [0.3, 1, 0.6]
        )
        lean = lean + 0.16 * rng.standard_normal(count)
        length = np.interp(u, [0, 0.2, 0.7, 1], [0.045, 0.080, 0.078, 0.050]) * rng.uniform(0.65, 1.25, count)
        turn = lean[:, None] - 0.40 * along
        px, py = (
            x[:, None] + length[:, None] * along * np.cos(turn),
            y[:, None] + length[:, None] * along * np.sin(turn),
        )
        pz = surface(side * px, py) + 0.004 + 0.010 * np.sin(np.pi * along)
        knots.append(np.stack([side * px, py, pz], -1))
        fine = rng.uniform(0.55, 1.25, count) * np.interp(u, [0, 0.25, 1], [0.45, 1, 0.9])
        widths.append(0.0030 * fine[:, None] * np.interp(along, [0, 0.3, 1], [0.8, 1, 0.15]))
        tone = rng.uniform(0, 1, count)[:, None, None] * 0.65 + 0.35 * along[..., None]
        colours.append((BROW + (BROW_TIPS - BROW) * tone) * rng.uniform(0.7, 1.25, count)[:, None, None])
    return Strands(np.concatenate(knots), np.concatenate(widths), _coloured(np.concatenate(colours)))


def _lashes(body):
    rng = np.random.default_rng(13)
    knots, widths = [], []
    for (side, lid), line in body.lash_lines.items():
        sign = 1 if side == "left" else -1
        upper = lid == "upper"
        x = line[:, 0] * sign
        fits = [np.polyfit(x, line[:, axis], 4) for axis in (1, 2)]
        _grow_lashes(rng, sign, upper, (x.min(), x.max(), *fits), knots, widths)
        _line_lid(sign, upper, (x.min(), x.max(), *fits), knots, widths)
    width = np.concatenate(widths)
    return Strands(np.concatenate(knots), width, _coloured(np.tile(LASH, (width.size, 1))))


def _root(fits, x, sign, drop):
    """Points on a lid's edge."""
    return np.stack([sign * x, np.polyval(fits[2], x) - drop, np.polyval(fits[3], x) + 0.004], 1)


def _grow_lashes(rng, sign, upper, fits, knots, widths):
    along = np.linspace(0, 1, LASH_KNOTS)[None]
    count = 150 if upper else 60
    u = (np.arange(count) + 0.9 * rng.random(count)) / count
    x = fits[0] + (fits[1] - fits[0]) * (0.06 + (0.92 if upper else 0.80) * u)
    root = _root(fits, x, sign, 0.013 if upper else -0.004)
    shape = (
        ([0, 0.2, 0.72, 1], [0.016, 0.040, 0.072, 0.058]) if upper else ([0, 0.3, 0.8, 1], [0.008, 0.018, 0.032, 0.022])
    )
    length = np.interp(u, *shape) * rng.uniform(0.55, 1.15, count)
    fan = (u - 0.34) * 1.30 + 0.14 * rng.standard_normal(count)
    out = unit(np.stack([sign * fan, 0 * u - 0.06, 0 * u + 1], 1))
    curl = unit(np.stack([sign * fan * 1.25, (0.95 if upper else -0.80) + 0 * u, 0 * u + 0.5], 1))
    bend = out[:, None] * (along - 0.5 * along**2)[..., None] * 0.9 + curl[:, None] * (along**2)[..., None] * 0.75
    knots.append(root[:, None] + length[:, None, None] * bend)
    taper = np.interp(along, [0, 0.5, 1], [1, 0.75, 0.12])
    widths.append(np.tile(taper, (count, 1)) * (0.0034 if upper else 0.0016) * rng.uniform(0.7, 1.1, count)[:, None])


def _line_lid(sign, upper, fits, knots, widths):
    """The dark edge of a lid, formed by the roots of lashes; the upper one ends in a small wing."""
    count = LASH_KNOTS * 4
    x = np.linspace(fits[0] + 0.01, fits[1] - (0 if upper else 0.05), count)
    line = _root(fits, x, sign, 0.006 if upper else -0.001)
    if upper:
        line[:, 1] += 0.35 * np.clip(x - fits[1] + 0.06, 0, 1)
    thick = np.interp(
        np.linspace(0, 1, count),
        [0, 0.3, 0.8, 1],
        [0.003, 0.008, 0.010, 0.002] if upper else [0.0005, 0.001, 0.002, 0.0005],
    )
    for first in range(0, count - 1, LASH_KNOTS - 1):
        piece = np.minimum(np.arange(first, first + LASH_KNOTS), count - 1)
        knots.append(line[piece][None])
        widths.append(thick[piece][None])
