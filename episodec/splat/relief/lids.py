"""Eyelids: Gaussians that lie under the brow while the eyes are open, and over the eyes while they are closed."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from episodec.splat.relief.portrait import Portrait
from episodec.splat.relief.surface import Cloud, joined, metre_of, placed, taken

OPEN = 0.19  # Of an eye's box: half of an open eye's height.
MIDDLE = 0.54  # Of an eye's box, from above: its middle.

Depths = NDArray[np.float64]


def with_lids(portrait: Portrait, cloud: Cloud) -> Cloud:
    """The cloud and, last, the lids over both eyes; without a face, the cloud."""
    if portrait.face is None:
        return cloud
    count = len(cloud.pixels)
    smooth = cv2.GaussianBlur(portrait.rgb / 255.0, (0, 0), 1.5)
    found = cloud
    for left, top, w, h in portrait.face.eyes:
        half, middle = OPEN * h, (left + w / 2, top + MIDDLE * h)
        u = (cloud.pixels[:, 0] - middle[0]) / (0.5 * w)
        s = (middle[1] - cloud.pixels[:, 1]) / half  # 1 at the open lid's edge, -1 where closed lids meet.
        lens = np.clip(1.2 * (1 - u**2), 0, 1)
        covers = np.flatnonzero((np.abs(u) < 1) & (np.abs(s) < lens))
        x, y = cloud.pixels[covers].T
        # The skin between the eye and the brow, stretched down; lashes along the lower edge.
        above, below = middle[1] - (1.35 + 0.25 * s[covers]) * half, np.full_like(y, middle[1] + 2.6 * half)
        parts = [np.stack([taken(smooth[..., c], x, at) for c in range(3)], axis=1) for at in (above, below)]
        colours = 0.4 * parts[0] + 0.6 * parts[1]
        colours *= np.where(s[covers] < -0.65 * lens[covers], 0.45, 0.96)[:, None]
        # Before the cornea by a fifth of an eye's height.
        z = cloud.means[covers, 2] / metre_of(portrait) + 0.3 * half
        part = Cloud(
            placed(portrait, x, y, z),
            cloud.normals[covers],
            cloud.stretch[covers],
            1.35 * cloud.cells_m[:count][covers],
            colours,
            cloud.head[covers],
            np.zeros((0, 2)),
            np.stack([s[covers], np.full(len(covers), half * metre_of(portrait))], axis=1),
        )
        found = replace(joined(found, part), pixels=cloud.pixels, lids=np.concatenate([found.lids, part.lids]))
    return found


def hidden(cloud: Cloud, closed: float) -> Depths:
    """(N, 3), metres: how far each Gaussian is from where it lies when the eyes are closed, 0 but for lids."""
    away = np.zeros_like(cloud.means)
    if len(cloud.lids):
        s, half = cloud.lids.T
        # An opening lid uncovers from below; what is not seen waits inside the head, above the eye.
        is_hidden = s < 1 - 2 * closed
        away[-len(s) :] = np.where(is_hidden, half, 0)[:, None] * np.stack([0 * s, 1.4 - s, -2 + 0 * s], axis=1)
    return away
