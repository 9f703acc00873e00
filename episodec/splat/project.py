"""The projection stage of the CPU rasteriser: 3D Gaussians become 2D ellipses (means2d, conics), each with one colour.

The compiled form of `reference._projected`, for one thread's share of the Gaussians.
"""

import math

import numpy as np
from numba import njit

from episodec.compiled import fma, kernel

BLOCK = 128  # Gaussians projected per batch: their rows of `work` fit the L1 cache.

# Columns of `place`, float64: means2d in pixels, with pixel centres at integers, and the geometry of the ellipse on
# which alpha is 1/255.
MEAN_X, MEAN_Y = 0, 1
REACH_X, REACH_Y = 2, 3  # Radii along x and y: half of the ellipse's bounding box.
LEAN_X, LEAN_Y = 4, 5  # From the conic: the shift of x per row of y (-xy / xx), and of y per column of x (-xy / yy).
CHORD_X, CHORD_Y = 6, 7  # Half of the ellipse's chord through its mean, along x and along y.
PLACES = 8
# Columns of `look`, float32: the conic, completed to a square, opacity and colour. With dx and dy from the mean,
# -log(alpha) is
#
#     across * (dx - lean_x * dy)² + down * dy² + extinction,
#
# a sum of squares, which does not cancel for needles as the conic's usual form does. Extinction is -log(opacity).
ACROSS, DOWN, EXTINCTION, RED, GREEN, BLUE = range(6)
LOOKS = 8  # Half a cache line.

NEAR = 0.2
BLUR = 0.3
LOG_255 = math.log(255.0)
MAX_LOG_SCALE = 40.0


@njit(forceinline=True, error_model="numpy")
def exp(x: float) -> float:
    """The exponential of -40 to 40: Taylor's series of x / 64, squared six times; relative error below 1e-13."""
    t = x * 0.015625
    p = 2.505210838544172e-08
    p = fma(p, t, 2.755731922398589e-07)
    p = fma(p, t, 2.7557319223985893e-06)
    p = fma(p, t, 2.48015873015873e-05)
    p = fma(p, t, 0.0001984126984126984)
    p = fma(p, t, 0.001388888888888889)
    p = fma(p, t, 0.008333333333333333)
    p = fma(p, t, 0.041666666666666664)
    p = fma(p, t, 0.16666666666666666)
    p = fma(p, t, 0.5)
    p = fma(p, t, 1.0)
    p = fma(p, t, 1.0)
    p *= p
    p *= p
    p *= p
    p *= p
    p *= p
    return p * p


@njit(forceinline=True, error_model="numpy")
def _log(x: float) -> float:
    """Natural logarithm of 1/256 to 1: 16 artanh of the eighth root's (r - 1) / (r + 1); absolute error below 1e-9."""
    root = math.sqrt(math.sqrt(math.sqrt(x)))
    z = (root - 1.0) / (root + 1.0)
    s = z * z
    p = 1.0 / 21.0
    p = fma(p, s, 1.0 / 19.0)
    p = fma(p, s, 1.0 / 17.0)
    p = fma(p, s, 1.0 / 15.0)
    p = fma(p, s, 1.0 / 13.0)
    p = fma(p, s, 1.0 / 11.0)
    p = fma(p, s, 1.0 / 9.0)
    p = fma(p, s, 1.0 / 7.0)
    p = fma(p, s, 0.2)
    p = fma(p, s, 1.0 / 3.0)
    return 16.0 * z * fma(p, s, 1.0)


@njit(forceinline=True, error_model="numpy")
def clamp(x: float, low: float, high: float) -> float:
    """The nearest number from low to high."""
    x = x if x > low else low
    return x if x < high else high


# Rows of `work`: inputs, then results.
(_X, _Y, _Z, _QW, _QX, _QY, _QZ, _S0, _S1, _S2, _LOGIT) = range(11)
(_DEPTH, _SEEN, _PLACE) = (11, 12, 13)  # Eight rows of place, then three of look.
(_ACROSS, _DOWN, _EXTINCTION, _DX, _DY, _DZ) = range(21, 27)
_ROWS = 27


@kernel
def project(means, quaternions, log_scales, logits, harmonics, camera, start, stop, place, look, depth, source):
    """Project Gaussians start to stop; visible ones are written to rows start, start + 1, … of place, look and depth.

    Means (3, N), quaternions (4, N), log scales (3, N), logits (N,), harmonics (K, 3, N): float32. Camera: float64 as
    packed by `rasterise`. Their indices in the scene go into source. Returns the number of visible ones.
    """
    work = np.empty(_ROWS * BLOCK)
    colours = np.empty((3, BLOCK), np.float32)
    count = start
    for first in range(start, stop, BLOCK):
        size = min(BLOCK, stop - first)
        for i in range(_LOGIT * BLOCK + BLOCK):
            work[i] = 0.0  # Padding of the last block: at the world's origin, its results are ignored.
        for c in range(3):
            for i in range(size):
                work[(_X + c) * BLOCK + i] = means[c, first + i]
                work[(_S0 + c) * BLOCK + i] = log_scales[c, first + i]
        for c in range(4):
            for i in range(size):
                work[(_QW + c) * BLOCK + i] = quaternions[c, first + i]
        for i in range(size):
            work[_LOGIT * BLOCK + i] = logits[first + i]
        _project_block(work, camera)
        is_any_seen = False
        for i in range(size):
            is_any_seen |= work[_SEEN * BLOCK + i] > 0.0
        if is_any_seen:
            _colour_block(work, harmonics, first, size, colours)
            for i in range(size):
                if work[_SEEN * BLOCK + i] > 0.0:
                    depth[count] = work[_DEPTH * BLOCK + i]
                    source[count] = first + i
                    for c in range(PLACES):
                        place[count, c] = work[(_PLACE + c) * BLOCK + i]
                    for c in range(3):
                        look[count, ACROSS + c] = work[(_ACROSS + c) * BLOCK + i]
                    for c in range(3):
                        look[count, RED + c] = colours[c, i]
                    count += 1
    return count - start


@njit(forceinline=True, error_model="numpy")
def _project_block(work, camera):
    """`reference._projected` for BLOCK Gaussians: without branches, so that it vectorises."""
    r00, r01, r02, r10, r11, r12, r20, r21, r22 = camera[0:9]
    t0, t1, t2, ex, ey, ez = camera[9:15]
    fx, fy, cx, cy, width, height = camera[15:21]
    least_u, most_u, least_v, most_v = camera[21:25]
    for i in range(BLOCK):
        px, py, pz = work[_X * BLOCK + i], work[_Y * BLOCK + i], work[_Z * BLOCK + i]
        x = fma(r00, px, fma(r01, py, fma(r02, pz, t0)))
        y = fma(r10, px, fma(r11, py, fma(r12, pz, t1)))
        z = fma(r20, px, fma(r21, py, fma(r22, pz, t2)))
        is_beyond = z > NEAR
        inverse = 1.0 / (z if is_beyond else 1.0)
        u, v = x * inverse, y * inverse
        mx, my = fma(fx, u, cx - 0.5), fma(fy, v, cy - 0.5)
        u, v = clamp(u, least_u, most_u), clamp(v, least_v, most_v)
        ax, ay = fx * inverse, fy * inverse
        # Two rows of J W, the derivative of pixels by world positions.
        a0, a1, a2 = ax * fma(-u, r20, r00), ax * fma(-u, r21, r01), ax * fma(-u, r22, r02)
        b0, b1, b2 = ay * fma(-v, r20, r10), ay * fma(-v, r21, r11), ay * fma(-v, r22, r12)
        qw, qx, qy, qz = (
            work[_QW * BLOCK + i],
            work[_QX * BLOCK + i],
            work[_QY * BLOCK + i],
            work[_QZ * BLOCK + i],
        )
        square = fma(qw, qw, fma(qx, qx, fma(qy, qy, qz * qz)))
        is_turned = square > 1e-60
        double = 2.0 / (square if is_turned else 1.0)
        s0 = exp(clamp(work[_S0 * BLOCK + i], -MAX_LOG_SCALE, MAX_LOG_SCALE))
        s1 = exp(clamp(work[_S1 * BLOCK + i], -MAX_LOG_SCALE, MAX_LOG_SCALE))
        s2 = exp(clamp(work[_S2 * BLOCK + i], -MAX_LOG_SCALE, MAX_LOG_SCALE))
        m00, m11 = 1.0 - double * fma(qy, qy, qz * qz), 1.0 - double * fma(qx, qx, qz * qz)
        m22 = 1.0 - double * fma(qx, qx, qy * qy)
        m01, m10 = double * fma(qx, qy, -(qw * qz)), double * fma(qx, qy, qw * qz)
        m02, m20 = double * fma(qx, qz, qw * qy), double * fma(qx, qz, -(qw * qy))
        m12, m21 = double * fma(qy, qz, -(qw * qx)), double * fma(qy, qz, qw * qx)
        c0, d0 = s0 * fma(a0, m00, fma(a1, m10, a2 * m20)), s0 * fma(b0, m00, fma(b1, m10, b2 * m20))
        c1, d1 = s1 * fma(a0, m01, fma(a1, m11, a2 * m21)), s1 * fma(b0, m01, fma(b1, m11, b2 * m21))
        c2, d2 = s2 * fma(a0, m02, fma(a1, m12, a2 * m22)), s2 * fma(b0, m02, fma(b1, m12, b2 * m22))
        sharp_xx, sharp_yy = fma(c0, c0, fma(c1, c1, c2 * c2)), fma(d0, d0, fma(d1, d1, d2 * d2))
        xx, xy, yy = sharp_xx + BLUR, fma(c0, d0, fma(c1, d1, c2 * d2)), sharp_yy + BLUR
        k0, k1, k2 = fma(c1, d2, -(c2 * d1)), fma(c2, d0, -(c0 * d2)), fma(c0, d1, -(c1 * d0))
        determinant = fma(k0, k0, fma(k1, k1, k2 * k2)) + BLUR * (sharp_xx + sharp_yy) + BLUR * BLUR
        opacity = 1.0 / (1.0 + exp(clamp(-work[_LOGIT * BLOCK + i], -40.0, 40.0)))
        is_there = opacity >= 1.0 / 255.0
        extinction = -_log(opacity if is_there else 1.0)
        # Slightly enlarged for float32 rounding; pixels decide exactly.
        reach = 2.0 * (LOG_255 - extinction) + 1e-5
        hx, hy = math.sqrt(reach * xx), math.sqrt(reach * yy)
        is_inside = (mx + hx >= 0.0) & (mx - hx <= width - 1.0) & (my + hy >= 0.0) & (my - hy <= height - 1.0)
        work[_DEPTH * BLOCK + i] = z
        work[_SEEN * BLOCK + i] = 1.0 if is_beyond & is_there & is_inside else 0.0
        work[(_PLACE + MEAN_X) * BLOCK + i], work[(_PLACE + MEAN_Y) * BLOCK + i] = mx, my
        work[(_PLACE + REACH_X) * BLOCK + i], work[(_PLACE + REACH_Y) * BLOCK + i] = hx, hy
        work[(_PLACE + LEAN_X) * BLOCK + i], work[(_PLACE + LEAN_Y) * BLOCK + i] = xy / yy, xy / xx
        work[(_PLACE + CHORD_X) * BLOCK + i] = math.sqrt(reach * determinant / yy)
        work[(_PLACE + CHORD_Y) * BLOCK + i] = math.sqrt(reach * determinant / xx)
        work[_ACROSS * BLOCK + i] = 0.5 * yy / determinant
        work[_DOWN * BLOCK + i] = 0.5 / yy
        work[_EXTINCTION * BLOCK + i] = extinction
        dx, dy, dz = px - ex, py - ey, pz - ez
        far = 1.0 / math.sqrt(fma(dx, dx, fma(dy, dy, fma(dz, dz, 1e-300))))
        work[_DX * BLOCK + i], work[_DY * BLOCK + i], work[_DZ * BLOCK + i] = dx * far, dy * far, dz * far


@njit(forceinline=True, error_model="numpy")
def _colour_block(work, harmonics, first, size, colours):
    """`reference.harmonic_basis` times the coefficients, one coefficient after another."""
    basis = np.empty((16, BLOCK), np.float32)
    directions = work[_DX * BLOCK :].reshape(3, BLOCK)
    harmonics_block(directions[0], directions[1], directions[2], basis)
    for c in range(3):
        colour = colours[c]
        for i in range(BLOCK):
            colour[i] = 0.5
        for k in range(harmonics.shape[0]):
            row, coefficient = basis[k], harmonics[k, c, first : first + size]
            for i in range(size):
                colour[i] = fma(row[i], coefficient[i], colour[i])
        for i in range(BLOCK):
            colour[i] = colour[i] if colour[i] > 0.0 else np.float32(0.0)


@njit(forceinline=True, error_model="numpy")
def harmonics_block(dx, dy, dz, basis):
    """`reference.harmonic_basis` of BLOCK directions, float64, into (16, BLOCK) float32."""
    for i in range(BLOCK):
        x = np.float32(dx[i])
        y = np.float32(dy[i])
        z = np.float32(dz[i])
        xx, yy, zz = x * x, y * y, z * z
        basis[0, i] = 0.28209479177387814
        basis[1, i] = np.float32(-0.4886025119029199) * y
        basis[2, i] = np.float32(0.4886025119029199) * z
        basis[3, i] = np.float32(-0.4886025119029199) * x
        basis[4, i] = np.float32(1.0925484305920792) * x * y
        basis[5, i] = np.float32(-1.0925484305920792) * y * z
        basis[6, i] = np.float32(0.31539156525252005) * (np.float32(2.0) * zz - xx - yy)
        basis[7, i] = np.float32(-1.0925484305920792) * x * z
        basis[8, i] = np.float32(0.5462742152960396) * (xx - yy)
        basis[9, i] = np.float32(-0.5900435899266435) * y * (np.float32(3.0) * xx - yy)
        basis[10, i] = np.float32(2.890611442640554) * x * y * z
        basis[11, i] = np.float32(-0.4570457994644658) * y * (np.float32(4.0) * zz - xx - yy)
        basis[12, i] = np.float32(0.3731763325901154) * z * (np.float32(2.0) * zz - np.float32(3.0) * (xx + yy))
        basis[13, i] = np.float32(-0.4570457994644658) * x * (np.float32(4.0) * zz - xx - yy)
        basis[14, i] = np.float32(1.445305721320277) * z * (xx - yy)
        basis[15, i] = np.float32(-0.5900435899266435) * x * (xx - np.float32(3.0) * yy)
