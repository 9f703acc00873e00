"""Analyses a portrait: the person, by seeded classical segmentation; face and eyes, by landmarks."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.face.boxes import Box, square_eyes, square_face
from episodec.face.landmarks import Landmarks

SIDE = 512  # Pixels: the height at which portraits are analysed.
GAP = 0.6  # Of the face's width: the widest gap of background between two parts of a trunk.
LEAST_SHARE, MOST_SHARE = 0.02, 0.98  # The share of the picture that a person may fill.

CUT_OUT = ("portrait-cut-out", "the portrait is opaque: the character was cut out by segmentation")

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Face:
    """Boxes are left, top, width, height in pixels; the face's is a square from brows to chin."""

    box: Box
    eyes: tuple[Box, Box]  # The one on the picture's left, then the other.


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A portrait SIDE pixels high.

    Attributes:
        rgb: (SIDE, w, 3) uint8.
        mask: (SIDE, w) bool, the person.
        face: None if its landmarks are not known.
        notes: to the author, pairs of code and sentence.
    """

    rgb: NDArray[np.uint8]
    mask: Mask
    face: Face | None
    notes: tuple[tuple[str, str], ...] = ()


def look_at(rgba: NDArray[np.uint8], marks: Landmarks | None) -> Portrait:
    """The portrait in (h, w, 4) uint8: the person is given by its alpha, or else by GrabCut.

    marks: of its face, in its own pixels; None without a face.

    Raises:
        BackendError: the person cannot be told from the background.
    """
    height, width = rgba.shape[:2]
    size = (max(1, round(width * SIDE / height)), SIDE)
    if size[0] > 4 * SIDE:
        raise BackendError("the portrait is too wide for a relief", facts={"size": f"{width}x{height}"})
    shrinks = height > SIDE
    small = cv2.resize(rgba, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    rgb, alpha = np.ascontiguousarray(small[..., :3]), small[..., 3]
    face = None if marks is None else _face(marks, SIDE / height)
    notes = [] if face else [("face-not-found", "no face was found: the head stays flat")]
    is_cut_out = bool((rgba[..., 3] < 128).any())
    if not is_cut_out:
        notes.append(CUT_OUT)
    mask = alpha >= 128 if is_cut_out else _grab_cut(rgb, face)
    mask = _largest(mask)
    if face and not is_cut_out:
        _, top, w, h = face.box
        mask[round(top + h) :] = _closed(mask[round(top + h) :], round(GAP * w))
    share = float(mask.mean())
    if not LEAST_SHARE <= share <= MOST_SHARE:
        hint = "give the portrait an alpha channel that shows the person only"
        facts = {"share of the picture": f"{share:.1%}"}
        raise BackendError("the person cannot be told from the background", facts=facts, hint=hint)
    return Portrait(rgb, mask, face, tuple(notes))


def _face(marks: Landmarks, scale: float) -> Face:
    points = marks.points * scale
    return Face(square_face(points), square_eyes(points))


def _grab_cut(rgb: NDArray[np.uint8], face: Face | None) -> Mask:
    """The person segmented by colour, seeded by a head over shoulders, or by an oval in the middle."""
    height, width = rgb.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float64)
    left, top, w, h = face.box if face else (width * 0.35, height * 0.2, width * 0.3, height * 0.3)
    cx, cy = left + w / 2, top + h / 2

    def oval(grow_x: float, grow_y: float) -> Mask:
        inside: Mask = ((x - cx) / (w * grow_x)) ** 2 + ((y - cy + 0.08 * h) / (h * grow_y)) ** 2 < 1
        return inside

    below = y > top + h * 1.35
    shoulders = below & (np.abs(x - cx) < w * (0.5 + 0.9 * np.clip((y - top - 1.35 * h) / h, 0, 1.3)))
    trunk = (y > top + h * 1.0) & (np.abs(x - cx) < w * 0.3)
    labels = np.full((height, width), cv2.GC_BGD, np.uint8)
    labels[oval(1.15, 1.35) | ((y > top + h) & (np.abs(x - cx) < 2.6 * w))] = cv2.GC_PR_BGD
    labels[oval(0.8, 0.95) | shoulders | trunk] = cv2.GC_PR_FGD
    # Below the head the body widens no faster than this.
    labels[below & (np.abs(x - cx) > w * (0.8 + 1.25 * (y - top - 1.2 * h) / h))] = cv2.GC_BGD
    labels[oval(0.45, 0.6) | (trunk & (np.abs(x - cx) < w * 0.2))] = cv2.GC_FGD
    cv2.setRNGSeed(69)
    cv2.grabCut(
        np.ascontiguousarray(rgb[..., ::-1]),
        labels,
        None,
        np.zeros((1, 65)),
        np.zeros((1, 65)),
        6,
        cv2.GC_INIT_WITH_MASK,
    )
    foreground: Mask = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
    return foreground


def _closed(mask: Mask, gap: int) -> Mask:
    """The mask with gaps of at most `gap` in its rows filled: for clothes as dark as their background."""
    closed = mask.copy()
    for row in closed:
        at = np.flatnonzero(row)
        for k in np.flatnonzero((np.diff(at) > 1) & (np.diff(at) <= gap)):
            row[at[k] : at[k + 1]] = True
    return closed


def _largest(mask: Mask) -> Mask:
    """The largest connected piece, its edge smoothed, its holes filled."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    if count < 2:
        return mask
    kept = (labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))).astype(np.float32)
    smooth = cv2.GaussianBlur(kept, (0, 0), 2.0) > 0.5
    _, outside, stats, _ = cv2.connectedComponentsWithStats((~smooth).astype(np.uint8), connectivity=4)
    big = [i for i in range(1, len(stats)) if stats[i, cv2.CC_STAT_AREA] > 0.002 * mask.size]
    largest: Mask = ~np.isin(outside, big)
    return largest
