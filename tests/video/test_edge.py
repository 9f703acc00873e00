"""The pixels of a frame's first row that are not the background's."""

import numpy as np
import pytest

from episodec.video.edge import spans_text, touches
from episodec.video.frames import Frame

GRADIENT = np.repeat(np.linspace(0.2, 0.4, 200, dtype=np.float32)[None, :, None], 100, 0).repeat(3, 2)


def filmed(width: int, away: int = 60) -> Frame:
    """The gradient as a film shows it, and so many pixels of the first row that are something else."""
    noise = np.random.default_rng(0).integers(-6, 7, GRADIENT.shape)
    picture = GRADIENT * 255 + noise
    picture[0, 90 : 90 + width, 1] += away
    return picture.round().astype(np.uint8)


@pytest.mark.parametrize(("width", "away", "count"), [(0, 0, 0), (1, 90, 0), (12, 60, 1), (12, 9, 0)])
def test_the_first_row_tells_whether_somebody_stands_in_it(width: int, away: int, count: int) -> None:
    assert touches(filmed(width, away), GRADIENT) == bool(count)


def test_a_colour_is_a_background_too() -> None:
    frame = np.full((10, 50, 3), 0x60, np.uint8)
    assert not touches(frame, (0x60 / 255,) * 3)
    assert touches(frame, (0.9, 0.9, 0.9))


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        ([4], "4"),
        ([0, 1, 2, 7, 9, 10], "0-2, 7, 9-10"),
        ([0, 2, 4, 6, 8, 10, 12], "0, 2, 4, 6, 8 and 2 more"),
    ],
)
def test_frames_are_told_in_spans(frames: list[int], text: str) -> None:
    assert spans_text(frames) == text
