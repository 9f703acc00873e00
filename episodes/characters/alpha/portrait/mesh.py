"""Meshes of quads: subdivision, normals, values spread over neighbours. Knows nothing of what they show."""

import numpy as np
from scipy.sparse import csr_matrix

from portrait.numbers import unit


def edges(quads):
    """(4 Q, 2): the edges of each quad in turn, each from its lower point number to the higher."""
    return np.sort(np.stack([quads, np.roll(quads, -1, 1)], -1).reshape(-1, 2), 1)


def subdivided(points, quads, *, flat=False):
    """One step of Catmull and Clark (1978), with their rules for borders; flat only splits, for texture points."""
    count = len(points)
    pairs, edge, uses = np.unique(edges(quads), axis=0, return_inverse=True, return_counts=True)
    edge = edge.reshape(-1, 4)
    centres, middles = points[quads].mean(1), points[pairs].mean(1)
    centre = np.arange(len(quads)) + count + len(pairs)
    corners = [np.stack([quads[:, k], edge[:, k] + count, centre, edge[:, k - 1] + count], 1) for k in range(4)]
    fine = np.stack(corners, 1).reshape(-1, 4)
    if flat:
        return np.concatenate([points, middles, centres]), fine
    inner = uses == 2
    around = _summed(edge.ravel(), np.repeat(centres, 4, 0), len(pairs))
    on_edges = np.where(inner[:, None], (points[pairs].sum(1) + around) / 4, middles)
    valence = np.maximum(np.bincount(quads.ravel(), minlength=count), 1)[:, None]
    faces = _summed(quads.ravel(), np.repeat(centres, 4, 0), count) / valence
    degree = np.maximum(np.bincount(pairs.ravel(), minlength=count), 1)[:, None]
    spokes = _summed(pairs.T.ravel(), np.concatenate([middles, middles]), count) / degree
    moved = (faces + 2 * spokes + (valence - 3) * points) / valence
    border = pairs[~inner]
    ends = np.bincount(border.ravel(), minlength=count)[:, None]
    along = _summed(border.T.ravel(), points[border[:, ::-1]].transpose(1, 0, 2).reshape(-1, points.shape[1]), count)
    moved = np.where(ends > 0, 0.75 * points + 0.25 * along / np.maximum(ends, 1), moved)
    return np.concatenate([moved, on_edges, centres]), fine


def _summed(rows, values, count):
    """Values (K, C) added up by row number: (count, C)."""
    return np.stack([np.bincount(rows, column, count) for column in values.T], 1)


def normals(points, quads):
    """(N, 3): at points, weighted by the quads' areas."""
    across = np.cross(points[quads[:, 2]] - points[quads[:, 0]], points[quads[:, 3]] - points[quads[:, 1]])
    return unit(_summed(quads.ravel(), np.repeat(across, 4, 0), len(points)))


def spread(values, quads, rounds, share=0.5):
    """Values (N, C) after `rounds` rounds in which each point takes a share of its neighbours' mean."""
    pairs = np.unique(edges(quads), axis=0)
    degree = np.bincount(pairs.ravel(), minlength=len(values))
    rows, columns = np.concatenate([pairs, pairs[:, ::-1]]).T
    around = csr_matrix((1 / degree[rows], (rows, columns)), shape=(len(values),) * 2)
    lonely = (degree == 0)[:, None]
    for _ in range(rounds):
        values = np.where(lonely, values, values * (1 - share) + share * (around @ values))
    return values


def compact(quads):
    """The quads renumbered from 0, and the old numbers of the points they keep."""
    kept, numbers = np.unique(quads, return_inverse=True)
    return numbers.reshape(-1, 4), kept


def triangles(quads):
    """(2 Q, 3) int32."""
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)
