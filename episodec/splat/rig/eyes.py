"""Eyes that look and blink: an eyeball that continues under the lids, and lids with their own skin and lashes.

Everything is made from the front's picture, in its pixels, so open eyes look as they do there. Lids slide over the eye:
the strip from a crease to the lashes becomes the shut lid, and the lashes move along unchanged.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from episodec.face.raster import z_buffer
from episodec.splat.bust.colour import led_inwards
from episodec.splat.relief.surface import taken
from episodec.splat.rig.channels import RISES_WITH_A_BLINK
from episodec.splat.rig.iris import Iris, irises_of
from episodec.splat.rig.model import LEFT_EYE, LEFT_LOWER, LEFT_UPPER, RIGHT_EYE, RIGHT_LOWER, RIGHT_UPPER
from episodec.splat.rig.mouth import rows_of
from episodec.splat.rig.openings import LASHES, LOWER_LASHES, RimOpening, openings_of
from episodec.splat.rig.parts import RigPart, Way
from episodec.splat.rig.placing import Placing

GROUPS_OF = {"left": (LEFT_EYE, LEFT_UPPER, LEFT_LOWER), "right": (RIGHT_EYE, RIGHT_UPPER, RIGHT_LOWER)}

# In eye distances.
STEP = 0.009  # Spacing of Gaussians.
UNDER_ABOVE, UNDER_BELOW, UNDER_ASIDE = 0.11, 0.06, 0.12  # How far the eyeball continues under the lids.
UNDER_COARSE = 0.02  # The same to the sides, under coarse skin, through which more of it would be visible.
# How far lids extend beyond corners and creases where the scene's skin is coarse.
LID_COARSE, HIGHER_COARSE = 0.10, 0.03
UNDER = 0.010  # The eyeball's distance behind the surface in front of it.
# The lids' distance in front of the scene's skin, and of its eye.
BEFORE_REST, BEFORE_UPPER, BEFORE_LOWER = 0.006, 0.030, 0.016
BULGE = 0.02
OVERLAP = 0.012  # How far below the lower rim a shut lid ends.
SMOOTH = 0.03
BEHIND_BALL = 0.10  # The bottom of the opening.
SOCKET = 0.45  # Its brightness relative to the eye's.
LIGHTER = 0.75  # The share of the skin colour under the eye in that of a shut lid.
RISES = 0.32  # How far the lower lid rises, as a share of the opening.

Depths = NDArray[np.float64]
Line = Callable[[Depths], Depths]


@dataclass(frozen=True, slots=True, eq=False)
class _Eye:
    """The inputs to the parts of an eye."""

    placing: Placing
    opening: RimOpening
    shades: Depths  # (h, w, 3), 0 to 1.
    group: int
    clear_m: float  # How far all of it moves forward, so that no Gaussian of the scene is in front of it.

    @property
    def unit(self) -> float:
        return self.opening.unit

    @property
    def metre(self) -> float:
        """The width of a pixel in metres."""
        return self.placing.face.front.metre(self.placing.eyes_m)

    def colours_at(self, x: Depths, y: Depths) -> Depths:
        """(n, 3): the picture's colours."""
        return np.stack([taken(self.shades[..., k], x, y) for k in range(3)], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Strip:
    """A lid's Gaussians, (n,) each: columns, rows at rest and shut, and the distance from the rim as a share of the
    lid.
    """

    x: Depths
    rest_y: Depths
    shut_y: Depths
    part: Depths
    far: Depths  # Distance from the rim when shut, pixels.


def eye_parts(placing: Placing, hidden: NDArray[np.bool_]) -> Iterator[RigPart]:
    """Eyeballs and lids of both eyes; hidden: (N,), the Gaussians of the scene that they replace."""
    face = placing.face
    shades = face.front.rgb / 255.0
    openings = openings_of(face)
    irises = irises_of(face.front.rgb, list(openings.values()), face.unit) if openings else None
    for number, (eye, opening) in enumerate(openings.items()):
        group, upper, lower = GROUPS_OF[eye]
        around = cv2.dilate(opening.mask(face.front.covered.shape).astype(np.uint8), np.ones((9, 9))) > 0
        own = _Eye(placing, opening, shades, group, placing.clearance(around, hidden))
        yield _eyeball(own, eye, irises[number] if irises else None)
        yield _socket(own)
        yield _upper(own, upper)
        yield _lower(own, lower)


def _eyeball(own: _Eye, eye: str, iris: Iris | None) -> RigPart:
    placing, opening, unit = own.placing, own.opening, own.unit
    face = placing.face
    step = placing.grain * STEP * unit
    (first, last), rows_between = opening.box(UNDER_ABOVE * unit, UNDER_BELOW * unit)
    aside = unit * (UNDER_COARSE if placing.is_coarse else UNDER_ASIDE)
    ranges = (first - aside, last + aside), rows_between
    x, y = (each.ravel() for each in np.meshgrid(*(np.arange(start, end, step) for start, end in ranges)))
    rows = rows_of(face, f"{eye}_eye")
    height, width = face.front.covered.shape
    ball = z_buffer(face.fitted.places, face.fitted.depth, face.triangles[rows], height, width)
    on = ball.triangle[y.astype(int), x.astype(int)] >= 0
    on &= (y > opening.upper(x) - UNDER_ABOVE * unit) & (y < opening.lower(x) + UNDER_BELOW * unit)
    x, y = x[on], y[on]
    pixels = y.astype(int), x.astype(int)
    whole = eye_picture(own.shades, opening, iris, unit)
    colours = np.stack([taken(whole[..., k], x, y) for k in range(3)], axis=1)
    window = 2 * round(0.04 * unit) + 1
    behind = cv2.GaussianBlur(cv2.dilate(placing.surface, np.ones((window, window))), (0, 0), 0.02 * unit)
    away = np.maximum(placing.away(np.stack([x, y], axis=1), ball.nearness[pixels]), taken(behind, x, y))
    # The part under the lids stays under the skin.
    outside = cv2.distanceTransform((~opening.mask((height, width))).astype(np.uint8), cv2.DIST_L2, 5)
    clear = own.clear_m * np.clip(1 - taken(outside.astype(np.float64), x, y) / (UNDER * unit) / 2, 0, 1)
    means = face.front.world(x, y, away + UNDER * unit * own.metre - clear)
    return RigPart(own.group, means, step * own.metre, colours, rows[ball.triangle[pixels]], ball.weights[pixels])


def _socket(own: _Eye) -> RigPart:
    """The fixed bottom of the opening: it fills the corners that a turning eyeball leaves."""
    opening, unit = own.opening, own.unit
    step = 2 * own.placing.grain * STEP * unit
    ranges = (np.arange(start, end, step) for start, end in opening.box(0.0, 0.0))
    x, y = (each.ravel() for each in np.meshgrid(*ranges))
    inside = (y > opening.upper(x)) & (y < opening.lower(x))
    x, y = x[inside], y[inside]
    colours = np.tile(SOCKET * np.median(own.shades[opening.mask(own.shades.shape[:2])], axis=0), (len(x), 1))
    window = 2 * round(0.04 * unit) + 1
    behind = taken(cv2.dilate(own.placing.surface, np.ones((window, window))), x, y)
    means = own.placing.face.front.world(x, y, behind + (2 * UNDER + BEHIND_BALL) * unit * own.metre)
    none = np.zeros(len(x), np.int64)
    weights = np.tile(np.array([1.0, 0.0, 0.0]), (len(x), 1))
    return RigPart(own.group, means, step * own.metre, colours, none, weights, share=0.0)


def eye_picture(shades: Depths, opening: RimOpening, iris: Iris | None, unit: float) -> Depths:
    """(h, w, 3): the picture with the eye continued under its lids: the white, and a whole iris."""
    inside = opening.mask(shades.shape[:2])
    core = cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=max(1, round(0.012 * unit))) > 0
    core = core if core.any() else inside
    height, width = inside.shape
    y, x = np.mgrid[:height, :width] + 0.5
    if iris is None:
        return np.where(core[..., None], shades, led_inwards(shades, core, 0))
    away = np.hypot(x - iris.x, y - iris.y)
    edge = np.clip((away - iris.radius) / (0.02 * unit) + 0.5, 0, 1)[..., None]
    white = core & (away > iris.radius + 0.035 * unit)
    if white.any():
        # Lashes and corners are darker, and the edge of the iris has its hue.
        bright, hue = shades.min(axis=2), shades.max(axis=2) - shades.min(axis=2)
        white &= (bright >= np.median(bright[white])) & (hue <= np.quantile(hue[white], 0.75))
    if white.sum() < 12:
        return np.where(core[..., None], shades, led_inwards(shades, core, 0))
    base = led_inwards(shades, white, 0)
    visible = core & (away < iris.radius)
    rings = _rings(shades, visible, away, iris.radius)
    drawn = np.stack([np.interp(away, np.arange(len(rings)) + 0.5, rings[:, k]) for k in range(3)], axis=2)
    whole = edge * base + (1 - edge) * drawn
    trust = np.clip(cv2.distanceTransform(core.astype(np.uint8), cv2.DIST_L2, 5) / (0.02 * unit), 0, 1)[..., None]
    return np.asarray(trust * shades + (1 - trust) * whole, np.float64)


def _rings(shades: Depths, visible: NDArray[np.bool_], away: Depths, radius: float) -> Depths:
    """(rings, 3): the iris's median colour by distance from its middle, one ring per pixel."""
    count = max(1, int(radius))
    all_of = np.median(shades[visible], axis=0) if visible.any() else np.zeros(3)
    rings = np.tile(all_of, (count, 1))
    for k in range(count):
        ring = visible & (away >= k) & (away < k + 1)
        if ring.sum() >= 3:
            rings[k] = np.median(shades[ring], axis=0)
    return rings


def _upper(own: _Eye, kind: int) -> RigPart:
    """The upper lid: when shut it ends at the lower one; its skin is that above it, extended down."""
    opening, unit = own.opening, own.unit
    lashes = LASHES * unit

    def rim(x: Depths) -> Depths:
        return opening.lower(x) - RISES_WITH_A_BLINK * RISES * opening.high(x) + OVERLAP * unit

    strip = _strip(own, lashes, (opening.upper, rim), opening.reach, up=-1.0)
    visible = own.colours_at(strip.x, strip.rest_y)
    above, under = (_along(skin, strip.x) for skin in _skin(own))
    share = np.clip(1.15 - strip.part, 0, 1)[:, None] ** 0.7 * LIGHTER
    plain = ((1 - share) * above + share * under) * (1.0 - 0.08 * (1 - strip.part) ** 3)[:, None]
    skin = np.clip((strip.far - 0.6 * lashes) / (0.4 * lashes), 0, 1)
    skin = (skin * np.clip((1 - strip.part) / 0.15, 0, 1))[:, None]
    return _lid(own, kind, strip, BEFORE_UPPER, (visible, skin * plain + (1 - skin) * visible))


def _lower(own: _Eye, kind: int) -> RigPart:
    """The lower lid: it rises by a share of the opening and looks as in the picture."""
    opening = own.opening

    def rim(x: Depths) -> Depths:
        return opening.lower(x) - RISES * opening.high(x)

    strip = _strip(own, LOWER_LASHES * own.unit, (opening.lower, rim), opening.reach_below, up=1.0)
    visible = own.colours_at(strip.x, strip.rest_y)
    return _lid(own, kind, strip, BEFORE_LOWER, (visible, visible))


def _strip(own: _Eye, lashes: float, rims: tuple[Line, Line], reach: Line, up: float) -> _Strip:
    """A lid from its rim, at rest and shut, to its far edge, which does not move; up: the direction of rows from the
    rim.

    Lashes keep their width; parts farther from the rim are stretched when it shuts.
    """
    opening, step = own.opening, own.placing.grain * STEP * own.unit
    rest_rim, shut_rim = rims
    beyond, higher = (by * own.unit if own.placing.is_coarse else 0.0 for by in (LID_COARSE, HIGHER_COARSE))
    columns = np.arange(opening.first - beyond, opening.last + beyond, step)
    most = reach(columns) + higher
    length = most + np.abs(shut_rim(columns) - rest_rim(columns))
    counts = np.maximum(2, np.ceil(length / step)).astype(int)
    which = np.repeat(np.arange(len(columns)), counts)
    part = np.concatenate([(np.arange(count) + 0.5) / count for count in counts])
    x, far = columns[which], part * length[which]
    stretch = np.maximum(most - lashes, 0.1 * lashes) / np.maximum(length - lashes, 1e-6)
    at_rest = np.where(far < lashes, far, lashes + (far - lashes) * stretch[which])
    return _Strip(x, rest_rim(x) + up * at_rest, shut_rim(x) + up * far, part, far)


def _lid(own: _Eye, kind: int, strip: _Strip, before: float, colours: tuple[Depths, Depths]) -> RigPart:
    """A lid that lies on the scene's skin at rest and, slightly rounded, over its eye when shut."""
    placing, opening, unit = own.placing, own.opening, own.unit
    smooth = cv2.GaussianBlur(placing.surface, (0, 0), SMOOTH * unit)
    x = strip.x
    places = []
    for closed in (0.0, 0.5, 1.0):
        y = strip.rest_y + closed * (strip.shut_y - strip.rest_y)
        down = (y - opening.upper(x)) / np.maximum(opening.high(x), 1e-6)
        bulge = np.clip(1 - (2 * np.clip(down, -0.5, 1.2) - 1) ** 2, 0, 1) * opening.round(x)
        over = np.clip((y - opening.upper(x)) / (0.06 * unit) + 1, 0, 1) if closed else 0 * y
        forward = BEFORE_REST + (before - BEFORE_REST) * over + (BULGE * bulge if closed else 0.0)
        away = (1 - closed) * taken(placing.surface, x, y) + closed * taken(smooth, x, y)
        places.append(placing.face.front.world(x, y, away - forward * unit * own.metre - own.clear_m))
    rest, half, shut = places
    triangle, weights = placing.face.on_skin(x, strip.rest_y)
    way = Way(kind, shut, half, colours[1])
    return RigPart(
        own.group, rest, placing.grain * STEP * unit * own.metre, colours[0], np.maximum(triangle, 0), weights, way
    )


def _along(skin: Depths, x: Depths) -> Depths:
    return np.stack([np.interp(x, np.arange(len(skin)) + 0.5, skin[:, k]) for k in range(3)], axis=1)


def _skin(own: _Eye) -> tuple[Depths, Depths]:
    """(w, 3) each: by column, the colours of the skin above the upper lid and below the lower one, smoothed along the
    lids.
    """
    opening, unit = own.opening, own.unit
    x = np.clip(np.arange(own.shades.shape[1]) + 0.5, opening.first, opening.last)
    edges = (opening.upper(x) - opening.reach(x), opening.lower(x) + 1.5 * opening.reach_below(x))
    strips = []
    for edge, way in zip(edges, (-1, 1), strict=True):
        rows = np.stack([own.colours_at(x, edge + way * k * 0.012 * unit) for k in range(-1, 4)])
        strips.append(cv2.GaussianBlur(np.median(rows, axis=0)[None], (0, 0), 0.06 * unit)[0])
    return strips[0], strips[1]
