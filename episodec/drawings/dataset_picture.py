"""The picture of a dataset: its cameras from above and from the side, and the times of each split below.

It gets arrays, and knows no file formats but the font's. The same input and font give the same pixels.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from episodec.drawings.camera_map import ABOVE, ASIDE, Axes, character, corners, fitting, frustum, grid, metres, placing
from episodec.drawings.plan_canvas import DIM, FAINT, INK, PANEL, SOUND, TIME, Box, Canvas, Colour, fade
from episodec.drawings.plan_labels import EN
from episodec.drawings.plan_picture import MAP_HEIGHT, MARGIN, WIDTH
from episodec.film.exact import Floats
from episodec.splat.dataset import SPLITS, DatasetShots, Shot

LABELS = 170  # Left of the axis of times.
BAND, GAP = 44, 10
FRUSTUM_PX = 40
_RIM = 130  # Pixels of a map's width and height left free by the cameras.

HELD_OUT: dict[str, Colour] = {"val": TIME, "test": SOUND}


def draw_dataset(shots: DatasetShots, title: str, facts: str, font: Path | None = None) -> Image.Image:
    """An RGB image, 1600 pixels wide. Frames are coloured by time; held-out ones have a ring of a colour of
    their own.
    """
    bands = [(split, kind) for split in SPLITS for kind in ("spatial", "temporal") if _of(shots, split, kind)]
    top = 76 + MAP_HEIGHT + 40
    canvas = Canvas(WIDTH, top + len(bands) * (BAND + GAP) + 64, font)
    canvas.paragraph(Box(MARGIN, 26, WIDTH // 2, 32), title, 24, INK)
    canvas.text((WIDTH - MARGIN, 32), facts, 15, DIM, anchor="ra")
    half = (WIDTH - 2 * MARGIN - 24) // 2
    boxes = (Box(MARGIN, 76, half, MAP_HEIGHT), Box(MARGIN + half + 24, 76, half, MAP_HEIGHT))
    scale = min(fitting(_eyes(shots), box, axes, _RIM) for box, axes in zip(boxes, (ABOVE, ASIDE), strict=True))
    _map(canvas, boxes[0], shots, "from above", ABOVE, scale)
    _map(canvas, boxes[1], shots, "from the character's right", ASIDE, scale)
    axis = Box(MARGIN + LABELS, top, WIDTH - 2 * MARGIN - LABELS, len(bands) * (BAND + GAP))
    for place, (split, kind) in enumerate(bands):
        band = Box(axis.x, top + place * (BAND + GAP), axis.width, BAND)
        _times(canvas, band, f"{split} {kind}", _of(shots, split, kind))
    for tenth in range(0, 11, 2):
        x = _x(axis, tenth / 10)
        canvas.text((x, axis.bottom + 6), f"{tenth / 10:g}", 13, INK, anchor="ma")
    canvas.text((axis.x - 16, axis.bottom + 6), "scene time", 13, DIM, anchor="ra")
    legend = "cameras of moving pictures are ringed, in the colour of their first time"
    canvas.text((axis.right, axis.bottom + 28), legend, 13, DIM, anchor="ra")
    return canvas.image()


def _of(shots: DatasetShots, split: str, kind: str) -> list[Shot]:
    return [shot for shot in shots.shots if shot.split == split and shot.kind == kind]


def _eyes(shots: DatasetShots) -> Floats:
    """(N, 3): the camera positions."""
    return np.stack([shot.camera_to_world[:3, 3] for shot in shots.shots])


def _map(canvas: Canvas, box: Box, shots: DatasetShots, title: str, axes: Axes, scale: float) -> None:
    """Draw the cameras in one plane, each position once; those of moving pictures are ringed and on top."""
    place = placing(_eyes(shots), box, axes, scale)
    canvas.panel(box)
    with canvas.within(box):
        grid(canvas, box, scale, place(np.zeros((1, 2)))[0])
        metres(canvas, box, scale, EN)
        character(canvas, place, axes, scale)
        poses = {(shot.kind, shot.camera_to_world.tobytes()): shot for shot in reversed(shots.shots)}
        for shot in sorted(poses.values(), key=lambda one: one.kind == "temporal"):
            ends = corners(shot.camera_to_world, shots.intrinsics, shots.size, FRUSTUM_PX / scale)
            outline = [place(end @ axes.T)[0] for end in ends]
            colour = fade(shot.time) if shot.kind == "temporal" else INK
            frustum(canvas, outline, colour)
            if shot.kind == "temporal":
                canvas.ring(outline[0], 9, colour, PANEL)
            canvas.dot(outline[0], 4, colour, HELD_OUT.get(shot.split, colour))
    canvas.text((box.x + 14, box.y + 10), title, 15, DIM)


def _times(canvas: Canvas, band: Box, name: str, shots: list[Shot]) -> None:
    """Draw a dot for each frame on one line, and their number."""
    canvas.text((band.x - 16, band.y + band.height / 2), f"{name}  {len(shots)}", 15, DIM, anchor="rm")
    canvas.panel(band)
    middle = band.y + band.height / 2
    canvas.line([(band.x, middle), (band.right, middle)], FAINT, 1)
    for shot in shots:
        at = (_x(band, shot.time), middle)
        ring = HELD_OUT.get(shot.split)
        if ring is not None:
            canvas.ring(at, 11, ring, PANEL)
        canvas.dot(at, 5, fade(shot.time), INK)
    if len({shot.time for shot in shots}) == 1 < len(shots):
        canvas.text((_x(band, shots[0].time) + 14, middle), f"x {len(shots)}", 14, INK, anchor="lm")


def _x(band: Box, time: float) -> float:
    return band.x + 20 + (band.width - 40) * time
