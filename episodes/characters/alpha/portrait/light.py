"""The light: a dome, a warm key from the upper left, a fill, and two violet rims from behind; and its visibility.

The lights are fixed around the character, so an orbiting camera sees the same light on her. The light at a point is
found in the z-buffers of about 130 directions: soft shadows and ambient occlusion are computed together.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.ndimage import gaussian_filter

from portrait.numbers import axes, unit
from portrait.raster import depths

CENTRE, REACH = np.array([0, 5.6, 0.3]), 3.1  # The sphere that contains everything that casts shadows.
SIZE, HAIR_SIZE = 860, 420  # Widths of z-buffers in pixels: of the body, and of the hair.
BIAS = 0.012
THREADS = 2


@dataclass(frozen=True)
class Lamp:
    """A soft light: its direction, colour, half angle in degrees, and the number of directions that sample it."""

    towards: np.ndarray
    colour: np.ndarray
    spread_deg: float
    count: int


LAMPS = (
    Lamp(unit([-0.58, 0.66, 0.85]), np.array([1.44, 1.25, 1.06]) * 1.34, 16, 26),
    Lamp(unit([0.85, 0.10, 0.70]), np.array([0.78, 0.70, 0.86]) * 0.36, 24, 10),
    Lamp(unit([-0.80, 0.45, -0.72]), np.array([0.80, 0.52, 1.25]) * 1.20, 16, 8),
    Lamp(unit([0.85, 0.40, -0.68]), np.array([0.84, 0.50, 1.25]) * 1.40, 16, 8),
)
DOME = 90


@dataclass(frozen=True)
class Light:
    """At points: ambient irradiance (N, 3), and the visible share of each lamp (N, 4)."""

    ambient: np.ndarray
    seen: np.ndarray

    def direct(self, normals, wrap=0.0):
        """Irradiance of the lamps on surfaces with these normals; wrap extends it around the edge."""
        total = np.zeros((len(normals), 3))
        for k, lamp in enumerate(LAMPS):
            cosine = np.clip((normals @ lamp.towards + wrap) / (1 + wrap), 0, None)
            total += (cosine * self.seen[:, k])[:, None] * lamp.colour
        return total


def _spiral(count):
    """Directions all round, evenly."""
    i = np.arange(count) + 0.5
    height, angle = 1 - 2 * i / count, i * np.pi * (1 + 5**0.5)
    radius = np.sqrt(1 - height**2)
    return np.stack([radius * np.cos(angle), height, radius * np.sin(angle)], 1)


def _cone(lamp):
    """Directions within a lamp's half angle, evenly."""
    i = np.arange(lamp.count) + 0.5
    radius, angle = np.radians(lamp.spread_deg) * np.sqrt(i / lamp.count), i * np.pi * (1 + 5**0.5)
    return np.stack([np.sin(radius) * np.cos(angle), np.sin(radius) * np.sin(angle), np.cos(radius)], 1) @ axes(
        lamp.towards
    )


def _sky(direction):
    """The dome's radiance from a direction: a cool ceiling, a warm floor, a little more from the front."""
    t = 0.5 + 0.5 * direction[1]
    front = 0.24 * max(direction[2], 0) * np.array([1, 0.95, 0.92])
    return ((1 - t) * np.array([0.36, 0.28, 0.30]) + t * np.array([0.62, 0.62, 0.70]) + front) * 2.8 / DOME


@njit(cache=True, nogil=True)
def _lit(points, facing, depth, scale, bias, hair_depth, hair_count, hair_scale, thickness, found):
    """The share of one direction's light that reaches points in its frame, past the body and through the hair."""
    size, hair_size = depth.shape[0], hair_depth.shape[0]
    for i in range(len(points)):
        if facing[i] <= -0.3:
            found[i] = 0
            continue
        z = points[i, 2]
        fx, fy = points[i, 0] * scale + size / 2 - 0.5, points[i, 1] * scale + size / 2 - 0.5
        x0, y0 = int(np.floor(fx)), int(np.floor(fy))
        ax, ay = fx - x0, fy - y0
        light = 0.0
        for k in range(4):
            x, y = x0 + (k & 1), y0 + (k >> 1)
            weight = (ax if k & 1 else 1 - ax) * (ay if k >> 1 else 1 - ay)
            hidden = 0 <= x < size and 0 <= y < size and depth[y, x] > z + bias
            light += 0.0 if hidden else weight
        if light > 0 and hair_size > 1:
            fx, fy = points[i, 0] * hair_scale + hair_size / 2 - 0.5, points[i, 1] * hair_scale + hair_size / 2 - 0.5
            x0, y0 = int(np.floor(fx)), int(np.floor(fy))
            ax, ay = fx - x0, fy - y0
            fibres = 0.0
            for k in range(4):
                x, y = x0 + (k & 1), y0 + (k >> 1)
                if 0 <= x < hair_size and 0 <= y < hair_size:
                    weight = (ax if k & 1 else 1 - ax) * (ay if k >> 1 else 1 - ay)
                    inside = hair_depth[y, x] - z - 0.02
                    if inside > 0:
                        fibres += weight * hair_count[y, x] * min(inside / 0.35, 1.0)
            light *= np.exp(-thickness * fibres)
        found[i] = light


@njit(cache=True, nogil=True)
def _hair_map(points, size):
    """Where hair is nearest to the light, and how many knots lie behind each pixel: (size, size) each."""
    depth, count = np.full((size, size), -1e9), np.zeros((size, size))
    for i in range(len(points)):
        x, y = int(points[i, 0]), int(points[i, 1])
        if 0 <= x < size and 0 <= y < size:
            count[y, x] += 1
            depth[y, x] = max(depth[y, x], points[i, 2])
    return depth, count


class _Direction:
    """One direction's share of the light, for the body's points and for the hair's."""

    def __init__(self, body, hair, density):
        self.body, self.density = body, density
        self.at = body.points - CENTRE
        self.hair = (hair - CENTRE) if hair is not None else np.zeros((0, 3))
        self.towards_all = np.ones(len(self.hair))

    def __call__(self, direction):
        frame = axes(direction)
        scale, hair_scale = SIZE / (2 * REACH), HAIR_SIZE / (2 * REACH)
        at = self.at @ frame.T
        screen = np.stack([at[:, 0] * scale + SIZE / 2, at[:, 1] * scale + SIZE / 2, at[:, 2]], 1)
        depth = depths(screen, self.body.triangles, self.body.cut, SIZE)
        hair_depth, count = np.full((1, 1), -1e9), np.zeros((1, 1))
        strands = self.hair @ frame.T
        if len(strands):
            placed = np.stack(
                [strands[:, 0] * hair_scale + HAIR_SIZE / 2, strands[:, 1] * hair_scale + HAIR_SIZE / 2, strands[:, 2]],
                1,
            )
            hair_depth, count = _hair_map(placed, HAIR_SIZE)
            count = gaussian_filter(count, 1.0)
        facing = self.body.normals @ direction
        lit, hair_lit = np.empty(len(at)), np.empty(len(strands))
        rest = (scale, BIAS, hair_depth, count, hair_scale, self.density)
        _lit(at, facing, depth, *rest, lit)
        _lit(strands, self.towards_all, depth, scale, 0.02, *rest[2:5], self.density * 0.8, hair_lit)
        return facing, lit, hair_lit


def light_up(body, hair=None, density=0.03):
    """The light at the body's points, and at the hair's knots (K, 3); density is the absorption of a knot."""
    share = _Direction(body, hair, density)
    directions = [(d, _sky(d), None) for d in _spiral(DOME)]
    directions += [(d, None, k) for k, lamp in enumerate(LAMPS) for d in _cone(lamp)]
    count = 0 if hair is None else len(hair)
    ambient, seen = np.zeros((len(body.points), 3)), np.zeros((len(body.points), len(LAMPS)))
    hair_ambient, hair_seen = np.zeros((count, 3)), np.zeros((count, len(LAMPS)))
    with ThreadPoolExecutor(THREADS) as pool:
        shares = pool.map(share, [direction for direction, _, _ in directions])
        for (_, colour, lamp), (facing, lit, hair_lit) in zip(directions, shares, strict=True):
            if lamp is None:
                ambient += (lit * np.clip(facing, 0, None))[:, None] * colour
                hair_ambient += hair_lit[:, None] * colour
            else:
                seen[:, lamp] += lit / LAMPS[lamp].count
                hair_seen[:, lamp] += hair_lit / LAMPS[lamp].count
    return Light(ambient, seen), Light(hair_ambient, hair_seen)
