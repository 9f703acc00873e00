"""Fits the head to the face in a picture: by its landmarks, with a thin-plate spline, in a fixed order of operations.

The head is turned as the face is, then each of its points is moved to where the landmarks say; between and around them
the map bends as little as possible. Depth is the head's own, at the face's scale.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.face.head import EYES, Floats, Head, pose
from episodec.face.landmarks import (
    COUNT,
    LEFT_LOWER_LID,
    LEFT_UPPER_LID,
    LOWER_LIP,
    RIGHT_LOWER_LID,
    RIGHT_UPPER_LID,
    UPPER_LIP,
    Landmarks,
    Points,
    eye_distance,
    lip_gap,
)
from episodec.face.plate import Plate, plate, solved
from episodec.face.rims import ALONG, lower_rim, resampled, upper_rim

LIDS = {"right": (RIGHT_UPPER_LID, RIGHT_LOWER_LID), "left": (LEFT_UPPER_LID, LEFT_LOWER_LID)}
ON_LIPS = 11  # Points where the lips meet.

# Smoothing of the spline, in square decimetres: landmarks are noisy, but rims and lips should be met.
SMOOTHING = 1.4e-3
OF_RIMS, OF_LIPS, OF_SKULL = 0.05, 0.02, 40.0  # As factors of it.

LEAST_EYES = 2.0  # Pixels between the eyes.

OPEN = 0.075  # Eye distances: lips that are farther apart are open.
REACH = 0.4  # Eye distances from the slit: how far skin moves when lips are parted.
PRESSED = 2.0  # Share of a gap that `mouthPress` closes at weight 1; all of it is closed at 1 / PRESSED.


@dataclass(frozen=True, slots=True)
class Similarity:
    """The pose of the rigid head: scaled, rolled in the picture's plane, moved."""

    scale: float  # Pixels of the picture per decimetre.
    roll_rad: float  # Clockwise in the picture.
    yaw_rad: float  # The head's turn towards its own left, the picture's right.
    origin: tuple[float, float]  # Pixels: the point midway between the centres of the eyes.


@dataclass(frozen=True, slots=True)
class Residual:
    """Distances in pixels between the spline's images of the head's points and their targets."""

    median: float
    p90: float
    worst: float

    def at_height(self, height: int, other: int = 512) -> "Residual":
        """The same in pixels of a picture `other` pixels high."""
        part = other / height
        return Residual(self.median * part, self.p90 * part, self.worst * part)


@dataclass(frozen=True, slots=True, eq=False)
class FittedHead:
    """A head in a picture's space: x to the right and y down in pixels, depth towards the viewer in the same pixels.

    Attributes:
        head: the model.
        landmarks: of the picture.
        similarity: the rigid pose, without the spline's bends.
        warp: from the turned head's x and y, in decimetres, to pixels.
        places: (V, 2) float64, vertices at rest: as the portrait shows the face.
        depth: (V,) float64; 0 midway between the eyes.
        opener: (V,) float64, pixels down by which lips that are open in the portrait are moved at rest, 0 if they are
            closed; included in `places`.
        slit: (n, 2), the line where the lips meet, or would: from the picture's left to its right.
        rims: of both eyes by EYES, (n, 2) of the upper and of the lower rim.
        residual: the error of the fit.
    """

    head: Head
    landmarks: Landmarks
    similarity: Similarity
    warp: Plate
    places: Floats
    depth: Floats
    opener: Floats
    slit: Floats
    rims: Mapping[str, tuple[Floats, Floats]]
    residual: Residual

    @property
    def has_open_mouth(self) -> bool:
        """Whether the lips are apart in the portrait."""
        return bool(self.opener.any())

    def posed(self, weights: Mapping[str, float]) -> tuple[Floats, Floats]:
        """(V, 2) places and (V,) depth with shapes at these weights; at rest they equal `places` and `depth`."""
        places, depth = self.placed(pose(self.head, weights))
        return places + np.stack([0 * depth, self.opener * self._open(weights)], axis=1), depth

    def placed(self, vertices: Floats) -> tuple[Floats, Floats]:
        """(n, 2) places and (n,) depth of any points of the head's space, (n, 3) decimetres; lips as on the head."""
        turned = turn(vertices, self.similarity.yaw_rad)
        return self.warp.at(turned[:, :2]), turned[:, 2] * self.similarity.scale

    def moves(self, name: str) -> tuple[NDArray[np.int32], Floats]:
        """The effect of a shape at weight 1: vertices, (n,), and their moves right, down and nearer, (n, 3) pixels."""
        shape = self.head.shapes[name]
        own = np.flatnonzero(self.opener) if name.startswith("mouthPress") else np.zeros(0, np.int64)
        vertices = np.union1d(shape.vertices, own).astype(np.int32)
        at = self.head.vertices[vertices].copy()
        at[np.searchsorted(vertices, shape.vertices)] += shape.moves
        places, depth = self.placed(at)
        places += np.stack([0 * depth, (self.opener * self._open({name: 1.0}))[vertices]], axis=1)
        return vertices, np.concatenate(
            [places - self.places[vertices], (depth - self.depth[vertices])[:, None]], axis=1
        )

    def _open(self, weights: Mapping[str, float]) -> Floats:
        """(V,): the share of the portrait's lip gap that `mouthPress` leaves open, each side separately."""
        is_left = np.clip(0.5 + self.head.vertices[:, 0] / 0.08, 0, 1)
        pressed = is_left * weights.get("mouthPressLeft", 0.0) + (1 - is_left) * weights.get("mouthPressRight", 0.0)
        left: Floats = np.clip(1 - PRESSED * pressed, 0, 1)
        return left


def fit_head(head: Head, landmarks: Landmarks, rgb: NDArray[np.uint8]) -> FittedHead:
    """The head fitted to an (h, w, 3) picture with these landmarks.

    Raises:
        ValueError: the landmarks are not a face's: not finite, collinear or coincident.
    """
    points, marks = landmarks.points, head.landmarks()
    if not (np.isfinite(points).all() and eye_distance(points) >= LEAST_EYES):
        raise ValueError("these landmarks are not a face's")
    yaw = _yaw(marks, points)
    turned = turn(marks, yaw)[:, :2]
    similarity = _similarity(turned, points, yaw)
    rims = {eye: (upper_rim(rgb, points, upper), lower_rim(rgb, points, lower)) for eye, (upper, lower) in LIDS.items()}
    pairs = _pairs(head, points, rims, yaw)
    sources, targets, smoothing = (
        np.concatenate(each) for each in zip(*pairs, _skull(head, turned, points, yaw), strict=True)
    )
    warp = plate(sources, targets, smoothing)
    count = sum(len(each[0]) for each in pairs)
    away = np.sqrt(((warp.at(sources[:count]) - targets[:count]) ** 2).sum(axis=1))
    residual = Residual(float(np.median(away)), float(np.quantile(away, 0.9)), float(away.max()))
    in_space = turn(head.vertices, yaw)
    places, depth = warp.at(in_space[:, :2]), in_space[:, 2] * similarity.scale
    slit = warp.at(turn(head.slit, yaw)[:, :2])
    opener = _opener(head, points, places, slit)
    lines = {
        eye: (
            warp.at(turn(head.openings[eye].upper, yaw)[:, :2]),
            warp.at(turn(head.openings[eye].lower, yaw)[:, :2]),
        )
        for eye in EYES
    }
    places = places + np.stack([0 * opener, opener], axis=1)
    return FittedHead(head, landmarks, similarity, warp, places, depth, opener, slit, lines, residual)


def turn(points: Floats, yaw_rad: float) -> Floats:
    """(n, 3): points of a head after a turn towards its own left."""
    cos, sin = math.cos(yaw_rad), math.sin(yaw_rad)
    x, z = points[:, 0], points[:, 2]
    turned: Floats = np.stack([cos * x + sin * z, points[:, 1], cos * z - sin * x], axis=1)
    return turned


Pairs = tuple[Floats, Floats, Floats]
"""(n, 2) of the turned head in decimetres, (n, 2) of the picture in pixels, (n,) smoothing."""


def _pairs(head: Head, points: Points, rims: Mapping[str, tuple[Floats, Floats]], yaw: float) -> list[Pairs]:
    """The pairs that place the face: landmarks, except on lids and inner lips, where the mesh has lines of its own."""
    on_lines = {*UPPER_LIP, *LOWER_LIP, *(index for lids in LIDS.values() for lid in lids for index in lid)}
    plain = [index for index in range(COUNT) if index not in on_lines]
    marks = head.landmarks()
    pairs = [(turn(marks, yaw)[plain, :2], points[plain], np.full(len(plain), SMOOTHING))]

    def line(own: Floats, ends: tuple[int, ...], count: int) -> Floats:
        return resampled(turn(_between(own, marks[ends[0]], marks[ends[-1]]), yaw)[:, :2], count)

    lips = (points[list(UPPER_LIP)] + points[list(LOWER_LIP)]) / 2
    slit = line(head.slit, UPPER_LIP, ON_LIPS)
    pairs.append((slit, resampled(lips, ON_LIPS), np.full(ON_LIPS, OF_LIPS * SMOOTHING)))
    for eye, (upper, lower) in rims.items():
        opening, lid = head.openings[eye], LIDS[eye][0]
        above, below = line(opening.upper, lid, ALONG), line(opening.lower, lid, ALONG)[1:-1]
        pairs.append((above, upper, np.full(ALONG, OF_RIMS * SMOOTHING)))
        pairs.append((below, lower[1:-1], np.full(ALONG - 2, OF_RIMS * SMOOTHING)))
    return pairs


def _between(line: Floats, first: Floats, last: Floats) -> Floats:
    """A line of rising x, (n, 3), clipped or extended to the ends that the network sees."""
    inside = line[(line[:, 0] > first[0]) & (line[:, 0] < last[0])]
    ends = [
        np.array([end[0], *(np.interp(end[0], line[:, 0], line[:, k]) for k in (1, 2))])
        if line[0, 0] < end[0] < line[-1, 0]
        else end
        for end in (first, last)
    ]
    return np.concatenate([ends[:1], inside, ends[1:]])


def _skull(head: Head, turned: Points, points: Points, yaw: float) -> Pairs:
    """Loose pairs around the head: crown, ears and neck have no landmarks and follow the face as a whole."""
    skin = turn(head.vertices[head.vertices_of("skin")], yaw)[:, :2]
    sources = []
    for degrees in range(0, 360, 30):
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        sources.append(skin[int((cos * skin[:, 0] + sin * skin[:, 1]).argmax())])
    around = np.unique(np.array(sources), axis=0)
    affine = _least_squares(np.column_stack([np.ones(COUNT), turned]), points)
    targets = affine[0] + around[:, :1] * affine[1] + around[:, 1:] * affine[2]
    return around, targets, np.full(len(around), OF_SKULL * SMOOTHING)


def _yaw(marks: Floats, points: Points) -> float:
    """The yaw of the scaled parallel camera that projects the marks nearest to the points.

    Its pitch is ignored: a nose or chin that differs from the head's looks like one (7 degrees on one of five heads).
    """
    rows = _least_squares(np.column_stack([np.ones(COUNT), marks]), points)[1:].T  # (2, 3)
    right, up = (row / math.sqrt(float((row**2).sum())) for row in (rows[0], -rows[1]))
    roll = math.atan2(-right[1], up[1])
    across = math.cos(roll) * right + math.sin(roll) * up
    return math.atan2(across[2], across[0])


def _similarity(turned: Points, points: Points, yaw: float) -> Similarity:
    """The nearest similarity in least squares (Umeyama, 1991, for the plane)."""
    here, there = turned * (1, -1), points
    a, b = here - here.mean(axis=0), there - there.mean(axis=0)
    size = float((a**2).sum())
    cos, sin = float((a * b).sum()) / size, float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / size
    middle, origin = here.mean(axis=0), there.mean(axis=0)
    at = (float(origin[0] - cos * middle[0] + sin * middle[1]), float(origin[1] - sin * middle[0] - cos * middle[1]))
    return Similarity(math.sqrt(cos**2 + sin**2), math.atan2(sin, cos), yaw, at)


def _least_squares(rows: Floats, right: Floats) -> Floats:
    """(k, m): the least-squares solution x of rows x = right, for (n, k) and (n, m), by the normal equations."""
    square = np.array([[float((a * b).sum()) for b in rows.T] for a in rows.T])
    return solved(square, np.array([[float((a * b).sum()) for b in right.T] for a in rows.T]))


def _opener(head: Head, points: Points, places: Floats, slit: Floats) -> Floats:
    """(V,) pixels down that open the head's closed lips as far as the portrait's are."""
    unit, gap = eye_distance(points), lip_gap(points)
    weights = np.zeros(len(places))
    if gap <= OPEN * unit:
        return weights
    skin = head.vertices_of("skin")
    jaw = np.zeros(len(places))
    jaw[head.shapes["jawOpen"].vertices] = head.shapes["jawOpen"].moves[:, 1]
    below = 2 * np.clip(-jaw[skin] / 0.28, 0, 1) - 1  # From the upper lip's -1 to the lower lip's 1.
    x, y = places[skin].T
    across = np.clip(np.abs(2 * (x - slit[0, 0]) / (slit[-1, 0] - slit[0, 0]) - 1), 0, 1)
    down = np.clip(np.abs(y - np.interp(x, slit[:, 0], slit[:, 1])) / (REACH * unit), 0, 1)
    weights[skin] = 0.5 * gap * (1 - across**2) * (1 - down**2) ** 2 * below
    return weights
