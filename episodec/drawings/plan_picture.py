"""The picture of a frame plan: the camera's path from above and from the side, and below it, on one frame axis, the
camera's segments, the scene time, the waveform and the sentences.

It gets arrays and texts, and knows no episode and no file formats but the font's. The same input and font give the same
pixels; the shipped font is the same on every machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from episodec.drawings.camera_map import ABOVE, ASIDE, Axes, character, corners, fitting, frustum, grid, metres, placing
from episodec.drawings.plan_canvas import (
    DIM,
    FAINT,
    GRID,
    INK,
    SOUND,
    TIME,
    Box,
    Canvas,
    fade,
)
from episodec.drawings.plan_labels import EN, PlanLabels
from episodec.film.plan import CHUNK_FRAMES, FramePlan
from episodec.ownfile import own_file
from episodec.timebase import SAMPLE_RATE

WIDTH, MARGIN = 1600, 40
MAP_HEIGHT = 520
LABELS = 120  # Left of the frame axis.
FRUSTA = 13  # Cameras drawn along the path.
_FRUSTUM_PX = 46
_RIM = 110  # Pixels of a map's width and height left free by the path.


@dataclass(frozen=True, slots=True)
class DrawnSentence:
    """A piece of the narration and its half-open range."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class PlanTexts:
    """The texts of the picture."""

    title: str
    labels: PlanLabels = EN
    sentences: Sequence[DrawnSentence] = ()


def draw_plan(
    plan: FramePlan, texts: PlanTexts, sound: NDArray[np.float32] | None = None, font: Path | None = None
) -> Image.Image:
    """An RGB image, 1600 pixels wide.

    sound: (S,) or (S, channels) at 48 kHz, from the first frame on. font: a TrueType file with the letters of the
    texts; without it the shipped one, which has Latin, Greek and Cyrillic ones (`glyphs`).
    """
    words, sentences = texts.labels, texts.sentences
    rows = 40 + 110 + (110 if sound is not None else 0) + (96 if sentences else 0) + 40
    canvas = Canvas(WIDTH, 76 + MAP_HEIGHT + 56 + rows + 24, font or own_file(__file__, "caption_font.ttf"))
    width, height = plan.size
    seconds = f"{len(plan) / plan.rate:.3f}".replace(".", words.mark)
    facts = words.facts.format(frames=len(plan), rate=plan.rate, seconds=seconds, width=width, height=height)
    canvas.paragraph(Box(MARGIN, 26, WIDTH // 2, 32), texts.title, 24, INK)
    canvas.text((WIDTH - MARGIN, 32), facts, 15, DIM, anchor="ra")
    half = (WIDTH - 2 * MARGIN - 24) // 2
    above = Box(MARGIN, 76, half, MAP_HEIGHT)
    aside = Box(MARGIN + half + 24, 76, half, MAP_HEIGHT)
    way = plan.camera_to_world[:, :3, 3]
    scale = min(fitting(way, box, axes, _RIM) for box, axes in ((above, ABOVE), (aside, ASIDE)))
    for box, axes, title in ((above, ABOVE, words.above), (aside, ASIDE, words.aside)):
        _map(canvas, box, plan, axes, scale)
        metres(canvas, box, scale, words)
        canvas.text((box.x + 14, box.y + 10), title, 15, DIM)
    _tracks(canvas, 76 + MAP_HEIGHT + 56, plan, sound, texts)
    return canvas.image()


def _map(canvas: Canvas, box: Box, plan: FramePlan, axes: Axes, scale: float) -> None:
    """Draw the camera's path in one plane."""
    eyes = plan.camera_to_world[:, :3, 3]
    place = placing(eyes, box, axes, scale)
    canvas.panel(box)
    with canvas.within(box):
        grid(canvas, box, scale, place(np.zeros((1, 2)))[0])
        character(canvas, place, axes, scale)
        drawn_frames = np.unique(np.linspace(0, len(plan) - 1, FRUSTA).astype(int))
        for frame in reversed(drawn_frames.tolist()):
            pose, lens = plan.camera_to_world[frame], plan.intrinsics[frame].tolist()
            outline = [place(corner @ axes.T)[0] for corner in corners(pose, lens, plan.size, _FRUSTUM_PX / scale)]
            frustum(canvas, outline, fade(frame / max(len(plan) - 1, 1)))
        points = place(eyes @ axes.T)
        for frame in range(len(plan) - 1):
            if not _is_cut(plan, frame):
                canvas.line([points[frame], points[frame + 1]], fade(frame / max(len(plan) - 1, 1)), 2.5)
        for frame in (len(plan) - 1, 0):
            canvas.dot(points[frame], 5, fade(frame / max(len(plan) - 1, 1)), INK)


def _is_cut(plan: FramePlan, frame: int) -> bool:
    """Whether the picture jumps after this frame: a segment ends there, and the next one starts at another place."""
    if all(one.end_frame != frame + 1 for one in plan.stretches if one.track == "camera"):
        return False
    way = plan.camera_to_world[:, :3, 3]
    step = float(np.abs(way[frame + 1] - way[frame]).max())
    around = np.abs(np.diff(way[max(frame - 1, 0) : frame + 4], axis=0)).max(axis=1)
    usual = float(np.median(around)) if len(around) else 0.0
    return step > 0.02 and step > 4 * usual


def _tracks(
    canvas: Canvas,
    top: int,
    plan: FramePlan,
    sound: NDArray[np.float32] | None,
    texts: PlanTexts,
) -> None:
    """Draw everything over the frame axis, one band under the other."""
    words, sentences = texts.labels, texts.sentences
    x, width = MARGIN + LABELS, WIDTH - 2 * MARGIN - LABELS
    bottom = _below(top, sound is not None, bool(sentences))
    _axis(canvas, Box(x, top, width, bottom - top), plan, words)
    band = Box(x, top, width, 28)
    _label(canvas, band, words.camera)
    _segments(canvas, band, plan, words)
    band = Box(x, band.bottom + 12, width, 98)
    _label(canvas, band, words.time)
    _scene_time(canvas, band, plan)
    if sound is not None:
        band = Box(x, band.bottom + 12, width, 98)
        _label(canvas, band, words.sound)
        _waveform(canvas, band, plan, sound)
    if sentences:
        band = Box(x, band.bottom + 12, width, 84)
        _label(canvas, band, words.sentences)
        _sentences(canvas, band, plan, sentences)


def _below(top: int, has_sound: bool, has_sentences: bool) -> int:  # noqa: FBT001 - two facts of a layout.
    return top + 28 + 110 + (110 if has_sound else 0) + (96 if has_sentences else 0)


def _label(canvas: Canvas, band: Box, text: str) -> None:
    canvas.text((band.x - 16, band.y + band.height / 2), text, 15, DIM, anchor="rm")


def _axis(canvas: Canvas, box: Box, plan: FramePlan, words: PlanLabels) -> None:
    """Draw frames and seconds, and a faint line at each start of a chunk."""
    count = len(plan)
    if box.width / count * CHUNK_FRAMES >= 6:
        for frame in range(0, count, CHUNK_FRAMES):
            x = box.x + box.width * frame / count
            canvas.line([(x, box.y), (x, box.bottom)], GRID, 1)
    step = next(s for s in (1, 2, 5, 10, 30, 60, 90, 150, 300, 900, 1800, 9000, 54000, 10**6) if count / s <= 16)
    for frame in range(0, count + 1, step):
        x = box.x + box.width * frame / count
        canvas.line([(x, box.bottom), (x, box.bottom + 6)], DIM, 1)
        canvas.text((x, box.bottom + 10), str(frame), 13, INK, anchor="ma")
        seconds = words.seconds.format(seconds=f"{round(frame / plan.rate, 3):g}".replace(".", words.mark))
        canvas.text((x, box.bottom + 27), seconds, 12, DIM, anchor="ma")
    canvas.text((box.x - 16, box.bottom + 10), words.frame, 13, DIM, anchor="ra")


def _segments(canvas: Canvas, band: Box, plan: FramePlan, words: PlanLabels) -> None:
    """Draw the colours of the path, and the kind of each segment."""
    count = len(plan)
    for x in range(band.width):
        canvas.line([(band.x + x, band.y), (band.x + x, band.bottom)], fade(x / max(band.width - 1, 1), 0.55), 1.5)
    for stretch in plan.stretches:
        if stretch.track != "camera":
            continue
        left = band.x + band.width * stretch.start_frame / count
        room = band.width * (stretch.end_frame - stretch.start_frame) / count
        if stretch.start_frame:
            canvas.line([(left, band.y), (left, band.bottom)], INK, 2)
        label = words.moves.get(stretch.kind, stretch.kind)
        canvas.fitted((left + 8, band.y + band.height / 2), label, 14, INK, room - 12)


def _scene_time(canvas: Canvas, band: Box, plan: FramePlan) -> None:
    """Draw scene time from 0 at the bottom to 1 at the top; jumps back of a loop are not connected."""
    canvas.panel(band)
    inner = band.inset(0, 8)
    count = len(plan)
    for value in (0.0, 1.0):
        canvas.text((band.right + 6, inner.bottom - inner.height * value), f"{value:g}", 12, DIM, anchor="lm")
    xs = band.x + band.width * (np.arange(count) + 0.5) / count
    ys = inner.bottom - inner.height * plan.scene_time
    points = [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
    ends = {one.end_frame for one in plan.stretches if one.track == "time"}
    for frame in range(count - 1):
        jump = abs(float(plan.scene_time[frame + 1] - plan.scene_time[frame]))
        if jump < 0.5 and not (frame + 1 in ends and jump > 0.1):
            canvas.line([points[frame], points[frame + 1]], TIME, 1.5)
    if band.width / count > 6 or count == 1:
        for point in points:
            canvas.dot(point, 2.5, TIME, TIME)
    for stretch in plan.stretches:
        if stretch.track == "time" and stretch.start_frame:
            x = band.x + band.width * stretch.start_frame / count
            canvas.line([(x, band.y), (x, band.bottom)], INK, 1)


def _waveform(canvas: Canvas, band: Box, plan: FramePlan, sound: NDArray[np.float32]) -> None:
    """Draw the least and greatest sample of each pixel, full scale at the band's edges."""
    canvas.panel(band)
    mono = sound if sound.ndim == 1 else sound.mean(axis=1)
    total = len(plan) * (SAMPLE_RATE // plan.rate)
    middle, reach = band.y + band.height / 2, band.height / 2 - 6
    canvas.line([(band.x, middle), (band.right, middle)], FAINT, 1)
    for x in range(band.width):
        piece = mono[total * x // band.width : total * (x + 1) // band.width]
        if len(piece):
            low, high = float(np.clip(piece.min(), -1, 1)), float(np.clip(piece.max(), -1, 1))
            canvas.line([(band.x + x, middle - reach * high - 0.5), (band.x + x, middle - reach * low + 0.5)], SOUND, 1)


def _sentences(canvas: Canvas, band: Box, plan: FramePlan, sentences: Sequence[DrawnSentence]) -> None:
    """Draw a box for each sentence, with its text, cut with an ellipsis if it does not fit."""
    seconds = len(plan) / plan.rate
    for sentence in sentences:
        left = band.x + band.width * max(sentence.start_s, 0) / seconds
        right = band.x + band.width * min(sentence.end_s, seconds) / seconds
        if right - left >= 1:
            box = Box(round(left), band.y, max(round(right - left) - 2, 1), band.height)
            canvas.panel(box, outline=FAINT)
            canvas.paragraph(box.inset(8, 7), sentence.text, 13, INK)
