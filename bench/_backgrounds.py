"""A sheet of backgrounds, and of a high film with burnt-in captions beside them: `docs/backgrounds.jpg`.

The scene is the draft scene of the portrait that we ship, at the first slice.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.likeness import ALPHA, THREADS, from_aside
from episodec.drawings.background import gradient, lit, values
from episodec.drawings.overlay import FrameOverlay, font_px, overlaid
from episodec.faces.heads import fitted_head
from episodec.faces.landmarks import read_landmarks
from episodec.faces.pixels import rgba_of
from episodec.spec.types_of_picture import STUDIO
from episodec.splat.rasterise import render
from episodec.splat.relief.body import relief
from episodec.splat.scene import Scene
from episodec.splat.view import View
from episodec.splat.white import on_white

SIDE, HIGH = 320, (360, 640)  # Pixels of a square picture, and of the film's frame.
LENS = 1.21  # How much wider a high film sees; `film.headroom`.
COLOUR, SKY = "#6a3040", ("#d8c8b8", "#5a7894")
WORDS = (("с", "одной", "картинки:"), ("alpha", "ref", "точка", "png."))

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


def squares(scene: Scene) -> Iterator[Pixels]:
    """The studio, a colour, a gradient, a picture."""
    size = (SIDE, SIDE)
    grounds = (
        lit(gradient([values(colour) for colour in STUDIO.colours], size), STUDIO.falloff),
        values(COLOUR),
        gradient([values(colour) for colour in SKY], size),
        lit(lights(size), 0.3),
    )
    for ground in grounds:
        yield render(scene, from_aside(8, SIDE), background=ground, threads=THREADS)


def lights(size: tuple[int, int]) -> Floats:
    """(h, w, 3): a picture of lamps out of focus."""
    width, height = size
    y, x = np.mgrid[:height, :width] / height
    picture = np.ones((height, width, 3)) * (0.16, 0.15, 0.17)
    for k in range(26):
        # Places by the golden ratio's multiples: spread, and the same each time.
        across, down, radius = (k * 0.618) % 1, (k * 0.755 + 0.1) % 1, 0.03 + 0.05 * ((k * 0.414) % 1)
        soft = np.clip((radius - np.hypot(x - across, y - down)) / 0.006, 0, 1)[..., None]
        picture = picture + 0.4 * soft * (
            np.array(((0.9, 0.5, 0.3), (0.4, 0.6, 0.35), (0.85, 0.4, 0.5))[k % 3]) - picture
        )
    return picture.astype(np.float32)


def high(scene: Scene) -> Pixels:
    """A frame of a film that is taller than wide, with its captions."""
    width, height = HIGH
    near = from_aside(-8, height)
    focal = near.intrinsics[0] / LENS
    view = View(near.camera_to_world, (focal, focal, width / 2, height - height / 2 / LENS), HIGH)
    ground = lit(gradient([values(colour) for colour in STUDIO.colours], HIGH), STUDIO.falloff)
    frame = render(scene, view, background=ground, threads=THREADS)
    (captioned,) = overlaid([frame], [FrameOverlay(WORDS, 5, font_px(HIGH), round(0.8 * height))])
    return captioned


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sheet", type=Path, required=True)
    asked = parser.parse_args()
    rgba = rgba_of(ALPHA / "alpha-ref.png")
    (marks,) = read_landmarks([on_white(rgba)])
    scene = relief(rgba, fitted_head(rgba, marks), slices=1, threads=THREADS).scene
    studio, colour, sky, lamps = squares(scene)
    left = np.vstack([np.hstack([studio, colour]), np.hstack([sky, lamps])])
    Image.fromarray(np.hstack([left, high(scene)])).save(asked.sheet, quality=84)


if __name__ == "__main__":
    main()
