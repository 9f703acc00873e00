"""Pictures of a training: a chart of its steps, and a turntable of the result, as a small animated WebP."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from episodec.drawings.chart import (
    BOTTOM,
    DIM,
    GAP,
    HEAD,
    INK,
    LEFT,
    LINE,
    PANEL,
    PAPER,
    RIGHT,
    RULE,
    SCALE,
    WIDTH,
    Pen,
)

MARK = "#c77700"
QUALITY = 62  # Of the WebP.


@dataclass(frozen=True, slots=True)
class ChartCurve:
    """One measurement over the steps."""

    title: str
    steps: Sequence[int]
    values: Sequence[float]
    from_zero: bool = True


def draw_training(title: str, facts: str, curves: Sequence[ChartCurve], boundary: int, path: Path) -> None:
    """Write the chart as a PNG; a vertical line marks the boundary, the step after which the scene moves."""
    from PIL import Image, ImageDraw

    height = HEAD + len(curves) * (PANEL + GAP) - GAP + BOTTOM
    image = Image.new("RGB", (WIDTH * SCALE, height * SCALE), PAPER)
    steps = max(curve.steps[-1] for curve in curves)
    pen = Pen(ImageDraw.Draw(image), steps + 1, 1)
    pen.text((LEFT, 24), title, 24, INK)
    pen.text((LEFT, 60), facts, 15, DIM)
    for place, curve in enumerate(curves):
        _draw_curve(pen, curve, HEAD + place * (PANEL + GAP), boundary)
    bottom = HEAD + len(curves) * (PANEL + GAP) - GAP
    pen.line([(LEFT, bottom), (WIDTH - RIGHT, bottom)], DIM)
    for tick in _round_steps(0, steps):
        pen.line([(pen.x(tick), bottom), (pen.x(tick), bottom + 6)], DIM)
        pen.text((pen.x(tick), bottom + 11), f"{tick:g}", 13, DIM, "ma")
    image.resize((WIDTH, height), Image.Resampling.LANCZOS).save(path, "PNG")


def _draw_curve(pen: Pen, curve: ChartCurve, top: float, boundary: int) -> None:
    low = 0.0 if curve.from_zero else min(curve.values)
    high = max(curve.values)
    room = 0.06 * (high - low) or 1.0
    low, high = (low if curve.from_zero else low - room), high + room
    bottom = top + PANEL

    def y(value: float) -> float:
        return bottom - PANEL * (value - low) / (high - low)

    for tick in _round_steps(low, high):
        pen.line([(LEFT, y(tick)), (WIDTH - RIGHT, y(tick))], RULE)
        pen.text((LEFT - 10, y(tick)), f"{tick:g}", 13, DIM, "rm")
    pen.line([(pen.x(boundary), top), (pen.x(boundary), bottom)], MARK)
    points = [(pen.x(step), y(value)) for step, value in zip(curve.steps, curve.values, strict=True)]
    pen.line(points, LINE, 1.6)
    pen.text((WIDTH - RIGHT + 10, y(curve.values[-1])), _short(curve.values[-1]), 13, INK, "lm")
    pen.text((LEFT, top - 10), curve.title, 15, INK, "ls")


def _short(value: float) -> str:
    """Four digits, or all digits of large numbers."""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _round_steps(low: float, high: float) -> list[float]:
    """Three to seven round values between two."""
    span = max(high - low, 1e-9)
    power = 10.0 ** np.floor(np.log10(span))
    each = next(power * part for part in (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0) if span / (power * part) <= 7)
    first = int(np.ceil(low / each - 1e-9))
    return [round(float(each * k), 9) for k in range(first, int(np.floor(high / each + 1e-9)) + 1)]


def write_turntable(pictures: Iterable[NDArray[np.uint8]], path: Path, milliseconds: int) -> None:
    """Write a looping WebP of pictures (h, w, 3) uint8, each shown for `milliseconds`."""
    from PIL import Image

    first, *others = (Image.fromarray(picture) for picture in pictures)
    first.save(
        path, "WEBP", save_all=True, append_images=others, duration=milliseconds, loop=0, quality=QUALITY, method=3
    )
