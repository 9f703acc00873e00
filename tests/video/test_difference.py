"""How much frames of two films differ: where they do, by how much, and that nothing else is decoded."""

from pathlib import Path

import av
import numpy as np
import pytest

from episodec.video.difference import differences

FRAMES = 60


def film(path: Path, planted: range = range(0), frames: int = FRAMES) -> Path:
    """Grey frames with a keyframe every 15; the planted ones have a white square."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"g": "15", "crf": "10", "bf": "2"})
        stream.width = stream.height = 64
        for number in range(frames):
            picture = np.full((64, 64, 3), 90, np.uint8)
            if number in planted:
                picture[16:48, 16:48] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode(None))
    return path


def test_planted_frames_differ_and_no_other_ones(tmp_path: Path) -> None:
    before, after = film(tmp_path / "before.mp4"), film(tmp_path / "after.mp4", range(40, 46))
    changes = differences(before, after, [(0, FRAMES)])
    assert sorted(changes) == list(range(FRAMES))
    assert {number for number, one in changes.items() if one > 5} == set(range(40, 46))
    assert changes[42] == pytest.approx((255 - 90) / 4, rel=0.1)


def test_only_the_ranges_are_compared(tmp_path: Path) -> None:
    before, after = film(tmp_path / "before.mp4"), film(tmp_path / "after.mp4", range(40, 46))
    changes = differences(before, after, [(3, 5), (37, 47)])
    assert sorted(changes) == [3, 4, *range(37, 47)]
    assert {number for number, one in changes.items() if one > 5} == set(range(40, 46))


def test_frames_of_one_film_only_are_left_out(tmp_path: Path) -> None:
    changes = differences(film(tmp_path / "before.mp4", frames=20), film(tmp_path / "after.mp4"), [(10, 40)])
    assert sorted(changes) == list(range(10, 20))
