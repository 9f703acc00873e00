"""Visual hull: points that every camera sees on the character.

Laurentini, "The Visual Hull Concept for Silhouette-Based Image Understanding" (1994), on a grid.
"""

import numpy as np
from numpy.typing import NDArray

from episodec.splat.cloud import Cloud, thinned
from episodec.splat.view import Intrinsics

GRID = 96  # Cells along each side of the cube.
FEWEST = 200  # Points; with fewer, a ball in the middle is used.
MOST = 40_000
SEEN = 128  # Of alpha.

Points = NDArray[np.float64]


def hull(pictures: NDArray[np.uint8], cameras: NDArray[np.float64], intrinsics: Intrinsics) -> tuple[Cloud, bool]:
    """Points on the surface of the visual hull, coloured by the camera that sees each most frontally, and whether a
    hull was found.

    pictures: (V, S, S, 4), straight alpha; cameras: (V, 4, 4) camera_to_world, OpenGL. Without silhouettes (opaque
    pictures, or an empty intersection) the points fill a ball in the middle of the views.
    """
    middle, radius = _looked_at(cameras, intrinsics, pictures.shape[1])
    steps = (np.arange(GRID) + 0.5) / GRID * 2 - 1
    cube = middle + radius * np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    inside = np.ones(len(cube), bool)
    for picture, camera in zip(pictures, cameras, strict=True):
        column, row, is_before = _seen_at(cube, camera, intrinsics, picture.shape[0])
        inside &= is_before & (picture[row, column, 3] >= SEEN)
    solid = inside.reshape(GRID, GRID, GRID)
    shell = solid & ~_eroded(solid)
    is_body = shell.sum() >= FEWEST and solid.mean() <= 0.9
    if not is_body:
        ball = np.linalg.norm(cube - middle, axis=1) <= 0.6 * radius
        chosen = cube[ball][:: max(1, int(ball.sum()) // MOST)]
    else:
        chosen = cube[shell.ravel()]
    colours = _colours(chosen, middle, pictures, cameras, intrinsics)
    return thinned(chosen.astype(np.float32), colours, MOST), bool(is_body)


def _looked_at(cameras: NDArray[np.float64], intrinsics: Intrinsics, size: int) -> tuple[Points, float]:
    """The point nearest to all optical axes, and the radius around it that every camera sees."""
    axes, eyes = -cameras[:, :3, 2], cameras[:, :3, 3]
    across = np.eye(3) - axes[:, :, None] * axes[:, None, :]
    # Slight regularisation towards the origin: parallel axes do not meet.
    system = across.sum(axis=0) + 1e-6 * np.eye(3)
    middle: Points = np.linalg.solve(system, np.einsum("vij,vj->i", across, eyes))
    distances = np.linalg.norm(eyes - middle, axis=1)
    return middle, float(distances.min()) * 0.5 * size / intrinsics[1]


def _seen_at(
    points: Points, camera: NDArray[np.float64], intrinsics: Intrinsics, size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Column and row of each point in a picture, and whether it is inside."""
    local = (points - camera[:3, 3]) @ camera[:3, :3]
    depth = np.maximum(-local[:, 2], 1e-6)
    column = np.floor(intrinsics[2] + intrinsics[0] * local[:, 0] / depth).astype(np.int64)
    row = np.floor(intrinsics[3] - intrinsics[1] * local[:, 1] / depth).astype(np.int64)
    is_in = (local[:, 2] < 0) & (column >= 0) & (column < size) & (row >= 0) & (row < size)
    return np.clip(column, 0, size - 1), np.clip(row, 0, size - 1), is_in


def _eroded(solid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Cells whose six neighbours are also solid."""
    padded = np.pad(solid, 1)
    eroded = solid.copy()
    for axis in range(3):
        for step in (-1, 1):
            eroded &= np.roll(padded, step, axis=axis)[1:-1, 1:-1, 1:-1]
    return eroded


def _colours(
    points: Points,
    middle: Points,
    pictures: NDArray[np.uint8],
    cameras: NDArray[np.float64],
    intrinsics: Intrinsics,
) -> NDArray[np.uint8]:
    """(P, 3): each point's colour from the camera whose direction is closest to the point's outward direction."""
    outwards = points - middle
    best = np.argmax(outwards @ (cameras[:, :3, 3] - middle).T, axis=1)
    colours = np.zeros((len(points), 3), np.uint8)
    for index, (picture, camera) in enumerate(zip(pictures, cameras, strict=True)):
        here = best == index
        column, row, _ = _seen_at(points[here], camera, intrinsics, picture.shape[0])
        colours[here] = picture[row, column, :3]
    return colours
