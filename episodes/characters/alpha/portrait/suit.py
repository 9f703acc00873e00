"""The jumpsuit: dark grey cloth with violet sleeves, light seams, a zip, a letter alpha, and folds near the seams."""

import numpy as np

from portrait import gloss, noise
from portrait.light import Light
from portrait.numbers import mix, step, unit

GREY, VIOLET, TRIM = np.array([0.040, 0.041, 0.056]), np.array([0.135, 0.044, 0.300]), np.array([0.640, 0.600, 0.760])
PIPING, METAL = np.array([0.290, 0.115, 0.580]), np.array([0.420, 0.410, 0.470])
LETTER, LETTER_SIZE = (0.36, 4.22), 0.105
ARMPIT = 1.30, 3.95  # Where folds converge, x and y.


def seam(y):
    """The distance from the middle at which sleeve and front meet at a height."""
    return 1.06 - 0.24 * np.sin(np.clip((y - 3.2) * 1.25, 0, np.pi)) + 0.10 * step(4.6, 5.2, y)


def folds(points):
    """(N,): height of folds in decimetres: from the armpits, across the waist, and puckers at seams."""
    x, y, z = np.abs(points[:, 0]), points[:, 1], points[:, 2]
    side = np.sign(points[:, 0]) * 7.3
    from_armpit = np.hypot(x - ARMPIT[0], y - ARMPIT[1])
    turn = np.arctan2(y - ARMPIT[1], ARMPIT[0] - x)  # Its jump is on the arm's outside, without folds.
    fan = _creases(np.stack([turn * 2.2, from_armpit * 0.7 + side, z * 0.3], 1), 41)
    fan *= step(0.04, 0.30, from_armpit) * step(1.05, 0.30, from_armpit) * step(2.9, 2.2, np.abs(turn))
    drawn = _creases(np.stack([x * 0.8 + y * 0.5, y * 2.4 - x * 0.8 + side, z * 0.8], 1), 42) * step(4.45, 3.7, y)
    twisted = _creases(np.stack([x * 0.9 + side, y * 1.9 - x * 1.5, z * 0.9], 1), 43) * step(0.0, 0.30, x - seam(y))
    near = np.abs(x - seam(y))
    pucker = (noise.values(np.stack([near * 3 + side, y, z * 0.3], 1), 13, 44) - 0.5) * np.exp(-near / 0.08)
    groove = -np.exp(-((near / 0.014) ** 2))
    middle = (noise.values(np.stack([points[:, 0] * 2, y, 0 * y], 1), 9, 45) - 0.5) * np.exp(
        -np.abs(points[:, 0]) / 0.12
    )
    return 0.042 * fan + 0.026 * drawn + 0.034 * twisted + 0.011 * pucker + 0.004 * groove + 0.012 * middle


def _creases(at, seed):
    """(N,) from 0 to 1: long soft ridges, from two layers of noise to hide the cells."""
    turned = at @ np.array([[0.8, 0.6, 0], [-0.6, 0.8, 0], [0, 0, 1.0]])
    value = 0.5 * noise.values(at, 1.0, seed) + 0.5 * noise.values(turned, 1.37, seed + 50)
    return np.exp(-(((value - 0.5) / 0.13) ** 2))


def _bent(points, normals):
    """The normals of cloth displaced by `folds`."""
    e = 0.006
    slope = [(folds(points + row) - folds(points - row)) / (2 * e) for row in e * np.eye(3)]
    slope = np.stack(slope, 1)
    return unit(normals - (slope - (slope * normals).sum(1, keepdims=True) * normals))


def _letter(points):
    """(N,) from 0 to 1: a round alpha whose bow crosses itself at the right."""
    u, v = ((points[:, k] - LETTER[k]) / LETTER_SIZE for k in (0, 1))
    ring = np.abs(np.hypot(u / 0.92, v) - 0.82)
    bow = np.abs(u - 0.80 - 0.30 * v * np.abs(v)) + 10 * (np.abs(v) > 1.08)
    inked = np.maximum(step(0.21, 0.13, ring), step(0.19, 0.11, bow))
    return inked * step(0.2, 0.5, points[:, 2])


def albedo(points):
    """(N, 3) colours, and (N,) the share of metal."""
    x, y, z = points.T
    front, aside = step(0.2, 0.5, z), np.abs(x) - seam(y)
    colour = mix(np.tile(GREY, (len(points), 1)), VIOLET, step(-0.006, 0.006, aside))
    colour = mix(colour, TRIM, 0.92 * step(0.017, 0.010, np.abs(aside)))
    stitches = step(0.005, 0.002, np.abs(np.abs(aside) - 0.034)) * (np.sin(y * 150) > -0.2)
    colour = mix(colour, TRIM * 0.6, 0.55 * stitches)
    panel = np.abs(x) - (0.70 - 0.16 * step(5.0, 4.1, y))  # Narrow seams from the shoulders down the front.
    colour = mix(colour, GREY * 1.45, step(-0.004, 0.004, panel) * (aside < -0.05) * step(-0.2, 0.3, z))
    colour = mix(colour, GREY * 0.35, step(0.008, 0.004, np.abs(panel)) * front * (aside < 0))
    flap = step(0.066, 0.060, np.abs(x)) * front
    colour = mix(colour, GREY * 0.45, flap)
    teeth = step(0.024, 0.019, np.abs(x)) * front * (0.50 + 0.50 * step(-0.5, 0.5, np.sin(y * 210)))
    colour = mix(colour, METAL, teeth)
    pull = step(1.15, 0.85, np.abs(x / 0.040) ** 4 + np.abs((y - 4.86) / 0.095) ** 4) * front
    hole = step(0.85, 1.15, np.hypot(x / 0.016, (y - 4.805) / 0.022))
    colour = mix(colour, METAL * 1.25, pull * hole)
    colour = mix(colour, np.array([0.70, 0.64, 0.88]), 0.95 * _letter(points))
    return colour, np.clip(0.8 * teeth + pull, 0, 1)


def collar_albedo(texture):
    """(N, 3) colours of the collar at its turn and height: grey, a violet edge, stitches under it, and a violet lining."""
    height = texture[:, 1] * 4 - 1
    colour = mix(np.tile(GREY, (len(texture), 1)), PIPING, step(0.80, 0.83, height))
    stitches = step(0.03, 0.015, np.abs(height - 0.70)) * (np.sin(texture[:, 0] * 2 * np.pi * 85) > -0.2)
    colour = mix(colour, TRIM * 0.6, 0.55 * stitches)
    edge = np.minimum(texture[:, 0], 1 - texture[:, 0])  # The ends beside the zip.
    colour = mix(colour, PIPING, step(0.022, 0.019, edge))
    return mix(colour, VIOLET * 0.8, step(1.05, 1.12, height))


def shaded(seen, towards, *, collar):
    """(N, 3): the light from the suit, or its collar, to the camera."""
    if collar:
        colour, metal, normals = collar_albedo(seen.texture), np.zeros(len(seen.points)), seen.normals
    else:
        colour, metal = albedo(seen.points)
        normals = _bent(seen.points, seen.normals)
    weave = noise.values(seen.points * [1, 0.6, 1], 110, 46) - 0.5
    light = seen.ambient * (0.75 + 0.25 * np.clip(1 + 1.5 * (normals[:, 1] - seen.normals[:, 1]), 0, 2))[:, None]
    light = light + Light(seen.ambient, seen.lamps).direct(normals, 0.05)
    cloth = colour * light * (1 + 0.16 * weave)[:, None]
    rough = unit(normals + 0.05 * weave[:, None])
    shine = (
        gloss.mirrored(rough, towards, seen.lamps, 0.47, 0.04) * 0.75
        + gloss.sheen(rough, towards, seen.ambient, 0.03) * 0.35
    )
    metallic = gloss.mirrored(normals, towards, seen.lamps, 0.32, 0.55) * 0.6
    return cloth + mix(shine, metallic, metal)
