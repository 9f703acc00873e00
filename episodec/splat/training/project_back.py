"""The backward pass of `project.project`: from the sums of ellipses to the derivatives by their Gaussians.

Intermediate values of the forward pass are recomputed rather than stored: that is faster than reading them.
"""

import math

import numpy as np
from numba import njit

from episodec.compiled import fma, kernel
from episodec.splat.project import BLOCK, BLUR, MAX_LOG_SCALE, NEAR, RED, clamp, exp, harmonics_block
from episodec.splat.training.blend_back import FORCE, LIGHT

# Rows of `work`, BLOCK float64 each: inputs, then results.
(_X, _Y, _Z, _QW, _QX, _QY, _QZ, _S0, _S1, _S2, _LOGIT) = range(11)
(_FORCE, _FORCE_X, _FORCE_Y, _FORCE_XX, _FORCE_XY, _FORCE_YY) = range(11, 17)
(_DIRECTION, _FAR) = (17, 20)  # Unit direction from the camera, and 1 over the distance.
(_SCREEN, _FOUND) = (21, 22)  # Eleven rows of results, corresponding to the first eleven.
_ROWS = 33


@kernel
def project_back(
    means, quaternions, log_scales, logits, harmonics, camera, first, stop, rows, source, look, sums,
    d_means, d_quaternions, d_log_scales, d_logits, d_harmonics, screen,
):  # fmt: skip
    """Write the derivatives by the Gaussians first to stop; their ellipses are `rows` (first, end), in order.

    Arrays are laid out as for `project.project`, derivatives like their variables. Screen (N,) receives the length of
    the derivative by means2d, for a picture 2 wide and 2 high.
    """
    work = np.empty((_ROWS, BLOCK))
    light = np.empty((3, BLOCK), np.float32)
    row, end = rows
    for start in range(first, stop, BLOCK):
        size = min(BLOCK, stop - start)
        if row == end or source[row] >= start + size:
            _nothing(start, start + size, d_means, d_quaternions, d_log_scales, d_logits, d_harmonics, screen)
            continue
        work[:_DIRECTION] = 0.0
        light[:] = 0.0
        for c in range(3):
            for i in range(size):
                work[_X + c, i] = means[c, start + i]
                work[_S0 + c, i] = log_scales[c, start + i]
        for c in range(4):
            for i in range(size):
                work[_QW + c, i] = quaternions[c, start + i]
        for i in range(size):
            work[_LOGIT, i] = logits[start + i]
        while row < end and source[row] < start + size:
            i = source[row] - start
            for c in range(3):
                # A colour below 0 was clamped to 0 and has no gradient.
                light[c, i] = sums[row, LIGHT + c] if look[row, RED + c] > 0.0 else np.float32(0.0)
            for c in range(6):
                work[_FORCE + c, i] = sums[row, FORCE + c]
            row += 1
        _places_back(work, camera)
        _colours_back(work, harmonics, light, start, size, d_harmonics)
        for c in range(3):
            for i in range(size):
                d_means[c, start + i] = work[_FOUND + _X + c, i]
                d_log_scales[c, start + i] = work[_FOUND + _S0 + c, i]
        for c in range(4):
            for i in range(size):
                d_quaternions[c, start + i] = work[_FOUND + _QW + c, i]
        for i in range(size):
            d_logits[start + i] = work[_FOUND + _LOGIT, i]
            screen[start + i] = work[_SCREEN, i]


@njit
def _nothing(start, end, d_means, d_quaternions, d_log_scales, d_logits, d_harmonics, screen):
    d_means[:, start:end] = 0.0
    d_quaternions[:, start:end] = 0.0
    d_log_scales[:, start:end] = 0.0
    d_logits[start:end] = 0.0
    d_harmonics[:, :, start:end] = 0.0
    screen[start:end] = 0.0


@njit(forceinline=True, error_model="numpy")
def _places_back(work, camera):
    """From the sums of ellipses to derivatives by means, quaternions, log scales and logits, without branches.

    With d the offset from the mean and Q the conic, the inverse of the 2D covariance S, the logarithm of alpha is
    -d·Qd / 2 plus a constant. So with f the sum of v d and F that of v d d^T, the derivative by the mean is Q f, and by
    S it is Q F Q / 2.
    """
    r00, r01, r02, r10, r11, r12, r20, r21, r22 = camera[0:9]
    t0, t1, t2, ex, ey, ez = camera[9:15]
    fx, fy, width, height = camera[15], camera[16], camera[19], camera[20]
    least_u, most_u, least_v, most_v = camera[21:25]
    for i in range(BLOCK):
        px, py, pz = work[_X, i], work[_Y, i], work[_Z, i]
        x = fma(r00, px, fma(r01, py, fma(r02, pz, t0)))
        y = fma(r10, px, fma(r11, py, fma(r12, pz, t1)))
        z = fma(r20, px, fma(r21, py, fma(r22, pz, t2)))
        inverse = 1.0 / (z if z > NEAR else 1.0)
        seen_u, seen_v = x * inverse, y * inverse
        u, v = clamp(seen_u, least_u, most_u), clamp(seen_v, least_v, most_v)
        ax, ay = fx * inverse, fy * inverse
        a0, a1, a2 = ax * fma(-u, r20, r00), ax * fma(-u, r21, r01), ax * fma(-u, r22, r02)
        b0, b1, b2 = ay * fma(-v, r20, r10), ay * fma(-v, r21, r11), ay * fma(-v, r22, r12)
        qw, qx, qy, qz = work[_QW, i], work[_QX, i], work[_QY, i], work[_QZ, i]
        square = fma(qw, qw, fma(qx, qx, fma(qy, qy, qz * qz)))
        is_turned = square > 1e-60
        shrink = 1.0 / math.sqrt(square if is_turned else 1.0)
        qw, qx, qy, qz = qw * shrink, qx * shrink, qy * shrink, qz * shrink
        # Where inputs were clamped, the derivatives come out as 0.
        s0 = exp(clamp(work[_S0, i], -MAX_LOG_SCALE, MAX_LOG_SCALE))
        s1 = exp(clamp(work[_S1, i], -MAX_LOG_SCALE, MAX_LOG_SCALE))
        s2 = exp(clamp(work[_S2, i], -MAX_LOG_SCALE, MAX_LOG_SCALE))
        m00, m11 = 1.0 - 2.0 * fma(qy, qy, qz * qz), 1.0 - 2.0 * fma(qx, qx, qz * qz)
        m22 = 1.0 - 2.0 * fma(qx, qx, qy * qy)
        m01, m10 = 2.0 * fma(qx, qy, -(qw * qz)), 2.0 * fma(qx, qy, qw * qz)
        m02, m20 = 2.0 * fma(qx, qz, qw * qy), 2.0 * fma(qx, qz, -(qw * qy))
        m12, m21 = 2.0 * fma(qy, qz, -(qw * qx)), 2.0 * fma(qy, qz, qw * qx)
        c0, d0 = s0 * fma(a0, m00, fma(a1, m10, a2 * m20)), s0 * fma(b0, m00, fma(b1, m10, b2 * m20))
        c1, d1 = s1 * fma(a0, m01, fma(a1, m11, a2 * m21)), s1 * fma(b0, m01, fma(b1, m11, b2 * m21))
        c2, d2 = s2 * fma(a0, m02, fma(a1, m12, a2 * m22)), s2 * fma(b0, m02, fma(b1, m12, b2 * m22))
        sharp_xx, sharp_yy = fma(c0, c0, fma(c1, c1, c2 * c2)), fma(d0, d0, fma(d1, d1, d2 * d2))
        k0, k1, k2 = fma(c1, d2, -(c2 * d1)), fma(c2, d0, -(c0 * d2)), fma(c0, d1, -(c1 * d0))
        thin = 1.0 / (fma(k0, k0, fma(k1, k1, k2 * k2)) + BLUR * (sharp_xx + sharp_yy) + BLUR * BLUR)
        q00, q01, q11 = (sharp_yy + BLUR) * thin, -thin * fma(c0, d0, fma(c1, d1, c2 * d2)), (sharp_xx + BLUR) * thin

        along_x = fma(q00, work[_FORCE_X, i], q01 * work[_FORCE_Y, i])
        along_y = fma(q01, work[_FORCE_X, i], q11 * work[_FORCE_Y, i])
        fxx, fxy, fyy = work[_FORCE_XX, i], work[_FORCE_XY, i], work[_FORCE_YY, i]
        # Q times the scaled axes, by minors like the determinant: differences of Q's own entries cancel for needles.
        w0, z0 = thin * fma(d1, k2, fma(-d2, k1, BLUR * c0)), thin * fma(c2, k1, fma(-c1, k2, BLUR * d0))
        w1, z1 = thin * fma(d2, k0, fma(-d0, k2, BLUR * c1)), thin * fma(c0, k2, fma(-c2, k0, BLUR * d1))
        w2, z2 = thin * fma(d0, k1, fma(-d1, k0, BLUR * c2)), thin * fma(c1, k0, fma(-c0, k1, BLUR * d2))
        v0, y0 = fma(fxx, w0, fxy * z0), fma(fxy, w0, fyy * z0)
        v1, y1 = fma(fxx, w1, fxy * z1), fma(fxy, w1, fyy * z1)
        v2, y2 = fma(fxx, w2, fxy * z2), fma(fxy, w2, fyy * z2)
        by_scale_0, by_scale_1, by_scale_2 = fma(v0, w0, y0 * z0), fma(v1, w1, y1 * z1), fma(v2, w2, y2 * z2)
        work[_FOUND + _S0, i], work[_FOUND + _S1, i], work[_FOUND + _S2, i] = by_scale_0, by_scale_1, by_scale_2
        # By the rows of J W times the rotation, before scaling.
        e0, g0 = s0 * fma(q00, v0, q01 * y0), s0 * fma(q01, v0, q11 * y0)
        e1, g1 = s1 * fma(q00, v1, q01 * y1), s1 * fma(q01, v1, q11 * y1)
        e2, g2 = s2 * fma(q00, v2, q01 * y2), s2 * fma(q01, v2, q11 * y2)
        # By the rotation.
        n00, n01, n02 = fma(e0, a0, g0 * b0), fma(e1, a0, g1 * b0), fma(e2, a0, g2 * b0)
        n10, n11, n12 = fma(e0, a1, g0 * b1), fma(e1, a1, g1 * b1), fma(e2, a1, g2 * b1)
        n20, n21, n22 = fma(e0, a2, g0 * b2), fma(e1, a2, g1 * b2), fma(e2, a2, g2 * b2)
        uw = 2.0 * fma(qx, n21 - n12, fma(qy, n02 - n20, qz * (n10 - n01)))
        ux = 2.0 * fma(qy, n01 + n10, fma(qz, n02 + n20, fma(qw, n21 - n12, -2.0 * qx * (n11 + n22))))
        uy = 2.0 * fma(qx, n01 + n10, fma(qz, n12 + n21, fma(qw, n02 - n20, -2.0 * qy * (n00 + n22))))
        uz = 2.0 * fma(qx, n02 + n20, fma(qy, n12 + n21, fma(qw, n10 - n01, -2.0 * qz * (n00 + n11))))
        radial, shrink = fma(uw, qw, fma(ux, qx, fma(uy, qy, uz * qz))), shrink if is_turned else 0.0
        work[_FOUND + _QW, i], work[_FOUND + _QX, i] = shrink * fma(-radial, qw, uw), shrink * fma(-radial, qx, ux)
        work[_FOUND + _QY, i], work[_FOUND + _QZ, i] = shrink * fma(-radial, qy, uy), shrink * fma(-radial, qz, uz)
        # By the rows a and b of J W, and thereby by the position in camera space.
        da0, db0 = fma(e0, m00, fma(e1, m01, e2 * m02)), fma(g0, m00, fma(g1, m01, g2 * m02))
        da1, db1 = fma(e0, m10, fma(e1, m11, e2 * m12)), fma(g0, m10, fma(g1, m11, g2 * m12))
        da2, db2 = fma(e0, m20, fma(e1, m21, e2 * m22)), fma(g0, m20, fma(g1, m21, g2 * m22))
        du = -ax * fma(da0, r20, fma(da1, r21, da2 * r22)) if u == seen_u else 0.0
        dv = -ay * fma(db0, r20, fma(db1, r21, db2 * r22)) if v == seen_v else 0.0
        du, dv = fma(fx, along_x, du), fma(fy, along_y, dv)
        depth = by_scale_0 + by_scale_1 + by_scale_2  # Coming nearer means growing.
        dx, dy, dz = du * inverse, dv * inverse, -inverse * (depth + fma(du, seen_u, dv * seen_v))
        work[_FOUND + _X, i] = fma(r00, dx, fma(r10, dy, r20 * dz))
        work[_FOUND + _Y, i] = fma(r01, dx, fma(r11, dy, r21 * dz))
        work[_FOUND + _Z, i] = fma(r02, dx, fma(r12, dy, r22 * dz))
        across, down = 0.5 * width * along_x, 0.5 * height * along_y
        work[_SCREEN, i] = math.sqrt(fma(across, across, down * down))
        # v is the derivative by the logarithm of alpha, whose derivative by the logit is 1 minus the sigmoid.
        faint = exp(clamp(-work[_LOGIT, i], -40.0, 40.0))
        work[_FOUND + _LOGIT, i] = work[_FORCE, i] * faint / (1.0 + faint)
        ox, oy, oz = px - ex, py - ey, pz - ez
        far = 1.0 / math.sqrt(fma(ox, ox, fma(oy, oy, fma(oz, oz, 1e-300))))
        work[_DIRECTION, i], work[_DIRECTION + 1, i], work[_DIRECTION + 2, i] = ox * far, oy * far, oz * far
        work[_FAR, i] = far


@njit(forceinline=True, error_model="numpy")
def _colours_back(work, harmonics, light, first, size, d_harmonics):
    """From derivatives of colours to those of coefficients, and through the view direction to the means."""
    count = harmonics.shape[0]
    basis = np.empty((16, BLOCK), np.float32)
    harmonics_block(work[_DIRECTION], work[_DIRECTION + 1], work[_DIRECTION + 2], basis)
    for k in range(count):
        row = basis[k]
        for c in range(3):
            gradient, lit = d_harmonics[k, c, first : first + size], light[c]
            for i in range(size):
                gradient[i] = row[i] * lit[i]
    if count == 1:
        return
    # By each value of the basis, in its row.
    basis[:] = 0.0
    for k in range(1, count):
        row = basis[k]
        for c in range(3):
            coefficient, lit = harmonics[k, c, first : first + size], light[c]
            for i in range(size):
                row[i] = fma(coefficient[i], lit[i], row[i])
    _directions_back(work, basis)


@njit(forceinline=True, error_model="numpy")
def _directions_back(work, by):
    """Derivatives of `project.harmonics_block` by the direction, and of the direction by the mean."""
    c1, two, zonal = np.float32(0.4886025119029199), np.float32(1.0925484305920792), np.float32(0.31539156525252005)
    a, b, c = np.float32(0.5900435899266435), np.float32(2.890611442640554), np.float32(0.4570457994644658)
    d, e = np.float32(0.3731763325901154), np.float32(1.445305721320277)
    twice, thrice, four, six = np.float32(2.0), np.float32(3.0), np.float32(4.0), np.float32(6.0)
    for i in range(BLOCK):
        x = np.float32(work[_DIRECTION, i])
        y = np.float32(work[_DIRECTION + 1, i])
        z = np.float32(work[_DIRECTION + 2, i])
        xx, yy, zz, xy, yz, xz = x * x, y * y, z * z, x * y, y * z, x * z
        by_x = two * (y * by[4, i] - z * by[7, i] + x * by[8, i]) - c1 * by[3, i] - twice * zonal * x * by[6, i]
        by_y = two * (x * by[4, i] - z * by[5, i] - y * by[8, i]) - c1 * by[1, i] - twice * zonal * y * by[6, i]
        by_z = c1 * by[2, i] - two * (y * by[5, i] + x * by[7, i]) + four * zonal * z * by[6, i]
        by_x += -six * a * xy * by[9, i] + b * yz * by[10, i] + twice * c * xy * by[11, i] - six * d * xz * by[12, i]
        by_y += -thrice * a * (xx - yy) * by[9, i] + b * xz * by[10, i] - c * (four * zz - xx - thrice * yy) * by[11, i]
        by_z += b * xy * by[10, i] - np.float32(8.0) * c * (yz * by[11, i] + xz * by[13, i])
        by_x += -c * (four * zz - thrice * xx - yy) * by[13, i] + twice * e * xz * by[14, i]
        by_y += -six * d * yz * by[12, i] + twice * c * xy * by[13, i] - twice * e * yz * by[14, i]
        by_z += thrice * d * (twice * zz - xx - yy) * by[12, i] + e * (xx - yy) * by[14, i]
        by_x += -thrice * a * (xx - yy) * by[15, i]
        by_y += six * a * xy * by[15, i]
        radial = fma(x, by_x, fma(y, by_y, z * by_z))
        far = work[_FAR, i]
        work[_FOUND + _X, i] += far * fma(-radial, x, by_x)
        work[_FOUND + _Y, i] += far * fma(-radial, y, by_y)
        work[_FOUND + _Z, i] += far * fma(-radial, z, by_z)
