"""The CPU rasteriser: pictures of a Gaussian scene, multithreaded, with the same bytes at any number of threads.

Invariant: the result depends on the scene, the view, the time, the background and numba's kernels in this folder, and
not on the machine (see `compiled`). Tests compare it with `reference` within 1e-4.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from episodec.splat import project, tiles
from episodec.splat.scene import Floats, Scene, at
from episodec.splat.view import View, checked_view

Colour = tuple[float, float, float]
"""Red, green, blue of 0 to 1, in the scene's own encoding."""

Ground = Colour | Floats
"""The background: a colour, or a picture of the view's size, (h, w, 3) float32."""

WHITE: Colour = (1.0, 1.0, 1.0)

_NO_FLOATS, _NO_BYTES = np.empty((0, 0, 3), np.float32), np.empty((0, 0, 3), np.uint8)
_NO_ALPHA = np.empty((0, 0), np.float32)
_EVEN = np.full((1, 1), 0.5, np.float32)
_SHARES = 8  # Pieces per thread in the last step, to balance unequal tiles.


def render(  # Everything that a picture depends on.
    scene: Scene, view: View, *, time: float = 0.0, period: int = 0, background: Ground = WHITE, threads: int = 1
) -> NDArray[np.uint8]:
    """The picture of a scene at a scene time of 0 to 1: (h, w, 3) uint8. period: frames of the loop, 0 for none.

    Raises:
        BackendError: the view or the time is invalid.
    """
    checked_view(view)
    pixels = np.empty((view.size[1], view.size[0], 3), np.uint8)
    _render(at(scene, time, period), view, background, threads, _NO_FLOATS, pixels)
    return pixels


def render_floats(
    scene: Scene, view: View, *, time: float = 0.0, background: Ground = WHITE, threads: int = 1
) -> Floats:
    """The same picture before rounding: (h, w, 3) float32, 0 to 1 and above, in the scene's own encoding.

    Raises:
        BackendError: the view or the time is impossible.
    """
    checked_view(view)
    picture = np.empty((view.size[1], view.size[0], 3), np.float32)
    _render(at(scene, time), view, background, threads, picture, _NO_BYTES)
    return picture


def render_covered(
    scene: Scene, view: View, *, time: float = 0.0, background: Ground = WHITE, threads: int = 1
) -> tuple[Floats, Floats]:
    """The same picture before rounding, and its alpha: (h, w) float32, 0 to 1.

    Raises:
        BackendError: the view or the time is invalid.
    """
    checked_view(view)
    picture = np.empty((view.size[1], view.size[0], 3), np.float32)
    alpha = np.empty(picture.shape[:2], np.float32)
    still = at(scene, time)
    with Threads(threads) as pool:
        blend(tile_lists(still, view, pool), view, background, (picture, _NO_BYTES), pool, alpha)
    return picture, alpha


def _render(  # `render`'s arguments and the destination.
    still: Scene, view: View, background: Ground, threads: int, picture: Floats, pixels: NDArray[np.uint8]
) -> None:
    """Render into the picture, or into the pixels if the picture is empty."""
    with Threads(threads) as pool:
        blend(tile_lists(still, view, pool), view, background, (picture, pixels), pool)


class Threads:
    """A call's thread pool; none are started for one thread."""

    def __init__(self, threads: int) -> None:
        self.threads = max(1, threads)
        self._pool = ThreadPoolExecutor(self.threads) if self.threads > 1 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def map(self, function: Callable[..., Any], shares: Iterable[tuple[Any, ...]]) -> list[Any]:
        """The results for each share, in their order."""
        if self._pool is None:
            return [function(*share) for share in shares]
        return [future.result() for future in [self._pool.submit(function, *share) for share in shares]]


@dataclass(frozen=True, slots=True, eq=False)
class _Ellipses:
    """Visible Gaussians: columns of `project`. Each thread's rows start where its share of the scene does."""

    place: NDArray[np.float64]
    look: Floats
    depth: Floats
    source: NDArray[np.int32]
    shares: tuple[slice, ...]

    def order(self) -> NDArray[np.int32]:
        """Their rows, nearest first; ties in the scene's order."""
        depths = np.concatenate([self.depth[share] for share in self.shares])
        order: NDArray[np.int32] = tiles.depth_order(depths.view(np.uint32))
        if len(self.shares) == 1:
            return order
        rows = np.concatenate([np.arange(share.start, share.stop, dtype=np.int32) for share in self.shares])
        return rows[order]


@dataclass(frozen=True, slots=True, eq=False)
class TileLists:
    """Ellipses, and for each tile the rows of those that overlap it, nearest first."""

    place: NDArray[np.float64]  # (N, PLACES)
    look: Floats  # (N, LOOKS)
    source: NDArray[np.int32]  # (N,), the Gaussian of each row.
    shares: tuple[slice, ...]  # Rows in use.
    starts: NDArray[np.int64]  # (tiles + 1,)
    rows: NDArray[np.int32]  # (starts[-1],)


def tile_lists(scene: Scene, view: View, pool: Threads | None = None) -> TileLists:
    """The tile lists of a static scene."""
    pool = pool or Threads(1)
    return _assign(_project(scene, view, pool), view, pool)


def blend(
    lists: TileLists,
    view: View,
    background: Ground,
    into: tuple[Floats, NDArray[np.uint8]],
    pool: Threads | None = None,
    alpha: Floats = _NO_ALPHA,
) -> None:
    """Blend tile lists into a picture, (h, w, 3) float32, or if that is empty into pixels, (h, w, 3) uint8.

    The coverage of each pixel goes into alpha, (h, w) float32, unless that is empty.
    """
    pool = pool or Threads(1)
    columns, _ = grid(view)
    ground, noise = _ground(background, view)

    def blend_share(first: int, end: int) -> None:
        arrays = (lists.starts, lists.rows, lists.place, lists.look, ground, noise, *into, alpha)
        tiles.blend_tiles(first, end, columns, *arrays)

    pool.map(blend_share, tile_shares(lists, pool))


def _ground(background: Ground, view: View) -> tuple[Floats, Floats]:
    """The background and the noise for `blend_tiles`: a colour is not dithered, a picture is.

    Raises:
        ValueError: the picture and the view differ in size.
    """
    if not isinstance(background, np.ndarray):
        return np.array(background, np.float32).reshape(1, 1, 3), _EVEN
    if background.shape != (view.size[1], view.size[0], 3):
        raise ValueError(f"a background of {background.shape} behind a picture of {view.size}")
    return np.ascontiguousarray(background, np.float32), dither_noise()


@cache
def dither_noise() -> Floats:
    """(64, 64) float32, 64 levels between 0 and 1, distributed so that a uniform level is rounded evenly: interleaved
    gradient noise (Jimenez, Next Generation Post Processing in Call of Duty, 2014).
    """
    y, x = np.mgrid[0:64, 0:64].astype(np.float64)
    spread = 52.9829189 * ((0.06711056 * x + 0.00583715 * y) % 1.0) % 1.0
    noise: Floats = ((np.floor(spread * 64) + 0.5) / 64).astype(np.float32)
    return noise


def tile_shares(lists: TileLists, pool: Threads) -> Iterable[tuple[int, int]]:
    """Half-open ranges of tiles with about equal numbers of ellipses and tiles."""
    load = lists.starts + np.arange(len(lists.starts)) * 4
    shares = 1 if pool.threads == 1 else pool.threads * _SHARES
    edges = np.searchsorted(load, np.linspace(0, load[-1], shares + 1)[1:-1])
    return pairwise([0, *map(int, edges), len(lists.starts) - 1])


def _project(scene: Scene, view: View, pool: Threads) -> _Ellipses:
    count = scene.count
    arrays, camera = columns_of(scene), packed_camera(view)
    place = np.empty((count, project.PLACES))
    look, depth = np.empty((count, project.LOOKS), np.float32), np.empty(count, np.float32)
    source = np.empty(count, np.int32)
    cuts = _cuts(count, pool.threads)

    def project_share(start: int, stop: int) -> int:
        return int(project.project(*arrays, camera, start, stop, place, look, depth, source))

    counts = pool.map(project_share, cuts)
    shares = tuple(slice(start, start + seen) for (start, _), seen in zip(cuts, counts, strict=True))
    return _Ellipses(place, look, depth, source, shares)


def _assign(ellipses: _Ellipses, view: View, pool: Threads) -> TileLists:
    columns, rows = size = grid(view)
    place, shares = ellipses.place, ellipses.shares
    bands = np.empty((len(place), 3), np.int32)
    counts = np.zeros((len(shares), columns * rows), np.int64)

    def count(part: int) -> Any:
        return tiles.count_tiles(shares[part].start, shares[part].stop, place, size, bands, counts[part])

    # The depth order is computed in parallel with the counts.
    jobs = [partial(count, part) for part in range(len(shares))]
    order, *parts = pool.map(lambda job: job(), [(job,) for job in (ellipses.order, *jobs)])
    for part, before in enumerate(np.cumsum([len(runs) for runs in parts])[:-1]):
        bands[shares[part + 1], 2] += before
    runs = parts[0] if len(parts) == 1 else np.concatenate(parts)
    starts = np.concatenate(([0], np.cumsum(counts.sum(axis=0))))
    ends, lists = starts[:-1].copy(), np.empty(starts[-1], np.int32)

    def fill(first_row: int, end_row: int) -> None:
        tiles.fill_tiles(first_row, end_row, order, bands, runs, columns, ends, lists)

    # Threads take rows of tiles with equal numbers of entries, so no two write to one list.
    edges = np.searchsorted(starts[::columns], np.linspace(0, starts[-1], pool.threads + 1)[1:-1])
    pool.map(fill, pairwise([0, *map(int, edges), rows]))
    return TileLists(place, ellipses.look, ellipses.source, shares, starts, lists)


def _cuts(count: int, parts: int) -> list[tuple[int, int]]:
    """Half-open ranges of whole blocks that cover 0 to count; at least one."""
    edges = [min(count, -(-count * part // (parts * project.BLOCK)) * project.BLOCK) for part in range(parts)]
    return list(zip(edges, [*edges[1:], count], strict=True))


def grid(view: View) -> tuple[int, int]:
    """Columns and rows of tiles."""
    return -(-view.size[0] // tiles.TILE), -(-view.size[1] // tiles.TILE)


def columns_of(scene: Scene) -> list[Floats]:
    """The arrays of a static scene for kernels: Gaussians innermost."""
    arrays = (scene.means.T, scene.quaternions.T, scene.log_scales.T, scene.opacity_logits)
    return [*map(_still, arrays), _still(scene.harmonics.transpose(1, 2, 0))]


def _still(array: Floats) -> Floats:
    """The array contiguous and read-only, so that kernels are compiled once for mapped files and arrays in memory."""
    frozen = np.ascontiguousarray(array).view()
    frozen.flags.writeable = False
    return frozen


def packed_camera(view: View) -> NDArray[np.float64]:
    """World to camera (9 and 3 numbers), the camera's position (3), intrinsics (4), width and height, slope
    limits (4).
    """
    matrix = view.world_to_camera()
    parts = (matrix[:3, :3].ravel(), matrix[:3, 3], view.camera_to_world[:3, 3], view.intrinsics, view.size)
    return np.concatenate([np.asarray(part, np.float64) for part in (*parts, view.slope_limits())])
