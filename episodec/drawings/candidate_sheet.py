"""Portrait candidates side by side, the current portrait first: one picture for the person who picks."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from episodec.drawings.sheet import DIM, GUTTER, INK, MARGIN, PAPER
from episodec.faces.candidates import write
from episodec.faces.drift import drift
from episodec.faces.pixels import rgba_of

SIDE = 320  # Pixels: the longer side of a cell's picture.
COLUMNS = 4
LABEL, HEAD = 52, 44


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One picture of the sheet."""

    picture: Path
    label: str


def write_sheet(path: Path, title: str, candidates: Sequence[SheetCell], portrait: SheetCell | None) -> None:
    """Write the sheet as a JPEG, which cannot be mistaken for a candidate.

    Each candidate is labelled with its drift from the portrait, if there is one. All pictures were accepted by
    `check_portrait`, or have just been made.

    Raises:
        BackendError: it cannot be written.
    """
    from PIL import Image, ImageDraw

    from episodec.drawings.chart import font

    cells = [portrait, *candidates] if portrait else list(candidates)
    columns = min(COLUMNS, len(cells))
    rows = -(-len(cells) // columns)
    size = (
        2 * MARGIN + columns * (SIDE + GUTTER) - GUTTER,
        MARGIN + HEAD + rows * (SIDE + LABEL + GUTTER) - GUTTER + MARGIN,
    )
    image = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((MARGIN, MARGIN), _fitted(draw, title, font(16), size[0] - 2 * MARGIN), INK, font=font(16))
    for place, cell in enumerate(cells):
        x = MARGIN + place % columns * (SIDE + GUTTER)
        y = MARGIN + HEAD + place // columns * (SIDE + LABEL + GUTTER)
        small = _small(cell.picture)
        image.paste(small, (x + (SIDE - small.width) // 2, y + (SIDE - small.height) // 2), small)
        draw.text((x, y + SIDE + 6), cell.label, INK, font=font(15))
        if portrait is not None and cell is not portrait:
            label = f"drift {drift_from(cell.picture, portrait.picture):.1f}"
            draw.text((x, y + SIDE + 26), label, DIM, font=font(14))
    content = io.BytesIO()
    image.save(content, "JPEG", quality=92, subsampling=0)
    write(path, content.getvalue())


def drift_from(candidate: Path, portrait: Path) -> float:
    """The candidate's drift from the portrait, at the portrait's size."""
    from PIL import Image

    other = rgba_of(portrait)
    size = other.shape[1], other.shape[0]
    image = Image.fromarray(rgba_of(candidate))
    return drift(np.asarray(image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)), other)


def _small(path: Path) -> Any:
    """The picture scaled so that its longer side is SIDE pixels."""
    from PIL import Image

    image = Image.fromarray(rgba_of(path))
    scale = SIDE / max(image.size)
    width, height = (max(1, round(one * scale)) for one in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _fitted(draw: Any, text: str, font: Any, width: int) -> str:
    """The text, shortened to fit the sheet."""
    if draw.textlength(text, font=font) <= width:
        return text
    while text and draw.textlength(f"{text}…", font=font) > width:
        text = text[:-1]
    return f"{text}…"
