"""The blending stage of the CPU rasteriser: ellipses are sorted by depth, assigned to the tiles they overlap, and
blended.

The compiled form of `reference.render_reference`. A tile's picture depends only on its own list, and a list only on the
depth order: threads change neither.
"""

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from episodec.compiled import fma, kernel
from episodec.splat.project import (
    ACROSS,
    BLUE,
    CHORD_X,
    CHORD_Y,
    DOWN,
    EXTINCTION,
    GREEN,
    LEAN_X,
    LEAN_Y,
    LOG_255,
    MEAN_X,
    MEAN_Y,
    REACH_X,
    REACH_Y,
    RED,
)

TILE = 16  # pixels; a row of a tile is one vector of 16 float32.

MAX_ALPHA = 0.99
MIN_TRANSMITTANCE = 1e-4  # A pixel takes no Gaussian that would leave less.
BATCH = 32  # Gaussians fetched per batch; after each, the tile is tested for completion.
# exp(-e / 8) for e of 0 to 5.56, minimax of degree 5 in relative error: its 8th power is accurate to 2e-6 in float32.
EXP = (
    0.9999999403953552,
    -0.12499909847974777,
    0.0078107151202857494,
    -0.0003241949307266623,
    9.716051863506436e-06,
    -1.7888673653487785e-07,
)
F32 = ir.FloatType()
VECTOR = ir.VectorType(F32, TILE)  # A row of a tile: one lane per pixel.


@kernel
def depth_order(keys):
    """The stable order of (M,) uint32 keys, (M,) int32: a radix sort in three passes of 11 bits.

    Positive float32 numbers sort like their bits read as integers.
    """
    count = len(keys)
    ends = np.zeros((3, 2048), np.int64)
    for i in range(count):
        key = keys[i]
        ends[0, key & 2047] += 1
        ends[1, (key >> 11) & 2047] += 1
        ends[2, key >> 22] += 1
    order, other = np.empty(count, np.int32), np.empty(count, np.int32)
    for i in range(count):
        order[i] = i
    for digit in range(3):
        starts, total = ends[digit], 0
        for value in range(2048):
            starts[value], total = total, total + starts[value]
        for i in range(count):
            index = order[i]
            value = (keys[index] >> np.uint32(11 * digit)) & 2047
            other[starts[value]] = index
            starts[value] += 1
        order, other = other, order
    return order


@njit(forceinline=True, error_model="numpy")
def _tiles(low: float, high: float, count: int) -> tuple[int, int]:
    """The first tile and the one after the last whose pixels are between two positions; equal if there are none."""
    limit = count * TILE - 1.0
    first = math.ceil(max(low, 0.0))
    last = math.floor(min(high, limit))
    return (first >> 4, (last >> 4) + 1) if first <= last else (0, 0)


@njit(forceinline=True, error_model="numpy")
def _across(place: Any, i: int, low: float, high: float) -> tuple[float, float]:
    """The least and greatest x of ellipse i between two rows that it overlaps."""
    my, hy = place[i, MEAN_Y], place[i, REACH_Y]
    low, high = low - my, high - my
    # The rightmost point of the ellipse, clamped to the rows.
    right = place[i, LEAN_Y] * place[i, REACH_X]
    upper, two = min(max(right, low), high), min(max(-right, low), high)
    lean, chord, flat = place[i, LEAN_X], place[i, CHORD_X], 1.0 / hy
    most = lean * upper + chord * math.sqrt(max(0.0, 1.0 - (upper * flat) ** 2))
    least = lean * two - chord * math.sqrt(max(0.0, 1.0 - (two * flat) ** 2))
    return place[i, MEAN_X] + least, place[i, MEAN_X] + most


@njit(forceinline=True, error_model="numpy")
def _down(place: Any, i: int, low: float, high: float) -> tuple[float, float]:
    """The least and greatest y of ellipse i between two columns, relative to its mean."""
    mx, hx = place[i, MEAN_X], place[i, REACH_X]
    low, high = low - mx, high - mx
    bottom = place[i, LEAN_X] * place[i, REACH_Y]
    upper, two = min(max(bottom, low), high), min(max(-bottom, low), high)
    lean, chord, flat = place[i, LEAN_Y], place[i, CHORD_Y], 1.0 / hx
    most = lean * upper + chord * math.sqrt(max(0.0, 1.0 - (upper * flat) ** 2))
    least = lean * two - chord * math.sqrt(max(0.0, 1.0 - (two * flat) ** 2))
    return least, most


@kernel
def count_tiles(start, stop, place, grid, bands, counts):
    """Count for each tile the ellipses start to stop that overlap its pixels.

    Grid: columns and rows of tiles. Bands (N, 3) receives an ellipse's first row of tiles, the one after its last, and
    the start of its runs in the result, which holds for each of its rows the first tile and the one after the last.
    """
    columns, rows = grid
    runs, cursor = np.empty((4 * (stop - start) + 64, 2), np.int16), 0
    for i in range(start, stop):
        mx, my, hx, hy = place[i, MEAN_X], place[i, MEAN_Y], place[i, REACH_X], place[i, REACH_Y]
        top, bottom = _tiles(my - hy, my + hy, rows)
        left, right = _tiles(mx - hx, mx + hx, columns)
        bands[i, 0], bands[i, 1], bands[i, 2] = top, bottom, cursor
        if cursor + rows > len(runs):
            more = np.empty((2 * len(runs) + rows, 2), np.int16)
            more[:cursor] = runs[:cursor]
            runs = more
        is_small = right - left <= 1 or bottom - top <= 1
        for row in range(top, bottom):
            first, end = left, right
            if not is_small:
                least, most = _across(place, i, row * TILE, row * TILE + TILE - 1.0)
                first, end = _tiles(least, most, columns)
            runs[cursor, 0], runs[cursor, 1] = first, end
            cursor += 1
            for column in range(first, end):
                counts[row * columns + column] += 1
    return runs[:cursor]


@kernel
def fill_tiles(first_row, end_row, order, bands, runs, columns, ends, lists):
    """Write ellipses in order into the lists of some rows of tiles; `ends` is the next free entry of each tile."""
    for i in order:
        top, bottom = max(bands[i, 0], first_row), min(bands[i, 1], end_row)
        cursor = bands[i, 2] + top - bands[i, 0]
        for row in range(top, bottom):
            for tile in range(row * columns + runs[cursor, 0], row * columns + runs[cursor, 1]):
                lists[ends[tile]] = i
                ends[tile] += 1
            cursor += 1


@intrinsic
def blend_row(_context: Any, tile: Any, row: Any, centre: Any, across: Any, base: Any, r: Any, g: Any, b: Any) -> Any:
    """Blend one row of one Gaussian into a tile: 16 pixels at a time, in vectors that LLVM splits if necessary.

    `tile` is (4, 256) float32: transmittance, red, green, blue. A transmittance below 0 marks a finished pixel, and is
    the negative of its final value. For a pixel x, with e = across * (x - centre)² + base:

        alpha = min(0.99, exp(-e)) where e <= log 255, else 0
        after = t - alpha * t
        where after >= 1e-4:  colour += (t - after) * rgb; t = after
        else:                 t = -|t|

    Plain loops over the pixels take a third longer: LLVM compares four addresses per row.
    """

    def lower(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        array, row, *scalars = operands
        data = context.make_array(signature.args[0])(context, builder, array).data
        first = builder.gep(data, [builder.mul(row, ir.Constant(row.type, TILE))])
        _lower_row(builder, first, *(broadcast(builder, scalar) for scalar in scalars))
        return context.get_dummy_value()

    return types.void(tile, row, centre, across, base, r, g, b), lower


def _lower_row(builder: Any, first: Any, centre: Any, across: Any, base: Any, *colour: Any) -> None:
    fused = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(VECTOR, [VECTOR] * 3), f"llvm.fma.v{TILE}f32"
    )
    absolute = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(VECTOR, [VECTOR]), f"llvm.fabs.v{TILE}f32"
    )
    planes = [builder.gep(first, [ir.Constant(ir.IntType(64), plane * TILE * TILE)]) for plane in range(4)]
    at = [builder.bitcast(plane, VECTOR.as_pointer()) for plane in planes]
    away = builder.fsub(ir.Constant(VECTOR, [float(x) for x in range(TILE)]), centre)
    exponent = builder.call(fused, [builder.fmul(across, away), away, base])
    power = constant(EXP[-1])
    for coefficient in EXP[-2::-1]:
        power = builder.call(fused, [exponent, power, constant(coefficient)])
    for _ in range(3):
        power = builder.fmul(power, power)
    alpha = builder.select(builder.fcmp_ordered("<", power, constant(MAX_ALPHA)), power, constant(MAX_ALPHA))
    alpha = builder.select(builder.fcmp_ordered("<=", exponent, constant(LOG_255)), alpha, constant(0.0))
    before = builder.load(at[0], align=4)
    after = builder.call(fused, [builder.fneg(alpha), before, before])
    is_open = builder.fcmp_ordered(">=", after, constant(MIN_TRANSMITTANCE))
    weight = builder.select(is_open, builder.fsub(before, after), constant(0.0))
    closed = builder.fneg(builder.call(absolute, [before]))
    builder.store(builder.select(is_open, after, closed), at[0], align=4)
    for place, channel in zip(at[1:], colour, strict=True):
        builder.store(builder.call(fused, [weight, channel, builder.load(place, align=4)]), place, align=4)


def constant(value: float) -> ir.Constant:
    """The number in every lane, as float32."""
    return ir.Constant(VECTOR, [float(np.float32(value))] * TILE)


def broadcast(builder: Any, scalar: Any) -> Any:
    """The scalar in every lane."""
    nothing = ir.Constant(VECTOR, ir.Undefined)
    lane = builder.insert_element(nothing, scalar, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(lane, nothing, ir.Constant(ir.VectorType(ir.IntType(32), TILE), [0] * TILE))


@kernel
def blend_tiles(first, end, columns, starts, lists, place, look, background, noise, picture, pixels, alpha):
    """Blend tiles first to end into the picture, (h, w, 3) float32, or if that is empty, rounded, into the pixels.

    Pixels are (h, w, 3) uint8: 0 to 1 as 0 to 255, rounded and clamped. Alpha, (h, w) float32 or empty, receives each
    pixel's coverage.

    The ellipses of tile i are lists[starts[i] : starts[i + 1]], nearest first. Background is (h, w, 3) float32, or (1,
    1, 3) for a single colour. Noise is (n, n) float32 between 0 and 1, n a power of two, repeated over the picture:
    where the background shows, it is the rounding threshold instead of one half.
    """
    room = np.empty(4 * TILE * TILE + 16, np.float32)
    aligned = (-room.ctypes.data >> 2) & 15  # Aligned to 64 bytes: a row across two cache lines costs twice as much.
    tile = room[aligned : aligned + 4 * TILE * TILE].reshape(4, TILE * TILE)
    rows, batch = np.empty((BATCH, 2), np.int64), np.empty((BATCH, 9), np.float32)
    for index in range(first, end):
        tile[0] = 1.0
        tile[1:] = 0.0
        left, top = index % columns * TILE, index // columns * TILE
        for start in range(starts[index], starts[index + 1], BATCH):
            # Fetched in batches, so that memory latencies overlap: one by one, fetching takes longer than blending.
            count = min(BATCH, starts[index + 1] - start)
            for i in range(count):
                fetch(left, top, lists[start + i], place, look, rows[i], batch[i])
            for i in range(count):
                _blend_ellipse(tile, rows[i, 0], rows[i, 1], batch[i])
            if is_done(tile):
                break
        _store_tile(tile, left, top, background, noise, picture, pixels, alpha)


@njit(forceinline=True, error_model="numpy")
def fetch(left, top, rank, place, look, rows, ellipse):
    """An ellipse relative to a tile: its first and last row there, and its numbers for `_blend_ellipse`."""
    least, most = _down(place, rank, left, left + TILE - 1.0)
    my = place[rank, MEAN_Y] - top
    rows[0] = math.ceil(max(my + least, 0.0))
    rows[1] = math.floor(min(my + most, TILE - 1.0))
    # Large numbers are subtracted in float64; the results are small.
    ellipse[0] = rows[0] - my
    ellipse[1] = place[rank, MEAN_X] - left + place[rank, LEAN_X] * (rows[0] - my)
    ellipse[2] = place[rank, LEAN_X]
    for c in range(6):
        ellipse[3 + c] = look[rank, c]


@njit(forceinline=True, error_model="numpy")
def _blend_ellipse(tile, first, last, ellipse):
    away, centre, lean = ellipse[0], ellipse[1], ellipse[2]
    across, down, extinction = ellipse[3 + ACROSS], ellipse[3 + DOWN], ellipse[3 + EXTINCTION]
    r, g, b = ellipse[3 + RED], ellipse[3 + GREEN], ellipse[3 + BLUE]
    for row in range(first, last + 1):
        step = np.float32(row - first)
        dy = away + step
        blend_row(tile, row, fma(lean, step, centre), across, fma(down * dy, dy, extinction), r, g, b)


@njit(forceinline=True)
def is_done(tile):
    """Whether all pixels are finished."""
    still = 0
    for i in range(TILE * TILE):
        still += tile[0, i] > 0.0
    return still == 0


@njit(forceinline=True)
def _store_tile(tile, left, top, background, noise, picture, pixels, alpha):
    height, width = max(picture.shape[0], pixels.shape[0]), max(picture.shape[1], pixels.shape[1])
    is_even, last = background.shape[0] == 1 and background.shape[1] == 1, noise.shape[0] - 1
    for y in range(min(TILE, height - top)):
        for x in range(min(TILE, width - left)):
            i = y * TILE + x
            row, column = (0, 0) if is_even else (top + y, left + x)
            edge = noise[(top + y) & last, (left + x) & last] - np.float32(0.5)
            t = abs(tile[0, i])
            if alpha.shape[0]:
                alpha[top + y, left + x] = np.float32(1.0) - t
            for c in range(3):
                value = fma(t, background[row, column, c], tile[1 + c, i])
                if picture.shape[0]:
                    picture[top + y, left + x, c] = value
                else:
                    value = fma(value, np.float32(255.0), fma(t, edge, np.float32(0.5)))
                    value = value if value > 0.0 else np.float32(0.0)
                    pixels[top + y, left + x, c] = np.uint8(value if value < 255.0 else np.float32(255.0))
