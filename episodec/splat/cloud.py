"""Coloured points as .ply in the layout of 4DGaussians' `fused.ply`: the initial points of a training."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.splat.ply import read_vertices
from episodec.splat.scene import MAX_GAUSSIANS, Floats

FURTHER = 1.15  # Of a point's distance from the middle.

_PLACE, _NORMAL, _COLOUR = ("x", "y", "z"), ("nx", "ny", "nz"), ("red", "green", "blue")
_ROW = np.dtype([*((name, "<f4") for name in (*_PLACE, *_NORMAL)), *((name, "u1") for name in _COLOUR)])


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """Points of a surface.

    Attributes:
        means: (P, 3) float32, metres, world.
        colours: (P, 3) uint8, sRGB values.
    """

    means: Floats
    colours: NDArray[np.uint8]


def thinned(means: Floats, colours: NDArray[np.uint8], most: int) -> Cloud:
    """At most `most` of the points, evenly along their order, and a few further out: see `enclosing`."""
    kept = np.linspace(0, len(means) - 1, min(most, len(means))).astype(np.int64)
    return enclosing(Cloud(np.ascontiguousarray(means[kept], np.float32), np.ascontiguousarray(colours[kept])))


def enclosing(cloud: Cloud) -> Cloud:
    """The points, and copies of every 64th of them further from the middle: motion fields end where the cloud does.

    They are dense enough to start as small Gaussians, and training fades them out.
    """
    middle = (cloud.means.min(axis=0) + cloud.means.max(axis=0)) / 2
    further = middle + FURTHER * (cloud.means[::64] - middle)
    means = np.concatenate([cloud.means, further.astype(np.float32)])
    return Cloud(means, np.concatenate([cloud.colours, cloud.colours[::64]]))


def write_cloud(cloud: Cloud) -> bytes:
    """The points as .ply, binary little-endian: x y z nx ny nz float32, red green blue uchar; normals are zero.

    Raises:
        BackendError: there are no points, or too many, or one is not finite.
    """
    sound = _checked(cloud)
    table = np.zeros(len(sound.means), _ROW)
    for axis in range(3):
        table[_PLACE[axis]] = sound.means[:, axis]
        table[_COLOUR[axis]] = sound.colours[:, axis]
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {len(table)}"]
    header += [f"property float {name}" for name in (*_PLACE, *_NORMAL)]
    header += [f"property uchar {name}" for name in _COLOUR] + ["end_header", ""]
    return "\n".join(header).encode() + table.tobytes()


def read_cloud(content: bytes | memoryview) -> Cloud:
    """The points of any .ply with positions and colours of 0 to 255.

    Raises:
        BackendError: it is not such a .ply, is damaged, or a point is not finite.
    """
    table = read_vertices(content)
    missing = [name for name in (*_PLACE, *_COLOUR) if name not in (table.dtype.names or ())]
    if missing:
        raise BackendError("the .ply holds no coloured points", facts={"lacks properties": ", ".join(missing)})
    means = np.stack([table[name].astype(np.float32) for name in _PLACE], axis=1)
    colours = np.stack([np.clip(table[name], 0, 255).astype(np.uint8) for name in _COLOUR], axis=1)
    return _checked(Cloud(means, colours))


def _checked(cloud: Cloud) -> Cloud:
    count = len(cloud.means)
    if not 0 < count <= MAX_GAUSSIANS or cloud.means.shape != (count, 3) or cloud.colours.shape != (count, 3):
        facts = {"means": cloud.means.shape, "colours": cloud.colours.shape, "limit": MAX_GAUSSIANS}
        raise BackendError("a cloud needs a position and a colour for each point, and not too many points", facts=facts)
    if not (finite := np.isfinite(cloud.means).all(axis=1)).all():
        facts = {"point": int(np.argmin(finite)), "place": cloud.means[int(np.argmin(finite))].tolist()}
        raise BackendError("a point of the cloud is not finite", facts=facts)
    return cloud
