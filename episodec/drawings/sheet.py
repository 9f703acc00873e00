"""Pictures for people who choose an episode: the poster, the contact sheet, the animated preview.

One pass over the frames; frames shown small are kept reduced.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from episodec.timebase import frames_text
from episodec.video.frames import Frame
from episodec.video.gates import clock_text

CELLS = 30  # At most: one a second for half a minute.
COLUMNS = 6
CELL = 250  # Pixels: the longer side of a cell's picture.
GUTTER, MARGIN, LABEL, HEAD = 14, 30, 28, 62

PREVIEW_S = 5  # Around the middle.
PREVIEW_RATE = 10  # Frames a second.
PREVIEW_SIDE = 320  # Pixels: the longer side.

CANDIDATES = 9  # The number of frames from which the sharpest is chosen as the poster.

PAPER, INK, DIM = "#141417", "#e8e8ea", "#8a8a93"


@dataclass(slots=True)
class StillsSelection:
    """The pictures taken from an episode's frames."""

    frames: int
    rate: int
    poster_frame: int | None = None  # None: the sharpest of a few.
    poster: Frame | None = None
    cells: list[Any] = field(default_factory=list)
    preview: list[Any] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)  # Of the frames, pixels.

    def needed_frames(self) -> frozenset[int]:
        """The numbers of the frames that are needed."""
        return frozenset((*self.cell_frames(), *self.preview_frames(), *self.poster_frames()))

    def take(self, frames: Iterable[tuple[int, Frame]]) -> None:
        """Process the needed frames once, in order, each with its number."""
        for_cells, for_preview, for_poster = self.cell_frames(), self.preview_frames(), self.poster_frames()
        sharpest = -1.0
        for index, frame in frames:
            self.size = frame.shape[1], frame.shape[0]
            if index in for_cells:
                self.cells.append(_small(frame, CELL))
            if index in for_preview:
                self.preview.append(_small(frame, PREVIEW_SIDE))
            if index in for_poster and (sharpness := _sharpness(frame)) > sharpest:
                sharpest, self.poster_frame, self.poster = sharpness, index, frame

    def cell_frames(self) -> list[int]:
        """The frames of the contact sheet, evenly spaced from the first."""
        count = min(CELLS, self.frames)
        return [place * self.frames // count for place in range(count)]

    def preview_frames(self) -> list[int]:
        """The frames of the preview: a few seconds around the middle."""
        count = min(PREVIEW_S * PREVIEW_RATE, max(1, self.frames * PREVIEW_RATE // self.rate))
        first = (self.frames - (count - 1) * self.rate // PREVIEW_RATE) // 2
        return [min(first + place * self.rate // PREVIEW_RATE, self.frames - 1) for place in range(count)]

    def poster_frames(self) -> list[int]:
        """The candidate frames of the poster: the requested one, or a few between one tenth and nine tenths."""
        if self.poster_frame is not None:
            return [self.poster_frame]
        return sorted({self.frames * (place + 1) // (CANDIDATES + 1) for place in range(CANDIDATES)})


def write_poster(stills: StillsSelection, path: Path) -> None:
    """Write the poster as a JPEG."""
    from PIL import Image

    assert stills.poster is not None
    Image.fromarray(stills.poster).save(path, "JPEG", quality=92, subsampling=0, optimize=True)


def write_preview(stills: StillsSelection, path: Path) -> None:
    """Write the preview as a looping WebP."""
    first, *others = stills.preview
    lasts_ms = 1000 // PREVIEW_RATE
    first.save(path, "WEBP", save_all=True, append_images=others, duration=lasts_ms, loop=0, quality=72, method=4)


def write_sheet(stills: StillsSelection, path: Path) -> None:
    """Write the contact sheet as a PNG: each cell with its time and frame number."""
    from PIL import Image, ImageDraw

    from episodec.drawings.chart import font

    columns = min(COLUMNS, len(stills.cells))
    rows = -(-len(stills.cells) // columns)
    wide, high = max(110, stills.cells[0].size[0]), stills.cells[0].size[1]  # Room for a time and a frame number.
    width = max(2 * MARGIN + columns * (wide + GUTTER) - GUTTER, 520)
    image = Image.new("RGB", (width, MARGIN + HEAD + rows * (high + LABEL + GUTTER) - GUTTER + MARGIN), PAPER)
    draw = ImageDraw.Draw(image)
    times = [clock_text(frame, stills.rate) for frame in (*stills.cell_frames(), stills.frames)]
    if all(time.endswith(".00") for time in times):
        times = [time.removesuffix(".00") for time in times]
    facts = f"{frames_text(stills.frames)}   ·   {stills.rate} a second   ·   {stills.size[0]}x{stills.size[1]}"
    draw.text((MARGIN, MARGIN), times[-1], INK, font=font(26))
    draw.text((width - MARGIN, MARGIN + 8), facts, DIM, font=font(16), anchor="ra")
    for place, (frame, cell) in enumerate(zip(stills.cell_frames(), stills.cells, strict=True)):
        x = MARGIN + place % columns * (wide + GUTTER)
        y = MARGIN + HEAD + place // columns * (high + LABEL + GUTTER)
        image.paste(cell, (x, y))
        draw.text((x, y + high + 6), times[place], INK, font=font(15))
        draw.text((x + wide, y + high + 6), str(frame), DIM, font=font(15), anchor="ra")
    image.save(path, "PNG", optimize=True)


def _small(frame: Frame, side: int) -> Any:
    """The picture reduced so that its longer side is at most `side`."""
    from PIL import Image

    image = Image.fromarray(frame)
    scale = min(1.0, side / max(image.size))
    width, height = (max(1, round(one * scale)) for one in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _sharpness(frame: Frame) -> float:
    """The variance of the Laplacian of the grey picture: lower if it is blurred or empty.

    After Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy" (2000).
    """
    import cv2

    edges = cv2.Laplacian(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), cv2.CV_16S)
    _, deviation = cv2.meanStdDev(edges)
    return float(deviation[0, 0])
