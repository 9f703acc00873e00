"""A chart of a picture's measurements: panels over one time axis, gates as dashed lines, faults shaded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from episodec.timebase import frames_text
from episodec.video.gates import Verdict
from episodec.video.measure import FrameMeasurements

PAPER, INK, DIM, RULE = "#ffffff", "#1c1c22", "#74747e", "#e4e4e8"
LINE, BAND = "#2b6cb0", "#d3e3f4"
FAULT, GATE = "#f6d9d5", {"error": "#c0392b", "warn": "#c77700"}

WIDTH = 1600  # Pixels.
LEFT, RIGHT, HEAD, LINE_HEIGHT, PANEL, GAP, BOTTOM = 76, 92, 124, 24, 150, 50, 56
SCALE = 2  # Drawn larger, then reduced: Pillow's lines are not anti-aliased.


@dataclass(frozen=True, slots=True)
class Panel:
    """One measurement: its values by frame, and its titles."""

    name: str
    title: str
    values: Sequence[float | None]
    spread: Sequence[float] | None = None  # A band around the values.
    fixed: tuple[float, float] | None = None  # The range of the axis; None: from 0, as the values need.


def draw_chart(measured: FrameMeasurements, verdicts: Sequence[Verdict], rate: int, path: Path) -> None:
    """Write the chart of these measurements as a PNG."""
    from PIL import Image, ImageDraw

    panels = _panels(measured)
    failed = [one for one in verdicts if one.passed is False]
    top = HEAD + len(failed) * LINE_HEIGHT
    height = top + len(panels) * (PANEL + GAP) - GAP + BOTTOM
    image = Image.new("RGB", (WIDTH * SCALE, height * SCALE), PAPER)
    pen = Pen(ImageDraw.Draw(image), len(measured.mean), rate)
    pen.text((LEFT, 24), "Picture check", 24, INK)
    pen.text((LEFT, 60), _summary(measured, verdicts, rate), 15, DIM)
    for place, verdict in enumerate(failed):
        y = 60 + (place + 1) * LINE_HEIGHT
        pen.text((LEFT, y), verdict.name, 15, GATE[verdict.severity])
        pen.text((LEFT + 130, y), verdict.sentence(rate), 15, INK)
    for place, panel in enumerate(panels):
        _draw_panel(
            pen, panel, top + place * (PANEL + GAP), measured, [one for one in verdicts if one.name == panel.name]
        )
    _draw_clock(pen, top + len(panels) * (PANEL + GAP) - GAP)
    image.resize((WIDTH, height), Image.Resampling.LANCZOS).save(path, "PNG")


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws in pixels of the finished chart, with frames as x."""

    draw: Any
    frames: int
    rate: int

    def x(self, frame: float) -> float:
        """The x of a frame."""
        return LEFT + (WIDTH - LEFT - RIGHT) * frame / max(1, self.frames - 1)

    def line(self, points: Sequence[tuple[float, float]], colour: str, width: float = 1.0) -> None:
        if len(points) == 1:
            (x, y), r = points[0], 2
            self.draw.ellipse([SCALE * v for v in (x - r, y - r, x + r, y + r)], fill=colour)
        self.draw.line([(x * SCALE, y * SCALE) for x, y in points], colour, round(width * SCALE), joint="curve")

    def dashes(self, y: float, colour: str) -> None:
        for start in range(LEFT, WIDTH - RIGHT, 12):
            self.line([(start, y), (min(start + 7, WIDTH - RIGHT), y)], colour, 1.5)

    def box(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        self.draw.rectangle([left * SCALE, top * SCALE, right * SCALE, bottom * SCALE], fill=colour)

    def area(self, points: Sequence[tuple[float, float]], colour: str) -> None:
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=colour)

    def text(self, at: tuple[float, float], text: str, size: int, colour: str, anchor: str = "la") -> None:
        self.draw.text((at[0] * SCALE, at[1] * SCALE), text, colour, font=font(size * SCALE), anchor=anchor)


def font(size: float) -> Any:
    """Pillow's bundled typeface: the same on every machine."""
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _panels(measured: FrameMeasurements) -> list[Panel]:
    panels = [
        Panel("mean", "mean level, and one standard deviation around it", measured.mean, measured.deviation, (0, 255)),
        Panel("deviation", "standard deviation", measured.deviation),
        Panel("levels", "distinct levels of grey", measured.levels, fixed=(0, 256)),
        Panel("change", "change from the frame before", measured.change),
        Panel("change_30", "change from 30 frames before", measured.change_30),
    ]
    if measured.psnr_db:
        values = [measured.psnr_db.get(index) for index in range(len(measured.mean))]
        panels.append(Panel("psnr_db", "PSNR over references, dB", values))
    return panels


def _summary(measured: FrameMeasurements, verdicts: Sequence[Verdict], rate: int) -> str:
    frames = len(measured.mean)
    parts = [
        f"{frames_text(frames)}, {frames / rate:.3f} s",
        f"{len(measured.black())} black, {len(measured.frozen())} frozen",
    ]
    if verdicts:
        parts.append(f"{sum(one.passed is True for one in verdicts)} of {len(verdicts)} gates passed")
    return "   ·   ".join(parts)


def _draw_panel(pen: Pen, panel: Panel, top: float, measured: FrameMeasurements, verdicts: Sequence[Verdict]) -> None:
    limits = [limit for one in verdicts for limit in (one.min, one.max) if limit is not None]
    low, high = panel.fixed or _range([value for value in panel.values if value is not None] + limits)
    bottom = top + PANEL

    def y(value: float) -> float:
        return bottom - PANEL * (min(max(value, low), high) - low) / (high - low)

    for start, end in _runs(sorted({*measured.black(), *measured.frozen()})):
        pen.box(pen.x(start - 0.5), top, pen.x(end - 0.5), bottom, FAULT)
    for tick in _ticks(low, high):
        pen.line([(LEFT, y(tick)), (WIDTH - RIGHT, y(tick))], RULE)
        pen.text((LEFT - 10, y(tick)), f"{tick:g}", 13, DIM, "rm")
    for run in _drawn(panel.values):
        if panel.spread is not None:
            above = [(pen.x(index), y(value + panel.spread[index])) for index, value in run]
            below = [(pen.x(index), y(value - panel.spread[index])) for index, value in reversed(run)]
            pen.area([*above, *below], BAND) if len(run) > 1 else None
        pen.line([(pen.x(index), y(value)) for index, value in run], LINE, 1.6)
    pen.text((LEFT, top - 10), panel.name, 15, INK, "ls")
    pen.text((LEFT + 14 + _width(panel.name, 15), top - 10), panel.title, 14, DIM, "ls")
    for verdict in verdicts:
        for limit, word in ((verdict.min, "min"), (verdict.max, "max")):
            if limit is not None:
                pen.dashes(y(limit), GATE[verdict.severity])
                pen.text((WIDTH - RIGHT + 10, y(limit)), f"{word} {limit:g}", 13, GATE[verdict.severity], "lm")


def _draw_clock(pen: Pen, bottom: float) -> None:
    length_s = pen.frames / pen.rate
    step = next(one for one in (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 36_000) if length_s / one <= 16)
    pen.line([(LEFT, bottom), (WIDTH - RIGHT, bottom)], DIM)
    for second in range(0, int(length_s) + 1, step):
        if second * pen.rate <= pen.frames - 1 or second == 0:
            x = pen.x(second * pen.rate)
            pen.line([(x, bottom), (x, bottom + 6)], DIM)
            pen.text((x, bottom + 11), f"{second // 60}:{second % 60:02}", 13, DIM, "ma")


def _width(text: str, size: int) -> float:
    width: float = font(size * SCALE).getlength(text) / SCALE
    return width


def _range(values: Sequence[float]) -> tuple[float, float]:
    """From 0 to slightly above the greatest value."""
    most = max(values, default=1.0)
    return 0.0, most * 1.08 if most > 0 else 1.0


def _ticks(low: float, high: float) -> Iterator[float]:
    """Three to six round values."""
    if high in (255, 256):
        yield from (0, 64, 128, 192, high)
        return
    power = 10.0 ** (len(f"{int(high)}") - 1) if high >= 1 else 0.1
    while high / power < 3:
        power /= 2
    while high / power > 6:
        power *= 2
    count = int((high - low) / power + 1e-9)
    yield from (round(low + index * power, 6) for index in range(count + 1))


def _drawn(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Runs of values without a gap, each value with its frame."""
    run: list[tuple[int, float]] = []
    for index, value in enumerate(values):
        if value is not None:
            run.append((index, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _runs(frames: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Half-open ranges of consecutive frames."""
    start = end = -1
    for frame in frames:
        if frame != end:
            if end > start:
                yield start, end
            start = frame
        end = frame + 1
    if end > start:
        yield start, end
