"""The shipped portrait as a small picture, for tests that build whole films of it."""

from PIL import Image

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
