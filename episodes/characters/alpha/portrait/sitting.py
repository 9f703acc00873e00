"""Alpha ready to be drawn: body, light and hair are built once, then a picture from each camera. The entry point."""

from dataclasses import dataclass

import numpy as np

from portrait import body, brows, fibre, film, hair, light
from portrait.view import View

HAIR_TAKES = 0.048  # The absorption of light by one evaluated knot, for hair.COUNT strands.


@dataclass(frozen=True)
class Sitter:
    """The character with her light."""

    body: body.Body
    light: light.Light
    strands: list[film.Strands]

    def picture(self, view):
        """(pixels, pixels, 4) uint8: colour and alpha, not premultiplied."""
        return film.picture(self.body, self.light, self.strands, view)


def sit(units=None, strands=hair.COUNT):
    """The character, her face moved by `units` (ARKit's names to weights), with `strands` strands of hair.

    The hair grows on the resting face and does not move with it.
    """
    rest = body.build()
    grown = hair.grown(rest, strands)
    moved = body.build(units) if units else rest
    on_body, on_hair = light.light_up(moved, fibre.looked_up(grown), HAIR_TAKES * hair.COUNT / strands)
    return Sitter(moved, on_body, [fibre.lit(grown, on_hair), *brows.both(moved)])


def marks(moved, view=None):
    """Named points of the face in a picture: name to (x, y) in pixels."""
    view = view or View()
    return {name: tuple(view.screen(point[None])[0, :2]) for name, point in moved.marks.items()}


def boxes(moved, view=None):
    """Face, eyes and mouth in a picture: name to (x, y, width, height) in whole pixels, as in character.yaml."""
    view = view or View()
    outlines = {name: view.screen(points)[:, :2] for name, points in moved.regions.items()}
    outlines["eyes"] = np.argwhere(film.parts(moved, view) == body.EYES)[:, ::-1] + 0.5
    found = {}
    for name, points in outlines.items():
        low, high = np.floor(points.min(0)).astype(int), np.ceil(points.max(0)).astype(int)
        found[name] = (int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))
    return found
