"""Depths of skin, hair, clothes and the back: the fitted head, and membranes over it between known edges.

Depths are decimetres of the person towards the camera, 0 at the neck's axis, until `in_picture` converts them to
pixels.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from episodec.face.fit import FittedHead
from episodec.face.head import Quads, normals_of
from episodec.face.raster import VisibleMesh, z_buffer
from episodec.splat.bust.labels import PixelLabels
from episodec.splat.relief import DISTANCE_M
from episodec.splat.relief.portrait import SIDE, Portrait
from episodec.splat.relief.shape import inflated, membrane, softened
from episodec.splat.relief.surface import METRE

LENS_DM = 16.0  # Distance from which portraits are taken.
EYES_DM = 0.76  # The eyes' centres in front of the axis of the head's turn.
BULGE = 2.0  # Of hair between its edges; 4 gives a sphere.
WIDEST_DM = 1.3  # Beside the middle: the parallax correction grows no further.
GRID = 150  # Rows of the grid for membranes.
BEHIND_LIPS_DM = 0.03  # Teeth.
PIT_PX, PIT_DM = 5, 0.1  # Narrower and deeper pits are not skin that a portrait shows.
OVER_SKIN_DM = 0.05  # Hair above the skin at its edge.

# An adult's depths by distance below the eyes, decimetres: crown, brow, eyes, chin, neck, collar, breast. The middle of
# the depth, its half in front, its half behind; then the middle and the half behind if hair hangs beside the neck, and
# the middle of hair in front of the shoulders. Measured on MakeHuman's young woman, and on hair drawn on her.
BELOW = (-1.0, -0.6, 0.0, 0.8, 1.2, 1.4, 1.7, 2.1, 2.6, 3.4)
MIDDLE = (0.22, 0.16, 0.15, 0.05, -0.12, -0.2, -0.26, -0.2, -0.07, 0.0)
BEFORE = (0.7, 0.8, 0.85, 0.7, 0.5, 0.5, 0.58, 0.74, 0.9, 0.95)
BEHIND = (0.72, 1.0, 1.07, 0.85, 0.52, 0.55, 0.62, 0.76, 0.86, 0.9)
MIDDLE_OF_LONG = (0.34, 0.28, 0.27, 0.26, 0.2, 0.09, -0.2, -0.2, -0.07, 0.0)
BEHIND_LONG = (0.72, 1.0, 1.07, 1.1, 1.1, 1.1, 0.9, 0.8, 0.86, 0.9)
HANGING = (0.22, 0.16, 0.15, 0.14, 0.12, 0.18, 0.34, 0.6, 0.8, 0.9)

Depths = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The head's place in a portrait SIDE pixels high."""

    scale: float  # Pixels per decimetre, at the axis.
    eyes_y: float
    middle_x: float  # Of the picture, which the film's camera orbits.

    def below(self, y: Depths) -> Depths:
        """Decimetres below the eyes."""
        below: Depths = (y - self.eyes_y) / self.scale
        return below

    def rows(self, height: int) -> Depths:
        """(h, 1): the distance of each row of pixels below the eyes, decimetres."""
        return self.below(np.arange(height, dtype=np.float64)[:, None] + 0.5)

    def in_picture(self, depth: Depths, x: Depths) -> Depths:
        """Depths in pixels of the relief's space, from decimetres at these columns.

        The film's camera is nearer than LENS_DM. For small turns, parts move as a portrait lens shows them: with
        parallax s, by x² / LENS_DM - s. The sides therefore come slightly forward.
        """
        camera = DISTANCE_M / METRE / self.scale
        side = np.minimum(np.square((x - self.middle_x) / self.scale), WIDEST_DM**2)
        parallax = depth * LENS_DM / (LENS_DM - depth) + side * (1 / camera - 1 / LENS_DM)
        offset: Depths = self.scale * parallax / (1 + parallax / camera)
        return offset


@dataclass(frozen=True, slots=True, eq=False)
class HeadMesh:
    """The fitted head in a portrait's space: x, y and depth, and its part visible to the portrait's camera."""

    places: Depths  # (V, 2) pixels.
    depth: Depths  # (V,) decimetres from the axis.
    triangles: Quads
    normals: Depths  # (V, 3) in the picture's axes: right, down, nearer.
    visible: VisibleMesh


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """Depths of each layer in pixels of the picture, (h, w), each defined everywhere."""

    skin: Depths
    hair: Depths
    clothes: Depths
    back: Depths
    slopes: tuple[Depths, Depths]  # Of the skin, along x and along y.


def frame_of(fitted: FittedHead, height: int, width: int) -> Frame:
    """The frame of a head fitted to a portrait `height` pixels high and `width` wide at SIDE."""
    k = SIDE / height
    return Frame(
        fitted.similarity.scale * k * (LENS_DM - EYES_DM) / LENS_DM, fitted.similarity.origin[1] * k, width / 2
    )


def head_mesh(fitted: FittedHead, height: int, shape: tuple[int, int]) -> HeadMesh:
    """Skin and eyes of the head, rasterised in a picture of this shape; `height`: the portrait's in pixels."""
    k = SIDE / height
    places, depth = fitted.places * k, fitted.depth / fitted.similarity.scale + EYES_DM
    triangles = fitted.head.triangles("skin", "left_eye", "right_eye")
    visible = z_buffer(places, depth, triangles, *shape)
    scale = fitted.similarity.scale * k
    flipped = np.column_stack([places, depth * scale])
    return HeadMesh(places, depth, triangles, -normals_of(flipped, triangles), visible)


def layers_of(
    portrait: Portrait, mesh: HeadMesh, frame: Frame, labels: PixelLabels, mouth: NDArray[np.bool_]
) -> Layers:
    """The depths of all layers, visible and hidden.

    mouth: (h, w), the area between open lips.
    """
    below = frame.rows(len(portrait.mask)) + np.zeros(portrait.mask.shape)
    middle, before, behind, middle_of_long, behind_long, hanging = (
        np.interp(below, BELOW, column) for column in (MIDDLE, BEFORE, BEHIND, MIDDLE_OF_LONG, BEHIND_LONG, HANGING)
    )
    is_long = _is_long(labels, below)
    behind = behind + is_long * (behind_long - behind)
    outline = middle + is_long * (middle_of_long - middle)
    known = mesh.visible.triangle >= 0
    skin = np.where(known, mesh.visible.of(mesh.depth, mesh.triangles), 0.0)
    trunk = labels.clothes | (labels.hair & (below > 1.2))
    clothes = middle + before * _rounded(trunk)
    # Where the fitted head ends before the skin does, clothes' depths are used.
    skin = np.where(known, skin, clothes)
    skin = _closed_mouth(_without_pits(skin, known), mouth)
    hair = _film(portrait, frame, labels, skin + OVER_SKIN_DM, clothes, np.where(below > 1.0, hanging, outline))
    back = outline - behind * _rounded(portrait.mask)
    normals = mesh.visible.of(mesh.normals, mesh.triangles)
    x = np.arange(portrait.mask.shape[1], dtype=np.float64) + 0.5

    def picture(depth: Depths) -> Depths:
        return frame.in_picture(depth, x)

    flat = picture(skin)
    # At depth discontinuities of the head, no Gaussian bridges the gap.
    jump = cv2.dilate(flat, np.ones((3, 3))) - cv2.erode(flat, np.ones((3, 3)))
    near = np.maximum(np.abs(normals[..., 2]), 0.25)
    slopes = tuple(np.where(known & ~mouth & (jump < 8), -normals[..., k] / near, 0.0) for k in (0, 1))
    front = softened(picture(hair), labels.hair)
    return Layers(picture(skin), front, picture(clothes), picture(back), (slopes[0], slopes[1]))


def _is_long(labels: PixelLabels, below: Depths) -> Depths:
    """(h, 1): 1 if hair hangs beside the neck, 0 if it is short."""
    rows = labels.hair.sum(axis=1, keepdims=True) > 0.25 * (labels.hair | labels.skin | labels.clothes).sum(
        axis=1, keepdims=True
    )
    hangs = bool((rows & (below[:, :1] > 0.9) & (below[:, :1] < 1.2)).mean() > 0)
    return np.full(rows.shape, float(hangs))


def _without_pits(skin: Depths, known: NDArray[np.bool_]) -> Depths:
    """Depths without the inside of the mouth, which is visible at the corners, where the head's lips do not touch."""
    closed = cv2.morphologyEx(skin, cv2.MORPH_CLOSE, np.ones((PIT_PX, PIT_PX)))
    inner = cv2.erode(known.astype(np.uint8), np.ones((3 * PIT_PX, 3 * PIT_PX), np.uint8)) > 0
    filled: Depths = np.where(inner & (closed - skin > PIT_DM), closed, skin)
    return filled


def _closed_mouth(skin: Depths, mouth: NDArray[np.bool_]) -> Depths:
    """Depths with visible teeth just behind the lips; the head's own mouth is deep."""
    if not mouth.any():
        return skin
    around = cv2.dilate(mouth.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=2) > 0
    weight = (~around).astype(np.float64)
    sigma = max(2.0, 0.35 * float(np.sqrt(mouth.sum())))
    near = cv2.GaussianBlur(skin * weight, (0, 0), sigma) / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-6)
    return np.where(around, near - BEHIND_LIPS_DM, skin)


def _rounded(mask: NDArray[np.bool_]) -> Depths:
    """0 along the silhouette, 1 in the middle of each row: an ellipse across, round at the ends."""
    if not mask.any():
        return np.zeros(mask.shape)
    columns = np.arange(mask.shape[1])
    left = np.where(mask, columns, mask.shape[1]).min(axis=1)
    right = np.where(mask, columns, -1).max(axis=1)
    widths = np.maximum(right - left + 1, 1.0) * mask.any(axis=1)
    widths = cv2.GaussianBlur(widths.astype(np.float64)[:, None], (1, 0), sigmaX=1.0, sigmaY=26.0)
    rounded: Depths = np.clip(inflated(mask, GRID) / np.maximum(0.7 * widths, 1.0), 0, 1)
    return rounded


def _film(
    portrait: Portrait, frame: Frame, labels: PixelLabels, skin: Depths, clothes: Depths, middle: Depths
) -> Depths:
    """Depths of hair: a membrane from the silhouette, where it turns away, to the skin and clothes at its edges,
    rounded.

    The square of the depth relative to the silhouette's solves Poisson's equation, as a sphere's does.
    """
    height, width = portrait.mask.shape
    factor = GRID / height
    size = (max(2, round(width * factor)), GRID)

    def small(field: Depths) -> Depths:
        shrunk: Depths = cv2.resize(field, size, interpolation=cv2.INTER_AREA)
        return shrunk

    def share(mask: NDArray[np.bool_]) -> Depths:
        return small(mask.astype(np.float64))

    is_hair = share(labels.hair) > 0.5
    unit = frame.scale * factor
    ends = np.where(labels.skin, skin, clothes)
    ends = small(np.where(labels.skin | labels.clothes, ends - middle, 0.0)) / np.maximum(
        share(labels.skin | labels.clothes), 1e-6
    )
    ends = np.where(share(portrait.mask) > 0.5, ends, 0.0) * unit
    squares = membrane(is_hair, np.sign(ends) * ends**2, BULGE)
    squares = np.where(is_hair, squares, np.sign(ends) * ends**2)
    depth = np.sign(squares) * np.sqrt(np.abs(squares)) / unit
    film: Depths = middle + cv2.resize(depth, (width, height), interpolation=cv2.INTER_CUBIC)
    return film
