"""From a shape to Gaussians: a front with one per cell, a back, and a rim that closes the two."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from episodec.splat.relief import DISTANCE_M, HEIGHT_M
from episodec.splat.relief.portrait import SIDE, Mask, Portrait
from episodec.splat.relief.shape import ReliefDepth
from episodec.splat.scene import Floats

METRE = HEIGHT_M / SIDE  # A pixel of a portrait in metres, in the plane z = 0.
BEHIND_RAYS = 0.43  # How far points behind z = 0 follow the source camera's diverging rays.
LEEWAY = 0.03  # Larger corrections of a colour would show as specks from the side.
MIRRORED = 0.8  # Of a rim's depth: how far inside its edge the front has the rim's colours.
STEEPEST = 4.0  # The limit of stretching a cell's Gaussian along the surface: sqrt(1 + 16) times.
THICKNESS = 0.25  # Of a cell: a Gaussian's standard deviation across the surface.

Depths = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceCloud:
    """Gaussians before their colours are fitted.

    Attributes:
        means: (N, 3), metres.
        normals: (N, 3) of length 1.
        stretch: (N,), length along the steepest direction, in cells; that direction is in the plane of normal and z.
        cells_m: (N,), the width of a cell there, metres.
        colours: (N, 3), 0 to 1.
        head: (N,), 1 on the head, 0 on the trunk.
        pixels: (F, 2), column and row in the portrait of the first F, the front.
        leeway: (F,), by how much the colours of the front may be corrected, 0 to 1.
    """

    means: Depths
    normals: Depths
    stretch: Depths
    cells_m: Depths
    colours: Depths
    head: Depths
    pixels: Depths
    leeway: Depths


def cloud_of(portrait: Portrait, shape: ReliefDepth, cells: int) -> SurfaceCloud:
    """The body's Gaussians, the front first, then those under it; the front has about `cells` cells."""
    step = math.sqrt(float(portrait.mask.sum()) / cells)  # pixels a cell
    inner = _spread_inwards(portrait)
    # The edge's own colours are mixed with the background's.
    share = np.clip((cv2.distanceTransform(portrait.mask.astype(np.uint8), cv2.DIST_L2, 5) - 0.5) / 1.5, 0, 1)[
        ..., None
    ]
    colours = share * portrait.rgb / 255.0 + (1 - share) * inner
    front = sheet(portrait, shape.front, portrait.mask, step, colours)
    # Under the front, coarser: in close-ups, gaps of the front show their own colours instead of the back's.
    under_depth = (shape.front - 0.8 * step) * portrait.mask
    under = sheet(portrait, under_depth, portrait.mask, 2.2 * step, cv2.GaussianBlur(colours, (0, 0), 1.2))
    back = sheet(portrait, shape.back, portrait.mask, 2.0 * step, 0.85 * cv2.GaussianBlur(inner, (0, 0), 16.0))
    return joined(front, under, back, rim(portrait, shape.front, shape.back, 1.5 * step, inner))


def joined(front: SurfaceCloud, *others: SurfaceCloud) -> SurfaceCloud:
    """The clouds concatenated; pixels are the first one's."""
    names = ("means", "normals", "stretch", "cells_m", "colours", "head")
    columns = {name: np.concatenate([getattr(one, name) for one in (front, *others)]) for name in names}
    return SurfaceCloud(**columns, pixels=front.pixels, leeway=front.leeway)


def sheet(
    portrait: Portrait,
    depth: Depths,
    mask: Mask,
    step: float,
    colours: Depths,
    slopes: tuple[Depths, Depths] | None = None,
) -> SurfaceCloud:
    """A surface over the mask: one Gaussian per cell, in its tangent plane.

    slopes: of the depth along x and y; by default, differences between pixels.
    """
    height, width = mask.shape
    rows, columns = np.arange(step / 2, height, step), np.arange(step / 2, width, step)
    y, x = (grid.ravel() for grid in np.meshgrid(rows, columns, indexing="ij"))
    keep = mask[y.astype(int), x.astype(int)]
    x, y = x[keep], y[keep]
    across, down = slopes or (_slope(depth, 1), _slope(depth, 0))
    slope_x, slope_y = taken(across, x, y), taken(down, x, y)
    steep = np.hypot(slope_x, slope_y)
    tame = np.minimum(1, STEEPEST / np.maximum(steep, 1e-9))
    slope_x, slope_y, steep = slope_x * tame, slope_y * tame, steep * tame
    side = 1.0 if depth.sum() >= 0 else -1.0
    # Rows count downwards, y is up.
    normals = side * np.stack([-slope_x, slope_y, np.ones_like(x)], axis=1) / np.sqrt(1 + steep**2)[:, None]
    z = taken(depth, x, y)
    return SurfaceCloud(
        placed(portrait, x, y, z),
        normals,
        np.sqrt(1 + steep**2),
        np.full(len(x), step * METRE),
        np.stack([taken(colours[..., c], x, y) for c in range(3)], axis=1),
        np.zeros(len(x)),
        np.stack([x, y], axis=1),
        np.full(len(x), LEEWAY),
    )


def rim(portrait: Portrait, front: Depths, back: Depths, step: float, inner: Depths) -> SurfaceCloud:
    """Gaussians along the silhouette, from the front's edge to the back's."""
    mask = portrait.mask
    height, width = mask.shape
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    along = np.concatenate([contour[:: max(1, round(step)), 0] for contour in contours]).astype(np.float64)
    x, y = along[:, 0] + 0.5, along[:, 1] + 0.5
    blurred = cv2.GaussianBlur(mask.astype(np.float64), (0, 0), 3.0)
    out_x, out_y = (-taken(_slope(blurred, axis), x, y) for axis in (1, 0))
    length = np.maximum(np.hypot(out_x, out_y), 1e-9)
    out_x, out_y = out_x / length, out_y / length
    # Colours of the edge itself are mixed with the background's.
    in_x, in_y = np.clip(x - 3 * out_x, 0, width - 1), np.clip(y - 3 * out_y, 0, height - 1)
    high, low = taken(front, in_x, in_y), taken(back, in_x, in_y)
    counts = np.maximum(1, np.ceil((high - low) / step)).astype(int)
    which = np.repeat(np.arange(len(x)), counts)
    place = np.concatenate([(np.arange(n) + 0.5) / n for n in counts])
    z = low[which] + (high - low)[which] * place
    # Rounded, not a wall: the middle bulges, front and back recede.
    bulge = -2.5 + 1.5 * np.sqrt(np.maximum(0, 1 - (2 * place - 1) ** 2))
    edge_x, edge_y = x[which] + bulge * out_x[which], y[which] + bulge * out_y[which]
    # The front's texture continues around the edge, mirrored.
    down = MIRRORED * (high[which] - z)
    colours_x, colours_y = in_x[which] - down * out_x[which], in_y[which] - down * out_y[which]
    colours = np.stack([taken(inner[..., c], colours_x, colours_y) for c in range(3)], axis=1)
    normals = np.stack([out_x, -out_y, np.zeros_like(x)], axis=1)[which]
    count = len(which)
    return SurfaceCloud(
        placed(portrait, edge_x, edge_y, z),
        normals,
        np.ones(count),
        np.full(count, step * METRE),
        colours * (0.88 + 0.12 * place)[:, None],
        np.zeros(count),
        np.zeros((0, 2)),
        np.zeros(0),
    )


def placed(portrait: Portrait, x: Depths, y: Depths, z: Depths) -> Depths:
    """(N, 3) in metres from pixels and depths, each on its ray of the source camera.

    Points behind z = 0 are less far out than their rays.
    """
    deep = z * METRE
    # Points behind are not visible in the source: they keep their width.
    nearer = 1 - np.maximum(deep, BEHIND_RAYS * deep) / DISTANCE_M
    across = portrait.mask.shape[1] / 2
    return np.stack([(x - across) * METRE * nearer, (SIDE / 2 - y) * METRE * nearer, deep], axis=1)


def _spread_inwards(portrait: Portrait) -> Depths:
    """Colours without the background's share: near the silhouette, smoothed ones from farther in."""
    core = cv2.erode(portrait.mask.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(np.float64)
    core = core if core.any() else portrait.mask.astype(np.float64)
    weight, total = np.zeros(core.shape), np.zeros((*core.shape, 3))
    for sigma in (2.0, 6.0, 20.0, 60.0):
        share = cv2.GaussianBlur(core, (0, 0), sigma)
        trust = 1e-3 ** (sigma > 2.0) * share / sigma
        weight += trust
        total += (
            cv2.GaussianBlur(core[..., None] * portrait.rgb / 255.0, (0, 0), sigma)
            / np.maximum(share, 1e-9)[..., None]
            * trust[..., None]
        )
    spread: Depths = total / np.maximum(weight, 1e-12)[..., None]
    return spread


def _slope(depth: Depths, axis: int) -> Depths:
    return np.asarray(np.gradient(depth, axis=axis), np.float64)


def taken(field: Depths, x: Depths, y: Depths) -> Depths:
    """Values of a field (h, w) interpolated between pixel centres, which are at halves."""
    sampled: Depths = scipy.ndimage.map_coordinates(field, [y - 0.5, x - 0.5], order=1, mode="nearest")
    return sampled


def turned(cloud: SurfaceCloud) -> Floats:
    """(N, 4) quaternions wxyz that rotate z to the normals, and x to the steepest direction."""
    nx, ny, nz = cloud.normals.T
    flat = np.hypot(nx, ny)
    # The steepest direction down along the surface, in the plane of normal and z; arbitrary on a surface facing the
    # front.
    dx, dy = (
        np.where(flat > 1e-9, nx / np.maximum(flat, 1e-9), 1),
        np.where(flat > 1e-9, ny / np.maximum(flat, 1e-9), 0),
    )
    first = np.stack([dx * nz, dy * nz, -flat], axis=1)
    second = np.cross(cloud.normals, first)
    return quaternions(np.stack([first, second, cloud.normals], axis=2))


def quaternions(rotations: Depths) -> Floats:
    """(N, 4) wxyz of (N, 3, 3): by the largest component, to avoid division by zero."""
    m = rotations
    trace = np.stack([m[:, 0, 0] + m[:, 1, 1] + m[:, 2, 2], m[:, 0, 0], m[:, 1, 1], m[:, 2, 2]], axis=1)
    largest = np.argmax(trace, axis=1)
    raw = np.empty((len(m), 4))
    w = [1 + trace[:, 0], m[:, 2, 1] - m[:, 1, 2], m[:, 0, 2] - m[:, 2, 0], m[:, 1, 0] - m[:, 0, 1]]
    xy, xz, yz = m[:, 0, 1] + m[:, 1, 0], m[:, 0, 2] + m[:, 2, 0], m[:, 1, 2] + m[:, 2, 1]
    x = [w[1], 1 + 2 * m[:, 0, 0] - trace[:, 0], xy, xz]
    y = [w[2], xy, 1 + 2 * m[:, 1, 1] - trace[:, 0], yz]
    z = [w[3], xz, yz, 1 + 2 * m[:, 2, 2] - trace[:, 0]]
    for index, rows in enumerate((w, x, y, z)):
        raw[largest == index] = np.stack(rows, axis=1)[largest == index]
    units: Floats = (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)
    return units
