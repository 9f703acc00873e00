"""Eyes, teeth and tongue: white, iris, pupil and the wet front that mirrors a window, in the shadow of the lids."""

import numpy as np

from portrait import gloss, noise
from portrait.numbers import axes, mix, step, unit

IRIS = 0.50  # Its radius, in radii of the ball.
WINDOW, FILL = axes(unit([-0.46, 0.56, 0.92])), axes(unit([0.72, -0.30, 0.75]))


def _iris(right, up, radius):
    """(N, 3) colours of the iris at places in radii of it."""
    turn = np.arctan2(up, right)
    rays = (
        0.5
        + 0.22 * np.sin(turn * 29 + 3 * np.sin(turn * 7))
        + 0.28 * np.sin(turn * 53 + 2 * np.sin(turn * 11) + radius * 6)
    )
    bright = 0.26 + 0.42 * rays * step(0.30, 0.62, radius) + 0.55 * step(0.45, -0.85, up) * step(1.0, 0.55, radius)
    colour = mix(
        np.tile([0.075, 0.028, 0.200], (len(turn), 1)), np.array([0.390, 0.200, 0.760]), np.clip(bright, 0, 1) * 0.95
    )
    colour = mix(colour, np.array([0.52, 0.30, 0.72]), 0.55 * np.exp(-(((radius - 0.47) / 0.09) ** 2)) * rays)
    colour = mix(colour, np.array([0.030, 0.012, 0.075]), 0.92 * step(0.78, 1.0, radius))
    return mix(colour, np.array([0.004, 0.003, 0.008]), step(0.44, 0.37, radius))


def shaded_balls(seen, body, towards):
    """(N, 3): the light from the eyeballs to the camera."""
    left = seen.points[:, 0] > 0
    balls = body.eyes["left"], body.eyes["right"]
    centre = np.where(left[:, None], balls[0].centre, balls[1].centre)
    frames = np.where(left[:, None, None], axes(balls[0].gaze), axes(balls[1].gaze))
    out = unit(seen.points - centre)
    local = np.einsum("nij,nj->ni", frames, out)
    looked = np.einsum("nij,nj->ni", frames, towards)
    # The iris lies behind the cornea: seen from the side, it is displaced.
    right, up = (local[:, k] - 0.05 * looked[:, k] for k in (0, 1))
    radius = np.hypot(right, up) / IRIS
    inner = np.where(left, -out[:, 0], out[:, 0])  # Towards the nose.
    white = mix(
        np.tile([0.875, 0.840, 0.835], (len(out), 1)), np.array([0.78, 0.50, 0.47]), 0.55 * step(0.45, 0.85, inner)
    )
    white = mix(white, np.array([0.80, 0.62, 0.60]), 0.25 * step(1.3, 2.0, radius))
    veins = step(0.44, 0.5, noise.values(seen.points * [1, 2.2, 1], 26, 31)) * step(
        0.56, 0.5, noise.values(seen.points * [1, 2.2, 1], 26, 31)
    )
    white = mix(white, np.array([0.80, 0.42, 0.40]), 0.10 * veins * step(1.25, 1.8, radius))
    lid = step(0.30, 0.62, local[:, 1] + 0.10 * local[:, 0] ** 2)  # The lashes' and the lid's shade.
    colour = mix(white, _iris(right / IRIS, up / IRIS, radius), step(1.06, 0.95, radius))
    light = seen.ambient * 1.20 + (seen.lamps[:, :2] * [0.62, 0.20]).sum(1)[:, None]
    light = (0.35 * light + 0.65 * light.mean(1, keepdims=True) + 0.05) * (1 - 0.55 * lid)[:, None]
    bulge = np.clip(1.25 - radius, 0, 1)[:, None] * 0.42 * np.stack([local[:, 0], local[:, 1], 0 * radius], 1)
    front = unit(out + np.einsum("nji,nj->ni", frames, bulge))
    mirror = 2 * (front * towards).sum(1, keepdims=True) * front - towards
    pane = mirror @ WINDOW.T
    window = step(0.27, 0.22, np.abs(pane[:, 0])) * step(0.30, 0.25, np.abs(pane[:, 1])) * (pane[:, 2] > 0)
    glow = mirror @ FILL.T
    soft = step(0.26, 0.10, np.hypot(glow[:, 0], glow[:, 1])) * (glow[:, 2] > 0)
    open_sky = np.clip(seen.ambient.mean(1) / 0.35, 0, 1)
    shine = (window * 2.0 * np.clip(seen.lamps[:, 0] * 1.6, 0.35, 1))[:, None] * np.array([1, 1, 1.02])
    shine += (soft * 0.20)[:, None] * np.array([0.8, 0.72, 1]) + (0.035 * open_sky * step(-0.2, 0.6, mirror[:, 1]))[
        :, None
    ]
    return colour * light + shine


def shaded_mouth(seen, towards, *, tongue):
    """(N, 3): teeth or tongue, darker further in."""
    colour = np.array([0.52, 0.17, 0.18]) if tongue else np.array([0.78, 0.73, 0.67])
    within = step(0.7, 1.15, seen.points[:, 2])[:, None]
    light = (seen.ambient + (seen.lamps[:, :1] * 0.8)) * (0.45 + 0.55 * within) + 0.16 * np.array([1, 0.62, 0.62])
    return colour * light + gloss.mirrored(seen.normals, towards, seen.lamps, 0.32, 0.04) * 0.3
