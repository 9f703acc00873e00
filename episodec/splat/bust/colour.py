"""Colours of parts that a portrait does not show: extended from visible ones, or the skin's in the portrait's light."""

import cv2
import numpy as np
from numpy.typing import NDArray

from episodec.face.plate import solved
from episodec.splat.bust.depth import HeadMesh
from episodec.splat.bust.labels import PixelLabels
from episodec.splat.relief.portrait import Mask, Portrait
from episodec.splat.relief.surface import taken

REACHES = (1.5, 4.0, 10.0, 25.0, 70.0)  # Pixels.

FOLLOWS_PX = 30.0

Depths = NDArray[np.float64]


def led_inwards(rgb: Depths, mask: Mask, margin: int) -> Depths:
    """(h, w, 3): colours of the mask, extended around it from its nearest parts, smoother with distance.

    The outermost `margin` pixels of the mask are mixed with their surroundings and are not used.
    """
    core = cv2.erode(mask.astype(np.uint8), np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)) > 0
    core = core if core.any() else mask
    weight = core.astype(np.float64)[..., None]
    filled, trust = rgb * weight, weight.copy()
    for sigma in REACHES:
        factor = 1 if sigma < 8 else 4
        size = (max(1, mask.shape[1] // factor), max(1, mask.shape[0] // factor))
        parts = np.concatenate([rgb * weight, weight], axis=2)
        small = cv2.GaussianBlur(cv2.resize(parts, size, interpolation=cv2.INTER_AREA), (0, 0), sigma / factor)
        blurred = cv2.resize(small, mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
        near = np.clip(blurred[..., 3:], 0, 1)
        colour = blurred[..., :3] / np.maximum(blurred[..., 3:], 1e-6)
        share = (1 - trust) * np.clip(near * 20, 0, 1)
        filled += share * colour
        trust += share
    rest = np.median(rgb[core], axis=0) if core.any() else np.full(3, 0.5)
    return np.asarray(filled + (1 - trust) * rest, np.float64)


def hair_colour(portrait: Portrait, labels: PixelLabels) -> Depths:
    """(3,): a shaded hair colour; the person's if there is no hair."""
    own = portrait.rgb[labels.hair if labels.hair.any() else portrait.mask] / 255.0
    colour: Depths = 0.7 * np.median(own, axis=0)
    return colour


def skin_colours(
    portrait: Portrait, mesh: HeadMesh, labels: PixelLabels, normals: Depths, places: Depths, skin: Depths
) -> Depths:
    """(n, 3): colours of places on the head, from the portrait there or nearby, or else its skin relit.

    skin: (n,), depth of the skin that the portrait shows at the same pixel.
    """
    skin_rgb = led_inwards(portrait.rgb / 255.0, labels.skin, 2)
    front = np.stack([taken(skin_rgb[..., k], places[:, 0], places[:, 1]) for k in range(3)], axis=1)
    lit = _lit(portrait, mesh, labels, normals)
    # Surfaces that turn away behind an edge take the edge's colour.
    follows = np.clip(1.6 - (skin - places[:, 2]) / FOLLOWS_PX, 0, 1)
    share = np.maximum(np.clip(2.5 * normals[:, 2] - 0.25, 0, 1), follows)[:, None]
    return share * front + (1 - share) * lit


def _lit(portrait: Portrait, mesh: HeadMesh, labels: PixelLabels, normals: Depths) -> Depths:
    """(n, 3): colours by the normals, a linear fit to the portrait's skin."""
    visible = cv2.erode(labels.skin.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    visible &= mesh.visible.triangle >= 0
    if visible.sum() < 100:
        return np.broadcast_to(np.median(portrait.rgb[portrait.mask], axis=0) / 255.0, normals.shape).copy()
    towards = mesh.visible.of(mesh.normals, mesh.triangles)[visible]
    colours = portrait.rgb[visible] / 255.0
    rows = np.column_stack([np.ones(len(towards)), towards])
    square = np.array([[float((a * b).sum()) for b in rows.T] for a in rows.T]) + 1e-3 * len(rows) * np.eye(4)
    right = np.array([[float((a * b).sum()) for b in colours.T] for a in rows.T])
    by = solved(square, right)
    low, high = np.quantile(colours, 0.05, axis=0), np.quantile(colours, 0.95, axis=0)
    lit = by[0] + normals[:, :1] * by[1] + normals[:, 1:2] * by[2] + normals[:, 2:] * by[3]
    return np.asarray(np.clip(lit, 0.8 * low, high), np.float64)
