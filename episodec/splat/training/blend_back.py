"""The backward pass of `tiles.blend_tiles`: from a picture's derivatives to nine sums per ellipse and tile.

A tile is processed nearest ellipse first, as it was blended: the colour behind an ellipse is the pixel minus what has
been blended so far, so transmittances are never divided back.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from episodec.compiled import kernel
from episodec.splat.project import ACROSS, BLUE, DOWN, EXTINCTION, GREEN, LOG_255, MEAN_X, RED
from episodec.splat.tiles import (
    BATCH,
    EXP,
    F32,
    MAX_ALPHA,
    MIN_TRANSMITTANCE,
    TILE,
    VECTOR,
    broadcast,
    constant,
    fetch,
    is_done,
)

# Columns of the sums, float32, over a tile's pixels. With w an ellipse's weight (alpha times transmittance) in a pixel,
# v the derivative of the loss by the logarithm of its alpha, dx and dy the offsets from its mean: w times the
# derivative by red, green, blue; v, v dx, v dy, v dx², v dx dy, v dy².
LIGHT, FORCE, FORCE_X, FORCE_Y, FORCE_XX, FORCE_XY, FORCE_YY = 0, 3, 4, 5, 6, 7, 8
SUMS = 16  # A cache line, and a vector: the last seven are 0.

_AWAY, _CENTRE, _LEAN, _LOOK, _MEAN = 0, 1, 2, 3, 9  # Columns of an ellipse as `fetch` gives it, and its mean.
_WIDTH = 10
_I32 = ir.IntType(32)
_LANES = ir.Constant(VECTOR, [float(x) for x in range(TILE)])


@kernel
def blend_back(first, end, columns, starts, lists, place, look, picture, alpha, d_picture, d_alpha, pairs, done):
    """Write the sums of tiles first to end into pairs, (P, SUMS), one row for each entry of the lists.

    Picture (h, w, 3) and alpha (h, w) are the forward result, d_picture and d_alpha (empty for 0) the derivatives of a
    loss by them. Done receives the end of each tile's written rows: ellipses after it are invisible.
    """
    room = np.empty(5 * TILE * TILE + 16, np.float32)
    aligned = (-room.ctypes.data >> 2) & 15
    tile = room[aligned : aligned + 5 * TILE * TILE].reshape(5, TILE * TILE)
    rows, batch = np.empty((BATCH, 2), np.int64), np.empty((BATCH, _WIDTH), np.float32)
    for index in range(first, end):
        left, top = index % columns * TILE, index // columns * TILE
        _load_tile(tile, left, top, picture, alpha, d_picture, d_alpha)
        done[index] = starts[index + 1]
        for start in range(starts[index], starts[index + 1], BATCH):
            count = min(BATCH, starts[index + 1] - start)
            for i in range(count):
                rank = lists[start + i]
                fetch(left, top, rank, place, look, rows[i], batch[i])
                batch[i, _MEAN] = place[rank, MEAN_X] - left
            for i in range(count):
                _ellipse_back(tile, rows[i, 0], rows[i, 1] + 1, batch[i], pairs[start + i])
            if is_done(tile):
                done[index] = start + count
                break


@kernel
def gather(first, end, starts, done, lists, pairs, sums):
    """Add up, for the rows first to end of sums (N, SUMS), their pairs in the order of the tiles."""
    for row in range(first, end):
        sums[row] = 0.0
    for tile in range(len(done)):
        for pair in range(starts[tile], done[tile]):
            row = lists[pair]
            if first <= row < end:
                for c in range(SUMS):
                    sums[row, c] += pairs[pair, c]


@njit(forceinline=True, error_model="numpy")
def _load_tile(tile, left, top, picture, alpha, d_picture, d_alpha):
    """Transmittance 1, then the remaining colour of the pixel times its derivative, then the derivative by r, g, b."""
    height, width = picture.shape[0], picture.shape[1]
    tile[0] = 1.0
    tile[1:] = 0.0
    for y in range(min(TILE, height - top)):
        for x in range(min(TILE, width - left)):
            i = y * TILE + x
            total = np.float32(0.0)
            for c in range(3):
                slope = d_picture[top + y, left + x, c]
                tile[2 + c, i] = slope
                total += slope * picture[top + y, left + x, c]
            if d_alpha.shape[0]:
                # Coverage is 1 minus the background's share: the same as a background of minus its derivative.
                total -= (np.float32(1.0) - alpha[top + y, left + x]) * d_alpha[top + y, left + x]
            tile[1, i] = total


@intrinsic
def _ellipse_back(_context: Any, tile: Any, first: Any, end: Any, ellipse: Any, sums: Any) -> Any:
    """Process rows first to end of one ellipse in a tile, 16 pixels at a time, and store its sums.

    For a pixel, with t its transmittance, rest its remaining colour times s, and s its derivative by r, g, b:

        alpha, after, is_open as in `tiles.blend_row`;  weight = alpha * t where is_open, else 0
        shine = rgb · s;  rest -= weight * shine
        v = weight * (shine - rest / after) where alpha is below its limit, else 0
    """

    def lower(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        array, start, stop, numbers, into = operands
        tile_at, numbers_at, into_at = (
            context.make_array(signature.args[place])(context, builder, value).data
            for place, value in ((0, array), (3, numbers), (4, into))
        )
        _lower_ellipse(builder, tile_at, (start, stop), numbers_at, into_at)
        return context.get_dummy_value()

    return types.void(tile, first, end, ellipse, sums), lower


def _lower_ellipse(builder: Any, tile: Any, rows: Any, numbers: Any, into: Any) -> None:
    place = rows[0].type
    scalars = [builder.load(builder.gep(numbers, [ir.Constant(place, column)])) for column in range(_WIDTH)]
    sums = [cgutils.alloca_once(builder, VECTOR) for _ in range(6)]
    for each in sums:
        builder.store(constant(0.0), each)
    with cgutils.for_range_slice(builder, rows[0], rows[1], ir.Constant(place, 1)) as (row, _):
        step = builder.sitofp(builder.sub(row, rows[0]), F32)
        _lower_row(builder, builder.gep(tile, [builder.mul(row, ir.Constant(place, TILE))]), step, scalars, sums)
    *light, force, force_y, force_yy = (builder.load(each) for each in sums)
    dx = builder.fsub(_LANES, broadcast(builder, scalars[_MEAN]))
    force_x, force_xy = builder.fmul(force, dx), builder.fmul(force_y, dx)
    nine = [*light, force, force_x, force_y, builder.fmul(force_x, dx), force_xy, force_yy]
    builder.store(_summed(builder, nine), builder.bitcast(into, VECTOR.as_pointer()), align=4)


def _lower_row(builder: Any, first: Any, step: Any, scalars: Any, sums: Any) -> None:
    vector = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(VECTOR, [VECTOR] * 3), f"llvm.fma.v{TILE}f32"
    )
    scalar = cgutils.get_or_insert_function(builder.module, ir.FunctionType(F32, [F32] * 3), "llvm.fma.f32")
    absolute = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(VECTOR, [VECTOR]), f"llvm.fabs.v{TILE}f32"
    )

    def fma(*three: Any) -> Any:
        return builder.call(vector, three)

    def where(comparison: str, left: Any, two: Any, then: Any, otherwise: Any) -> Any:
        return builder.select(builder.fcmp_ordered(comparison, left, two), then, otherwise)

    planes = [builder.gep(first, [ir.Constant(ir.IntType(64), plane * TILE * TILE)]) for plane in range(5)]
    at = [builder.bitcast(plane, VECTOR.as_pointer()) for plane in planes]
    # As in tiles.py, operation by operation.
    dy = builder.fadd(scalars[_AWAY], step)
    centre = broadcast(builder, builder.call(scalar, [scalars[_LEAN], step, scalars[_CENTRE]]))
    fall = builder.call(scalar, [builder.fmul(scalars[_LOOK + DOWN], dy), dy, scalars[_LOOK + EXTINCTION]])
    away, across = builder.fsub(_LANES, centre), broadcast(builder, scalars[_LOOK + ACROSS])
    exponent = fma(builder.fmul(across, away), away, broadcast(builder, fall))
    power = constant(EXP[-1])
    for coefficient in EXP[-2::-1]:
        power = fma(exponent, power, constant(coefficient))
    for _ in range(3):
        power = builder.fmul(power, power)
    alpha = where("<", power, constant(MAX_ALPHA), power, constant(MAX_ALPHA))
    alpha = where("<=", exponent, constant(LOG_255), alpha, constant(0.0))
    before = builder.load(at[0], align=4)
    after = fma(builder.fneg(alpha), before, before)
    is_open = builder.fcmp_ordered(">=", after, constant(MIN_TRANSMITTANCE))
    builder.store(builder.select(is_open, after, builder.fneg(builder.call(absolute, [before]))), at[0], align=4)

    weight = builder.select(is_open, builder.fmul(alpha, before), constant(0.0))
    slopes = [builder.load(each, align=4) for each in at[2:]]
    red, green, blue = (broadcast(builder, scalars[_LOOK + channel]) for channel in (RED, GREEN, BLUE))
    shine = fma(blue, slopes[2], fma(green, slopes[1], builder.fmul(red, slopes[0])))
    rest = fma(builder.fneg(weight), shine, builder.load(at[1], align=4))
    builder.store(rest, at[1], align=4)
    force = builder.fmul(weight, builder.fsub(shine, builder.fdiv(rest, after)))
    force = where("<", power, constant(MAX_ALPHA), force, constant(0.0))
    height = broadcast(builder, dy)
    force_y = builder.fmul(force, height)
    for slope, total in zip(slopes, sums[:3], strict=True):
        builder.store(fma(weight, slope, builder.load(total)), total)
    builder.store(builder.fadd(builder.load(sums[3]), force), sums[3])
    builder.store(builder.fadd(builder.load(sums[4]), force_y), sums[4])
    builder.store(fma(force_y, height, builder.load(sums[5])), sums[5])


def _summed(builder: Any, vectors: list[Any]) -> Any:
    """A vector whose lane i is the sum over vector i: pairs are folded into one, four times."""
    size = TILE  # Lanes that each folded vector still occupies.
    while size > 1:
        half, folded = size // 2, []
        low = [start + lane for start in range(0, 2 * TILE, size) for lane in range(half)]
        first_half, two = (ir.Constant(ir.VectorType(_I32, TILE), [lane + up for lane in low]) for up in (0, half))
        for one_of, other in zip(vectors[::2], [*vectors[1::2], constant(0.0)], strict=False):
            both = [builder.shuffle_vector(one_of, other, mask) for mask in (first_half, two)]
            folded.append(builder.fadd(*both))
        vectors, size = folded, half
    return vectors[0]
