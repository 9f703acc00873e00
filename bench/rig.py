"""The rig of scenes: what lips, lids and eyes come to in pictures of it, what it weighs, and what a frame costs.

The draft scenes are those of the portrait that we ship and of a photograph whose mouth is open; `--scene FILE` adds
another, such as a trained one. Gaps and widths of lips are read by the landmark network from the picture that the head
was fitted to, in eye distances. What is seen of an eye is found by painting: eyeballs white, all else black; so is
what lies behind the face. Each of ARKit's shapes is tried alone at one half and at 1. Times are processor time of one
thread at 512 by 512 pixels. `--sheet FOLDER` draws lips and eyes.
"""

import argparse
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from bench._mouth import mesh_width, mouth_faults, teeth_light
from bench._poses import EYES, LIPS, LOOKING, Weights, both
from bench._table import Figure, Target, print_json, print_table, print_targets, say
from episodec.face.fit import FittedHead
from episodec.face.landmarks import LIPS_ABOVE, Points, eye_distance, lip_gap
from episodec.faces.heads import fitted_front, fitted_head
from episodec.faces.landmarks import read_landmarks
from episodec.faces.pixels import rgba_of
from episodec.performance.channels import SHAPES
from episodec.splat.ply import SH0
from episodec.splat.rasterise import render, render_covered
from episodec.splat.relief.body import relief
from episodec.splat.rig.build import build_rig
from episodec.splat.rig.front import Front
from episodec.splat.rig.model import LEFT_EYE, RIGHT_EYE, Rig, Row
from episodec.splat.rig.pose import posed
from episodec.splat.rig.rig_file import MOST_BYTES, encode_rig
from episodec.splat.scene import Scene, columnar
from episodec.splat.scene_file import decode_scene
from episodec.splat.view import View
from episodec.splat.white import on_white

ROOT = Path(__file__).parents[1]
PORTRAITS = {
    "alpha": ROOT / "episodes" / "characters" / "alpha" / "alpha-ref.png",
    "photo": ROOT / "tests" / "faces" / "astronaut.jpg",
}
THREADS = 2
YAWS = (0, 25, -25)
DEEP = 0.5  # Eye distances behind the face: what is no skin.
MOST_BEHIND = 0.5  # Of a pixel.

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A scene and its rig."""

    name: str
    scene: Scene
    front: Front
    fitted: FittedHead
    rig: Rig
    build_s: float

    @property
    def time(self) -> float:
        """Of the slice that the rig was made in."""
        slices = self.scene.slices
        return 0.0 if slices is None else self.front.slice / (len(slices.means) - 1)

    def posed(self, weights: Weights) -> Scene:
        return posed(self.scene, self.rig, Row(weights), time=self.time)

    def view(self, yaw_deg: float) -> View:
        """The front's camera, gone round the face to the picture's right."""
        middle = self.rig.neck
        around = np.array([middle.pivot[0], middle.eyes_y, middle.pivot[2]])
        cos, sin = math.cos(math.radians(yaw_deg)), math.sin(math.radians(yaw_deg))
        turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
        matrix = np.eye(4)
        matrix[:3, :3] = turn
        matrix[:3, 3] = around + turn @ (self.front.view.camera_to_world[:3, 3] - around)
        return View(matrix, self.front.view.intrinsics, self.front.view.size)


def subjects(extra: Path | None) -> list[Subject]:
    scenes = {}
    for name, path in PORTRAITS.items():
        rgba = rgba_of(path)
        (marks,) = read_landmarks([on_white(rgba)])
        scenes[name] = relief(rgba, fitted_head(rgba, marks), threads=THREADS).scene
    if extra is not None:
        scenes["trained"] = columnar(decode_scene(extra.read_bytes()))
    return [subject(name, scene) for name, scene in scenes.items()]


def subject(name: str, scene: Scene) -> Subject:
    say(f"the rig of {name}")
    front = fitted_front(scene, THREADS)
    assert front is not None, f"{name} has no face"
    build_rig(scene, *front)  # Kernels are compiled.
    before = time.process_time()
    rig = build_rig(scene, *front)
    return Subject(name, scene, *front, rig, time.process_time() - before)


def lips(subject: Subject) -> dict[str, tuple[float, float]]:
    """Gap and width of the lips in each pose, in eye distances."""
    pictures = [render(subject.posed(weights), subject.view(0), threads=THREADS) for weights in LIPS.values()]
    spans = {}
    for name, marks in zip(LIPS, read_landmarks(pictures), strict=True):
        assert marks is not None, f"{subject.name} has no face in {name}"
        unit = eye_distance(marks.points)
        spans[name] = lip_gap(marks.points) / unit, _width(marks.points) / unit
    return spans


def _width(points: Points) -> float:
    left, right = points[LIPS_ABOVE[0]], points[LIPS_ABOVE[-1]]
    return math.hypot(*(right - left))


def painted(subject: Subject, weights: Weights, view: View, is_white: Callable[[Scene], Mask]) -> NDArray[np.float32]:
    """(h, w), 0 to 1: how white a pixel is when some Gaussians are and the others are black."""
    scene = subject.posed(weights)
    bright = np.where(is_white(scene), 0.5, -0.5) / SH0
    harmonics = np.repeat(bright.astype(np.float32)[:, None, None], 3, axis=2)
    coded = replace(scene, harmonics=harmonics)
    picture, _ = render_covered(coded, view, background=(0.0, 0.0, 0.0), threads=THREADS)
    return picture[..., 0]


def eyes_left(subject: Subject) -> list[float]:
    """Of the eyes that are seen open, the share that a blink leaves, from each side."""
    groups = subject.rig.parts.group
    is_ball = np.isin(groups, (LEFT_EYE, RIGHT_EYE))
    is_ball[subject.rig.lids.row] = False

    def balls(scene: Scene) -> Mask:
        mask = np.zeros(scene.count, np.bool_)
        mask[subject.scene.count :] = is_ball[: scene.count - subject.scene.count]
        return mask

    shares = []
    for yaw in YAWS:
        visible, left = (
            painted(subject, weights, subject.view(yaw), balls) for weights in (LOOKING, both("eyeBlink", 1.0))
        )
        shares.append(float((left > 0.25).sum() / max(1, (visible > 0.5).sum())))
    return shares


def holes(subject: Subject) -> tuple[int, str]:
    """The most pixels of the face that show what lies behind it when a shape is on, and which shape that is."""
    front = subject.front
    x, y, away = front.pixels(front.still.means)
    height, width = front.covered.shape
    column, row = np.clip(x.astype(int), 0, width - 1), np.clip(y.astype(int), 0, height - 1)
    unit = eye_distance(subject.fitted.landmarks.points) * front.metre(float(np.median(away)))
    deep = (away - front.distance[row, column]) > DEEP * unit
    hull = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(np.rint(subject.fitted.landmarks.points).astype(np.int32)), 1)
    inner = cv2.erode(hull, np.ones((9, 9), np.uint8)) > 0

    def behind(scene: Scene) -> Mask:
        return np.concatenate([deep, np.zeros(scene.count - len(deep), np.bool_)])

    before = painted(subject, {}, subject.view(0), behind) > MOST_BEHIND
    worst = (0, "none")
    for name in SHAPES:
        for weight in (0.5, 1.0):
            scene = subject.posed({name: weight})
            _, alpha = render_covered(scene, subject.view(0), threads=THREADS)
            visible = (painted(subject, {name: weight}, subject.view(0), behind) > MOST_BEHIND) & ~before
            count = int((inner & (visible | (alpha < 0.9))).sum())
            worst = max(worst, (count, f"{name} {weight:g}"))
    return worst


def frame_ms(subject: Subject, row: Row) -> float:
    """A frame of a film: pose and picture, one thread."""
    focal = 0.5 * 512 / math.tan(math.radians(17.5))
    view = View(np.array(subject.view(8).camera_to_world), (focal, focal, 256, 256), (512, 512))
    taken = []
    for _ in range(9):
        before = time.process_time()
        render(posed(subject.scene, subject.rig, row, time=subject.time), view)
        taken.append(1000 * (time.process_time() - before))
    return statistics.median(taken[1:])


def sheet(subject: Subject, poses: Mapping[str, Weights], yaws: Sequence[int], rows: slice, path: Path) -> None:
    """A picture a pose and yaw; rows: of the front's picture."""
    tiles = []
    for name, weights in poses.items():
        parts = []
        for yaw in yaws:
            part = Image.fromarray(render(subject.posed(weights), subject.view(yaw), threads=THREADS)[rows, 220:548])
            part = part.resize((part.width * 5 // 8, part.height * 5 // 8), Image.Resampling.LANCZOS)
            ImageDraw.Draw(part).text((4, 3), f"{name} {yaw:+d}" if yaw else name, fill=(160, 0, 0))
            parts.append(np.asarray(part))
        tiles.append(np.hstack(parts))
    lines = [np.hstack(tiles[at : at + 2]) for at in range(0, len(tiles), 2)]
    Image.fromarray(np.vstack(lines)).save(path, quality=72)


def sheets(subject: Subject, folder: Path) -> None:
    points = subject.fitted.landmarks.points
    eyes, mouth = float(points[[33, 263], 1].mean()), float(points[[13, 14], 1].mean())
    sheet(
        subject,
        LIPS,
        (0, 15, -25),
        slice(round(mouth) - 110, round(mouth) + 130),
        folder / f"rig-{subject.name}-lips.jpg",
    )
    sheet(subject, EYES, (0, -25), slice(round(eyes) - 80, round(eyes) + 60), folder / f"rig-{subject.name}-eyes.jpg")


def measured(subject: Subject) -> tuple[list[Figure], list[Target]]:
    say(f"lips, eyes and holes of {subject.name}")
    size = len(encode_rig(subject.rig))
    mouth, left, (most, worst) = lips(subject), eyes_left(subject), holes(subject)
    faults = mouth_faults(
        subject.scene, subject.front, subject.fitted, subject.rig, subject.view, partial(painted, subject)
    )
    teeth = teeth_light(render(subject.posed(LIPS["i"]), subject.view(0), threads=THREADS), subject.fitted)
    gap, wide = mouth["rest"]
    rest = frame_ms(subject, Row())
    speaks, looks = (frame_ms(subject, Row(weights)) / rest for weights in ({**LIPS["a"], **LOOKING}, LOOKING))
    figures = [
        Figure(f"{subject.name}-rig", size, "bytes"),
        Figure(f"{subject.name}-build", subject.build_s, "CPU s"),
        Figure(f"{subject.name}-moves", len(subject.rig.body.index), "Gaussians"),
        Figure(f"{subject.name}-parts", len(subject.rig.parts.means), "Gaussians"),
        *(Figure(f"{subject.name}-gap-{name}", a, "eye distances") for name, (a, _) in mouth.items()),
        *(Figure(f"{subject.name}-width-{name}", b / wide, "of rest") for name, (_, b) in mouth.items()),
        *(
            Figure(f"{subject.name}-mesh-width-{name}", mesh_width(subject.fitted, subject.rig, LIPS[name]), "of rest")
            for name in "iou"
        ),
        *(
            Figure(f"{subject.name}-eyes-left-{yaw:+d}", share, "of open")
            for yaw, share in zip(YAWS, left, strict=True)
        ),
        Figure(f"{subject.name}-holes ({worst})", most, "px"),
        Figure(f"{subject.name}-crumbs", faults.crumbs, "px"),
        Figure(f"{subject.name}-mouth-outside", faults.outside, "px"),
        Figure(f"{subject.name}-teeth-light", teeth, "of white"),
        Figure(f"{subject.name}-frame-at-rest", rest, "CPU ms"),
        Figure(f"{subject.name}-frame-that-speaks", speaks, "of rest"),
        Figure(f"{subject.name}-frame-that-looks", looks, "of rest"),
    ]
    name = subject.name
    targets = [
        Target(f"{name}: a rig in {MOST_BYTES} bytes", size <= MOST_BYTES),
        Target(f"{name}: m closes to .012 above rest", mouth["m"][0] <= gap + 0.012),
        Target(f"{name}: a opens by .3", mouth["a"][0] >= 0.3),
        Target(f"{name}: i is 1.15 as wide as rest", mouth["i"][1] >= 1.15 * wide),
        Target(f"{name}: u is .85 as wide", mouth["u"][1] <= 0.85 * wide),
        Target(f"{name}: o is .95 as wide", mouth["o"][1] <= 0.95 * wide),
        Target(f"{name}: a blink leaves 2 % of the eyes", max(left) <= 0.02),
        Target(f"{name}: no shape leaves a hole", most == 0),
        Target(f"{name}: teeth are as light as .75 of white", teeth >= 0.75),
        Target(f"{name}: a frame that speaks costs 1.3 of one at rest", speaks <= 1.3),
    ]
    return figures, targets


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--scene", type=Path, help="a scene file, measured too")
    parser.add_argument("--sheet", type=Path, metavar="FOLDER", help="draw lips and eyes of all scenes there")
    asked = parser.parse_args()
    subjects_built = subjects(asked.scene)
    if asked.sheet:
        for drawing in subjects_built:
            sheets(drawing, asked.sheet)
        return
    results = [measured(one) for one in subjects_built]
    figures = [figure for each, _ in results for figure in each]
    targets = [target for _, each in results for target in each]
    if asked.json:
        print_json(figures)
        return
    print_table(["figure", "value", "unit"], [[one.name, f"{one.value:.4g}", one.unit] for one in figures])
    print_targets(targets)


if __name__ == "__main__":
    main()
