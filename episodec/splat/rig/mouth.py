"""The inside of the mouth: inner lips, cavity, teeth and tongue, from the head's own geometry."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from episodec.face.head import normals_of
from episodec.face.landmarks import LIPS_ABOVE, LIPS_BELOW, LOWER_LIP, UPPER_LIP
from episodec.splat.relief.surface import taken
from episodec.splat.rig.faces import FittedFace, between, sampled
from episodec.splat.rig.lips import beside_the_slit, lips_region
from episodec.splat.rig.model import MOUTH
from episodec.splat.rig.parts import RigPart
from episodec.splat.rig.placing import Placing
from episodec.splat.rig.teeth import GUM, LOWER, UPPER, painted

STEP = 0.011  # Spacing of Gaussians, in eye distances.
TONGUE, THROAT = (0.80, 0.42, 0.42), (0.13, 0.043, 0.046)
WET_LIP = (0.74, 0.60, 0.60)  # Of the lips' colour.

# Decimetres of the head. Distances from the slit: to where inner lips are wet, from where on all is dark, and over
# which the cavity's depth goes from BEHIND_INSIDE to BEHIND_CHEEKS.
WET_DM, DARK_DM, EVEN_DM, CHEEKS_DM = 0.05, 0.12, 0.15, 0.16
LOW_Y, HIGH_Y, DEEP_Z = -0.95, -0.42, 0.02  # The depth of the cavity, and its greatest depth.
# How far the throat is narrowed: otherwise it would be visible behind the jaw from the side.
THROAT_Z, NEARER_THROAT = -0.25, 0.7
TONGUE_Z, LIT_TONGUE_DM = -0.30, 0.36  # Distance at which a tongue becomes visible, and over which it gets brighter.
SHOWN_Z = 0.1  # Lower teeth under upper ones that are visible at rest.
WIDE_OPEN = {"jawOpen": 0.6}  # Up to this distance, inner sides are as dense as at rest.

# Eye distances behind the scene's skin; no part of the mouth is nearer to it.
LIPS_BEFORE = 0.004  # Eye distances by which the rig's own lips are in front of the scene's.
GUMS, EDGE = 0.14, 0.02  # Eye distances: how far teeth continue under the upper lip; the width of their mixed edge.
BEHIND_INSIDE, BEHIND_CHEEKS, BEHIND_TEETH, BEHIND_TONGUE = 0.02, 0.07, 0.07, 0.16
BEHIND_SKIN, TOO_NEAR = 0.9, 0.02  # The share of an arch that is set back by BEHIND_TEETH; the nearer rest is left out.

Depths = NDArray[np.float64]


def mouth_parts(placing: Placing, hidden: NDArray[np.bool_]) -> Iterator[RigPart]:
    """All parts; a face that shows its teeth keeps its own upper ones; hidden: (N,), Gaussians that they replace."""
    face = placing.face
    if placing.is_coarse:
        yield _lips(placing, hidden)
    yield from _inside(placing)
    if face.fitted.has_open_mouth:
        yield _shown_teeth(placing)
    for name, arch in (("upper_teeth", UPPER), ("lower_teeth", LOWER)):
        if name == "upper_teeth" and face.fitted.has_open_mouth:
            continue
        triangle, weights = sampled(face, rows_of(face, name), placing.grain * STEP * face.unit)
        at = between(face.fitted.head.vertices, face, triangle, weights)
        colours, kept = painted(at, face.fitted.head.vertices[face.fitted.head.vertices_of(name)], arch)
        kept &= _outside(face, name, triangle, at)
        # In a mouth that is open at rest they stay behind the visible teeth.
        kept &= (at[:, 2] > SHOWN_Z) | (not face.fitted.has_open_mouth)
        yield _arch(placing, triangle[kept], weights[kept], colours[kept])
    yield _tongue(placing)


def rows_of(face: FittedFace, *parts: str) -> NDArray[np.int64]:
    """The rows of the face's triangles that these parts of the head have."""
    own = np.zeros(len(face.fitted.head.vertices), np.bool_)
    own[face.fitted.head.vertices_of(*parts)] = True
    return np.flatnonzero(own[face.triangles].all(axis=1))


def _outside(face: FittedFace, name: str, triangle: NDArray[np.int64], at: Depths) -> NDArray[np.bool_]:
    """(n,): which places of an arch face outwards."""
    head = face.fitted.head
    normals = normals_of(head.vertices, head.triangles(name))[face.triangles[triangle]].mean(axis=1)
    is_outside: NDArray[np.bool_] = normals[:, 0] * at[:, 0] / 0.3 + normals[:, 2] > 0
    return is_outside


def _inside(placing: Placing) -> Iterator[RigPart]:
    """The inner sides of the lips, and the cavity behind them, coarser where it is deep."""
    face, head = placing.face, placing.face.fitted.head
    region = head.regions["mouth"][face.triangles].mean(axis=1)
    is_skin = np.isin(np.arange(len(face.triangles)), rows_of(face, "skin"))
    corners = head.vertices[face.triangles].mean(axis=1)
    is_inside = is_skin & (region > 0.3) & (corners[:, 1] > LOW_Y) & (corners[:, 1] < HIGH_Y)
    deep = (corners[:, 2] < DEEP_Z) | (_from_slit(face, corners) > EVEN_DM)
    for is_deep, step in ((False, 1.2 * placing.grain * STEP), (True, 3 * placing.grain * STEP)):
        rows = np.flatnonzero(is_inside & (deep == is_deep))
        triangle, weights = sampled(face, rows, step * face.unit, WIDE_OPEN)
        at = between(head.vertices, face, triangle, weights)
        away = _from_slit(face, at)
        # From the lips' own colour across their wet sides to the dark.
        lip = lip_colour(face)
        wet = _mixed(lip, np.array(WET_LIP) * lip, np.clip(away / WET_DM, 0, 1))
        colours = _mixed(wet, np.array(THROAT), np.clip((away - WET_DM) / (DARK_DM - WET_DM), 0, 1))
        behind = BEHIND_INSIDE + (BEHIND_CHEEKS - BEHIND_INSIDE) * np.clip(away / CHEEKS_DM, 0, 1)
        nearer = np.maximum(THROAT_Z - at[:, 2], 0) * NEARER_THROAT
        yield _part(placing, (triangle, weights), colours, step, behind, nearer)


def _lips(placing: Placing, hidden: NDArray[np.bool_]) -> RigPart:
    """Lips and the skin around them as the picture shows them, finer than the scene's own."""
    face, unit = placing.face, placing.face.unit
    height, width = face.front.covered.shape
    step = placing.grain * STEP * unit
    x, y = (each.ravel() for each in np.meshgrid(np.arange(0.5, width, step), np.arange(0.5, height, step)))
    far = lips_region(face, x, y)
    up, down = face.lip_edges(x)
    kept = (far < 1) & ~((y > up) & (y < down))
    x, y, far = x[kept], y[kept], far[kept]
    triangle, weights = face.on_skin(x, beside_the_slit(face, x, y))
    on = (triangle >= 0) & (taken(face.share, x, y) > 0.5)
    x, y, far, triangle, weights = x[on], y[on], far[on], triangle[on], weights[on]
    pixels_x, pixels_y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    inside = lips_region(face, pixels_x.ravel(), pixels_y.ravel()).reshape(height, width) < 0.8
    metre = face.front.metre(placing.eyes_m)
    # Moved forward in its middle; at its edge it meets the scene's own surface.
    clear = placing.clearance(inside, hidden) * np.clip((1 - far) / 0.35, 0, 1) + LIPS_BEFORE * unit * metre
    means = face.front.world(x, y, taken(placing.surface, x, y) - clear)
    colours = np.stack([taken(face.front.rgb[..., k] / 255.0, x, y) for k in range(3)], axis=1)
    return RigPart(MOUTH, means, step * metre, colours, triangle, weights)


def _mixed(start: Depths, end: Depths, share: Depths) -> Depths:
    """(n, 3): mixes of two colours, (3,) or (n, 3) each, by shares, (n,)."""
    colours: Depths = (1 - share)[:, None] * start + share[:, None] * end
    return colours


def _tongue(placing: Placing) -> RigPart:
    """The visible part of the tongue: its front, from above."""
    face, head = placing.face, placing.face.fitted.head
    own = head.triangles("tongue")
    up = normals_of(head.vertices, own)[own].mean(axis=1)
    is_visible = (up[:, 1] + up[:, 2] > 0) & (head.vertices[own, 2].mean(axis=1) > TONGUE_Z)
    step = 2 * placing.grain * STEP
    triangle, weights = sampled(face, rows_of(face, "tongue")[is_visible], step * face.unit)
    at = between(head.vertices, face, triangle, weights)
    light = np.clip((at[:, 2] - TONGUE_Z) / LIT_TONGUE_DM, 0, 1) ** 2
    light *= 1 - 0.18 * np.exp(-((at[:, 0] / 0.025) ** 2))
    colours = _mixed(np.array(THROAT), np.array(TONGUE), 0.75 * light)
    return _part(placing, (triangle, weights), colours, step, BEHIND_TONGUE)


def _from_slit(face: FittedFace, at: Depths) -> Depths:
    """(n,): the distances of places of the head from the slit, in decimetres."""
    slit = face.fitted.head.slit
    x = np.clip(at[:, 0], slit[0, 0], slit[-1, 0])
    line = np.stack([x, *(np.interp(x, slit[:, 0], slit[:, k]) for k in (1, 2))], axis=1)
    distance: Depths = np.sqrt(((at - line) ** 2).sum(axis=1))
    return distance


def _shown_teeth(placing: Placing) -> RigPart:
    """The teeth of a mouth that is open at rest, as in the picture and a little farther up; they do not move."""
    face, unit = placing.face, placing.face.unit
    slit = face.fitted.slit
    step = placing.grain * STEP * unit
    up, down = face.lip_edges(slit[:, 0])
    rows = np.arange(float(up.min()) - GUMS * unit, float(down.max()), step)
    x, y = (each.ravel() for each in np.meshgrid(np.arange(slit[0, 0], slit[-1, 0], step), rows))
    up, down = face.lip_edges(x)
    kept = (down - up > 0.01 * unit) & (y > up - GUMS * unit) & (y < down)
    x, y, up, down = x[kept], y[kept], up[kept], down[kept]
    # Lips' edges are mixed with the teeth beside them.
    edge = np.minimum(EDGE * unit, 0.4 * (down - up))
    clipped = np.clip(y, up + edge, down - edge)
    colours = np.stack([taken(face.front.rgb[..., k] / 255.0, x, clipped) for k in range(3)], axis=1)
    gum = np.clip((up - y) / (0.4 * GUMS * unit) - 0.3, 0, 1)[:, None]
    colours = (1 - gum) * colours + gum * np.array(GUM)
    metre = face.front.metre(placing.eyes_m)
    means = face.front.world(x, y, taken(placing.behind_skin, x, y) + BEHIND_TEETH * unit * metre)
    none = np.zeros(len(x), np.int64)
    weights = np.tile(np.array([1.0, 0.0, 0.0]), (len(x), 1))
    return RigPart(MOUTH, means, step * metre, colours, none, weights, share=0.0)


def _arch(placing: Placing, triangle: NDArray[np.int64], weights: Depths, colours: Depths) -> RigPart:
    """An arch of teeth, set back as a whole until nearly all of it lies behind the skin; the rest is left out."""
    face = placing.face
    metre = face.front.metre(placing.eyes_m)
    places = between(face.fitted.places, face, triangle, weights)
    away = placing.away(places, between(face.fitted.depth, face, triangle, weights))
    behind = away - taken(placing.behind_skin, *places.T)
    back = max(0.0, BEHIND_TEETH * face.unit * metre - float(np.quantile(behind, 1 - BEHIND_SKIN)))
    kept = behind + back >= TOO_NEAR * face.unit * metre
    means = face.front.world(places[kept, 0], places[kept, 1], away[kept] + back)
    return RigPart(MOUTH, means, placing.grain * STEP * face.unit * metre, colours[kept], triangle[kept], weights[kept])


def lip_colour(face: FittedFace) -> Depths:
    """(3,), 0 to 1: the colour of both lips, half-way between their edges."""
    points = face.points
    lower = (points[list(LOWER_LIP)] + points[list(LIPS_BELOW)])[2:-2] / 2
    upper = (points[list(UPPER_LIP)] + points[list(LIPS_ABOVE)])[2:-2] / 2
    x, y = np.concatenate([lower, upper]).T
    shades = [np.median(taken(face.front.rgb[..., k].astype(np.float64), x, y)) / 255 for k in range(3)]
    return np.array(shades)


def _part(
    placing: Placing,
    on: tuple[NDArray[np.int64], Depths],
    colours: Depths,
    step: float,
    behind: float | Depths,
    nearer_dm: float | Depths = 0.0,
) -> RigPart:
    """A part on triangles of the head, or nearer, this many eye distances behind the scene's surface there."""
    triangle, weights = on
    face = placing.face
    metre = face.front.metre(placing.eyes_m)
    places = between(face.fitted.places, face, triangle, weights)
    depth = between(face.fitted.depth, face, triangle, weights) + nearer_dm * face.fitted.similarity.scale
    away = placing.away(places, depth)
    away = np.maximum(away, taken(placing.behind_skin, *places.T) + behind * face.unit * metre)
    means = face.front.world(places[:, 0], places[:, 1], away)
    return RigPart(MOUTH, means, step * face.unit * metre, colours, triangle, weights)
