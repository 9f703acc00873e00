"""Rasterises triangles and strands: z-buffers, ownership of samples, and their attributes. Compiled by numba.

Screen points are (N, 3): x and y in samples, and a depth that is greater where it is nearer. Bands of rows are drawn in
parallel, each by one thread in the order of the triangles, so the picture does not depend on the number of threads.
"""

import numpy as np
from numba import njit, prange

BANDS = 32


@njit(cache=True, nogil=True)
def _triangle(screen, corners, cut, top, bottom, depth, owner, number):
    """Draw one triangle into rows top to bottom; samples where the interpolated `cut` is below 0 are skipped."""
    a, b, c = corners
    x0, y0, x1, y1, x2, y2 = screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1], screen[c, 0], screen[c, 1]
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    if abs(area) < 1e-12:
        return
    left, right = (
        max(int(np.ceil(min(x0, x1, x2) - 0.5)), 0),
        min(int(np.floor(max(x0, x1, x2) - 0.5)), depth.shape[1] - 1),
    )
    first, last = max(int(np.ceil(min(y0, y1, y2) - 0.5)), top), min(int(np.floor(max(y0, y1, y2) - 0.5)), bottom - 1)
    for y in range(first, last + 1):
        for x in range(left, right + 1):
            u = ((x1 - x - 0.5) * (y2 - y - 0.5) - (x2 - x - 0.5) * (y1 - y - 0.5)) / area
            v = ((x2 - x - 0.5) * (y0 - y - 0.5) - (x0 - x - 0.5) * (y2 - y - 0.5)) / area
            w = 1 - u - v
            if u < 0 or v < 0 or w < 0:
                continue
            z = u * screen[a, 2] + v * screen[b, 2] + w * screen[c, 2]
            if z > depth[y, x] and u * cut[a] + v * cut[b] + w * cut[c] >= 0:
                depth[y, x] = z
                owner[y, x] = number


@njit(cache=True, nogil=True)
def depths(screen, triangles, cut, size):
    """The z-buffer of one light: (size, size) float32, -1e9 where there is nothing."""
    depth = np.full((size, size), -1e9, np.float32)
    owner = np.empty((size, size), np.int32)
    for number in range(len(triangles)):
        _triangle(screen, triangles[number], cut, 0, size, depth, owner, number)
    return depth


@njit(cache=True, parallel=True)
def draw_triangles(screen, triangles, cut, depth, owner):
    """Draw into depth (H, W) float32 and owner (H, W) int32, which gets the triangle's number."""
    rows = (depth.shape[0] + BANDS - 1) // BANDS
    for band in prange(BANDS):
        top, bottom = band * rows, min(band * rows + rows, depth.shape[0])
        for number in range(len(triangles)):
            t = triangles[number]
            y0, y1, y2 = screen[t[0], 1], screen[t[1], 1], screen[t[2], 1]
            if max(y0, y1, y2) > top and min(y0, y1, y2) < bottom:
                _triangle(screen, t, cut, top, bottom, depth, owner, number)


@njit(cache=True, parallel=True)
def draw_strands(screen, width, knots, depth, owner):
    """Draw strands of `knots` knots each; `width` is in samples.

    Owner gets -2 minus the number of the first knot of a piece of strand.
    """
    rows = (depth.shape[0] + BANDS - 1) // BANDS
    for band in prange(BANDS):
        top, bottom = band * rows, min(band * rows + rows, depth.shape[0])
        for knot in range(len(screen) - 1):
            if knot % knots == knots - 1 or width[knot] <= 0:
                continue
            y0, y1 = screen[knot, 1], screen[knot + 1, 1]
            reach = max(width[knot], width[knot + 1])
            if max(y0, y1) + reach < top or min(y0, y1) - reach > bottom:
                continue
            _piece(screen, width, knot, top, bottom, depth, owner)


@njit(cache=True)
def _piece(screen, width, knot, top, bottom, depth, owner):
    """Draw one piece of a strand: spans of samples across it, one for each sample along its longer axis."""
    x0, y0, x1, y1 = screen[knot, 0], screen[knot, 1], screen[knot + 1, 0], screen[knot + 1, 1]
    steep = abs(y1 - y0) >= abs(x1 - x0)
    a0, b0, a1, b1 = (y0, x0, y1, x1) if steep else (x0, y0, x1, y1)
    if abs(a1 - a0) < 1e-9:
        return
    secant = np.sqrt(1 + ((b1 - b0) / (a1 - a0)) ** 2)
    low, high = min(a0, a1), max(a0, a1)
    for a in range(int(np.ceil(low - 0.5)), int(np.ceil(high - 0.5))):
        t = (a + 0.5 - a0) / (a1 - a0)
        half = max(0.5 * secant * (width[knot] + (width[knot + 1] - width[knot]) * t), 0.5)  # No gaps in thin ones.
        centre = b0 + (b1 - b0) * t
        z = screen[knot, 2] + (screen[knot + 1, 2] - screen[knot, 2]) * t
        for b in range(int(np.ceil(centre - half - 0.5)), int(np.ceil(centre + half - 0.5))):
            x, y = (b, a) if steep else (a, b)
            if top <= y < bottom and 0 <= x < depth.shape[1] and z > depth[y, x]:
                depth[y, x] = z
                owner[y, x] = -2 - knot


@njit(cache=True)
def _weights(screen, corners, x, y):
    """The weight of each corner of a triangle at a place on the screen."""
    a, b, c = corners
    ax, ay, bx, by, cx, cy = screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1], screen[c, 0], screen[c, 1]
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    u = ((bx - x) * (cy - y) - (cx - x) * (by - y)) / area
    v = ((cx - x) * (ay - y) - (ax - x) * (cy - y)) / area
    return u, v, 1 - u - v


@njit(cache=True)
def _capacity(part, owner, block):
    """An upper bound of the number of fragments."""
    total = 0
    for y in range(owner.shape[0] // block):
        for x in range(owner.shape[1] // block):
            last = -1
            for k in range(block * block):
                number = owner[y * block + k // block, x * block + k % block]
                if number >= 0 and part[number] != last:
                    total += 1
                    last = part[number]
    return total


@njit(cache=True)
def _add(sums, at, values, corners, weights):
    """Add the interpolation of three rows of values to a row."""
    for channel in range(values.shape[1]):
        for k in range(3):
            sums[at, channel] += weights[k] * values[corners[k], channel]


@njit(cache=True)
def fragments(screen, triangles, texture_triangles, part, owner, values, texture, block):
    """The visible samples of each part in each block, averaged.

    Returns place (F, 2) int32 (row and column of the block), part (F,), count (F,) samples, values (F, C), texture (F,
    2).
    """
    capacity = _capacity(part, owner, block)
    place, kind, count = np.zeros((capacity, 2), np.int32), np.zeros(capacity, np.int8), np.zeros(capacity)
    sums, texture_sums = np.zeros((capacity, values.shape[1])), np.zeros((capacity, 2))
    filled = 0
    for cell in range((owner.shape[0] // block) * (owner.shape[1] // block)):
        y, x = cell // (owner.shape[1] // block), cell % (owner.shape[1] // block)
        first = filled
        for k in range(block * block):
            row, column = y * block + k // block, x * block + k % block
            number = owner[row, column]
            if number < 0:
                continue
            at = first
            while at < filled and kind[at] != part[number]:
                at += 1
            if at == filled:
                place[at, 0], place[at, 1], kind[at] = y, x, part[number]
                filled += 1
            weights = _weights(screen, triangles[number], column + 0.5, row + 0.5)
            count[at] += 1
            _add(sums, at, values, triangles[number], weights)
            _add(texture_sums, at, texture, texture_triangles[number], weights)
    for at in range(filled):
        sums[at] /= count[at]
        texture_sums[at] /= count[at]
    return place[:filled], kind[:filled], count[:filled], sums[:filled], texture_sums[:filled]


@njit(cache=True, parallel=True)
def add_strands(screen, colours, owner, samples, picture):
    """Add to picture (H, W, 3) the colours (K, 3) of visible strands, as drawn into owner by draw_strands."""
    for y in prange(picture.shape[0]):
        for x in range(picture.shape[1]):
            for k in range(samples * samples):
                row, column = y * samples + k // samples, x * samples + k % samples
                knot = -2 - owner[row, column]
                if knot < 0:
                    continue
                dx, dy = screen[knot + 1, 0] - screen[knot, 0], screen[knot + 1, 1] - screen[knot, 1]
                along = (column + 0.5 - screen[knot, 0]) * dx + (row + 0.5 - screen[knot, 1]) * dy
                t = min(max(along / max(dx * dx + dy * dy, 1e-9), 0.0), 1.0)
                for channel in range(3):
                    picture[y, x, channel] += colours[knot, channel] * (1 - t) + colours[knot + 1, channel] * t
