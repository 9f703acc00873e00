"""The head model: how five heads' landmarks are read and scatter, how near it comes to portraits, and what it costs.

The five heads are those of head.bin, drawn by `plain_view`; the portraits are the one that we ship and a photograph.
Residuals are told in pixels of a portrait whose eyes are 81 pixels apart, as they are in one 512 pixels high. Times are
processor time of one thread. `--sheet FILE` draws the head's poses instead.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from bench._table import Figure, Target, print_json, print_table, print_targets
from episodec.face.data import HEAD
from episodec.face.fit import fit_head
from episodec.face.head import pose
from episodec.face.landmarks import eye_distance
from episodec.face.plain_view import plain_view
from episodec.faces.heads import the_head
from episodec.faces.landmarks import read_landmarks
from episodec.faces.pixels import rgba_of
from episodec.splat.white import on_white

ROOT = Path(__file__).parents[1]
ALPHA = ROOT / "episodes" / "characters" / "alpha" / "alpha-ref.png"
PHOTO = ROOT / "tests" / "faces" / "astronaut.jpg"
SIZE, PIXELS = (720, 640), 240.0
EYES = 81.0  # Pixels.


def both(stem: str, weight: float) -> dict[str, float]:
    return {f"{stem}Left": weight, f"{stem}Right": weight}


POSES: dict[str, dict[str, float]] = {
    "rest": {},
    "a": {"jawOpen": 0.55, **both("mouthLowerDown", 0.3)},
    "o": {"jawOpen": 0.36, "mouthFunnel": 0.5, "mouthPucker": 0.5},
    "u": {"jawOpen": 0.14, "mouthPucker": 0.9, "mouthFunnel": 0.15, **both("mouthLowerDown", 0.25)},
    "i": {"jawOpen": 0.1, **both("mouthStretch", 0.6), **both("mouthUpperUp", 0.4), **both("mouthLowerDown", 0.9)},
    "f": {"jawOpen": 0.05, "mouthRollLower": 0.6, **both("mouthUpperUp", 0.5)},
    "blink": both("eyeBlink", 1.0),
    "half": both("eyeBlink", 0.5),
    "wide": {**both("eyeWide", 1.0), "browInnerUp": 1.0},
    "smile": {**both("mouthSmile", 1.0), **both("cheekSquint", 0.7)},
    "frown": {**both("mouthFrown", 1.0), **both("browDown", 1.0)},
    "left": {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0},
}


def sheet(path: Path) -> None:
    """Twelve poses from in front and from 30 degrees aside."""
    head = the_head()
    tile = (225, 195)
    image = Image.new("RGB", (tile[1] * 6, tile[0] * 4))
    for number, (name, weights) in enumerate(POSES.items()):
        for side, yaw_deg in enumerate((0.0, -30.0)):
            visible = plain_view(head, pose(head, weights), (600, 520), pixels=220, yaw_deg=yaw_deg, has_lashes=True)
            part = Image.fromarray(visible.picture).resize(tile[::-1], Image.Resampling.LANCZOS)
            ImageDraw.Draw(part).text((8, 6), name, fill=(160, 0, 0))
            image.paste(part, (number % 6 * tile[1], (number // 6 + 2 * side) * tile[0]))
    image.save(path, quality=75)


def spread() -> tuple[list[float], float, float]:
    """Scores on the five heads; how far the points that they show lie apart on one of them, in eye distances."""
    head = the_head()
    heads = {"female": head.vertices, **head.kinds}
    views = [plain_view(head, vertices, SIZE) for vertices in heads.values()]
    read = read_landmarks([view.picture for view in views])
    places, scores = [], []
    for view, marks in zip(views, read, strict=True):
        assert marks is not None
        scores.append(marks.score)
        observed = view.visible.triangle
        column, row = np.clip(marks.points.astype(int), 0, (SIZE[1] - 1, SIZE[0] - 1)).T
        on_head = observed[row, column] >= 0
        corners = view.triangles[np.maximum(observed[row, column], 0)]
        at = (head.vertices[corners] * view.visible.weights[row, column][..., None]).sum(axis=1)[:, :2]
        places.append(np.where(on_head[:, None], at, np.nan))
    eyes = [head.vertices[head.vertices_of(f"{eye}_eye")].mean(axis=0) for eye in ("left", "right")]
    away = np.sqrt(np.nanvar(places, axis=0).sum(axis=1)) / (eyes[0] - eyes[1])[0]
    return scores, float(np.nanmedian(away)), float(np.nanquantile(away, 0.9))


def cpu_ms(work: Callable[[], object], rounds: int = 7) -> float:
    work()
    taken = []
    for _ in range(rounds):
        before = time.process_time()
        work()
        taken.append(1000 * (time.process_time() - before))
    return float(np.median(taken))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sheet", type=Path)
    asked = parser.parse_args()
    if asked.sheet:
        sheet(asked.sheet)
        return
    head = the_head()
    scores, median, p90 = spread()
    figures = [
        Figure("head-bytes", HEAD.stat().st_size, "bytes"),
        Figure("five-heads-least-score", min(scores), ""),
        Figure("five-heads-spread-median", median, "eye distances"),
        Figure("five-heads-spread-p90", p90, "eye distances"),
    ]
    portraits = {"alpha": on_white(rgba_of(ALPHA)), "photo": np.asarray(Image.open(PHOTO).convert("RGB"))}
    residuals = []
    for (name, rgb), marks in zip(portraits.items(), read_landmarks(list(portraits.values())), strict=True):
        assert marks is not None
        actual = fit_head(head, marks, rgb)
        unit = eye_distance(marks.points) / EYES
        residuals.append((actual.residual.median / unit, actual.residual.p90 / unit))
        figures += [
            Figure(f"{name}-score", marks.score, ""),
            Figure(f"{name}-residual-median", actual.residual.median / unit, "px"),
            Figure(f"{name}-residual-p90", actual.residual.p90 / unit, "px"),
            Figure(f"{name}-fit", cpu_ms(lambda m=marks, p=rgb: fit_head(head, m, p)), "CPU ms"),  # type: ignore[misc]
        ]
    figures.append(Figure("pose", cpu_ms(lambda: pose(head, POSES["i"])), "CPU ms"))
    if asked.json:
        print_json(figures)
        return
    print_table(["figure", "value", "unit"], [[one.name, f"{one.value:.4g}", one.unit] for one in figures])
    print_targets(
        [
            Target("the head in 200 000 bytes", HEAD.stat().st_size <= 200_000),
            Target("five heads seen with a score of 20 and more", min(scores) >= 20),
            Target("their landmarks within .03 eye distances, median, and .06, p90", median <= 0.03 and p90 <= 0.06),
            Target("residuals of .3 px, median, and 1.2, p90", all(a <= 0.3 and b <= 1.2 for a, b in residuals)),
        ]
    )


if __name__ == "__main__":
    main()
