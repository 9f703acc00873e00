"""The differences that the drift measure sees, and those that it ignores, on a drawn figure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from episodec.faces.drift import drift

Rgba = NDArray[np.uint8]
HAIR, SKIN, DRESS = (120, 40, 20, 255), (235, 190, 160, 255), (40, 60, 150, 255)


def figure(side: int = 200, hair: tuple[int, ...] = HAIR, dress: tuple[int, ...] = DRESS, moved: int = 0) -> Rgba:
    image = Image.new("RGBA", (800, 800), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rectangle((200, 520, 600, 800), fill=dress)
    draw.ellipse((250 + moved, 80, 550 + moved, 480), fill=hair)
    draw.ellipse((310 + moved, 170, 490 + moved, 440), fill=SKIN)
    draw.ellipse((350 + moved, 270, 380 + moved, 300), fill=(20, 20, 20, 255))
    draw.ellipse((420 + moved, 270, 450 + moved, 300), fill=(20, 20, 20, 255))
    return np.asarray(image.resize((side, side), Image.Resampling.LANCZOS))


def on_white(rgba: Rgba) -> Rgba:
    white = Image.new("RGBA", (rgba.shape[1], rgba.shape[0]), "white")
    return np.asarray(Image.alpha_composite(white, Image.fromarray(rgba)))


def flat(colour: tuple[int, ...], side: int = 40) -> Rgba:
    return np.full((side, side, 4), colour, np.uint8)


@given(pair=st.tuples(*[arrays(np.uint8, (9, 7, 4))] * 2))
def test_it_is_symmetric_never_negative_and_nothing_for_equals(pair: tuple[Rgba, Rgba]) -> None:
    first, other = pair
    assert drift(first, other) == drift(other, first) >= 0
    assert drift(first, first.copy()) == 0


@pytest.mark.parametrize(
    ("case", "other", "expected"),
    [
        ((0, 0, 0), (255, 255, 255), 100.0),
        ((255, 0, 0), (0, 255, 0), 170.584),  # Lab (53.24, 80.09, 67.20) and (87.73, -86.18, 83.18), of Lindbloom.
        ((0, 0, 255), (255, 255, 255), 149.964),  # Lab (32.30, 79.19, -107.86).
        ((119, 119, 119), (118, 118, 118), 0.402),  # L* 50.03 and 49.63.
    ],
)
def test_flat_colours_are_as_far_apart_as_the_books_say(
    case: tuple[int, ...], other: tuple[int, ...], expected: float
) -> None:
    assert drift(flat((*case, 255)), flat((*other, 255))) == pytest.approx(expected, abs=0.05)


def test_what_is_cut_out_equals_what_is_painted_on_white() -> None:
    assert drift(figure(), on_white(figure())) < 0.2
    assert drift(flat((9, 9, 9, 0)), flat((200, 3, 90, 0))) == 0


@pytest.mark.parametrize("side", [64, 200, 513])
def test_it_hardly_hangs_on_the_size(side: int) -> None:
    there = drift(figure(side), figure(side, hair=(230, 200, 90, 255)))
    assert there == pytest.approx(drift(figure(256), figure(256, hair=(230, 200, 90, 255))), rel=0.05)


def test_other_hair_another_dress_and_a_washed_out_face_drift_more_than_a_turn_of_the_head() -> None:
    portrait = figure()
    turned = drift(portrait, figure(moved=12))
    swapped = portrait[..., [2, 0, 1, 3]]
    blurred = np.asarray(Image.fromarray(on_white(portrait)).filter(ImageFilter.GaussianBlur(16)))
    noise = np.random.default_rng(5).integers(-30, 31, portrait.shape, np.int64) * [1, 1, 1, 0]
    grainy = np.clip(portrait + noise, 0, 255).astype(np.uint8)
    assert turned > 0
    assert drift(portrait, grainy) < turned / 2
    assert drift(portrait, figure(hair=(230, 200, 90, 255))) > 2 * turned
    assert drift(portrait, figure(dress=(150, 60, 40, 255))) > 2 * turned
    assert drift(portrait, swapped) > 4 * turned
    assert drift(portrait, blurred) > 1.5 * turned


def test_it_grows_with_the_change() -> None:
    portrait = figure()
    rows = [drift(portrait, figure(hair=(120 + 20 * k, 40 + 20 * k, 20, 255))) for k in range(6)]
    assert rows == sorted(rows)
    assert len(set(rows)) == 6


def test_pictures_of_different_shapes_are_not_compared() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        drift(flat((1, 2, 3, 4), 20), flat((1, 2, 3, 4), 21))
