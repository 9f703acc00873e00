"""A simple rendering of the head: even skin, lips, irises, teeth, one light; for the network and for people."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from episodec.face.head import Floats, Head, Quads, normals_of
from episodec.face.raster import VisibleMesh, z_buffer

SKIN, LIPS, WHITE = (222, 176, 150), (180, 80, 85), (235, 232, 230)
IRIS, PUPIL = (90, 70, 50), (15, 12, 12)
COLOURS = {
    "upper_teeth": (228, 220, 204),
    "lower_teeth": (228, 220, 204),
    "tongue": (180, 90, 92),
    "lashes": (40, 28, 26),
}
BACKGROUND = 245
LIGHT = (0.28, 0.47, 0.84)  # From above and the front.
IRIS_RADIUS, PUPIL_RADIUS = 0.46, 0.20  # Of the eyeball's radius.


@dataclass(frozen=True, slots=True, eq=False)
class PlainView:
    """The picture, (h, w, 3) uint8, its z-buffer and triangles, and the places of the vertices."""

    picture: NDArray[np.uint8]
    visible: VisibleMesh
    triangles: Quads
    places: Floats  # (V, 2) pixels.


def plain_view(
    head: Head,
    vertices: Floats,
    size: tuple[int, int],
    *,
    pixels: float = 240.0,
    yaw_deg: float = 0.0,
    has_lashes: bool = False,
) -> PlainView:
    """A parallel projection of a head's vertices; the point between the eyes at rest is in the middle of the picture.

    size: height and width. pixels: of the picture per decimetre. yaw_deg: how far the camera is turned around the head,
    towards its left.
    """
    height, width = size
    turn = math.radians(yaw_deg)
    cos, sin = math.cos(turn), math.sin(turn)
    across, nearness = cos * vertices[:, 0] - sin * vertices[:, 2], sin * vertices[:, 0] + cos * vertices[:, 2]
    places = np.stack([width / 2 + pixels * across, height / 2 - pixels * vertices[:, 1]], axis=1)
    parts = (
        "skin",
        "left_eye",
        "right_eye",
        "upper_teeth",
        "lower_teeth",
        "tongue",
        *(("lashes",) if has_lashes else ()),
    )
    triangles = head.triangles(*parts)
    visible = z_buffer(places, nearness, triangles, height, width)
    normals = visible.of(normals_of(vertices, triangles), triangles)
    lit = (normals * np.array(LIGHT)).sum(axis=2) / np.maximum(np.sqrt((normals**2).sum(axis=2)), 1e-9)
    colours = visible.of(_colours(head), triangles)
    colours = _with_eyes(head, vertices, visible.of(vertices, triangles), visible.of(_eyes(head), triangles), colours)
    shaded = np.clip(colours * (0.35 + 0.75 * np.clip(lit, 0, 1))[..., None], 0, 255)
    picture = np.where((visible.triangle >= 0)[..., None], shaded, BACKGROUND)
    return PlainView(np.rint(picture).astype(np.uint8), visible, triangles, places)


def _colours(head: Head) -> Floats:
    """(V, 3), 0 to 255."""
    lips, inside = head.regions["lips"][:, None], head.regions["mouth"][:, None]
    colours: Floats = np.array(SKIN) * (1 - lips) + np.array(LIPS) * lips
    colours = colours * (1 - inside) + np.array((110.0, 36.0, 40.0)) * inside
    for part, colour in COLOURS.items():
        colours[head.vertices_of(part)] = colour
    return colours


def _eyes(head: Head) -> Floats:
    """(V, 2): 1 for the vertices of the left and of the right eyeball."""
    weights = np.zeros((len(head.vertices), 2))
    for k, part in enumerate(("left_eye", "right_eye")):
        weights[head.vertices_of(part), k] = 1
    return weights


def _with_eyes(head: Head, vertices: Floats, at: Floats, is_eye: Floats, colours: Floats) -> Floats:
    """The colours with whites, irises and pupils painted around the eyeballs' axes; at: (h, w, 3), points of the
    pixels.
    """
    shaded = colours
    for k, part in enumerate(("left_eye", "right_eye")):
        middle, axis, radius = eyeball(head, part, vertices)
        out = at - middle
        along = (out * axis).sum(axis=2)
        away = np.sqrt(np.maximum((out**2).sum(axis=2) - along**2, 0)) / radius
        own = (is_eye[..., k] > 0.999)[..., None]
        painted = np.where((away < IRIS_RADIUS)[..., None], np.array(IRIS), np.array(WHITE))
        painted = np.where((away < PUPIL_RADIUS)[..., None], np.array(PUPIL), painted)
        shaded = np.where(own, painted, shaded)
    return shaded


def eyeball(head: Head, part: str, vertices: Floats) -> tuple[Floats, Floats, float]:
    """The centre of an eyeball, its viewing direction (a unit vector), and its radius in decimetres."""
    own = head.vertices_of(part)
    rest = head.vertices[own]
    before = rest[:, 2] > np.quantile(rest[:, 2], 0.85)
    middle = (vertices[own].max(axis=0) + vertices[own].min(axis=0)) / 2
    looks = vertices[own][before].mean(axis=0) - middle
    radius = float((rest[:, 0].max() - rest[:, 0].min()) / 2)
    axis: Floats = looks / math.sqrt(float((looks**2).sum()))
    return middle, axis, radius
