"""How near the draft scene comes to the character that its portrait shows, from in front and from aside.

The truth is drawn by the portrait's own program, from the same angles: its camera stands 1.6 m away, the film's nearer,
and what that changes counts as error. The scene is built from alpha-ref.png alone; beside it stands the plain relief,
which knows no face. Landmarks are those that the network reads from both pictures, the face is what they enclose in the
truth; where it reads none, there is a dash. A hole is a pixel inside of the silhouette that shows more than a tenth of
the background; a speck is a pixel of the face that differs by 0.2 from the median around it, where the truth has none
within two pixels. Times are processor time of one thread at 512 by 512 pixels. `--sheet` draws the truth, the scene
and the relief; `--photo` draws a sheet of a photograph.
"""

import argparse
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench._table import Figure, Target, print_json, print_table, print_targets, say
from episodec.face.landmarks import Landmarks, eye_distance
from episodec.faces.heads import fitted_head
from episodec.faces.landmarks import read_landmarks
from episodec.faces.pixels import rgba_of
from episodec.splat.rasterise import render, render_covered
from episodec.splat.relief.body import relief, source_view
from episodec.splat.scene import Scene
from episodec.splat.view import View
from episodec.splat.white import on_white

ROOT = Path(__file__).parents[1]
ALPHA = ROOT / "episodes" / "characters" / "alpha"
PHOTO = ROOT / "tests" / "faces" / "astronaut.jpg"
YAWS = (0, 8, -8, 15, -15, 25, -25, 40, -40)
SIDE = 512
THREADS = 2

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class AngleView:
    """A picture on white, its silhouette, how much of each pixel is covered, and the face that is read from it."""

    rgb: Pixels
    silhouette: Mask
    covered: NDArray[np.float32]
    marks: Landmarks | None


@dataclass(frozen=True, slots=True)
class Nearness:
    """Of one picture to the truth."""

    overlap: float
    landmarks: float | None  # Eye distances, the median of the 468.
    psnr_db: float | None  # Of the face.
    holes: int  # Pixels.
    specks: int | None


def from_aside(yaw_deg: float, side: int = SIDE) -> View:
    """The camera that sees the portrait, gone round to the picture's right."""
    source = source_view(side, side)
    cos, sin = math.cos(math.radians(yaw_deg)), math.sin(math.radians(yaw_deg))
    turn = np.array([[cos, 0, sin, 0], [0, 1, 0, 0], [-sin, 0, cos, 0], [0, 0, 0, 1]])
    return View(turn @ source.camera_to_world, source.intrinsics, source.size)


def truths(folder: Path) -> list[AngleView]:
    """The character as she is, drawn into the folder unless she is there."""
    if not all((folder / f"alpha{yaw:+g}.png").exists() for yaw in YAWS):
        say("drawing the truth: two minutes or so")
        command = [sys.executable, "draw_portrait.py", str(folder.resolve() / "alpha.png"), "--pixels", str(SIDE)]
        subprocess.run([*command, "--yaw", *map(str, YAWS)], cwd=ALPHA, check=True)
    pictures = [rgba_of(folder / f"alpha{yaw:+g}.png") for yaw in YAWS]
    whites = [on_white(rgba) for rgba in pictures]
    return [
        AngleView(white, rgba[..., 3] >= 128, (rgba[..., 3] / 255).astype(np.float32), marks)
        for white, rgba, marks in zip(whites, pictures, read_landmarks(whites), strict=True)
    ]


def angle_views(scene: Scene) -> list[AngleView]:
    """The scene from all angles."""
    pictures = [render(scene, from_aside(yaw), threads=THREADS) for yaw in YAWS]
    covered = [render_covered(scene, from_aside(yaw), threads=THREADS)[1] for yaw in YAWS]
    return [
        AngleView(rgb, share > 0.5, share, marks)
        for rgb, share, marks in zip(pictures, covered, read_landmarks(pictures), strict=True)
    ]


def nearness(case: AngleView, truth: AngleView, unit: float) -> Nearness:
    """How near a picture is to the truth; unit: pixels between the eyes from in front."""
    overlap = (case.silhouette & truth.silhouette).sum() / (case.silhouette | truth.silhouette).sum()
    inside = cv2.erode(case.silhouette.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    outline, _ = cv2.findContours(case.silhouette.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = cv2.drawContours(np.zeros((SIDE, SIDE), np.uint8), outline, -1, 1, cv2.FILLED) > 0
    enclosed = whole & ~case.silhouette & ~_gaps(truth.silhouette)
    holes = int((inside & (case.covered < 0.9)).sum() + enclosed.sum())
    landmarks = None
    if case.marks is not None and truth.marks is not None:
        away = np.sqrt(((case.marks.points - truth.marks.points) ** 2).sum(axis=1))
        landmarks = float(np.median(away)) / unit
    if truth.marks is None:
        return Nearness(float(overlap), landmarks, None, holes, None)
    face = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillConvexPoly(face, cv2.convexHull(np.rint(truth.marks.points).astype(np.int32)), 1)
    square = ((case.rgb.astype(np.float64) - truth.rgb)[face > 0] ** 2).mean()
    known = cv2.dilate(_specks(truth.rgb).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    specks = int((_specks(case.rgb) & ~known & (cv2.erode(face, np.ones((5, 5), np.uint8)) > 0)).sum())
    return Nearness(float(overlap), landmarks, 10 * math.log10(255**2 / square), holes, specks)


def _gaps(silhouette: Mask) -> Mask:
    """Where the truth shows the background, too, and three pixels around."""
    values: Mask = cv2.dilate((~silhouette).astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    return values


def _specks(rgb: Pixels) -> Mask:
    away = np.abs(rgb.astype(np.float64) - cv2.medianBlur(rgb, 5)).max(axis=2)
    actual: Mask = away > 0.2 * 255
    return actual


def frame_ms(scene: Scene) -> float:
    taken = []
    for _ in range(8):
        before = time.process_time()
        render(scene, from_aside(8))
        taken.append(1000 * (time.process_time() - before))
    return statistics.median(taken[1:])


def sheet(rows: Sequence[Sequence[Pixels]], path: Path, side: int) -> None:
    tiles = [[cv2.resize(one, (side, side), interpolation=cv2.INTER_AREA) for one in row] for row in rows]
    Image.fromarray(np.concatenate([np.concatenate(row, axis=1) for row in tiles])).save(path, quality=82)


def photo_sheet(path: Path) -> None:
    rgba = np.asarray(Image.open(PHOTO).convert("RGBA"))
    head = fitted_head(rgba, read_landmarks([on_white(rgba)])[0])
    scene = relief(rgba, head, slices=1, threads=THREADS).scene
    sheet([[render(scene, from_aside(yaw), threads=THREADS) for yaw in (-15, -8, 0, 8, 15)]], path, 360)


def rows_of(name: str, each: Sequence[Nearness]) -> list[list[str]]:
    def text(value: float | None, form: str) -> str:
        return "-" if value is None else format(value, form)

    return [
        [
            name,
            f"{yaw:+d}" if yaw else "0",
            f"{one.overlap:.4f}",
            text(one.landmarks, ".3f"),
            text(one.psnr_db, ".1f"),
            str(one.holes),
            text(one.specks, "d"),
        ]
        for yaw, one in zip(YAWS, each, strict=True)
    ]


def worst(each: Sequence[Nearness], widest: int) -> list[Nearness]:
    return [one for yaw, one in zip(YAWS, each, strict=True) if abs(yaw) <= widest]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--truth", type=Path, help="a folder for the truth's pictures, which the next run takes again")
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--photo", type=Path)
    asked = parser.parse_args()
    if asked.photo:
        photo_sheet(asked.photo)
        return
    rgba = rgba_of(ALPHA / "alpha-ref.png")
    marks = read_landmarks([on_white(rgba)])[0]
    started = time.process_time()
    scene = relief(rgba, fitted_head(rgba, marks), slices=1, threads=THREADS).scene
    built = time.process_time() - started
    plain = relief(rgba, None, slices=1, threads=THREADS).scene
    with tempfile.TemporaryDirectory() as folder:
        truth = truths(asked.truth or Path(folder))
    assert truth[0].marks is not None
    unit = eye_distance(truth[0].marks.points)
    pictures = {"scene": angle_views(scene), "relief": angle_views(plain)}
    if asked.sheet:
        order = np.argsort(YAWS)
        sheet([[each[k].rgb for k in order] for each in (truth, *pictures.values())], asked.sheet, 220)
        return
    near = {name: [nearness(a, b, unit) for a, b in zip(each, truth, strict=True)] for name, each in pictures.items()}
    ms, plain_ms = frame_ms(scene), frame_ms(plain)
    figures = [
        Figure("gaussians", scene.count, "", "relief", plain.count),
        Figure("frame-512", ms, "CPU ms", "relief", plain_ms),
        Figure("build", built, "CPU s"),
    ]
    if asked.json:
        print_json(figures)
        return
    heads = ["of", "degrees", "overlap", "landmarks", "face dB", "holes", "specks"]
    print_table(heads, [row for name, each in near.items() for row in rows_of(name, each)])
    print_table(
        ["figure", "value", "unit", "relief's"],
        [[f.name, f"{f.value:.4g}", f.unit, f"{f.peer_value:.4g}" if f.peer_value else ""] for f in figures],
    )
    to_15, to_25 = worst(near["scene"], 15), worst(near["scene"], 25)
    print_targets(
        [
            Target("silhouettes that overlap by .97 to 15 degrees", min(one.overlap for one in to_15) >= 0.97),
            Target("and by .95 to 25", min(one.overlap for one in to_25) >= 0.95),
            Target("landmarks within .03 eye distances to 25", max(one.landmarks or 0.0 for one in to_25) <= 0.03),
            Target("no holes to 25 degrees", all(one.holes == 0 for one in to_25)),
            Target("no specks to 25 degrees", all(one.specks == 0 for one in to_25)),
            Target("frames at twice the relief's cost", ms <= 2 * plain_ms),
        ]
    )


if __name__ == "__main__":
    main()
