"""The shipped portrait as a small picture, for tests that build whole films of it."""

import re
from pathlib import Path

from PIL import Image

PORTRAIT = "episodes/characters/alpha/alpha-ref.png"
CHARACTER = "episodes/characters/alpha/character.yaml"
PERSON = 0.35  # Of the picture's sides: a scene has fewer Gaussians of a smaller person, and its frames take less time.


def smaller(portrait: Image.Image) -> Image.Image:
    """A quarter of the portrait's sides, with all of it in the middle, on a transparent ground."""
    side, (person, margin) = portrait.width // 4, measures(portrait.width)
    actual = Image.new("RGBA", (side, side))
    actual.paste(portrait.convert("RGBA").resize((person, person)), (margin, margin))
    return actual


def measures(side: int) -> tuple[int, int]:
    """The side of the picture within, and its margin, in pixels, for a portrait of this side."""
    person = round(PERSON * (side // 4))
    return person, (side // 4 - person) // 2


def shrink_portrait(root: Path) -> None:
    """Make the portrait of a copy of the shipped series, and the boxes in it, smaller."""
    with Image.open(root / PORTRAIT) as picture:
        side = picture.width
        smaller(picture).save(root / PORTRAIT)
    person, margin = measures(side)
    text = (root / CHARACTER).read_text()
    boxes = re.compile(r"(?<=: )\[(\d+), (\d+), (\d+), (\d+)\]")

    def placed(box: re.Match[str]) -> str:
        left, top, width, height = (int(number) * person // side for number in box.groups())
        return str([margin + left, margin + top, width, height])

    text, count = boxes.subn(placed, text)
    assert count == 3
    (root / CHARACTER).write_text(text)
