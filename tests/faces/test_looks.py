"""Flaws of a portrait are reported; a good one has none."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from episodec.faces.looks import flaws_of
from tests.builds.studio import ROOT
from tests.splat.portraits import drawn

ALPHA = Path(ROOT, "episodes/characters/alpha/alpha-ref.png")
Rgba = NDArray[np.uint8]


def _whole(rgba: Rgba) -> Rgba:
    return rgba


def _without_chin(rgba: Rgba) -> Rgba:
    """Nothing below the mouth."""
    return rgba[:275]


def _without_cheek(rgba: Rgba) -> Rgba:
    """As a clumsy tool cuts a person out."""
    rgba[:, :235, 3] = 0
    return rgba


@pytest.mark.parametrize(("edit", "flaws"), [(_whole, []), (_without_chin, ["cut"]), (_without_cheek, ["eaten"])])
def test_alphas_portrait_is_good_until_it_is_spoilt(
    tmp_path: Path, edit: Callable[[Rgba], Rgba], flaws: list[str]
) -> None:
    with Image.open(ALPHA) as picture:
        rgba = np.array(picture.convert("RGBA").resize((512, 512)))
    Image.fromarray(edit(rgba)).save(tmp_path / "p.png")
    assert flaws_of(tmp_path / "p.png") == flaws


def test_a_smile_that_shows_teeth_is_an_open_mouth() -> None:
    assert flaws_of(Path(ROOT, "tests/faces/astronaut.jpg")) == ["open mouth"]


def test_a_picture_of_nobody_has_no_face(tmp_path: Path) -> None:
    Image.fromarray(drawn()).save(tmp_path / "p.png")
    assert flaws_of(tmp_path / "p.png") == ["no face"]
