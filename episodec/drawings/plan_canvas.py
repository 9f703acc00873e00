"""A drawing surface for pictures of data: anti-aliased lines, dots and text in a dark palette.

Drawn at twice the size and reduced, since Pillow draws without anti-aliasing.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Point = tuple[float, float]
Place = Callable[[NDArray[np.float64]], list[Point]]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

GROUND: Colour = (17, 19, 24)
PANEL: Colour = (25, 28, 35)
GRID: Colour = (36, 40, 50)
FAINT: Colour = (72, 79, 95)
DIM: Colour = (146, 155, 172)
INK: Colour = (226, 230, 238)
TIME: Colour = (126, 211, 146)
SOUND: Colour = (120, 170, 222)

_WAY: tuple[Colour, ...] = ((76, 201, 240), (140, 150, 255), (232, 121, 196), (255, 165, 82))

_SCALE = 2


def fade(part: float, strength: float = 1.0) -> Colour:
    """The colour of a moment, 0 to 1, from blue to orange; mixed with the background below strength 1."""
    place = min(max(part, 0.0), 1.0) * (len(_WAY) - 1)
    before = min(int(place), len(_WAY) - 2)
    rest = place - before
    mixed = [a * (1 - rest) + b * rest for a, b in zip(_WAY[before], _WAY[before + 1], strict=True)]
    red, green, blue = (round(m * strength + g * (1 - strength)) for m, g in zip(mixed, GROUND, strict=True))
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page, in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """Its right edge, exclusive."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """Its lower edge, exclusive."""
        return self.y + self.height

    def inset(self, across: int, down: int) -> "Box":
        """The box reduced by `across` and `down` pixels on each side."""
        return Box(self.x + across, self.y + down, max(self.width - 2 * across, 0), max(self.height - 2 * down, 0))


class Canvas:
    """A picture being drawn; positions are in pixels of the finished picture.

    font: a file; None: Pillow's bundled one, used for artifacts because it is the same on every machine.
    """

    def __init__(self, width: int, height: int, font: Path | None) -> None:
        self._image = Image.new("RGB", (width * _SCALE, height * _SCALE), GROUND)
        self._draw = ImageDraw.Draw(self._image)
        self._font = cache(lambda size: _load(font, size * _SCALE))

    def image(self) -> Image.Image:
        """The finished picture."""
        return self._image.reduce(_SCALE)

    @contextmanager
    def within(self, box: Box) -> Iterator[None]:
        """Clip drawing to the box inside the `with` block."""
        page, draw = self._image, self._draw
        self._image = page.copy()
        self._draw = ImageDraw.Draw(self._image)
        yield
        edges = (box.x * _SCALE, box.y * _SCALE, box.right * _SCALE, box.bottom * _SCALE)
        page.paste(self._image.crop(edges), edges[:2])
        self._image, self._draw = page, draw

    def panel(self, box: Box, outline: Colour | None = None) -> None:
        """Draw a rounded rectangle as a background."""
        edges = [box.x * _SCALE, box.y * _SCALE, box.right * _SCALE - 1, box.bottom * _SCALE - 1]
        self._draw.rounded_rectangle(edges, 5 * _SCALE, fill=PANEL, outline=outline, width=_SCALE)

    def line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """Draw a line through points, with round joints."""
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        self._draw.line(scaled, fill=colour, width=max(1, round(width * _SCALE)), joint="curve")

    def dot(self, at: Point, radius: float, fill: Colour, outline: Colour) -> None:
        """Draw a filled circle."""
        self._draw.ellipse(_around(at, radius), fill=fill, outline=outline, width=round(1.5 * _SCALE))

    def ring(self, at: Point, radius: float, outline: Colour, fill: Colour) -> None:
        """Draw a circle."""
        self._draw.ellipse(_around(at, radius), fill=fill, outline=outline, width=round(1.5 * _SCALE))

    def arrow(self, start: Point, end: Point, colour: Colour) -> None:
        """Draw an arrow; without a head if it points at the reader."""
        self.line([start, end], colour, 2)
        angle = math.atan2(end[1] - start[1], end[0] - start[0])
        if math.dist(start, end) > 8:
            wings = [angle + math.pi + turn for turn in (-0.45, 0.45)]
            head = [end, *((end[0] + 9 * math.cos(wing), end[1] + 9 * math.sin(wing)) for wing in wings)]
            self._draw.polygon([(x * _SCALE, y * _SCALE) for x, y in head], fill=colour)

    def text(self, at: Point, text: str, size: int, colour: Colour, anchor: str = "la") -> None:
        """Draw a line of text; anchors are Pillow's."""
        self._draw.text((at[0] * _SCALE, at[1] * _SCALE), text, fill=colour, font=self._font(size), anchor=anchor)

    def fitted(self, at: Point, text: str, size: int, colour: Colour, room: float) -> None:
        """Draw a line of text, vertically centred at its left end; nothing if it does not fit."""
        if self._width(text, size) <= room:
            self.text(at, text, size, colour, anchor="lm")

    def paragraph(self, box: Box, text: str, size: int, colour: Colour) -> None:
        """Draw text wrapped into the box; the rest is cut with an ellipsis."""
        lines = self._broken(text.split(), size, box.width)
        most = max(box.height // round(size * 1.3), 1)
        if len(lines) > most:
            lines = [*lines[: most - 1], self._cut(" ".join(lines[most - 1 :]), size, box.width)]
        for row, line in enumerate(lines):
            line_text = line if self._width(line, size) <= box.width else self._cut(line, size, box.width)
            self.text((box.x, box.y + row * round(size * 1.3)), line_text, size, colour)

    def _broken(self, words: Sequence[str], size: int, room: float) -> list[str]:
        lines: list[str] = []
        for word in words:
            if lines and self._width(f"{lines[-1]} {word}", size) <= room:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        return lines

    def _cut(self, text: str, size: int, room: float) -> str:
        """As much of the text as fits with an ellipsis; empty if not even that does."""
        for length in range(len(text), 0, -1):
            shortened = text[:length].rstrip(" ,.;:") + "…"
            if self._width(shortened, size) <= room:
                return shortened
        return ""

    def _width(self, text: str, size: int) -> float:
        return float(self._draw.textlength(text, font=self._font(size))) / _SCALE


def _around(at: Point, radius: float) -> list[float]:
    x, y = at
    return [(x - radius) * _SCALE, (y - radius) * _SCALE, (x + radius) * _SCALE, (y + radius) * _SCALE]


def _load(font: Path | None, size: int) -> Font:
    return ImageFont.load_default(size) if font is None else ImageFont.truetype(str(font), size)
