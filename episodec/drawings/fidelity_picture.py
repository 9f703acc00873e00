"""Pictures of a trained scene: truth, rendering and difference for frames of every split, and a strip of the orbit."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from episodec.drawings.plan_canvas import DIM, INK, Box, Canvas

CELL = 168  # Pixels of a picture's side.
GUTTER, MARGIN, LABEL, HEAD = 10, 28, 26, 66
PANES = 3  # Truth, rendered, difference.
COLUMNS = 2  # Of such triples.
STRIP = 10  # Pictures of the orbit.
GAIN = 4  # Amplification of the differences.

Frame = NDArray[np.uint8]


def write_fidelity(
    path: Path, title: str, cases: Sequence[tuple[str, str, Frame, Frame]], orbit: Sequence[Frame]
) -> None:
    """Write the picture as a PNG.

    cases: for each frame its name, its measurement, and (h, w, 3) of truth and rendering; orbit: (h, w, 3) each.
    """
    three = PANES * (CELL + 2)
    rows = -(-len(cases) // COLUMNS)
    small = (COLUMNS * three + (COLUMNS - 1) * GUTTER - (STRIP - 1) * 2) // STRIP
    width = 2 * MARGIN + COLUMNS * three + (COLUMNS - 1) * GUTTER
    height = 2 * MARGIN + HEAD + rows * (CELL + LABEL + GUTTER) + LABEL + small
    canvas = Canvas(width, height, None)
    canvas.text((MARGIN, MARGIN), title, 20, INK)
    hint = f"truth  |  rendered  |  difference x {GAIN}"
    canvas.text((MARGIN, MARGIN + 30), hint, 13, DIM)
    pasted: list[tuple[Frame, Box]] = []
    for place, (name, value, truth, rendered) in enumerate(cases):
        x = MARGIN + place % COLUMNS * (three + GUTTER)
        y = MARGIN + HEAD + place // COLUMNS * (CELL + LABEL + GUTTER)
        canvas.text((x, y), name, 13, INK)
        canvas.text((x + three - 2, y), value, 13, DIM, anchor="ra")
        apart = np.abs(truth.astype(np.int16) - rendered) * GAIN
        for pane, pane_image in enumerate((truth, rendered, np.minimum(apart, 255).astype(np.uint8))):
            pasted.append((pane_image, Box(x + pane * (CELL + 2), y + LABEL - 6, CELL, CELL)))
    y = MARGIN + HEAD + rows * (CELL + LABEL + GUTTER)
    canvas.text((MARGIN, y), "one turn, while scene time runs from 0 to 1", 13, DIM)
    for place in range(STRIP):
        pane_image = orbit[place * len(orbit) // STRIP]
        pasted.append((pane_image, Box(MARGIN + place * (small + 2), y + LABEL - 6, small, small)))
    page = canvas.image()
    for frame, box in pasted:
        image = Image.fromarray(frame).resize((box.width, box.height), Image.Resampling.LANCZOS)
        page.paste(image, (box.x, box.y))
    page.save(path, "PNG", optimize=True)
