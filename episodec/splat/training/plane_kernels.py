"""The kernels of `planes`: features of positions, and derivatives by the planes.

A job processes eight channels of one level for all Gaussians, so no two jobs write to the same number.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from episodec.compiled import kernel

LANES = 8  # Channels processed together.

_SPACES = 3  # Spatial planes, four nodes per sample; as many rows over one axis, two nodes.
_NODES = 4 * _SPACES + 2 * _SPACES
_GROUPS = [range(4 * plane, 4 * plane + 4) for plane in range(_SPACES)]
_GROUPS += [range(12 + 2 * row, 14 + 2 * row) for row in range(_SPACES)]
_VECTOR = ir.VectorType(ir.FloatType(), LANES)
_I32, _I64 = ir.IntType(32), ir.IntType(64)


@kernel
def sample(flat, starts, sizes, places, first, count, features, column):
    """Write eight features of every position, (N, 3) float32 from -1 to 1, into the columns of (N, F) from `column` on.

    Flat holds a level: planes (rows, columns, C) over x and y, x and z, y and z, then rows (columns, C) over x, y, z,
    each at its offset in starts (6,). Sizes (3,) are the nodes along x, y, z. The channels are first to first + 8 of
    `count`.
    """
    nodes, weights = np.empty(_NODES, np.int64), np.empty(_NODES, np.float32)
    for i in range(len(places)):
        _nodes(places[i, 0], places[i, 1], places[i, 2], starts, sizes, first, count, nodes, weights)
        _gather(flat, nodes, weights, features, i * features.shape[1] + column)


@kernel
def sample_back(flat, starts, sizes, places, first, count, by_features, column, by_flat):
    """Add the derivatives by the planes to by_flat, laid out as flat: eight channels, position by position."""
    nodes, weights = np.empty(_NODES, np.int64), np.empty(_NODES, np.float32)
    for i in range(len(places)):
        _nodes(places[i, 0], places[i, 1], places[i, 2], starts, sizes, first, count, nodes, weights)
        _scatter(flat, nodes, weights, by_features, i * by_features.shape[1] + column, by_flat)


@njit(forceinline=True, error_model="numpy")
def _node(x, size):
    """The node before a position, and the fraction of the way to the next; clamped to the border; NaN becomes -1."""
    x = x if x > np.float32(-1.0) else np.float32(-1.0)  # `max` would propagate NaN to an invalid node.
    x = x if x < np.float32(1.0) else np.float32(1.0)
    place = (x + np.float32(1.0)) * np.float32(0.5 * (size - 1))
    low = min(int(place), size - 2)
    return low, place - np.float32(low)


@njit(forceinline=True, error_model="numpy")
def _nodes(x, y, z, starts, sizes, first, count, nodes, weights):
    """The nodes around a position, and their interpolation weights."""
    (i, u), (j, v), (k, w) = _node(x, sizes[0]), _node(y, sizes[1]), _node(z, sizes[2])
    _four(0, starts[0] + first, i, u, j, v, sizes[0], count, nodes, weights)
    _four(4, starts[1] + first, i, u, k, w, sizes[0], count, nodes, weights)
    _four(8, starts[2] + first, j, v, k, w, sizes[1], count, nodes, weights)
    _two(12, starts[3] + first, i, u, count, nodes, weights)
    _two(14, starts[4] + first, j, v, count, nodes, weights)
    _two(16, starts[5] + first, k, w, count, nodes, weights)


@njit(forceinline=True, error_model="numpy")
def _four(at, start, column, u, row, v, columns, count, nodes, weights):
    corner = start + (row * columns + column) * count
    nodes[at], nodes[at + 1] = corner, corner + count
    nodes[at + 2], nodes[at + 3] = corner + columns * count, corner + columns * count + count
    unit = np.float32(1.0)
    weights[at], weights[at + 1] = (unit - u) * (unit - v), u * (unit - v)
    weights[at + 2], weights[at + 3] = (unit - u) * v, u * v


@njit(forceinline=True, error_model="numpy")
def _two(at, start, column, u, count, nodes, weights):
    nodes[at], nodes[at + 1] = start + column * count, start + column * count + count
    weights[at], weights[at + 1] = np.float32(1.0) - u, u


@intrinsic
def _gather(_context: Any, flat: Any, nodes: Any, weights: Any, features: Any, at: Any) -> Any:
    """Store features at an offset: the product of six weighted sums of nodes."""

    def lower(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        flat, nodes, weights, features = _data(context, builder, signature, operands, range(4))
        sums = _sums(builder, flat, _places(builder, nodes), _parts(builder, weights))
        product = sums[0]
        for each in sums[1:]:
            product = builder.fmul(product, each)
        builder.store(product, _vector_at(builder, features, operands[4]), align=4)
        return context.get_dummy_value()

    return types.void(flat, nodes, weights, features, at), lower


@intrinsic
def _scatter(_context: Any, flat: Any, nodes: Any, weights: Any, slopes: Any, at: Any, out: Any) -> Any:
    """Add to the nodes in `found`: the slope times the other five sums times the node's weight."""

    def lower(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        flat, nodes, weights, slopes, out = _data(context, builder, signature, operands, (0, 1, 2, 3, 5))
        places, parts = _places(builder, nodes), _parts(builder, weights)
        sums = _sums(builder, flat, places, parts)
        befores = [builder.load(_vector_at(builder, slopes, operands[4]), align=4)]
        for each in sums[:-1]:
            befores.append(builder.fmul(befores[-1], each))
        after = None
        for group, before, each in zip(_GROUPS[::-1], befores[::-1], sums[::-1], strict=True):
            slope = before if after is None else builder.fmul(before, after)
            after = each if after is None else builder.fmul(after, each)
            for node in group:
                place = _vector_at(builder, out, places[node])
                builder.store(_fused(builder, parts[node], slope, builder.load(place, align=4)), place, align=4)
        return context.get_dummy_value()

    return types.void(flat, nodes, weights, slopes, at, out), lower


def _sums(builder: Any, flat: Any, places: list[Any], parts: list[Any]) -> list[Any]:
    """The weighted sum of the nodes of each plane and row."""
    sums = []
    for group in _GROUPS:
        total = None
        for node in group:
            value = builder.load(_vector_at(builder, flat, places[node]), align=4)
            total = builder.fmul(value, parts[node]) if total is None else _fused(builder, value, parts[node], total)
        sums.append(total)
    return sums


def _data(context: Any, builder: Any, signature: Any, operands: Any, which: Any) -> list[Any]:
    """Pointers to the arrays' data."""
    return [context.make_array(signature.args[place])(context, builder, operands[place]).data for place in which]


def _places(builder: Any, nodes: Any) -> list[Any]:
    return [builder.load(builder.gep(nodes, [ir.Constant(_I64, node)])) for node in range(_NODES)]


def _parts(builder: Any, weights: Any) -> list[Any]:
    """Each node's weight in all lanes."""
    nothing, zeros = ir.Constant(_VECTOR, ir.Undefined), ir.Constant(ir.VectorType(_I32, LANES), [0] * LANES)
    lanes = []
    for node in range(_NODES):
        weight = builder.load(builder.gep(weights, [ir.Constant(_I64, node)]))
        vector = builder.insert_element(nothing, weight, ir.Constant(_I32, 0))
        lanes.append(builder.shuffle_vector(vector, nothing, zeros))
    return lanes


def _vector_at(builder: Any, data: Any, number: Any) -> Any:
    return builder.bitcast(builder.gep(data, [number]), _VECTOR.as_pointer())


def _fused(builder: Any, a: Any, b: Any, c: Any) -> Any:
    fma = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(_VECTOR, [_VECTOR] * 3), f"llvm.fma.v{LANES}f32"
    )
    return builder.call(fma, [a, b, c])
