"""A rig in a pack: its mesh, the Gaussians bound to it in the pack's order, and its parts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from episodec.splat.pack.container import Array, PackedArray
from episodec.splat.rig.channels import absence, body_share, closures, mesh_weights, parts_share, presence
from episodec.splat.rig.model import CLOSES, MOVE_UNIT_M, Rig, RigMesh, Row
from episodec.splat.rig.pose import BREATH_M, PART_LOGIT

PLACES = (1 << 16) - 1  # The greatest number of steps along the longest side of the box around all parts.
MOVE_UNIT = 2e-5  # Metres: the unit of movements, of the paths of lids and, where it suffices, of places of parts.

DRIVES = (
    *("parts.mouth", "parts.leftEye", "parts.rightEye", "own.mouth", "own.leftEye", "own.rightEye"),
    *("lid.leftUpper", "lid.leftLower", "lid.rightUpper", "lid.rightLower"),
    *CLOSES,
    *("headYaw", "headPitch", "headRoll", "breath"),
)
"""The numbers of a row besides the weights of ARKit's shapes: the shares of their opacity that parts and the Gaussians
that they replace have, how far each lid is closed, the rig's own shapes, degrees of the head, and the breath."""


def pack_rig(rig: Rig, order: Array) -> tuple[Mapping[str, Any], Mapping[str, PackedArray]]:
    """The rig's part of the head, and its arrays. `order`: from `pack_scene`; it begins with the rig's Gaussians."""
    body, parts, lids, neck = rig.body, rig.parts, rig.lids, rig.neck
    rows = np.searchsorted(body.index, order[: len(body.index)])  # The index is ascending.
    mesh, renumbered = _needed(rig)
    corner = parts.means.min(axis=0).astype(np.float64) if len(parts.means) else np.zeros(3)
    longest = float((parts.means.max(axis=0) - corner).max()) if len(parts.means) else 0.0
    step = max(longest / PLACES, MOVE_UNIT)
    head = {
        "names": list(mesh.names),
        "unit": MOVE_UNIT,
        "corner": [float(each) for each in corner],
        "step": step,
        "part_logit": PART_LOGIT,
        "neck": {"pivot": list(neck.pivot), "eyes_y": neck.eyes_y, "decimetre": neck.decimetre, "breath": BREATH_M},
    }
    arrays = {
        "rig.vertices": PackedArray(_columns(mesh.vertices, "<f4")),
        "rig.triangles": PackedArray(_columns(mesh.triangles, "<u2")),
        "rig.starts": PackedArray(mesh.starts.astype("<u4")),
        "rig.rows": PackedArray(mesh.rows.astype("<u2"), "along"),
        "rig.moves": PackedArray(_columns(mesh.moves, "<i2")),
        "body.triangle": PackedArray(renumbered[body.triangle[rows]].astype("<u2")),
        "body.weights": PackedArray(_columns(body.weights[rows], "u1")),
        "body.share": PackedArray(body.share[rows].astype("u1")),
        "body.group": PackedArray(body.group[rows].astype("u1")),
        "parts.places": PackedArray(_columns(np.rint((parts.means - corner) / step), "<u2"), "along"),
        "parts.log_sizes": PackedArray(parts.log_sizes.astype("<f4")),
        "parts.colours": PackedArray(_columns(parts.colours, "u1")),
        "parts.triangle": PackedArray(renumbered[parts.triangle].astype("<u2")),
        "parts.weights": PackedArray(_columns(parts.weights, "u1")),
        "parts.share": PackedArray(parts.share.astype("u1")),
        "parts.group": PackedArray(parts.group.astype("u1")),
        "lids.row": PackedArray(lids.row.astype("<u4"), "along"),
        "lids.kind": PackedArray(lids.kind.astype("u1")),
        "lids.along": PackedArray(_columns(_short(lids.along / MOVE_UNIT), "<i2")),
        "lids.bulge": PackedArray(_columns(_short(lids.bulge / MOVE_UNIT), "<i2")),
        "lids.colours": PackedArray(_columns(lids.colours, "u1")),
        "rig.motions": PackedArray(_columns(rig.motions.reshape(len(rig.motions), 12), "<f4")),
    }
    return head, arrays


def _needed(rig: Rig) -> tuple[RigMesh, Array]:
    """The triangles that Gaussians are bound to, their vertices with movements in MOVE_UNIT, and each old triangle's
    new number.
    """
    mesh = rig.mesh
    triangles = np.unique(np.concatenate([rig.body.triangle, rig.parts.triangle]))
    vertices = np.unique(mesh.triangles[triangles])
    new_vertex, new_triangle = np.zeros(len(mesh.vertices), int), np.zeros(len(mesh.triangles), int)
    new_vertex[vertices], new_triangle[triangles] = np.arange(len(vertices)), np.arange(len(triangles))
    keeps = np.zeros(len(mesh.vertices), bool)
    keeps[vertices] = True
    is_kept = keeps[mesh.rows]
    starts = np.concatenate([[0], np.cumsum(is_kept)])[mesh.starts]
    needed = RigMesh(
        mesh.vertices[vertices],
        new_vertex[mesh.triangles[triangles]],
        mesh.names,
        starts,
        new_vertex[mesh.rows[is_kept]],
        _short(mesh.moves[is_kept] * (MOVE_UNIT_M / MOVE_UNIT)),
    )
    return needed, new_triangle


def _short(values: Array) -> Array:
    limit = (1 << 15) - 1
    return np.clip(np.rint(values), -limit, limit)


def drives(rows: Sequence[Row], *, shows_teeth: bool) -> Array:
    """(len(DRIVES), F) float32: the values that each row gives on a rig."""
    table = np.zeros((len(DRIVES), len(rows)), "<f4")
    for frame, row in enumerate(rows):
        shares = [parts_share(each) for each in presence(row.weights)[1:]]
        own = [body_share(each) for each in absence(row.weights, shows_teeth=shows_teeth)[1:]]
        weights = mesh_weights(row.weights)
        closes = [weights[name] for name in CLOSES]
        table[:, frame] = (*shares, *own, *closures(row.weights), *closes, *row.head, row.breath)
    return table


def _columns(array: Array, dtype: str) -> Array:
    """(C, N)."""
    return np.ascontiguousarray(array.T, np.dtype(dtype))
