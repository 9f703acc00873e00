"""The kernels of the loss: SSIM of two pictures in windows of 11 by 11 pixels, its derivatives, and sums of L1 and
SSIM.

A channel is processed in bands of rows; a row's values do not depend on the bands, so threads change nothing.
"""

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from episodec.compiled import kernel

REACH = 5  # Pixels: the window's side is 11.
MARGIN = 16  # Zeros on each side of a row of a plane.
_LANES = 16
_SPREAD = 1.5  # pixels
_WEIGHTS = [math.exp(-0.5 * (offset / _SPREAD) ** 2) for offset in range(-REACH, REACH + 1)]
_WEIGHTS = [weight / sum(_WEIGHTS) for weight in _WEIGHTS]
_C1, _C2 = np.float32(0.01**2), np.float32(0.03**2)
_VECTOR = ir.VectorType(ir.FloatType(), _LANES)


def plane_width(width: int) -> int:
    """Numbers in a row of a plane: margins, and whole vectors between them."""
    return 2 * MARGIN + -(-width // _LANES) * _LANES


@intrinsic
def _weigh(_context: Any, into: Any, to: Any, source: Any, at: Any, stride: Any) -> Any:
    """Write 16 numbers at `to`: the sums of the window's 11 weights times the source's numbers at `at`, at +
    stride, ….
    """

    def lower(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        into, to, source, at, stride = operands
        out, given = (
            context.make_array(signature.args[place])(context, builder, array).data
            for place, array in ((0, into), (2, source))
        )
        fma = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(_VECTOR, [_VECTOR] * 3), f"llvm.fma.v{_LANES}f32"
        )
        total = ir.Constant(_VECTOR, [0.0] * _LANES)
        for weight in _WEIGHTS:
            numbers = builder.load(builder.bitcast(builder.gep(given, [at]), _VECTOR.as_pointer()), align=4)
            total = builder.call(fma, [numbers, ir.Constant(_VECTOR, [float(np.float32(weight))] * _LANES), total])
            at = builder.add(at, stride)
        builder.store(total, builder.bitcast(builder.gep(out, [to]), _VECTOR.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(into, to, source, at, stride), lower


@njit(forceinline=True, error_model="numpy")
def _windowed(planes, row, between, into):
    """The window's sums of each plane (M, rows, W) around the row `REACH` below, into (M, W)."""
    count, rows, width = planes.shape
    for plane in range(count):
        start = (plane * rows + row) * width
        for x in range(MARGIN, width - MARGIN, _LANES):
            _weigh(between, x, planes, start + x, width)
        for x in range(MARGIN, width - MARGIN, _LANES):
            _weigh(into, plane * width + x, between, x - REACH, 1)


@kernel
def compare(channel, first, end, picture, target, slopes, sums):
    """Compare rows first to end of one channel.

    Pictures are (h, w, 3) float32. Slopes (3, h + 2 REACH, W), zero above and below, receives the derivatives of SSIM
    by the window's mean of the picture, of its square and of its product with the target; sums (2,), float64, the rows'
    SSIM and L1.
    """
    height, width = picture.shape[0], picture.shape[1]
    length = slopes.shape[2]
    rows = end - first + 2 * REACH
    planes = np.zeros((4, rows, length), np.float32)
    between, filtered, totals = np.zeros(length, np.float32), np.zeros((4, length), np.float32), np.zeros((2, width))
    for row in range(max(0, REACH - first), min(rows, height - first + REACH)):
        ours = planes[0, row, MARGIN : MARGIN + width]
        theirs = planes[1, row, MARGIN : MARGIN + width]
        for x in range(width):
            ours[x] = picture[first + row - REACH, x, channel]
            theirs[x] = target[first + row - REACH, x, channel]
        _products(ours, theirs, planes[2, row], planes[3, row])
    for y in range(first, end):
        row = y - first + REACH
        _windowed(planes, row - REACH, between, filtered)
        _likeness(filtered, slopes, y + REACH, totals[0])
        ours, theirs = planes[0, row, MARGIN : MARGIN + width], planes[1, row, MARGIN : MARGIN + width]
        _distances(ours, theirs, totals[1])
    for c in range(2):
        sums[c] = 0.0
        for x in range(width):
            sums[c] += totals[c, x]


@njit(forceinline=True, error_model="numpy")
def _products(ours, theirs, squares, product):
    for x in range(len(ours)):
        squares[MARGIN + x] = ours[x] * ours[x] + theirs[x] * theirs[x]  # Only their sum is needed.
        product[MARGIN + x] = ours[x] * theirs[x]


@njit(forceinline=True, error_model="numpy")
def _likeness(filtered, slopes, row, totals):
    """Add a row's SSIM (Wang et al. 2004) to the totals, and write its derivatives.

    With means m and n, variances s and t, covariance c: (2mn + C1)(2c + C2) / ((m² + n² + C1)(s + t + C2)).
    """
    width = len(totals)
    slopes[:, row, :MARGIN] = 0.0
    slopes[:, row, MARGIN + width :] = 0.0
    by_mean, by_square, by_product = slopes[0, row, MARGIN:], slopes[1, row, MARGIN:], slopes[2, row, MARGIN:]
    means, others, squares, products = (
        filtered[0, MARGIN:],
        filtered[1, MARGIN:],
        filtered[2, MARGIN:],
        filtered[3, MARGIN:],
    )
    unit, two = np.float32(1.0), np.float32(2.0)
    for x in range(width):
        mean, other = means[x], others[x]
        a1, a2 = two * mean * other + _C1, two * (products[x] - mean * other) + _C2
        b1 = mean * mean + other * other + _C1
        b2 = squares[x] - mean * mean - other * other + _C2
        inverse = unit / (b1 * b2)
        likeness = a1 * a2 * inverse
        by_variance, by_covariance = -likeness * b1 * inverse, two * a1 * inverse
        by_square[x], by_product[x] = by_variance, by_covariance
        direct = two * inverse * (other * a2 - mean * likeness * b2)
        by_mean[x] = direct - two * mean * by_variance - other * by_covariance
        totals[x] += likeness


@njit(forceinline=True, error_model="numpy")
def _distances(ours, theirs, totals):
    for x in range(len(ours)):
        totals[x] += abs(ours[x] - theirs[x])


@kernel
def compare_back(channel, first, end, picture, target, slopes, likeness_weight, distance_weight, gradient):
    """Write the derivatives of the loss by rows first to end of one channel into found, (h, w, 3)."""
    width = picture.shape[1]
    length = slopes.shape[2]
    between, windows = np.zeros(length, np.float32), np.zeros((3, length), np.float32)
    zero = np.float32(0.0)
    for y in range(first, end):
        _windowed(slopes, y, between, windows)
        for x in range(width):
            ours, theirs = picture[y, x, channel], target[y, x, channel]
            at = MARGIN + x
            slope = windows[0, at] + np.float32(2.0) * ours * windows[1, at] + theirs * windows[2, at]
            side = distance_weight if ours > theirs else (-distance_weight if ours < theirs else zero)
            gradient[y, x, channel] = side - likeness_weight * slope
