"""A stretch of a film as a sheet of its faces, for people to look at."""

from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from episodec.video.frames import frames_of

COLUMNS, SIDE = 9, 150  # Pixels of a face.
FACE = (0.24, 0.13, 0.76, 0.65)  # Left, upper, right, lower; of the frame.


def draw_strip(film: Path, frames: range, path: Path) -> None:
    """Frames of the film in rows, each with its number, as a JPEG."""
    chosen = islice(frames_of(film), frames.start, frames.stop, frames.step)
    faces = [_face(frame, number) for frame, number in zip(chosen, frames, strict=True)]
    rows = [faces[at : at + COLUMNS] for at in range(0, len(faces), COLUMNS)]
    sheet = Image.new("RGB", (COLUMNS * SIDE, len(rows) * SIDE))
    for place, row in enumerate(rows):
        for column, face in enumerate(row):
            sheet.paste(face, (column * SIDE, place * SIDE))
    sheet.save(path, quality=84)


def _face(frame: np.ndarray, number: int) -> Image.Image:
    picture = Image.fromarray(frame)
    (width, height), (left, top, right, bottom) = picture.size, FACE
    box = (left * width, top * height, right * width, bottom * height)
    face = picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=box)
    ImageDraw.Draw(face).text((4, 2), str(number), fill=(220, 220, 220))
    return face
