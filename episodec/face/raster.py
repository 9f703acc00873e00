"""A z-buffer: the visible triangle of a mesh at each pixel, with barycentric weights; simple, single-threaded.

Invariant: the result depends on the triangles' order and the corners alone: the same bits everywhere. Products are
summed in a fixed order in float64, without fused multiply-adds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.compiled import kernel

Floats = NDArray[np.float64]
Triangles = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class VisibleMesh:
    """The visible part of a mesh in a picture of h by w pixels.

    Attributes:
        triangle: (h, w) int32, the row of the visible triangle, or -1.
        weights: (h, w, 3) float64, barycentric; they sum to 1, and are 0 without a triangle.
        nearness: (h, w) float64, larger is nearer; -inf without a triangle.
    """

    triangle: NDArray[np.int32]
    weights: Floats
    nearness: Floats

    def of(self, values: Floats, triangles: Triangles) -> Floats:
        """(h, w, ...): per-vertex values, (V, ...), interpolated linearly; 0 where no triangle is visible."""
        corners = triangles[np.maximum(self.triangle, 0)]  # (h, w, 3)
        weights = self.weights.reshape(*self.weights.shape, *(1,) * (values.ndim - 1))
        at: Floats = weights[:, :, 0] * values[corners[..., 0]]
        at += weights[:, :, 1] * values[corners[..., 1]]
        at += weights[:, :, 2] * values[corners[..., 2]]
        return at


def z_buffer(places: Floats, nearness: Floats, triangles: Triangles, height: int, width: int) -> VisibleMesh:
    """The triangle nearest at each pixel's centre; triangles are two-sided.

    places: (V, 2), pixels from the left and the top; the centre of the first pixel is (0.5, 0.5). nearness: (V,),
    interpolated linearly in the picture: height for a parallel projection, 1 / distance for a perspective one.
    triangles: (T, 3). Of two equally near ones the first is visible; a triangle with a non-finite corner is skipped.
    """
    visible = VisibleMesh(
        np.full((height, width), -1, np.int32), np.zeros((height, width, 3)), np.full((height, width), -np.inf)
    )
    _draw(
        np.ascontiguousarray(places, np.float64),
        np.ascontiguousarray(nearness, np.float64),
        np.ascontiguousarray(triangles, np.int32),
        visible.triangle,
        visible.weights,
        visible.nearness,
    )
    return visible


@kernel
def _draw(places, nearness, triangles, triangle, weights, nearest):
    height, width = triangle.shape
    for row in range(len(triangles)):
        a, b, c = triangles[row]
        ax, ay, bx, by, cx, cy = places[a, 0], places[a, 1], places[b, 0], places[b, 1], places[c, 0], places[c, 1]
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if not np.isfinite(area) or area == 0.0:
            continue
        top, bottom = min(ay, by, cy), max(ay, by, cy)
        left, right = min(ax, bx, cx), max(ax, bx, cx)
        if bottom < 0.0 or right < 0.0 or top > height or left > width:
            continue
        for i in range(max(0, int(max(top, 0.0) - 0.5)), min(height, int(min(bottom, float(height)) + 0.5))):
            for j in range(max(0, int(max(left, 0.0) - 0.5)), min(width, int(min(right, float(width)) + 0.5))):
                x, y = j + 0.5 - ax, i + 0.5 - ay
                v = (x * (cy - ay) - (cx - ax) * y) / area
                w = ((bx - ax) * y - x * (by - ay)) / area
                u = 1.0 - v - w
                if min(u, v, w) < -1e-9:  # A pixel on an edge belongs to both sides, so there are no gaps.
                    continue
                near = u * nearness[a] + v * nearness[b] + w * nearness[c]
                if near > nearest[i, j]:
                    nearest[i, j] = near
                    triangle[i, j] = row
                    weights[i, j, 0], weights[i, j, 1], weights[i, j, 2] = u, v, w
