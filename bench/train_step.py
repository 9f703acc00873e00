"""One step of training on the CPU: picture, loss and derivatives, in CPU milliseconds of one thread.

The scene is that of `render.py`, with colours of degree 3; the picture wanted is the same bust from a little aside.
Peers, measured in turns with ours in this run, are torch on one thread: the rasteriser's readable twin, which looks at
every Gaussian in every pixel and therefore at a small size only, differentiated by torch in float32; the loss of
convolutions; HexPlane's features of `grid_sample`. The targets are what the prototype of our kernels took.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from bench._table import Figure, Target, print_json, print_table, print_targets
from bench.render import bust, medians, view
from episodec.splat.deformation import PAIRS
from episodec.splat.rasterise import WHITE
from episodec.splat.scene import Scene
from episodec.splat.training import bridge, loss, planes, raster, reference
from episodec.splat.training.cuda_engine import dssim
from episodec.splat.view import View

SIZES = [(5000, 128, 3.6), (5000, 200, 5.5), (20_000, 200, 14.7), (20_000, 256, 24.0)]  # And the prototype's ms.
LOSSES_MS = {128: 1.2, 200: 2.8, 256: 5.1}  # The prototype's, with windows that are boxes.
NAMES = ("means", "quaternions", "log_scales", "opacity_logits", "harmonics")


def stages(scene: Scene, observed: View) -> list[Callable[[], object]]:
    """Forward, loss, backward, and all of a step."""
    expected = raster.forward(scene, view(observed.size[0], 0.3), WHITE).picture
    drawn = raster.forward(scene, observed, WHITE)
    slope = loss.picture_loss(drawn.picture, expected).d_picture

    def step() -> None:
        actual = raster.forward(scene, observed, WHITE)
        raster.backward(actual, loss.picture_loss(actual.picture, expected).d_picture)

    return [
        partial(raster.forward, scene, observed, WHITE),
        partial(loss.picture_loss, drawn.picture, expected),
        partial(raster.backward, drawn, slope),
        step,
    ]


def dense(rounds: int) -> Figure:
    """A step with few Gaussians, ours and through torch."""
    scene, observed = bust(400), view(64)
    target = torch.from_numpy(raster.forward(scene, view(64, 0.3), WHITE).picture)
    parts = tuple(torch.tensor(np.array(getattr(scene, name)), requires_grad=True) for name in NAMES)

    def theirs() -> None:
        picture, _ = reference.render(parts, observed, WHITE)
        (picture - target).abs().mean().backward()  # type: ignore[no-untyped-call]

    def ours() -> None:
        picture, _ = bridge.rasterise(parts, observed, WHITE)
        bridge.picture_loss(picture, target).backward()  # type: ignore[no-untyped-call]

    actual = medians([ours, theirs], rounds, time.process_time)
    return Figure("step-400-64", actual[0], "ms", "torch, every Gaussian in every pixel", actual[1])


def convolved(rounds: int) -> Figure:
    """The loss of a picture of 200 by 200, ours and through torch's convolutions."""
    rng = np.random.default_rng(0)
    target, picture = (torch.from_numpy(rng.random((200, 200, 3)).astype(np.float32)) for _ in range(2))
    picture.requires_grad_()

    def theirs() -> None:
        away = (picture - target).abs().mean()
        whole = (1 - loss.WEIGHT) * away + loss.WEIGHT * dssim(picture, target)
        whole.backward()  # type: ignore[no-untyped-call]

    ours = partial(loss.picture_loss, picture.detach().numpy(), target.numpy())
    actual = medians([ours, theirs], rounds, time.process_time)
    return Figure("loss-200", actual[0], "ms", "torch, conv2d", actual[1])


def sampled(rounds: int) -> Figure:
    """Features of 10 000 places and their derivatives by planes of two levels, ours and through grid_sample."""
    rng = np.random.default_rng(0)
    sides = [(side, side, side, 25) for side in (32, 64)]
    each = [rng.normal(1, 0.3, (n[b], n[a], 16)).astype(np.float32) for n in sides for a, b in PAIRS]
    places = rng.uniform(-1, 1, (10_000, 3)).astype(np.float32)
    slope = rng.normal(size=(10_000, 32)).astype(np.float32)
    variables = [torch.tensor(plane.transpose(2, 0, 1)[None].copy(), requires_grad=True) for plane in each]
    points = torch.cat([torch.from_numpy(places), torch.full((10_000, 1), 0.3)], dim=1)

    def theirs() -> None:
        levels = []
        for start in (0, 6):
            product = torch.ones(())
            for plane, pair in zip(variables[start : start + 6], PAIRS, strict=True):
                grid = points[:, pair].view(1, -1, 1, 2)
                actual = torch.nn.functional.grid_sample(plane, grid, "bilinear", "border", align_corners=True)
                product = product * actual[0, :, :, 0].T
            levels.append(product)
        torch.cat(levels, dim=1).backward(torch.from_numpy(slope))  # type: ignore[no-untyped-call]

    def ours() -> None:
        planes.sample(each, places, 0.3)
        planes.sample_back(each, places, 0.3, slope)

    actual = medians([ours, theirs], rounds, time.process_time)
    return Figure("planes-10k", actual[0], "ms", "torch, grid_sample", actual[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    figures, targets, losses = [], [], {}
    for count, side, most in SIZES:
        drawing, losing, back, step = medians(stages(bust(count), view(side)), asked.rounds, time.process_time)
        name = f"{count // 1000}k-{side}"
        parts = {"forward": drawing, "loss": losing, "backward": back, "step": step}
        figures += [Figure(f"{part}-{name}", value, "ms") for part, value in parts.items()]
        sentence = f"{count} Gaussians at {side}x{side}: forward and backward in {most} CPU-ms"
        targets.append(Target(sentence, drawing + back <= most))
        losses[side] = losing
    targets += [Target(f"the loss at {s}x{s} in {m} CPU-ms", losses[s] <= m) for s, m in LOSSES_MS.items()]
    figures += [dense(asked.rounds), convolved(asked.rounds), sampled(asked.rounds)]
    if asked.json:
        print_json(figures)
        return
    rows = [
        [f.name, f"{f.value:.2f}", f.unit, f"{f.peer_value:.2f}" if f.peer_value else "", f.peer or ""] for f in figures
    ]
    print_table(["figure", "value", "unit", "peer's", "peer"], rows)
    print_targets(targets)


if __name__ == "__main__":
    main()
