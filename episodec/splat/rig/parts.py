"""Parts in the pixels of the front while they are built, and their assembly into those of a rig."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.splat.rig.faces import as_weights
from episodec.splat.rig.model import FULL, Lids, Parts, empty_rig

WIDTH = 0.6  # The standard deviation of a Gaussian, in spacings.

Depths = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """The movement of lids: `kind` as in `model.Lids`; places when shut and half shut, (n, 3); colours when shut."""

    kind: int
    shut: Depths
    half: Depths
    colours: Depths


@dataclass(frozen=True, slots=True, eq=False)
class RigPart:
    """Gaussians that appear together.

    Attributes:
        group: as in `model`.
        means: (n, 3), metres, world.
        size: their spacing in metres.
        colours: (n, 3), 0 to 1.
        triangle: (n,), of the face's triangles.
        weights: (n, 3).
        way: of lids.
        share: the share of the mesh's movement that they follow.
    """

    group: int
    means: Depths
    size: float
    colours: Depths
    triangle: NDArray[np.int64]
    weights: Depths
    way: Way | None = None
    share: float = 1.0


def assembled(rig_parts: Iterable[RigPart]) -> tuple[Parts, Lids]:
    """The parts of a rig, joined."""
    parts = list(rig_parts)
    if not parts:
        return empty_rig().parts, empty_rig().lids
    starts = np.cumsum([0, *(len(part.means) for part in parts)])
    ways = [(int(start), part, part.way) for start, part in zip(starts, parts, strict=False) if part.way is not None]
    columns = Parts(
        np.concatenate([part.means for part in parts]).astype(np.float32),
        np.concatenate([np.full(len(part.means), np.log(WIDTH * part.size)) for part in parts]).astype(np.float32),
        np.concatenate([_bytes(part.colours) for part in parts]),
        np.concatenate([part.triangle for part in parts]).astype(np.uint16),
        np.concatenate([as_weights(part.weights) for part in parts]),
        np.concatenate([np.full(len(part.means), round(FULL * part.share)) for part in parts]).astype(np.uint8),
        np.concatenate([np.full(len(part.means), part.group) for part in parts]).astype(np.uint8),
    )
    if not ways:
        return columns, empty_rig().lids
    along = [way.shut - part.means for _, part, way in ways]
    # At one half: means + along / 2 + bulge / 4.
    bulge = [4 * (way.half - part.means) - 2 * far for (_, part, way), far in zip(ways, along, strict=True)]
    lids = Lids(
        np.concatenate([start + np.arange(len(part.means)) for start, part, _ in ways]).astype(np.uint32),
        np.concatenate([np.full(len(part.means), way.kind) for _, part, way in ways]).astype(np.uint8),
        np.concatenate(along).astype(np.float32),
        np.concatenate(bulge).astype(np.float32),
        np.concatenate([_bytes(way.colours) for _, _, way in ways]),
    )
    return columns, lids


def _bytes(colours: Depths) -> NDArray[np.uint8]:
    return np.rint(np.clip(colours, 0, 1) * FULL).astype(np.uint8)
