"""Labels a portrait's pixels as skin, hair or clothes: by colour, seeded by the fitted head."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from episodec.face.landmarks import BROWS, LIPS_ABOVE, LIPS_BELOW, LOWER_LIP, UPPER_LIP, Points, eye_distance
from episodec.splat.relief.portrait import Mask, Portrait

LEAST_SPREAD = (0.09, 0.02, 0.02)  # Of a material's colours: lightness and two hues.
SKIN_REACH = 4.0  # In spreads: colours farther away are not skin.
BALD = 1.0  # In skin's spreads: areas above the brows no farther than this are skin, too.
HAIR_REACH = 2.9  # In hair's spreads.
LEAST_SAMPLES = 60  # The least number of pixels that define a material.

Depths = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PixelLabels:
    """The labels of pixels, (h, w) bool each; together they are the portrait's mask.

    `hair` is everything above the chin or hanging from there that is not skin, hats included.
    """

    skin: Mask
    hair: Mask
    clothes: Mask


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Colours as a mean and a spread of lightness and hues, (3,) each."""

    mean: Depths
    spread: Depths

    def away(self, colours: Depths) -> Depths:
        """(...,) of (..., 3): the distance in spreads."""
        distance: Depths = np.sqrt((((colours - self.mean) / self.spread) ** 2).sum(axis=-1))
        return distance


def labels_of(portrait: Portrait, points: Points, covered: Mask) -> PixelLabels:
    """The label of each pixel.

    points: (468, 2), landmarks in the portrait's pixels. covered: (h, w), the area of the fitted head.
    """
    colours = _hues(cv2.GaussianBlur(portrait.rgb, (0, 0), 1.0) / 255.0)
    unit, mask = eye_distance(points), portrait.mask
    face = _filled(mask.shape, points)
    chin, brow = float(points[:, 1].max()), float(points[list(BROWS), 1].min())
    # A face of a few pixels has no cheeks, and landmarks outside the person have no pixels.
    seeds = [mask & part for part in (face & _cheeks(mask.shape, points), face)]
    skin = _material(colours, next((seed for seed in seeds if seed.sum() >= LEAST_SAMPLES), mask))
    y = np.arange(mask.shape[0])[:, None] + 0.5
    around = cv2.dilate(face.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=round(0.15 * unit)) > 0
    to_skin = skin.away(colours)
    to_hair = np.full(mask.shape, np.inf)
    crown = mask & ~around & (y < brow)
    if crown.sum() >= LEAST_SAMPLES and skin.away((hair := _material(colours, crown)).mean) > BALD:
        to_hair = hair.away(colours)
    features = _features(mask.shape, points, unit)
    # Above the brows, hair may resemble skin; below them, shaded skin may resemble hair.
    is_near = np.where(y < brow, to_skin < to_hair, (to_skin < SKIN_REACH) | (face & (to_skin < to_hair)))
    is_skin = mask & covered & (is_near | features)
    is_skin = _connected(_smooth(is_skin), face)
    is_hair = _hair(mask & ~is_skin, to_hair, chin, points, unit)
    is_hair = _parted(portrait, is_hair, mask & ~is_skin, unit)
    return PixelLabels(is_skin & mask, is_hair, mask & ~is_skin & ~is_hair)


def between_lips(shape: tuple[int, ...], points: Points) -> Mask:
    """The area between the inner edges of the lips."""
    return _filled(shape, points[[*UPPER_LIP, *LOWER_LIP]])


def _hues(rgb: Depths) -> Depths:
    """(h, w, 3): the square root of lightness; red and blue as shares of the total."""
    total = rgb.sum(axis=2) + 0.06
    return np.stack([np.sqrt(total / 3), (rgb[..., 0] + 0.02) / total, (rgb[..., 2] + 0.02) / total], axis=2)


def _material(colours: Depths, where: Mask) -> Material:
    """The median of colours and their median deviation."""
    own = colours[where]
    mean = np.median(own, axis=0)
    spread = 1.5 * np.median(np.abs(own - mean), axis=0)
    return Material(mean, np.maximum(spread, LEAST_SPREAD))


def _hair(rest: Mask, to_hair: Depths, chin: float, points: Points, unit: float) -> Mask:
    """Non-skin above the chin, and what hangs from there, no wider than the head and of the hair's colours."""
    y, x = np.mgrid[: rest.shape[0], : rest.shape[1]] + 0.5
    top: Mask = rest & (y < chin - 0.8 * unit)
    if not top.any():
        return top
    columns = np.flatnonzero(top.any(axis=0))
    # For a lowered head, shoulders may be as high as the chin.
    middle, reach = float(points[:, 0].mean()), 2.2 * unit
    left, right = max(columns[0], middle - reach), min(columns[-1] + 1, middle + reach)
    hangs = (to_hair < HAIR_REACH) & (y >= chin - 0.8 * unit) & (x > left) & (x < right)
    thick = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(0.05 * unit) + 1,) * 2)
    locks = cv2.morphologyEx((rest & (top | hangs)).astype(np.uint8), cv2.MORPH_OPEN, thick) > 0
    hair: Mask = rest & _connected(_smooth(locks | top), top)
    return hair


def _parted(portrait: Portrait, hair: Mask, rest: Mask, unit: float) -> Mask:
    """The hair without clothes of similar colour: on the shoulders it ends at an edge of the picture (watershed)."""
    columns = np.flatnonzero(hair.any(axis=0))
    if not len(columns):
        return hair
    beside = rest & ~hair
    margin = round(0.12 * unit)
    beside[:, max(0, columns[0] - margin) : columns[-1] + 1 + margin] = False
    rows = np.flatnonzero(beside.any(axis=1))
    if not len(rows):
        return hair
    low = np.arange(len(hair))[:, None] >= rows[0]
    markers = np.zeros(hair.shape, np.int32)
    markers[hair & ~low] = 1
    markers[rest & ~hair & low] = 2
    markers[~rest] = 3
    cv2.watershed(cv2.GaussianBlur(portrait.rgb, (0, 0), 1.5), markers)
    inside = _smooth(markers == 1)
    parted: Mask = hair & (~low | inside)
    return parted


def _smooth(mask: Mask) -> Mask:
    smooth: Mask = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.5) > 0.5
    return smooth


def _connected(mask: Mask, seed: Mask) -> Mask:
    """The pieces of the mask that touch the seed."""
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    touched = np.zeros(count, np.bool_)
    touched[np.unique(labels[seed & mask])] = True
    touched[0] = False
    connected: Mask = touched[labels]
    return connected


def _filled(shape: tuple[int, ...], points: Points) -> Mask:
    """The convex hull of points as pixels."""
    filled = np.zeros(shape[:2], np.uint8)
    cv2.fillConvexPoly(filled, cv2.convexHull(np.rint(points).astype(np.int32)), 1)
    return filled > 0


def _cheeks(shape: tuple[int, ...], points: Points) -> Mask:
    """Bare skin, from under the eyes to the upper lip."""
    return _filled(shape, points[[117, 118, 101, 205, 50, 4, 280, 425, 330, 347, 346]])


def _features(shape: tuple[int, ...], points: Points, unit: float) -> Mask:
    """Eyes, brows and lips, whose colours differ from the skin's."""
    grow = np.ones((3, 3), np.uint8)
    features = np.zeros(shape[:2], np.uint8)
    half = len(BROWS) // 2
    eyes = ((33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
            (362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382))  # fmt: skip
    for part in (*eyes, BROWS[:half], BROWS[half:], (*LIPS_ABOVE, *LIPS_BELOW)):
        features |= _filled(shape, points[list(part)]).astype(np.uint8)
    return np.asarray(cv2.dilate(features, grow, iterations=max(1, round(0.09 * unit))) > 0)
