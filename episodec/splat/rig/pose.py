"""The scene that the rasteriser draws in one frame of a performance.

Invariant: the same bits on every machine: only sums, products, divisions and square roots are used, in a fixed order,
and the exponential and logarithm built from them.
"""

import math
from dataclasses import replace

import numpy as np

from episodec.errors import BackendError
from episodec.splat.ply import SH0
from episodec.splat.rig.channels import absence, body_share, closures, mesh_weights, parts_share, presence
from episodec.splat.rig.kernels import carry, faded, grown, lidded, logit_of, moved, stretched, swollen, turned
from episodec.splat.rig.model import FULL, Array, Rig, Row
from episodec.splat.scene import SNAP, Floats, Scene, at, place_of

PART_LOGIT = 4.0  # Opacity 0.98.
BREATH_M = 0.006  # The rise of a chest that breathes in, in metres.


def posed(scene: Scene, rig: Rig, row: Row, *, time: float = 0.0, period: int = 0) -> Scene:
    """The static scene at a scene time, performing a row; exactly the scene of `at` if the row is at rest.

    time, period: as for `at`.

    Raises:
        BackendError: the rig belongs to another scene, or the time is impossible.
    """
    still = at(scene, time, period)
    if rig.is_empty or row.is_at_rest:
        return still
    if rig.count != scene.count:
        raise BackendError("the rig is another scene's", facts={"scene": scene.count, "rig": rig.count})
    motion = _motion(scene, rig, time, period)
    performing = _performing(still, rig, row, motion) if any(row.weights.values()) else still
    return _borne(performing, rig, row) if any(row.head) or row.breath else performing


def _motion(scene: Scene, rig: Rig, time: float, period: int) -> Array:
    """(3, 4): the head's motion since the slice that the rig was built from, interpolated as places are."""
    if scene.slices is None or len(rig.motions) == 1:
        return np.asarray(rig.motions[0], np.float64)
    count = len(rig.motions)
    place = place_of(scene.slices, time, period)
    low = min(int(place), count - 1)
    share = place - low
    if share < SNAP or share > 1 - SNAP:
        return np.asarray(rig.motions[(low + round(share)) % count], np.float64)
    before, two = rig.motions[low], rig.motions[(low + 1) % count]
    return np.asarray(before + share * (two - before), np.float64)


def _performing(still: Scene, rig: Rig, row: Row, motion: Array) -> Scene:
    """The Gaussians bound to the mesh, moved by the row's weights, and the parts that are visible."""
    moves = mesh_moves(rig, row)
    there = presence(row.weights)
    own = [1.0, *map(body_share, absence(row.weights, shows_teeth=rig.shows_teeth)[1:])]
    means, log_scales = _columns(still.means), _columns(still.log_scales)
    logits = np.array(still.opacity_logits, np.float32)
    body = rig.body
    stretch = stretched(rig.mesh.vertices, rig.mesh.triangles, moves)
    bound = (body.triangle, body.weights, body.share)
    carry(body.index, *bound, rig.mesh.triangles, moves, motion, means)
    grown(body.index, body.triangle, body.share, stretch, log_scales)
    faded(body.index, body.group, np.array(own), logits)
    bare = replace(still, means=means.T, log_scales=log_scales.T, opacity_logits=logits)
    return _with_parts(bare, rig, row, (moves, stretch, motion)) if max(there[1:]) > 0 else bare


def mesh_moves(rig: Rig, row: Row) -> Array:
    """(V, 3) float64, metres: the movement of the mesh by the row's weights."""
    mesh, weights = rig.mesh, mesh_weights(row.weights)
    moves = np.zeros((len(mesh.vertices), 3))
    for k, name in enumerate(mesh.names):
        if weight := weights.get(name, 0.0):
            part = slice(int(mesh.starts[k]), int(mesh.starts[k + 1]))
            moved(mesh.rows[part], mesh.moves[part], float(weight), moves)
    return moves


def _with_parts(bare: Scene, rig: Rig, row: Row, posed_mesh: tuple[Array, Array, Array]) -> Scene:
    parts, lids = rig.parts, rig.lids
    moves, stretch, motion = posed_mesh
    means = parts.means.astype(np.float64).T.copy()
    colours = parts.colours.astype(np.float64)
    lidded(lids.row, lids.kind, lids.along, lids.bulge, lids.colours, np.array(closures(row.weights)), means, colours)
    carry(
        np.arange(len(parts.means), dtype=np.uint32),
        *(parts.triangle, parts.weights, parts.share, rig.mesh.triangles, moves),
        np.eye(3, 4),
        means,
    )
    places = motion[:, :1] * means[0] + motion[:, 1:2] * means[1] + motion[:, 2:3] * means[2] + motion[:, 3:]
    shares = [0.0, *map(parts_share, presence(row.weights)[1:])]
    logits = np.array([logit_of(PART_LOGIT, share) for share in shares], np.float32)[parts.group]
    count = len(parts.means)
    quaternions = np.zeros((4, count), np.float32)
    quaternions[0] = 1
    sizes = parts.log_sizes + (stretch[parts.triangle] * (parts.share / FULL)).astype(np.float32)
    harmonics = np.zeros((bare.harmonics.shape[1], 3, count), np.float32)
    harmonics[0] = ((colours / FULL - 0.5) / SH0).T
    return Scene(
        _joined(bare.means.T, places.astype(np.float32)).T,
        _joined(bare.quaternions.T, quaternions).T,
        _joined(bare.log_scales.T, np.broadcast_to(sizes, (3, count))).T,
        np.concatenate([bare.opacity_logits, logits]),
        np.concatenate([bare.harmonics.transpose(1, 2, 0), harmonics], axis=2).transpose(2, 0, 1),
    )


def _joined(array: Array, other: Array) -> Array:
    return np.concatenate([array, other], axis=1)


def _borne(scene: Scene, rig: Rig, row: Row) -> Scene:
    """The Gaussians with the head turned about the neck and the chest raised by the breath."""
    neck = rig.neck
    means, quaternions = _columns(scene.means), _columns(scene.quaternions)
    pivot = np.array(neck.pivot)
    if any(row.head):
        yaw, pitch, roll = (math.radians(angle) for angle in row.head)
        # World: y up, the face looks to +z, its left is +x.
        turned(means, quaternions, np.array([-pitch, yaw, -roll]), pivot, neck.eyes_y, neck.decimetre)
    if row.breath:
        swollen(means, BREATH_M * row.breath, pivot, neck.eyes_y, neck.decimetre)
    return replace(scene, means=means.T, quaternions=quaternions.T)


def _columns(array: Floats) -> Floats:
    """(C, N), a copy."""
    return np.array(array.T, np.float32, order="C")
