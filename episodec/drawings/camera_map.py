"""A map of cameras: the plane, the character, a grid in metres, and cameras as frusta."""

from collections.abc import Sequence

import numpy as np

from episodec.drawings.plan_canvas import (
    DIM,
    FAINT,
    GRID,
    PANEL,
    Box,
    Canvas,
    Colour,
    Place,
    Point,
)
from episodec.drawings.plan_labels import PlanLabels
from episodec.film.exact import Floats
from episodec.film.framing_warnings import BODY_RADIUS_M

Axes = Floats
"""(2, 3): the world directions of the page's right and down."""

ABOVE: Axes = np.array([[1.0, 0, 0], [0, 0, 1.0]])  # +X to the right, +Z down.
ASIDE: Axes = np.array([[0, 0, 1.0], [0, -1.0, 0]])  # Seen from -X: +Z to the right, +Y up.


def _reach(eyes: Floats, axes: Axes) -> tuple[Floats, Floats]:
    """The least and the greatest position on the page, in metres, of cameras, (N, 3), and the character."""
    way = eyes @ axes.T
    edge = BODY_RADIUS_M * 1.6
    return np.minimum(way.min(axis=0), -edge), np.maximum(way.max(axis=0), edge)


def fitting(eyes: Floats, box: Box, axes: Axes, rim: int) -> float:
    """The pixels per metre at which everything fits, with `rim` pixels left free in total."""
    low, high = _reach(eyes, axes)
    return float((np.array([box.width - rim, box.height - rim]) / (high - low)).min())


def placing(eyes: Floats, box: Box, axes: Axes, scale: float) -> Place:
    """A function that maps positions in the page's plane, (N, 2) metres, into a box with everything centred."""
    low, high = _reach(eyes, axes)
    centre = np.array([box.x + box.width / 2, box.y + box.height / 2 + 10])

    def place(points: Floats) -> list[tuple[float, float]]:
        scaled = (points - (low + high) / 2) * scale + centre
        return [(float(x), float(y)) for x, y in scaled.reshape(-1, 2)]

    return place


def _step(scale: float) -> float:
    """A round length in metres, of about 70 pixels or more."""
    return next(s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000) if s * scale >= 60)


def grid(canvas: Canvas, box: Box, scale: float, origin: tuple[float, float]) -> None:
    """Draw a grid with a round step."""
    pixels = _step(scale) * scale
    for start, length, at, is_upright in ((box.x, box.width, origin[0], True), (box.y, box.height, origin[1], False)):
        first = at - int((at - start) / pixels) * pixels
        for line in np.arange(first, start + length, pixels).tolist():
            colour = FAINT if abs(line - at) < 1 else GRID
            ends = [(line, box.y), (line, box.bottom)] if is_upright else [(box.x, line), (box.right, line)]
            canvas.line([(float(x), float(y)) for x, y in ends], colour, 1)


def metres(canvas: Canvas, box: Box, scale: float, words: PlanLabels) -> None:
    """Draw a step of the grid with its length."""
    step, y = _step(scale), box.bottom - 20
    canvas.line([(box.right - 16 - step * scale, y), (box.right - 16, y)], DIM, 2)
    canvas.text(
        (box.right - 16, y - 6), words.metres.format(metres=f"{step:g}".replace(".", words.mark)), 13, DIM, anchor="rs"
    )


def character(canvas: Canvas, place: Place, axes: Axes, scale: float) -> None:
    """Draw a ball at the character's position, and the direction it faces."""
    middle, nose = place(np.zeros((1, 3)) @ axes.T)[0], place(np.array([[0, 0, BODY_RADIUS_M * 1.5]]) @ axes.T)[0]
    canvas.ring(middle, BODY_RADIUS_M * scale, FAINT, PANEL)
    canvas.arrow(middle, nose, DIM)


def corners(pose: Floats, lens: Sequence[float], size: tuple[int, int], depth: float) -> list[Floats]:
    """A camera's position and the corners of its picture at this depth in metres: five points (1, 3).

    pose: camera_to_world, (4, 4). lens: fx, fy, cx, cy.
    """
    fx, fy, cx, cy = lens
    width, height = size
    # A wide view is drawn shorter, so that all are about equally large.
    depth /= max(1.0, cx / fx, cy / fy)
    points = [pose[:3, 3]]
    for u, v in ((0, 0), (width, 0), (width, height), (0, height)):
        ray = np.array([(u - cx) / fx, -(v - cy) / fy, -1.0]) * depth
        points.append((pose[:3, :3] * ray).sum(axis=1) + pose[:3, 3])
    return [point[None] for point in points]


def frustum(canvas: Canvas, outline: Sequence[Point], colour: Colour) -> None:
    """Draw a camera from its position and the corners of its picture on the canvas."""
    apex, *picture = outline
    for corner in picture:
        canvas.line([apex, corner], colour, 1)
    canvas.line([*picture, picture[0]], colour, 1.5)
