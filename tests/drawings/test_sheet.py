"""Poster, contact sheet, preview and chart: their sizes, their frames, their bytes."""

from pathlib import Path

import pytest
from PIL import Image

from episodec.digest import Canonical
from episodec.drawings.chart import draw_chart
from episodec.drawings.sheet import StillsSelection, write_poster, write_preview, write_sheet
from episodec.timebase import frames_text
from episodec.video.gates import judge_gates, readings
from episodec.video.measure import measure
from episodec.video.x264 import FrameForm
from tests.video.chunks import moving


def taken(
    frames: int, rate: int = 30, form: FrameForm | None = None, poster_frame: int | None = None
) -> StillsSelection:
    stills = StillsSelection(frames, rate, poster_frame)
    expected = stills.needed_frames()
    pictures = enumerate(moving(frames, form=form or FrameForm(64, 48, rate)))
    stills.take((index, frame) for index, frame in pictures if index in expected)
    return stills


@pytest.mark.parametrize(("frames", "rate"), [(1, 30), (2, 24), (29, 30), (30, 30), (45, 60), (900, 30), (901, 25)])
def test_any_length_gives_every_picture(tmp_path: Path, frames: int, rate: int) -> None:
    stills = taken(frames, rate)
    write_poster(stills, tmp_path / "poster.jpg")
    write_sheet(stills, tmp_path / "contact.png")
    write_preview(stills, tmp_path / "preview.webp")
    assert len(stills.cells) == min(30, frames)
    for name in ("poster.jpg", "contact.png", "preview.webp"):
        with Image.open(tmp_path / name) as image:
            image.verify()
    with Image.open(tmp_path / "preview.webp") as image:
        assert getattr(image, "n_frames", 1) == len(stills.preview)


@pytest.mark.parametrize(("frames", "text"), [(1, "1 frame"), (2, "2 frames"), (900, "900 frames")])
def test_one_frame_is_told_as_one(frames: int, text: str) -> None:
    assert frames_text(frames) == text


def test_half_a_minute_has_a_cell_a_second_and_a_preview_of_its_middle() -> None:
    stills = StillsSelection(900, 30)
    assert stills.cell_frames() == list(range(0, 900, 30))
    assert stills.preview_frames()[0] == 376
    assert stills.preview_frames()[-1] == 376 + 49 * 3
    assert len(stills.poster_frames()) == 9


def test_the_sharpest_of_the_candidates_becomes_the_poster() -> None:
    stills = StillsSelection(100, 30)
    blurred = next(moving(1)) // 8
    sharp = next(moving(1))
    stills.take((index, sharp if index == 50 else blurred) for index in sorted(stills.needed_frames()))
    assert stills.poster_frame == 50
    assert taken(100, poster_frame=7).poster_frame == 7


@pytest.mark.parametrize(("width", "height"), [(64, 48), (1080, 1080), (320, 1000), (2, 2)])
def test_the_sheet_is_as_large_as_its_cells_need_and_pictures_are_never_enlarged(
    tmp_path: Path, width: int, height: int
) -> None:
    stills = taken(7, form=FrameForm(width, height, 30))
    assert max(stills.cells[0].size) == min(250, max(width, height))
    write_sheet(stills, tmp_path / "contact.png")
    with Image.open(tmp_path / "contact.png") as image:
        assert image.size[0] >= 520


def test_the_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        stills = taken(60)
        write_poster(stills, tmp_path / f"{name}.jpg")
        write_sheet(stills, tmp_path / f"{name}.png")
        write_preview(stills, tmp_path / f"{name}.webp")
    for suffix in ("jpg", "png", "webp"):
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


@pytest.mark.parametrize("frames", [1, 2, 31, 400])
def test_a_chart_is_drawn_for_any_length_and_any_gates(tmp_path: Path, frames: int) -> None:
    pictures = list(moving(frames))
    actual = measure(pictures, {0: pictures[0], frames - 1: pictures[0]})
    gates: dict[str, Canonical] = {
        "mean": {"min": 300, "severity": "warn"},
        "change": {"max": 0},
        "psnr_db": {"min": 25},
        "change_30": {},
    }
    verdicts = judge_gates(gates, readings(actual, 30))
    for name in "ab":
        draw_chart(actual, verdicts, 30, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with Image.open(tmp_path / "a") as image:
        assert image.size[0] == 1600
