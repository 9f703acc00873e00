"""The loops of a pose, compiled. Arrays of the scene are columns, (C, N) float32, and are changed in place."""

import math

import numpy as np
from numba import njit

from episodec.compiled import kernel, log
from episodec.splat.project import clamp, exp

MOVE_UNIT = 1e-5  # `model.MOVE_UNIT_M`.
MOST_STRETCH = 1.7  # Larger Gaussians blur; the Gaussians behind fill the holes.
GONE = -40.0


@kernel
def logit_of(logit, share):
    """The logit of this share of the opacity that a logit stands for."""
    opacity = share / (1.0 + exp(clamp(-logit, -40.0, 40.0)))
    return GONE if opacity < 1e-6 else log(opacity / (1.0 - opacity))


@kernel
def moved(rows, moves, weight, total):
    """Add a shape's movements, (n, 3) int16, to those of its vertices, (V, 3)."""
    by = weight * MOVE_UNIT
    for i in range(len(rows)):
        for c in range(3):
            total[rows[i], c] += by * moves[i, c]


@kernel
def stretched(vertices, triangles, moves):
    """(T,): the logarithm of each triangle's stretch in its direction of largest growth; at least 0, and limited."""
    factors = np.zeros(len(triangles))
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        bb = bc = cc = after_bb = after_bc = after_cc = 0.0
        for k in range(3):
            b_k, c_k = float(vertices[b, k]) - vertices[a, k], float(vertices[c, k]) - vertices[a, k]
            bb, bc, cc = bb + b_k * b_k, bc + b_k * c_k, cc + c_k * c_k
            b_k, c_k = b_k + moves[b, k] - moves[a, k], c_k + moves[c, k] - moves[a, k]
            after_bb, after_bc, after_cc = after_bb + b_k * b_k, after_bc + b_k * c_k, after_cc + c_k * c_k
        area = bb * cc - bc * bc
        if area <= 1e-3 * bb * cc:
            continue  # A needle has no usable direction.
        # The larger eigenvalue of the moved triangle's metric relative to that of the triangle at rest.
        half = 0.5 * (cc * after_bb - 2.0 * bc * after_bc + bb * after_cc) / area
        product = (after_bb * after_cc - after_bc * after_bc) / area
        growth = half + math.sqrt(max(half * half - product, 0.0))
        if growth > 1.0:
            factors[t] = log(min(math.sqrt(growth), MOST_STRETCH))
    return factors


@kernel
def carry(index, triangle, weights, share, triangles, moves, motion, means):
    """Move Gaussians `index` with their triangles, by their shares, and by the head's present motion, (3, 4)."""
    for i in range(len(index)):
        t = triangle[i]
        u, v = weights[i, 0] / 255.0, weights[i, 1] / 255.0
        w = 1.0 - u - v
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        part = share[i] / 255.0
        x = part * (u * moves[a, 0] + v * moves[b, 0] + w * moves[c, 0])
        y = part * (u * moves[a, 1] + v * moves[b, 1] + w * moves[c, 1])
        z = part * (u * moves[a, 2] + v * moves[b, 2] + w * moves[c, 2])
        for k in range(3):
            means[k, index[i]] += motion[k, 0] * x + motion[k, 1] * y + motion[k, 2] * z


@kernel
def grown(index, triangle, share, stretch, log_scales):
    """Enlarge Gaussians as their triangles are stretched."""
    for i in range(len(index)):
        more = share[i] / 255.0 * stretch[triangle[i]]
        if more > 0.0:
            for k in range(3):
                log_scales[k, index[i]] += more


@kernel
def faded(index, group, own, logits):
    """Reduce each Gaussian's opacity to the share of its group, (GROUPS,)."""
    for i in range(len(index)):
        share = own[group[i]]
        if share < 1.0:
            logit = logits[index[i]]
            opacity = share / (1.0 + exp(clamp(-logit, -40.0, 40.0)))
            logits[index[i]] = GONE if opacity < 1e-6 else log(opacity / (1.0 - opacity))


@kernel
def lidded(row, kind, along, bulge, shut, closures, means, colours):
    """Move lids, parts (3, P), along their paths, and mix their colours, (P, 3), with those of shut lids."""
    for i in range(len(row)):
        c = closures[kind[i]]
        over = c * (1.0 - c) if c > 0.0 else 0.0
        mixed = clamp(2.0 * c, 0.0, 1.0)
        for k in range(3):
            means[k, row[i]] += c * along[i, k] + over * bulge[i, k]
            colours[row[i], k] += mixed * (shut[i, k] - colours[row[i], k])


@njit(forceinline=True, error_model="numpy")
def head_share(y, eyes_y, decimetre):
    """1 on the head, 0 on the trunk, smooth between."""
    x = clamp((1.5 - (eyes_y - y) / decimetre) / 0.8, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


@kernel
def turned(means, quaternions, angles, pivot, eyes_y, decimetre):
    """Turn the head about the pivot by angles around x, y and z, in radians, and the neck by a share of them.

    A share of the turn is the rotation by the quaternion (1, share * angles / 2), exact enough up to 30 degrees.
    """
    for i in range(means.shape[1]):
        share = 0.5 * head_share(float(means[1, i]), eyes_y, decimetre)
        if share <= 0.0:
            continue
        ax, ay, az = share * angles[0], share * angles[1], share * angles[2]
        w = 1.0 / math.sqrt(1.0 + ax * ax + ay * ay + az * az)
        ax, ay, az = ax * w, ay * w, az * w
        x, y, z = means[0, i] - pivot[0], means[1, i] - pivot[1], means[2, i] - pivot[2]
        # A vector rotated by a unit quaternion: v + 2 w (a x v) + 2 a x (a x v).
        cx, cy, cz = ay * z - az * y, az * x - ax * z, ax * y - ay * x
        means[0, i] = pivot[0] + x + 2.0 * (w * cx + ay * cz - az * cy)
        means[1, i] = pivot[1] + y + 2.0 * (w * cy + az * cx - ax * cz)
        means[2, i] = pivot[2] + z + 2.0 * (w * cz + ax * cy - ay * cx)
        qw, qx, qy, qz = (
            float(quaternions[0, i]),
            float(quaternions[1, i]),
            float(quaternions[2, i]),
            float(quaternions[3, i]),
        )
        quaternions[0, i] = w * qw - ax * qx - ay * qy - az * qz
        quaternions[1, i] = w * qx + ax * qw + ay * qz - az * qy
        quaternions[2, i] = w * qy + ay * qw + az * qx - ax * qz
        quaternions[3, i] = w * qz + az * qw + ax * qy - ay * qx


@kernel
def swollen(means, by, pivot, eyes_y, decimetre):
    """Raise the chest by half of `by`, metres, and move its front forward; the head does not move."""
    for i in range(means.shape[1]):
        trunk = by * (1.0 - head_share(float(means[1, i]), eyes_y, decimetre))
        if trunk > 0.0:
            means[1, i] += 0.5 * trunk
            means[2, i] += trunk * clamp((means[2, i] - pivot[2]) / decimetre + 0.5, 0.0, 1.0)
