"""The initial Gaussians of a training: from points with colours, from another scene, or from silhouettes alone."""

import math
from dataclasses import dataclass

import numpy as np
import scipy.ndimage
import scipy.spatial
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.splat.cloud import Cloud
from episodec.splat.dataset import Dataset
from episodec.splat.ply import SH0
from episodec.splat.relief.surface import quaternions
from episodec.splat.scene import Floats, Scene, at

OPACITY_LOGIT = 1.4  # Opacity 0.8: most points of a surface stay.
NEIGHBOURS = 12  # The neighbours of a point that its tangent plane is fitted to.
FLAT = 0.35  # A Gaussian's thickness relative to its size along the surface.
WIDEST = 2.5  # In distances between points.
BELIEVED = 0.6  # The share of a cloud's points inside every silhouette below which it is considered random.
MARGIN = 2  # Pixels around a silhouette that count as inside.
SHOWN = 0.75  # The share of the views that must show a place for it to be in the hull.
CELLS = 96  # The hull's grid cells along its longest side.
ROOM = 0.12  # The margin of the field's box around a hull, relative to its size.

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Initial Gaussians, and the limits of the training.

    Attributes:
        scene: static.
        least, most: (3,) float32, the corners of the field's box, metres.
        widest: natural logarithm of the maximum standard deviation of a Gaussian, in metres. At the edge of the
            pictures nothing else would keep Gaussians from reaching far outside.
        source: `scene`, `cloud` or `hull`.
    """

    scene: Scene
    least: Floats
    most: Floats
    widest: float
    source: str


def start_of(dataset: Dataset, count: int, degree: int, given: Scene | None = None) -> Start:
    """At most `count` Gaussians for this dataset: from the given scene, the cloud, or the visual hull.

    The cloud is used if most of it is inside all silhouettes of the views; the few points outside, which only enlarge
    its box, are dropped. Without transparency there are no silhouettes, and any cloud is used.
    """
    cloud = dataset.cloud
    least, most = cloud.means.min(axis=0), cloud.means.max(axis=0)
    if given is not None:
        scene = _given(given, count, degree)
        least, most = np.minimum(least, scene.means.min(axis=0)), np.maximum(most, scene.means.max(axis=0))
        return Start(scene, least, most, _widest(scene, 99, 1.0), "scene")
    inside = _inside(dataset, cloud.means)
    if inside.mean() >= BELIEVED and len(cloud.means) >= 100:
        kept = Cloud(cloud.means[inside], cloud.colours[inside])
        scene = scene_of(kept, count, degree)
        return Start(scene, least, most, _widest(scene, 50, WIDEST), "cloud")
    hull = _hull(dataset, least.astype(np.float64), most.astype(np.float64))
    room = ROOM * np.ptp(hull.means, axis=0).max()
    scene = scene_of(hull, count, degree)
    least, most = hull.means.min(axis=0) - room, hull.means.max(axis=0) + room
    return Start(scene, least, most, _widest(scene, 50, WIDEST), "hull")


def _widest(scene: Scene, percent: float, times: float) -> float:
    """The logarithm of a percentile of the Gaussians' sizes times a factor."""
    return float(np.percentile(scene.log_scales.max(axis=1), percent)) + math.log(times)


def scene_of(cloud: Cloud, count: int, degree: int) -> Scene:
    """One Gaussian per point, flat along the points' surface, for at most `count` points, evenly chosen."""
    means, colours = thinned(cloud, count)
    near = min(NEIGHBOURS + 1, len(means))
    distances, neighbours = scipy.spatial.cKDTree(means).query(means, k=near)
    spread = means[neighbours] - means[neighbours].mean(axis=1, keepdims=True)
    _, axes = np.linalg.eigh(np.einsum("nki,nkj->nij", spread, spread))  # The normal comes first.
    axes = axes[:, :, ::-1] * np.sign(np.linalg.det(axes[:, :, ::-1]))[:, None, None]
    size = np.sqrt((distances[:, 1:4] ** 2).mean(axis=1)) if near > 3 else np.full(len(means), 0.01)
    size = np.maximum(size, 1e-5)
    harmonics = np.zeros((len(means), (degree + 1) ** 2, 3), np.float32)
    harmonics[:, 0] = (colours - 0.5) / SH0
    return Scene(
        means.astype(np.float32),
        quaternions(axes),
        np.log(np.stack([size, size, FLAT * size], axis=1)).astype(np.float32),
        np.full(len(means), OPACITY_LOGIT, np.float32),
        harmonics,
    )


def thinned(cloud: Cloud, count: int) -> tuple[Doubles, Doubles]:
    """Means and colours (0 to 1) of at most `count` points.

    With more points, each is the mean of the points in a cell of the finest grid with no more than `count` occupied
    cells.
    """
    means, colours = cloud.means.astype(np.float64), cloud.colours / 255.0
    if len(means) <= count:
        return means, colours
    low, high = 1e-6, float(np.ptp(means, axis=0).max()) + 1e-3
    for _ in range(40):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if len(_cells(means, middle)[1]) > count else (low, middle)
    which, sizes = _cells(means, high)
    columns = [np.bincount(which, column, len(sizes)) / sizes for column in (*means.T, *colours.T)]
    return np.stack(columns[:3], axis=1), np.stack(columns[3:], axis=1)


def _cells(means: Doubles, side: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The cell index of each point, and the number of points per cell."""
    grid = np.floor((means - means.min(axis=0)) / side).astype(np.int64)
    wide = grid.max(axis=0) + 1
    _, which, sizes = np.unique(
        (grid[:, 0] * wide[1] + grid[:, 1]) * wide[2] + grid[:, 2], return_inverse=True, return_counts=True
    )
    return which.ravel(), sizes


def _given(scene: Scene, count: int, degree: int) -> Scene:
    """Another scene's Gaussians, the most visible ones if there are too many, with colours of this degree."""
    still = at(scene, 0.5)
    kept = np.arange(still.count)
    if still.count > count:
        size = np.sort(still.log_scales, axis=1)[:, 1:].sum(axis=1)
        weight = size - np.logaddexp(0, -still.opacity_logits)  # The logarithm of area times opacity.
        kept = np.sort(np.argsort(-weight, kind="stable")[:count])
    coefficients = (degree + 1) ** 2
    harmonics = np.zeros((len(kept), coefficients, 3), np.float32)
    have = min(coefficients, still.harmonics.shape[1])
    harmonics[:, :have] = still.harmonics[kept, :have]
    columns = (still.means, still.quaternions, still.log_scales, still.opacity_logits)
    means, turns, scales, logits = (np.ascontiguousarray(column[kept]) for column in columns)
    return Scene(means, turns, scales, np.clip(logits, -4, 4), harmonics)


def _views(dataset: Dataset) -> NDArray[np.int64]:
    """The frames with silhouettes of a single moment: the views around the character, else the first moving frame."""
    views = dataset.where("train", "spatial")
    views = views if len(views) else dataset.where("train")[:1]
    has_alpha = (dataset.frames[views, ..., 3] < 128).any(axis=(1, 2))
    return views[has_alpha]


def _pixels(dataset: Dataset, frame: int, places: Floats | Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Column, row and depth in metres of places (P, 3) as a frame sees them."""
    matrix = dataset.camera_to_world[frame]
    in_camera = (places - matrix[:3, 3]) @ matrix[:3, :3]
    depth = np.maximum(-in_camera[:, 2], 1e-6)
    fx, fy, cx, cy = dataset.intrinsics
    return fx * in_camera[:, 0] / depth + cx, -fy * in_camera[:, 1] / depth + cy, depth


def _inside(
    dataset: Dataset, places: Floats | Doubles, margin: int = MARGIN, least_share: float = 0.0
) -> NDArray[np.bool_]:
    """Which places no silhouette excludes; a frame excludes only places inside its picture.

    shown: the least share of the views that must contain a place.
    """
    is_inside, times = np.ones(len(places), bool), np.zeros(len(places), np.int64)
    views = _views(dataset)
    for frame in views:
        mask = dataset.frames[frame, ..., 3] >= 128
        mask = scipy.ndimage.binary_dilation(mask, iterations=margin) if margin else mask
        x, y, _ = _pixels(dataset, int(frame), places)
        column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
        height, width = mask.shape
        is_shown = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        is_inside &= ~is_shown | mask[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
        times += is_shown
    is_inside &= times >= least_share * len(views)
    return is_inside


def _hull(dataset: Dataset, least: Doubles, most: Doubles) -> Cloud:
    """The surface of the visual hull, in the colours of the views that see it.

    Raises:
        BackendError: no frame has a silhouette, or the hull is empty.
    """
    views = _views(dataset)
    step = float((most - least).max()) / CELLS
    shape = np.maximum(np.ceil((most - least) / max(step, 1e-9)).astype(int), 1)
    grid = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), axis=-1).reshape(-1, 3)
    places = least + (grid + 0.5) * step
    solid = (_inside(dataset, places, 0, SHOWN) if len(views) else np.zeros(len(places), bool)).reshape(shape)
    shell = solid & ~scipy.ndimage.binary_erosion(solid, border_value=0)
    if shell.sum() < 100:
        facts = {"points inside all silhouettes": int(shell.sum()), "views with silhouettes": len(views)}
        hint = "add a cloud of points, or views with transparency around the character"
        raise BackendError("there is nothing to initialise the training from", facts=facts, hint=hint)
    surface = places[shell.ravel()]
    outward = -np.stack(np.gradient(scipy.ndimage.gaussian_filter(solid.astype(np.float64), 2.0)), axis=-1)
    normals = outward[shell]
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    return Cloud(surface.astype(np.float32), _seen_colours(dataset, views, surface, normals, 2.5 * step))


def _seen_colours(
    dataset: Dataset, views: NDArray[np.int64], places: Doubles, normals: Doubles, slack: float
) -> NDArray[np.uint8]:
    """(P, 3): each place's mean colour over the views that face it unoccluded, within the slack."""
    total, weight = np.zeros((len(places), 3)), np.full(len(places), 1e-9)
    height, width = dataset.frames.shape[1:3]
    for frame in views:
        x, y, depth = _pixels(dataset, int(frame), places)
        column, row = np.clip(x.astype(int), 0, width - 1), np.clip(y.astype(int), 0, height - 1)
        nearest = np.full((height // 2 + 1, width // 2 + 1), np.inf)
        np.minimum.at(nearest, (row // 2, column // 2), depth)
        towards = dataset.camera_to_world[frame, :3, 3] - places
        facing = (normals * towards).sum(axis=1) / np.linalg.norm(towards, axis=1)
        is_seen = depth < nearest[row // 2, column // 2] + slack
        trust = np.where(is_seen, np.clip(facing, 0.02, 1) ** 3, 1e-6)
        trust *= dataset.frames[frame, row, column, 3] / 255.0 + 1e-6
        total += trust[:, None] * dataset.frames[frame, row, column, :3]
        weight += trust
    colours: NDArray[np.uint8] = np.clip(np.rint(total / weight[:, None]), 0, 255).astype(np.uint8)
    return colours
