"""Words drawn onto frames, and what says which."""

import numpy as np
import pytest
from PIL import ImageFont

from episodec.drawings.overlay import (
    NOTHING,
    WIDTH,
    FrameOverlay,
    fitted_px,
    font_px,
    overlaid,
    read_overlay,
    write_overlay,
)
from episodec.glyphs import COVERED, has_glyph, missing_letters
from episodec.ownfile import own_file

SIZE = (540, 960)
LINES = (("Мой", "голос"), ("помещается", "в", "файл,"))
SHOWN = FrameOverlay(LINES, 1, font_px(SIZE), 700)


def frame(value: int = 90) -> np.ndarray:
    return np.full((SIZE[1], SIZE[0], 3), value, np.uint8)


def drawn(visible: FrameOverlay, value: int = 90) -> np.ndarray:
    (first,) = overlaid([frame(value)], [visible])
    return first


def test_an_overlay_is_read_as_it_was_written() -> None:
    visible = (NOTHING, SHOWN, SHOWN, FrameOverlay(LINES, None, 40, 700), NOTHING)
    text = write_overlay(visible)
    assert read_overlay(text) == visible
    assert text.count('"frame"') == 4
    assert "помещается" in text


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '{"overlay": 2, "frames": 1, "shown": [{"frame": 0, "lines": []}]}',
        '{"overlay": 1, "frames": 1, "shown": []}',
        '{"overlay": 1, "frames": 2, "shown": [{"frame": 1, "lines": []}]}',
        '{"overlay": 1, "frames": 2, "shown": [{"frame": 0, "lines": []}, {"frame": 2, "lines": []}]}',
        '{"overlay": 1, "frames": 2, "shown": [{"frame": 0, "lines": [["a"]]}]}',
        '{"overlay": 1, "frames": 1e30, "shown": [{"frame": 0, "lines": []}]}',
    ],
)
def test_what_is_no_overlay_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"overlay|order"):
        read_overlay(text)


def test_a_frame_on_which_nothing_stands_comes_as_it_is() -> None:
    before = frame()
    (after,) = overlaid([before], [NOTHING])
    assert after is before


def test_words_stand_where_they_are_placed_and_the_spoken_one_is_yellow() -> None:
    changed = np.argwhere((drawn(SHOWN) != frame()).any(axis=2))
    top, left = changed.min(axis=0)
    bottom, right = changed.max(axis=0)
    assert 640 < top < bottom < 760
    assert abs((left + right) / 2 - SIZE[0] / 2) < 6
    assert right - left < WIDTH * SIZE[0]
    yellow = np.argwhere((drawn(SHOWN) == (255, 214, 10)).all(axis=2))
    assert len(yellow) > 100
    assert yellow[:, 0].max() < 700  # `голос` is in the upper line.
    assert yellow[:, 1].min() > SIZE[0] / 2 - 40
    assert not (drawn(FrameOverlay(LINES, None, SHOWN.font_px, 700)) == (255, 214, 10)).all(axis=2).any()


@pytest.mark.parametrize("value", [0, 90, 255])
def test_words_have_an_outline_that_stands_out_on_any_picture(value: int) -> None:
    """White letters never touch the picture: what lies beside them is black."""
    after = drawn(SHOWN, value)
    white = (after > 250).all(axis=2) & ~(frame(value) > 250).all(axis=2) if value < 255 else None
    if white is not None:
        assert white.sum() > 500
    assert (after < 5).all(axis=2).sum() > 500


def test_what_lies_outside_of_the_frame_is_cut_off() -> None:
    for middle in (-1000, 0, SIZE[1], SIZE[1] + 1000):
        assert drawn(FrameOverlay(LINES, 0, 40, middle)).shape == frame().shape


def test_equal_overlays_give_equal_pixels() -> None:
    assert (drawn(SHOWN) == drawn(FrameOverlay(LINES, 1, font_px(SIZE), 700))).all()


def test_a_line_with_a_word_that_is_too_wide_is_drawn_smaller() -> None:
    assert fitted_px([["x" * 60]], SIZE) < font_px(SIZE)
    assert fitted_px(LINES, SIZE) == font_px(SIZE)


def test_more_or_fewer_frames_than_the_overlay_has_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        list(overlaid([frame(), frame()], [SHOWN]))


def test_the_table_of_glyphs_is_that_of_the_font() -> None:
    from episodec.drawings import overlay

    font = ImageFont.truetype(str(own_file(overlay.__file__, "caption_font.ttf")), 40)
    missing = bytes(font.getmask("\uffff"))
    for first, last in COVERED:
        for character in {chr(first), chr(last)} - {" ", "\xa0", "\u0300", "\u0308", "\ufffd"}:
            assert bytes(font.getmask(character)) != missing, hex(ord(character))
    for code in (0x0250, 0x0531, 0x0905, 0x3042, 0x4E00, 0x1F600):
        assert not has_glyph(chr(code))
        assert bytes(font.getmask(chr(code))) == missing
    assert own_file(overlay.__file__, "caption_font.ttf").stat().st_size <= 300_000


def test_letters_of_latin_and_cyrillic_are_there() -> None:
    assert missing_letters("Съешь ещё этих мягких французских булок, да выпей чаю! ЁЙ Ђђ Її Ґґ Ўў") == ()
    assert missing_letters("Zażółć gęślą jaźń; Příliš žluťoučký kůň; straße, naïve, œuvre, ŞİĞ, Ελλάδα №1 €5 ₽") == ()
    assert missing_letters("Привет, 声 и ة!") == ("声", "ة")
