"""Rotations as unit quaternions, for turning evenly between poses. Scalars only, through `math`."""

import math
from collections.abc import Sequence

Quaternion = tuple[float, float, float, float]  # w, x, y, z.
Matrix = tuple[tuple[float, float, float], ...]  # 3 rows of 3.


def orthonormal(matrix: Sequence[Sequence[float]]) -> Matrix | None:
    """The rotation in a matrix, with the scale of its columns removed; None when it is not a rotation.

    Up to a hundredth of skew is corrected: exporters write six digits.
    """
    columns = [[float(row[column]) for row in matrix] for column in range(3)]
    lengths = [math.sqrt(x * x + y * y + z * z) for x, y, z in columns]
    if not all(math.isfinite(length) and length > 1e-9 for length in lengths):
        return None
    unit = [[value / length for value in column] for column, length in zip(columns, lengths, strict=True)]
    if any(abs(_dot(unit[i], unit[j])) > 0.01 for i, j in ((0, 1), (0, 2), (1, 2))):
        return None
    x, y, z = unit
    if _dot(_cross(x, y), z) < 0:  # A mirror.
        return None
    return rotation(quaternion(((x[0], y[0], z[0]), (x[1], y[1], z[1]), (x[2], y[2], z[2]))))


def quaternion(matrix: Matrix) -> Quaternion:
    """The unit quaternion of a rotation (Shepperd 1978: the largest component first, so that nothing cancels)."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    candidates = (a + e + i, a - e - i, e - a - i, i - a - e)
    largest = candidates.index(max(candidates))
    root = math.sqrt(1.0 + candidates[largest]) * 2
    parts = (
        (root / 4, (h - f) / root, (c - g) / root, (d - b) / root),
        ((h - f) / root, root / 4, (b + d) / root, (c + g) / root),
        ((c - g) / root, (b + d) / root, root / 4, (f + h) / root),
        ((d - b) / root, (c + g) / root, (f + h) / root, root / 4),
    )[largest]
    return _normalized(parts)


def rotation(of: Quaternion) -> Matrix:
    """The rotation matrix of a unit quaternion."""
    w, x, y, z = of
    return (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )


def slerp(start: Quaternion, end: Quaternion, part: float) -> Quaternion:
    """The rotation that lies `part` (0 to 1) of the shorter way from one to the other (Shoemake 1985)."""
    cosine = sum(p * q for p, q in zip(start, end, strict=True))
    if cosine < 0:
        cosine, end = -cosine, (-end[0], -end[1], -end[2], -end[3])
    if cosine > 1 - 1e-10:  # The sine would vanish; the chord equals the arc.
        near, far = 1 - part, part
    else:
        angle = math.acos(cosine)
        near, far = math.sin((1 - part) * angle) / math.sin(angle), math.sin(part * angle) / math.sin(angle)
    w, x, y, z = (near * p + far * q for p, q in zip(start, end, strict=True))
    return _normalized((w, x, y, z))


def _normalized(parts: Quaternion) -> Quaternion:
    w, x, y, z = parts
    length = math.sqrt(w * w + x * x + y * y + z * z)
    return w / length, x / length, y / length, z / length


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return left[0] * right[0] + left[1] * right[1] + left[2] * right[2]


def _cross(left: Sequence[float], right: Sequence[float]) -> tuple[float, float, float]:
    x, y, z = left
    a, b, c = right
    return y * c - z * b, z * a - x * c, x * b - y * a
