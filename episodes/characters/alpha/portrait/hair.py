"""The hair of the head: where it grows, its layers, locks and flyaways."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from portrait import grow, space
from portrait.body import SKIN
from portrait.numbers import step, unit
from portrait.skin import hairline

PARTING = -0.16
COUNT, KNOTS = 66_000, 40
LOCKS, WISPS = 64, 800
WIDTH = 0.0037
DENSER = 1.35  # Above 1 the knots of a strand are nearer to each other at its root.
TAPER = [0, 0.05, 0.50, 0.85, 1], [0.6, 1, 0.88, 0.48, 0.10]  # Along a strand, and how wide it is there.


@dataclass(frozen=True)
class Hair:
    """S strands of K knots, and their appearance."""

    knots: np.ndarray  # (S, K, 3)
    width: np.ndarray  # (S, K) decimetres
    away: np.ndarray  # (S, K, 3) from the body
    tone: np.ndarray  # (S,) from 0, dark, to 1, light
    hue: np.ndarray  # (S,) from 0, blue, to 1, magenta
    shift: np.ndarray  # (S,) by how much highlights lie nearer to the root
    fringe: np.ndarray  # (S,) bool


@dataclass(frozen=True)
class Planted:
    """S roots: their places, and the lock and wisp of each."""

    places: np.ndarray  # (S, 3)
    above: np.ndarray  # (S,) the hairline
    fringe: np.ndarray  # (S,) bool
    lock: np.ndarray  # (S,) number of the lock
    lock_chief: np.ndarray  # (S,) number of the strand that its lock follows
    wisp: np.ndarray
    wisp_chief: np.ndarray


def _roots(body, rng, count):
    """Places on the scalp and the normals there, denser at the front; and how far above the hairline they are."""
    mine = body.triangles[body.triangle_part == SKIN]
    corners = body.points[mine]
    middle = corners.mean(1)
    mine = (middle[:, 1] > hairline(middle) - 0.02) & (middle[:, 1] > 5.8)
    triangles, corners, middle = body.triangles[body.triangle_part == SKIN][mine], corners[mine], middle[mine]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    area *= 1 + 1.6 * step(0.2, 0.9, middle[:, 2])
    share = np.cumsum(area) / area.sum()
    chosen = np.minimum(np.searchsorted(share, (np.arange(count) + rng.random(count)) / count), len(share) - 1)
    u = np.sort(rng.random((count, 2)), 1)
    weights = np.stack([u[:, 0], u[:, 1] - u[:, 0], 1 - u[:, 1]], 1)
    places = (corners[chosen] * weights[..., None]).sum(1)
    normals = unit((body.normals[triangles[chosen]] * weights[..., None]).sum(1))
    return places, normals, places[:, 1] - hairline(places)


def _resampled(paths, length, knots):
    """Paths (S, M, 3), each up to its length in pieces, at so many knots, denser at the root."""
    at = np.linspace(0, 1, knots)[None] ** DENSER * length[:, None]
    first = np.minimum(at.astype(int), paths.shape[1] - 2)
    t, row = (at - first)[..., None], np.arange(len(paths))[:, None]
    return paths[row, first] * (1 - t) + paths[row, first + 1] * t


def _nearest(rng, keys, count):
    """For each strand the number of one of `count` chosen strands whose key is nearest, and which of them it is."""
    chosen = rng.choice(len(keys), count, replace=False)
    which = cKDTree(keys[chosen]).query(keys)[1]
    return chosen[which], which


def grown(body, count=COUNT):
    """The hair; always the same for the same body and count."""
    rng = np.random.default_rng(7)
    grid = space.distances(body)
    places, normals, above = _roots(body, rng, count)
    # At the crown the parting bends aside: straight, it would be a notch in the outline.
    z = places[:, 2]
    aside = step(0.78, 0.52, z) * step(0.10, 0.40, z)
    parting = PARTING - 0.20 * aside + 0.10 * step(0.4, -0.6, z) + 0.015 * np.sin(z * 17)
    side = np.where(places[:, 0] + 0.012 * rng.standard_normal(count) > parting, 1.0, -1.0)
    fringe = (above < 0.38) & (places[:, 2] > 0.62) & (rng.random(count) < 0.78) & (np.abs(places[:, 0]) < 0.62)
    keys = np.concatenate([places, 4 * fringe[:, None], 2 * side[:, None]], 1)
    lock_chief, lock = _nearest(rng, keys, LOCKS)
    wisp_chief, wisp = _nearest(rng, keys, WISPS)
    planted = Planted(places, above, fringe, lock, lock_chief, wisp, wisp_chief)
    lift = np.where(fringe, 0.05 + 0.13 * rng.random(count), 0.05 + 0.24 * rng.random(count) ** 0.8)
    outset = np.stack([side * 0.5, 0 * side, 0.25 - 0.6 * step(0.6, 0.2, places[:, 2])], 1)
    paths = grow.grown(grid, np.column_stack([places, parting]), unit(normals * 0.45 + outset), side, fringe, lift)
    knots = _gathered(rng, _resampled(paths, _cut(rng, paths, planted), KNOTS), planted)
    grow.held_off(grid, knots, 0.022)
    astray = _astray(rng, grid, knots)
    width = WIDTH * rng.uniform(0.70, 1.25, count)[:, None] * np.interp(np.linspace(0, 1, KNOTS), *TAPER)
    width[((np.abs(knots[..., 0]) > 1.02) & (knots[..., 1] < 5.7)).any(1)] = 0  # Drop strands that slid off a shoulder.
    width[astray] *= 0.62
    width[_bent_back(knots)] = 0
    tone, hue, shift = (
        first * rng.standard_normal(count)
        + second * rng.standard_normal(WISPS)[wisp]
        + third * rng.standard_normal(LOCKS)[lock]
        for first, second, third in ((0.09, 0.15, 0.09), (0.08, 0.14, 0.0), (0.05, 0.05, 0.0))
    )
    looks = np.clip(0.44 + tone, 0, 1), np.clip(0.5 + hue, 0, 1), shift
    return Hair(knots, width, grow.away(grid, knots), *looks, fringe)


def _cut(rng, paths, planted):
    """(S,) lengths in pieces: layers by lock and wisp, shorter about the face, and the fringe longer to its sides."""
    places, count = planted.places, len(planted.places)
    turn = np.arctan2(np.abs(places[:, 0]), places[:, 2] - 0.30)
    framing = step(1.35, 0.75, turn)
    layer = 0.95 * rng.random(LOCKS)[planted.lock] ** 1.4 + 0.30 * rng.random(WISPS)[planted.wisp] ** 1.3
    tip = 3.95 + layer * (1 + 0.25 * framing) + 0.15 * framing
    tip = np.where(rng.random(count) < 0.10, tip + 0.9 * rng.random(count), tip)
    below = paths[..., 1] < tip[:, None]
    ragged = rng.random(count) ** 1.6
    length = np.where(below.any(1), below.argmax(1), grow.STEPS - 1) * (1 - 0.24 * ragged)
    apart = np.clip(np.abs(places[:, 0] - PARTING) / 0.55, 0, 1.35)
    sweep = (0.50 + planted.above * 0.85 + 0.80 * apart**1.15) * (1.10 - 0.34 * ragged)
    sweep *= 1 + 0.22 * rng.standard_normal(WISPS)[planted.wisp]
    return np.where(planted.fringe, np.clip(sweep / grow.PIECE, 6, grow.STEPS - 1), length)


def _gathered(rng, knots, planted):
    """Strands drawn to the middle of their wisp and lock, more so at the ends, and waves that a lock and a wisp share."""
    count = len(knots)
    along = np.linspace(0, 1, KNOTS)[None, :, None] ** DENSER
    for chief, most, bow in ((planted.lock_chief, 0.62, 1.5), (planted.wisp_chief, 0.80, 1.3)):
        amount = most * rng.uniform(0.55, 1.0, count)
        amount = np.where(np.abs(knots[:, -1, 1] - knots[chief, -1, 1]) < 1.0, amount, 0)
        knots = knots + (knots[chief] - knots) * amount[:, None, None] * along**bow * (1 - 0.15 * along)
    size = np.where(planted.fringe, 0.35, 1.0)[:, None, None]
    own, lock, wisp = (6.28 * rng.random((n, 1, 3)) for n in (count, LOCKS, WISPS))
    knots = knots + 0.008 * size * along * np.sin(6 * along + own)
    knots = knots + 0.075 * size * along * np.sin(5.5 * along + lock[planted.lock])
    return knots + 0.022 * size * along * np.sin(8.0 * along + wisp[planted.wisp])


def _bent_back(knots):
    """(S, K) bool: the rest of strands deflected by the collar's edge, from where they leave their fall."""
    steps = np.diff(knots, axis=1)
    level = steps[..., 1] > -0.3 * np.linalg.norm(steps, axis=-1)
    low = (knots[:, 1:, 1] > 5.40) & (knots[:, 1:, 1] < 5.90)
    bent = np.cumsum(level & low, axis=1) > 0
    return np.concatenate([np.zeros_like(bent[:, :1]), bent], 1)


def _astray(rng, grid, knots):
    """Deflect some strands, which are returned: flyaways all over, each with its own curve or kink."""
    astray = np.flatnonzero(rng.random(len(knots)) < 0.022)
    along = np.linspace(0, 1, KNOTS)[None, :, None] ** DENSER
    count = len(astray)
    off = np.minimum(rng.gamma(1.5, 0.030, count), 0.12)[:, None, None] * np.sin(
        np.pi * np.minimum(along * rng.uniform(0.5, 1.6, count)[:, None, None] + 0.03, 0.75)
    )
    loose = 0.030 * along * np.sin(rng.uniform(3, 11, count)[:, None, None] * along + 6.28 * rng.random((count, 1, 3)))
    knots[astray] += grow.away(grid, knots[astray]) * off + loose * rng.uniform(0.2, 1.6, count)[:, None, None]
    return astray
