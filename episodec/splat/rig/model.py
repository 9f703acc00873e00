"""The rig of a scene as values: a head's mesh in the scene's world, the Gaussians bound to it, and parts of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

MOVE_UNIT_M = 1e-5  # Of `Mesh.moves`.
FULL = 255  # A weight, a share or a colour of 1.

# Groups of Gaussians that appear and disappear together: skin is always visible.
SKIN, MOUTH, LEFT_EYE, RIGHT_EYE = range(4)
GROUPS = 4

# Lids, in the order of `Lids.kind`.
LEFT_UPPER, LEFT_LOWER, RIGHT_UPPER, RIGHT_LOWER = range(4)

CLOSES = ("closesLeft", "closesRight")  # Shapes of the rig's own: they close lips that are apart at rest.


@dataclass(frozen=True, slots=True)
class Row:
    """The pose of a face in one frame.

    Attributes:
        weights: of ARKit's shapes by their names, 0 to 1; 0 for those not named.
        head: yaw, pitch and roll in degrees: to its left, up, towards its left shoulder.
        breath: 0 after breathing out, 1 after breathing in.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    head: tuple[float, float, float] = (0.0, 0.0, 0.0)
    breath: float = 0.0

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing moves."""
        return not (any(self.weights.values()) or any(self.head) or self.breath)


@dataclass(frozen=True, slots=True, eq=False)
class RigMesh:
    """The fitted head at rest, in the scene's world, and how its shapes move it.

    Attributes:
        vertices: (V, 3) float32, metres.
        triangles: (T, 3) int16.
        names: of K shapes.
        starts: (K + 1,) int32, where each shape's rows begin.
        rows: (n,) uint16, the vertices that a shape moves.
        moves: (n, 3) int16, their movement at weight 1, in MOVE_UNIT_M.
    """

    vertices: Array
    triangles: Array
    names: tuple[str, ...]
    starts: Array
    rows: Array
    moves: Array


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """Gaussians of the scene that are bound to the mesh.

    Attributes:
        index: (B,) uint32, ascending: their indices in the scene.
        triangle: (B,) uint16.
        weights: (B, 2) uint8, of the triangle's first two corners; the third has the rest of FULL.
        share: (B,) uint8, the share of the mesh's movement that they follow.
        group: (B,) uint8, groups other than SKIN fade when their parts appear.
    """

    index: Array
    triangle: Array
    weights: Array
    share: Array
    group: Array


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The rig's own Gaussians, round; invisible while their group rests.

    Attributes:
        means: (P, 3) float32, metres, at rest.
        log_sizes: (P,) float32, natural logarithms of standard deviations in metres.
        colours: (P, 3) uint8.
        triangle, weights, share, group: as of `Bound`.
    """

    means: Array
    log_sizes: Array
    colours: Array
    triangle: Array
    weights: Array
    share: Array
    group: Array


@dataclass(frozen=True, slots=True, eq=False)
class Lids:
    """The parts that are lids. A lid closed by c is at means + c * along + c (1 - c) * bulge.

    Attributes:
        row: (L,) uint32, their rows in the parts.
        kind: (L,) uint8.
        along, bulge: (L, 3) float32, metres.
        colours: (L, 3) uint8, when it is closed.
    """

    row: Array
    kind: Array
    along: Array
    bulge: Array
    colours: Array


@dataclass(frozen=True, slots=True)
class Neck:
    """The pivot of the head, and the Gaussians that turn with it."""

    pivot: tuple[float, float, float]  # Metres.
    eyes_y: float  # Metres.
    decimetre: float  # A metre of the person, in metres of the scene.


@dataclass(frozen=True, slots=True, eq=False)
class Rig:
    """How a scene of `count` Gaussians performs.

    Attributes:
        motions: (S, 3, 4) float64, the head's motion from the slice that it was fitted in to each slice; (1, 3, 4) for
        a static scene.
    """

    count: int
    mesh: RigMesh
    body: Bound
    parts: Parts
    lids: Lids
    neck: Neck
    motions: Array

    @property
    def is_empty(self) -> bool:
        """Whether no face was found, so nothing performs."""
        return not len(self.mesh.triangles)

    @property
    def shows_teeth(self) -> bool:
        """Whether the lips are apart at rest."""
        mesh = self.mesh
        return any(mesh.starts[k] < mesh.starts[k + 1] for k, name in enumerate(mesh.names) if name in CLOSES)


def empty_rig() -> Rig:
    """The rig of a scene without a face."""

    def none(dtype: str, *shape: int) -> Array:
        return np.zeros((0, *shape), dtype)

    weights = none("u2"), none("u1", 2), none("u1"), none("u1")
    return Rig(
        0,
        RigMesh(none("f4", 3), none("i2", 3), (), np.zeros(1, "i4"), none("u2"), none("i2", 3)),
        Bound(none("u4"), *weights),
        Parts(none("f4", 3), none("f4"), none("u1", 3), *weights),
        Lids(none("u4"), none("u1"), none("f4", 3), none("f4", 3), none("u1", 3)),
        Neck((0.0, 0.0, 0.0), 0.0, 1.0),
        np.zeros((0, 3, 4)),
    )
