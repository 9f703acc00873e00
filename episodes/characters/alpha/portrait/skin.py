"""Skin: its colours, pores and lips, and subsurface scattering."""

import numpy as np

from portrait import gloss, noise
from portrait.body import EARS, INSIDE, LIDS, LIPS, SKIN, mask_at
from portrait.light import Light
from portrait.mesh import spread
from portrait.numbers import mix, step, unit

WRAP = 0.20
ROUNDS = (18, 6, 3)  # Rounds in which red, green and blue light spread over the mesh under the skin.
SPREAD = np.array([0.80, 0.65, 0.55])  # The share of it that spreads.
BASE = np.array([0.800, 0.520, 0.415])
SCALP = np.array([0.040, 0.014, 0.066])


def hairline(points):
    """The height of the hairline in the direction of each point from the middle of the head."""
    turn = np.arctan2(np.abs(points[:, 0]), points[:, 2] - 0.30)
    turns = [0, 0.45, 0.62, 0.9, 1.15, 1.35, 1.57, 1.9, 2.4, np.pi]
    return np.interp(turn, turns, [7.24, 7.19, 7.08, 6.93, 6.70, 6.62, 6.72, 6.30, 5.98, 5.85])


def under(body, light):
    """(N, 3): all light that enters at the body's points, scattered under the skin."""
    entering = light.ambient + light.direct(body.normals, np.where(body.part == SKIN, WRAP, 0.0))
    quads = body.quads[body.quad_part == SKIN]
    wide = np.stack([spread(entering[:, [k]], quads, rounds)[:, 0] for k, rounds in enumerate(ROUNDS)], 1)
    return entering * (1 - SPREAD) + wide * SPREAD


def _flush(points, marks, eye):
    """Areas where the skin is redder or darker: rows (colour, share)."""
    x, y, z = np.abs(points[:, 0]), points[:, 1], points[:, 2]

    def spot(cx, cy, rx, ry):
        return np.exp(-(((x - cx) / rx) ** 2) - ((y - cy) / ry) ** 2) * step(0.5, 0.9, z)

    ex, ey = abs(eye[0]), eye[1]
    nose, chin = marks["nose"][1], marks["chin"][1]
    yield (0.80, 0.325, 0.285), 0.52 * spot(0.43, nose + 0.05, 0.20, 0.15)
    yield (0.78, 0.34, 0.29), 0.34 * spot(0, nose, 0.11, 0.09)
    yield (0.77, 0.37, 0.31), 0.22 * spot(0, chin, 0.19, 0.12)
    yield (0.83, 0.55, 0.42), 0.30 * spot(0, 7.0, 0.40, 0.20)
    yield (0.52, 0.24, 0.28), 0.40 * spot(ex + 0.04, ey + 0.115, 0.17, 0.055)
    yield (0.66, 0.34, 0.34), 0.26 * spot(ex, ey - 0.115, 0.13, 0.04)
    yield (0.80, 0.46, 0.40), 0.20 * spot(ex - 0.16, ey - 0.02, 0.06, 0.09)


def albedo(points, texture, body, mask):
    """(N, 3) colours, the share of lip (N,), and the share of lip, corner or inside of the mouth."""
    colour = np.tile(BASE, (len(points), 1))
    for other, share in _flush(points, body.marks, body.eyes["left"].centre):
        colour = mix(colour, np.array(other), share)
    lids, ears = mask_at(mask[LIDS], texture), mask_at(mask[EARS], texture)
    colour = mix(colour, np.array([0.60, 0.31, 0.31]), 0.38 * np.clip(lids, 0, 1))
    colour = mix(colour, np.array([0.84, 0.44, 0.37]), 0.40 * ears)
    blotches = 0.5 * noise.values(points, 24, 1) + 0.5 * noise.values(points, 8, 2)
    colour *= (1 + 0.075 * (blotches - 0.5))[:, None] * (
        1 + np.array([0.0, 0.05, 0.06]) * (noise.values(points, 5, 3) - 0.5)[:, None]
    )
    pores = (
        step(0.34, 0.12, noise.dots(points, 62, 11))
        * porous(points, body)
        * step(0.25, 0.65, noise.values(points, 14, 14))
    )
    colour *= 1 - pores[:, None] * np.array([0.09, 0.13, 0.14])
    lips = step(0.20, 0.80, mask_at(mask[LIPS], texture))
    lip = lips * step(0.225, 0.150, np.abs(points[:, 0]))
    rows = noise.values(points * [1, 0.25, 0.3], 75, 12)
    deep = mix(
        np.tile([0.550, 0.130, 0.180], (len(points), 1)),
        np.array([0.670, 0.205, 0.255]),
        step(0.05, -0.06, points[:, 1] - body.marks["mouth"][1]),
    )
    colour = mix(colour, deep * (1 + 0.10 * (rows - 0.5))[:, None], 0.90 * lip)
    inside = step(0.15, 0.55, mask_at(mask[INSIDE], texture))
    colour = mix(colour, np.array([0.50, 0.15, 0.15]), inside)
    return mix(colour, SCALP, 0.99 * haired(points)), np.maximum(lip, inside), np.maximum(lips, inside)


def haired(points):
    """(N,) from 0 to 1: how much of the skin is scalp."""
    line = hairline(points) + 0.06 * (noise.values(points, 30, 13) - 0.5)
    return step(-0.06, 0.06, points[:, 1] - line) * (points[:, 1] > 5.8)


def porous(points, body):
    """(N,): visibility of pores: nose, cheeks beside it, forehead, chin."""
    x, y = np.abs(points[:, 0]), points[:, 1]
    nose, chin = body.marks["nose"][1], body.marks["chin"][1]
    cheeks = np.exp(-(((x - 0.24) / 0.20) ** 2) - ((y - nose - 0.03) / 0.20) ** 2)
    others = np.exp(-((x / 0.13) ** 2) - ((y - nose - 0.06) / 0.16) ** 2) + 0.6 * np.exp(
        -((x / 0.2) ** 2) - ((y - chin - 0.1) / 0.12) ** 2
    )
    return np.clip(0.22 + cheeks + others, 0, 1) * step(0.4, 0.9, points[:, 2])


def shaded(seen, body, towards, mask):
    """(N, 3): the light from skin to the camera."""
    colour, lip, mouth = albedo(seen.points, seen.texture, body, mask)
    dots = noise.slopes(seen.points, 58, 21) * 0.075 + noise.slopes(seen.points, 26, 22) * 0.05
    rows = noise.slopes(seen.points * [1, 0.25, 0.3], 75, 12) * 0.10
    rough = unit(seen.normals - mix(dots * (0.5 + 0.5 * porous(seen.points, body))[:, None], rows, lip))
    light = Light(seen.ambient, seen.lamps)
    detail = light.direct(rough, WRAP) - light.direct(seen.normals, WRAP)
    body_light = np.clip(seen.under + 0.45 * detail, 0, None) + 0.03
    # Between the lips it is never black: light shines through them.
    corner = step(0.12, 0.18, np.abs(seen.points[:, 0]))
    gap = corner * step(0.80, 0.50, seen.points[:, 2])  # Lips do not touch there, and the visible surface is deep.
    warmth = 0.08 * lip + mouth * ((0.30 + 0.75 * corner) * np.exp(-seen.under.mean(1) / 0.20) + 0.90 * gap)
    body_light += warmth[:, None] * np.array([1.0, 0.66, 0.66])
    oil = 0.65 + 0.6 * porous(seen.points, body) * (0.7 + 0.6 * noise.values(seen.points, 12, 23))
    shine = gloss.mirrored(rough, towards, seen.lamps, 0.50, 0.028) * 0.55
    shine += gloss.mirrored(rough, towards, seen.lamps, 0.30, 0.028) * (0.16 * oil)[:, None]
    shine += gloss.mirrored(unit(seen.normals - rows), towards, seen.lamps, 0.29, 0.04) * (0.50 * lip)[:, None]
    fuzz = gloss.sheen(seen.normals, towards, seen.ambient, 0.02) * 0.18
    dull = 1 - 0.85 * haired(seen.points)[:, None]  # A shiny scalp would show through a parting as specks.
    return colour * body_light + (shine + fuzz) * dull
