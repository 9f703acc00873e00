"""A moving bust whose truth is known from anywhere at any time: ray-cast, painted ellipsoids, no Gaussians.

The head turns 22 degrees to either side and the mouth opens twice, as scene time goes from 0 to 1; at 0.5 the face
looks straight ahead, to +z, its mouth closed. Metres, y up; the camera of portraits, 2.6 m away, sees head and
shoulders.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.splat.relief import DISTANCE_M, FOV_Y_DEG
from episodec.splat.view import View

YAW_DEG = 22.0
LIGHT = np.array([0.35, 0.55, 0.75])
SAMPLES = 3  # A pixel, along each axis.

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """One part: where, how large, how it is painted, and whether it turns with the head."""

    centre: tuple[float, float, float]
    radii: tuple[float, float, float]
    paint: str
    turns: bool = True


PARTS = (
    Ellipsoid((0, 0.08, 0), (0.27, 0.36, 0.30), "face"),
    Ellipsoid((0, 0.17, -0.04), (0.305, 0.33, 0.315), "hair"),
    Ellipsoid((0, 0.03, 0.295), (0.045, 0.085, 0.075), "skin"),
    Ellipsoid((0.275, 0.06, 0.0), (0.035, 0.08, 0.055), "skin"),
    Ellipsoid((-0.275, 0.06, 0.0), (0.035, 0.08, 0.055), "skin"),
    Ellipsoid((0, -0.08, -0.27), (0.10, 0.24, 0.10), "hair"),
    Ellipsoid((0, -0.33, -0.03), (0.13, 0.24, 0.13), "skin", turns=False),
    Ellipsoid((0, -0.78, -0.04), (0.58, 0.36, 0.27), "suit", turns=False),
)


def yaw_rad(time: float) -> float:
    """How far the head is turned."""
    return math.radians(YAW_DEG) * math.sin(2 * math.pi * (time - 0.5))


def gape(time: float) -> float:
    """How far the mouth is open, 0 to 1."""
    return 0.5 - 0.5 * math.cos(4 * math.pi * time)


def true_picture(view: View, time: float) -> NDArray[np.uint8]:
    """The true picture, (h, w, 4) uint8, straight alpha."""
    width, height = view.size
    fx, fy, cx, cy = view.intrinsics
    steps = (np.arange(SAMPLES) + 0.5) / SAMPLES
    x = (np.arange(width)[:, None] + steps).ravel()
    y = (np.arange(height)[:, None] + steps).ravel()
    across, down = np.meshgrid((x - cx) / fx, -(y - cy) / fy)
    rays = np.stack([across, down, -np.ones_like(across)], axis=-1).reshape(-1, 3) @ view.camera_to_world[:3, :3].T
    colours, covered = _cast(view.camera_to_world[:3, 3], rays, time)
    shape = (height, SAMPLES, width, SAMPLES)
    cover = covered.reshape(shape).mean(axis=(1, 3))
    mixed = (colours * covered[:, None]).reshape(*shape, 3).mean(axis=(1, 3)) / np.maximum(cover, 1e-9)[..., None]
    rgba = np.concatenate([mixed, cover[..., None]], axis=-1)
    values: NDArray[np.uint8] = np.rint(np.clip(rgba, 0, 1) * 255).astype(np.uint8)
    return values


def orbit(azimuth_deg: float, side: int, elevation_deg: float = 0.0) -> View:
    """A camera on the way around, 0 degrees in front of the face, 90 on its left."""
    azimuth, elevation = math.radians(azimuth_deg), math.radians(elevation_deg)
    back = np.array(
        [math.sin(azimuth) * math.cos(elevation), math.sin(elevation), math.cos(azimuth) * math.cos(elevation)]
    )
    right = np.array([math.cos(azimuth), 0.0, -math.sin(azimuth)])
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([right, np.cross(back, right), back], axis=1)
    matrix[:3, 3] = DISTANCE_M * back
    focal = 0.5 * side / math.tan(math.radians(FOV_Y_DEG / 2))
    return View(matrix, (focal, focal, side / 2, side / 2), (side, side))


def points(count: int, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Points of the surface at time 0.5 and their colours, as a scan would give them."""
    rng = np.random.default_rng(seed)
    places, colours = [], []
    share = np.array([part.radii[0] * part.radii[1] + part.radii[1] * part.radii[2] for part in PARTS])
    for part, number in zip(PARTS, np.ceil(2 * count * share / share.sum()).astype(int), strict=True):
        outward = rng.normal(size=(number, 3))
        outward /= np.linalg.norm(outward, axis=1, keepdims=True)
        place = np.array(part.centre) + outward * part.radii
        inside = np.zeros(number, bool)
        for other in PARTS:
            inside |= (((place - other.centre) / other.radii) ** 2).sum(axis=1) < 0.98
        places.append(place[~inside])
        colours.append(_painted(part, place[~inside], 0.0)[0])
    kept = rng.permutation(sum(map(len, places)))[:count]
    paint = np.rint(np.clip(np.concatenate(colours)[kept], 0, 1) * 255).astype(np.uint8)
    return np.concatenate(places)[kept].astype(np.float32), paint


def _cast(eye: Doubles, rays: Doubles, time: float) -> tuple[Doubles, NDArray[np.bool_]]:
    """Colours (R, 3), and which rays meet anything."""
    nearest = np.full(len(rays), np.inf)
    colours = np.zeros((len(rays), 3))
    yaw = yaw_rad(time)
    for part in PARTS:
        turn = _about_y(-yaw if part.turns else 0.0)
        start, way = (turn @ eye - part.centre) / part.radii, rays @ turn.T / part.radii
        a, b, c = (way**2).sum(axis=1), way @ start, float(start @ start) - 1
        root = b * b - a * c
        hit = np.flatnonzero(root > 0)
        for sign in (-1, 1):  # The back of a part with a hole in its front is seen through the hole.
            far = (-b[hit] + sign * np.sqrt(root[hit])) / a[hit]
            place = turn @ eye + far[:, None] * (rays[hit] @ turn.T)
            colour, is_there = _painted(part, place, gape(time))
            normal = (place - part.centre) / np.square(part.radii)
            normal = (normal / np.linalg.norm(normal, axis=1, keepdims=True)) @ turn
            shade = 0.72 + 0.28 * np.clip(normal @ LIGHT, -0.4, 1)
            nearer = is_there & (far > 0) & (far < nearest[hit])
            nearest[hit[nearer]] = far[nearer]
            colours[hit[nearer]] = colour[nearer] * shade[nearer, None]
    return colours, np.isfinite(nearest)


def _painted(part: Ellipsoid, place: Doubles, opening: float) -> tuple[Doubles, NDArray[np.bool_]]:
    """Colours (P, 3) of places of a part, before the head turns, and where the part has any surface."""
    x, y, z = place.T
    there = np.ones(len(place), bool)
    if part.paint == "suit":
        colour = np.stack([0.18 + 0 * x, 0.22 + 0.04 * np.sin(24 * x), 0.34 + 0 * x], axis=1)
        colour[np.abs(x) < 0.02] = (0.75, 0.75, 0.78)
        colour[np.abs(np.abs(x) - 0.3) < 0.03] = (0.85, 0.42, 0.12)
        return colour, there
    if part.paint == "hair":
        # The face is cut out of it.
        there = ~((z > 0.06) & (y < 0.27 + 0.05 * np.cos(9 * x)) & (part.centre[2] > -0.1))
        strands = 0.5 + 0.5 * np.sin(70 * np.arctan2(x, z + 1e-9) + 6 * y)
        base = np.array([0.36, 0.16, 0.48]) + 0.12 * strands[:, None] * np.array([1, 0.6, 1.2])
        return base, there
    freckles = 0.03 * np.sin(60 * x) * np.sin(55 * y)
    colour = np.array([0.86, 0.66, 0.55]) + freckles[:, None]
    if part.paint == "face":
        front = z > 0
        for side in (-1, 1):
            u, v = (x - side * 0.105) / 0.048, (y - 0.12) / 0.026
            white, iris = u**2 + v**2, (u * 1.0) ** 2 + (v * 0.55) ** 2
            colour[front & (white < 1)] = (0.95, 0.95, 0.95)
            colour[front & (white < 1) & (iris < 0.22)] = (0.16, 0.36, 0.30)
            brow = front & (np.abs(x - side * 0.11) < 0.07) & (np.abs(y - 0.185 + 0.6 * (x - side * 0.11) ** 2) < 0.011)
            colour[brow] = (0.25, 0.12, 0.25)
        half = 0.014 + 0.045 * opening
        lips = ((x / 0.085) ** 2 + ((y + 0.115) / (half + 0.014)) ** 2) < 1
        inner = ((x / 0.07) ** 2 + ((y + 0.115) / max(half - 0.012, 1e-3)) ** 2) < 1
        colour[front & lips] = (0.72, 0.30, 0.33)
        colour[front & inner] = (0.22, 0.07, 0.09)
    return colour, there


def _about_y(angle: float) -> Doubles:
    cos, sin = math.cos(angle), math.sin(angle)
    return np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
