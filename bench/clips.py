"""A moving scene from one clip of a fixed camera, and from more clips beside it: what other cameras add.

The subject and the fixed clip are bench/hybrid.py's: 10 views around at time 0.5, and 24 frames from the front of which
two are held out. Beside the fixed clip alone, one training each: `orbit`, 24 frames of a camera that goes from 15
degrees on one side to 15 on the other, as `motion: [{}, {camera: orbit}]` asks for; `around`, the same once around; and
clips of 12 frames each of cameras that stand still, from both `sides` (90 degrees), from `behind` (120 degrees to both
sides), from `four` places (60 and 135 degrees to both sides).

PSNR in dB over white: `fixed` and `orbit` as in bench/hybrid.py; `held-15` of cameras 15 degrees to both sides at six
times, which nothing has shown. `moves-*` is how much frames 30 of 160 apart differ, from a camera that stands still at
so many degrees, as a share of how much the bust's own do.
"""

import argparse
from dataclasses import replace

from bench._bust import orbit
from bench._table import Figure, Target, print_json, print_table, print_targets, say
from bench.hybrid import APART, HELD_OUT, TURN, Nowhere, dataset, difference, nearness, truth
from episodec.splat.rasterise import render
from episodec.splat.scene import Scene
from episodec.splat.training.settings import TrainSettings
from episodec.splat.training.train import train

Frames = list[tuple[float, float]]  # Degrees around, and time.

HELD = [(azimuth, moment) for azimuth in (-15.0, 15.0) for moment in (0.12, 0.28, 0.37, 0.62, 0.73, 0.88)]
AROUND = range(0, 360, 45)


def still(*azimuths: float) -> Frames:
    """Clips of 12 frames of cameras that stand still."""
    return [(azimuth, k / 11) for azimuth in azimuths for k in range(12)]


CLIPS: dict[str, Frames] = {
    "fixed": [],
    "orbit": [(-15 + 30 * k / 23, k / 23) for k in range(24)],
    "around": [(-180 + 360 * k / 24, k / 23) for k in range(24)],
    "sides": still(90, -90),
    "behind": still(120, -120),
    "four": still(60, -60, 135, -135),
}


def movement(scene: Scene, azimuth: float, side: int) -> float:
    """The share of the bust's own movement, from one place."""
    moments = [number / (TURN - 1) for number in range(0, TURN, APART)]
    picture = [render(scene, orbit(azimuth, side), time=moment, threads=2) for moment in moments]
    return difference(picture) / difference([truth(azimuth, moment, side) for moment in moments])


def measured(name: str, side: int, settings: TrainSettings) -> list[Figure]:
    """Train with one choice of clips and look at what came out."""
    data = dataset("hybrid", side, "random", CLIPS[name])
    scene = train(data, settings, Nowhere(), lambda _: None, threads=2).scene
    say(f"{name}: {scene.count} Gaussians")
    fixed = [(0.0, k / 23) for k in range(24) if k not in HELD_OUT]
    return [
        Figure(f"{name}-fixed-psnr", nearness(scene, side, fixed), "dB"),
        Figure(f"{name}-orbit-psnr", nearness(scene, side, [(36.0 * i, 0.5) for i in range(10)]), "dB"),
        Figure(f"{name}-held-15-psnr", nearness(scene, side, HELD), "dB"),
        *(Figure(f"{name}-moves-{azimuth}", movement(scene, azimuth, side), "") for azimuth in AROUND),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=96, help="pixels of the pictures")
    parser.add_argument("--iterations", type=int, default=450)
    parser.add_argument("--coarse-iterations", type=int, default=150)
    parser.add_argument("--gaussians", type=int, default=2500)
    parser.add_argument("--clips", nargs="+", choices=CLIPS, default=list(CLIPS), help="which trainings")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    settings = replace(
        TrainSettings(),
        iterations=asked.iterations,
        coarse_iterations=asked.coarse_iterations,
        gaussians=asked.gaussians,
    )
    by_name = {name: measured(name, asked.side, settings) for name in asked.clips}
    if asked.json:
        print_json([figure for some in by_name.values() for figure in some])
        return
    kinds = [figure.name.partition("-")[2] for figure in by_name[asked.clips[0]]]
    columns = [[f"{figure.value:.2f}" for figure in by_name[name]] for name in asked.clips]
    print_table(["figure", *asked.clips], [[kind, *row] for kind, *row in zip(kinds, *columns, strict=True)])
    if {"fixed", "orbit"} <= by_name.keys():
        gain_db = by_name["orbit"][2].value - by_name["fixed"][2].value
        print_targets([Target("an orbiting clip beside the fixed one: 1 dB more, 15 degrees aside", gain_db >= 1)])


if __name__ == "__main__":
    main()
