"""The text on each frame of a film with burnt-in captions: phrases in the lower third, or above a face there."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from episodec.audio.cues import Clock
from episodec.audio.phrases import Phrase, phrases
from episodec.audio.words import SpokenWord
from episodec.drawings.overlay import HIGH, LOW, NOTHING, FrameOverlay, fitted_px, line_share, pieces_of

MARGIN = 0.05  # The least distance from the middle of a face to the lines, in heights of the frame.


def placed(
    words: Sequence[SpokenWord], clock: Clock, size: tuple[int, int], face_y: NDArray[np.float64] | None
) -> list[FrameOverlay]:
    """The text on each frame of a film.

    A phrase is shown in the lower third; in the upper one if the middle of the face enters the lower one meanwhile; if
    it enters both, in whichever is free, frame by frame.

    size: width and height, pixels. face_y: (F,) pixels from the top to the middle of the face, NaN where no face is
    seen; None: not known.
    """
    overlays = [NOTHING] * clock.frames
    for phrase in phrases(_cut(words, size), clock, lambda text: line_share(text, size)):
        frames = range(phrase.start, min(phrase.end, clock.frames))
        lines = _lines(phrase)
        px = fitted_px(lines, size)
        for frame, middle in zip(frames, _middles(frames, size[1], face_y), strict=True):
            overlays[frame] = FrameOverlay(lines, phrase.word_at(frame), px, middle)
    return overlays


def _cut(words: Sequence[SpokenWord], size: tuple[int, int]) -> list[SpokenWord]:
    """The words; those much wider than a line are split into pieces."""
    cut: list[SpokenWord] = []
    for word in words:
        pieces = pieces_of(word.word, size)
        edges = [word.start + (word.end - word.start) * n // len(pieces) for n in range(len(pieces) + 1)]
        cut += (
            replace(word, word=text, start=start, end=end, phonemes=())
            for text, start, end in zip(pieces, edges, edges[1:], strict=False)
        )
    return cut


def _lines(phrase: Phrase) -> tuple[tuple[str, ...], ...]:
    rows, at = [], 0
    for count in phrase.lines:
        rows.append(tuple(word.text for word in phrase.words[at : at + count]))
        at += count
    return tuple(rows)


def _middles(frames: range, height: int, face_y: NDArray[np.float64] | None) -> list[int]:
    """The y of the middle of the lines in each of these frames, in pixels from the top."""
    low, high = (round((first + last) / 2 * height) for first, last in (LOW, HIGH))
    if face_y is None or not frames:
        return [low] * len(frames)
    face = face_y[frames.start : frames.stop] / height
    in_low, in_high = (_within(face, band) for band in (LOW, HIGH))
    if not in_low.any():
        return [low] * len(frames)
    if not in_high.any():
        return [high] * len(frames)
    return [high if taken else low for taken in in_low.tolist()]


def _within(face: NDArray[np.float64], band: tuple[float, float]) -> NDArray[np.bool_]:
    """Whether each of these heights is near a band; NaN never is."""
    return (face > band[0] - MARGIN) & (face < band[1] + MARGIN)
