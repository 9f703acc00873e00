"""From layers to a cloud: a front with one Gaussian per cell, denser on the face; parts under it; head and back."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from episodec.splat.bust.colour import hair_colour, led_inwards, skin_colours
from episodec.splat.bust.depth import Frame, HeadMesh, Layers
from episodec.splat.bust.labels import PixelLabels
from episodec.splat.bust.unseen import faces_outside
from episodec.splat.relief.portrait import SIDE, Mask, Portrait
from episodec.splat.relief.surface import LEEWAY, METRE, MIRRORED, SurfaceCloud, joined, placed, rim, sheet, taken
from episodec.splat.surfels import samples, tangents

FACE_STEP = 0.9  # Pixels per cell.
CELLS = 62_000  # Of the front other than skin.
UNDER_STEP, BACK_STEP, HEAD_STEP = 1.9, 3.0, 1.6  # Pixels.
UNDER_PX = 1.2  # Behind the front.
NECK_DM = 1.45  # The neck's lower end, below the eyes.
COLLAR_DM = 1.3  # Below this, clothes cover the nape.
BACK_SHADE = 0.88
WIDER_PX = 9
SKIRT_PX = 5  # How far each layer extends under the one in front of it.
SKIRT_SLOPE = 3.0

Depths = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class DepthLayer:
    """A layer: its depth in pixels, its area, and its colours."""

    depth: Depths
    mask: Mask
    colours: Depths


def bust_cloud(portrait: Portrait, layers: Layers, labels: PixelLabels, mesh: HeadMesh, frame: Frame) -> SurfaceCloud:
    """All Gaussians, the front first."""
    rgb = portrait.rgb / 255.0
    whole = led_inwards(rgb, portrait.mask, 3)
    edge = np.clip((cv2.distanceTransform(portrait.mask.astype(np.uint8), cv2.DIST_L2, 5) - 0.5) / 1.5, 0, 1)[..., None]
    colours = edge * rgb + (1 - edge) * whole
    share = head_share(frame, portrait.mask.shape[0])
    others = labels.hair | labels.clothes
    step = math.sqrt(max(1.0, float(others.sum())) / CELLS)
    own = {
        "skin": led_inwards(rgb, labels.skin, 1),
        "hair": led_inwards(rgb, labels.hair, 2),
        "clothes": led_inwards(rgb, labels.clothes, 2),
    }
    # Hair mixed in at the skin's edge would show as a line from the side.
    inner = np.clip(cv2.distanceTransform(labels.skin.astype(np.uint8), cv2.DIST_L2, 5) - 1, 0, 1)[..., None]
    bare = inner * colours + (1 - inner) * own["skin"]
    parts = [sheet(portrait, layers.skin, labels.skin, FACE_STEP, bare, slopes=layers.slopes)]
    masks = [labels.skin]
    for name, mask in (("hair", labels.hair), ("clothes", labels.clothes)):
        if mask.any():
            masks.append(mask)
            parts.append(sheet(portrait, getattr(layers, name), mask, step, colours))
    front = joined(*parts)
    leeway = np.concatenate([_leeway(part, mask) for part, mask in zip(parts, masks, strict=True)])
    front = replace(front, pixels=np.concatenate([part.pixels for part in parts]), leeway=leeway)
    fields = [
        DepthLayer(*_skirted(getattr(layers, name), getattr(labels, name), portrait.mask), own[name])
        for name in ("hair", "clothes")
    ]
    covered = cv2.dilate(labels.hair.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    trunk = covered & (labels.clothes | labels.hair) & (frame.rows(len(portrait.mask)) > 1.2)
    fields.append(DepthLayer(layers.clothes - 2 * UNDER_PX, trunk, own["clothes"]))
    composite = np.where(labels.skin, layers.skin, np.where(labels.hair, layers.hair, layers.clothes))
    under = [_surface(portrait, field, UNDER_STEP, front=True) for field in fields if field.mask.any()]
    back = DepthLayer(np.minimum(layers.back, composite - 1), portrait.mask, _back_colours(labels, own, frame))
    cloud = joined(
        front,
        *under,
        _head(portrait, mesh, labels, layers, frame),
        _surface(portrait, back, BACK_STEP, front=False),
        rim(portrait, composite, back.depth, 1.5, back.colours / BACK_SHADE),
    )
    y = SIDE / 2 - cloud.means[:, 1] / METRE
    return replace(cloud, head=np.interp(y, np.arange(len(share)) + 0.5, share[:, 0]))


def _leeway(part: SurfaceCloud, mask: Mask) -> Depths:
    """(n,): zero along the layer's edge, where pixels are shared with another layer."""
    inside = taken(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5).astype(np.float64), *part.pixels.T)
    leeway: Depths = LEEWAY * np.clip(inside / 3 - 0.4, 0, 1)
    return leeway


def head_share(frame: Frame, height: int) -> Depths:
    """(h, 1): 1 on the head, 0 on the trunk."""
    below = frame.rows(height)
    x = np.clip((1.5 - below) / 0.8, 0, 1)
    share: Depths = x * x * (3 - 2 * x)
    return share


def _back_colours(labels: PixelLabels, own: Mapping[str, Depths], frame: Frame) -> Depths:
    """(h, w, 3): the front's colours beside the face, continued behind it a little darker; hair, if there is any."""
    below = frame.rows(len(labels.skin))
    has_hair = labels.hair & (below < NECK_DM)
    behind_skin = own["hair"] if has_hair.any() else own["skin"]
    lowest = min(COLLAR_DM, below[has_hair.any(axis=1)].max()) if has_hair.any() else NECK_DM
    # The back has no facial texture, letters or zips, so skin and clothes are blurred.
    plain, cloth = (cv2.GaussianBlur(own[name], (0, 0), 12.0) for name in ("skin", "clothes"))
    plain = np.where((below < COLLAR_DM)[..., None], plain, cloth)
    skin = np.where((below < lowest)[..., None], behind_skin, plain)
    clothes = np.where((below < min(lowest, NECK_DM))[..., None], skin, cloth)
    colours = np.where(labels.hair[..., None], own["hair"], np.where(labels.skin[..., None], skin, clothes))
    return np.asarray(BACK_SHADE * cv2.GaussianBlur(colours, (0, 0), 1.0), np.float64)


def _skirted(depth: Depths, mask: Mask, person: Mask) -> tuple[Depths, Mask]:
    """The layer slightly behind itself, extended under its neighbours, away from the viewer."""
    grown = (cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=SKIRT_PX) > 0) & person
    x, y, away = _nearest(mask)
    at = depth[y.astype(int), x.astype(int)]
    return np.where(mask, depth, at - SKIRT_SLOPE * away) - UNDER_PX, grown


def _nearest(mask: Mask) -> tuple[Depths, Depths, Depths]:
    """For each pixel, the x and y of the mask's nearest pixel and its distance; all 0 if the mask is empty."""
    if not mask.any():
        return np.zeros(mask.shape), np.zeros(mask.shape), np.zeros(mask.shape)
    away, nearest = cv2.distanceTransformWithLabels(
        (~mask).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    rows, columns = np.nonzero(mask)
    place = np.zeros((int(nearest.max()) + 1, 2))
    place[nearest[mask]] = np.stack([columns + 0.5, rows + 0.5], axis=1)
    return place[nearest][..., 0], place[nearest][..., 1], away.astype(np.float64)


def _surface(portrait: Portrait, field: DepthLayer, step: float, *, front: bool) -> SurfaceCloud:
    """Gaussians spread evenly over a layer's area, however steep it is."""
    height, width = field.mask.shape
    y, x = (np.arange(side) + 0.5 for side in (height, width))
    nodes = np.stack([*np.meshgrid(x, y), field.depth], axis=2)[::2, ::2]
    near = field.mask[::2, ::2]
    is_in = near[:-1, :-1] & near[1:, :-1] & near[:-1, 1:] & near[1:, 1:]
    a, b, c, d = nodes[:-1, :-1][is_in], nodes[:-1, 1:][is_in], nodes[1:, 1:][is_in], nodes[1:, :-1][is_in]
    corners = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    places, normals = _spread(corners, step)
    side = 1.0 if front else -1.0
    normals *= (np.sign(normals[:, 2]) * side)[:, None]
    x = places[:, 0] if front else _mirrored(field, places)
    colours = np.stack([taken(field.colours[..., k], x, places[:, 1]) for k in range(3)], axis=1)
    return _cloud(portrait, places, normals, step, colours)


def _mirrored(field: DepthLayer, places: Depths) -> Depths:
    """(n,): source columns of the colours of places on the back: the front's texture continues around the edge,
    mirrored.
    """
    columns = np.arange(field.mask.shape[1])
    count = np.maximum(field.mask.sum(axis=1), 1)
    middle = ((field.mask * columns).sum(axis=1) / count + 0.5)[places[:, 1].astype(int)]
    away = places[:, 0] - middle
    inwards = np.clip(-MIRRORED * places[:, 2], 0, 0.7 * np.abs(away))
    return np.asarray(places[:, 0] - np.sign(away) * inwards, np.float64)


def _drawn_in(skin: Mask, x: Depths, y: Depths) -> Depths:
    """(n,): columns clamped to the skin's extent in their rows; infinite if the row has no skin."""
    rows = np.flatnonzero(skin.any(axis=1))
    if not len(rows):
        return np.full(len(x), np.inf)
    ends = np.stack([skin.argmax(axis=1), skin.shape[1] - skin[:, ::-1].argmax(axis=1)], axis=1)[rows].astype(float)
    ends = cv2.GaussianBlur(ends, (1, 0), sigmaX=1.0, sigmaY=2.0, borderType=cv2.BORDER_REPLICATE)
    left, right = (np.interp(y, rows + 0.5, ends[:, k], left=np.inf, right=np.inf) for k in (0, 1))
    return np.asarray(np.where(np.isfinite(left), np.clip(x, left, right), np.inf), np.float64)


def _spread(corners: Depths, step: float) -> tuple[Depths, Depths]:
    """(n, 3) places on triangles, (T, 3, 3), about a step apart, and their normals."""
    sides = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = 0.5 * np.sqrt((sides**2).sum(axis=1))
    which, weights = samples(area, max(1, round(float(area.sum()) / step**2)))
    chosen = corners[which]
    places = weights[:, :1] * chosen[:, 0] + weights[:, 1:2] * chosen[:, 1] + weights[:, 2:] * chosen[:, 2]
    return places, tangents(corners)[which][:, :, 2].copy()


def _head(portrait: Portrait, mesh: HeadMesh, labels: PixelLabels, layers: Layers, frame: Frame) -> SurfaceCloud:
    """The fitted head on all sides, under everything else: it does not break through hair, collar or silhouette."""
    depth = frame.in_picture(mesh.depth, mesh.places[:, 0])
    vertices = np.column_stack([mesh.places, depth])
    triangles = faces_outside(vertices, mesh.triangles)
    places, normals = _spread(vertices[triangles], HEAD_STEP)
    normals = -normals  # Rows count downwards.
    places = places - (1.0 + 0.8 * np.clip(normals[:, 2:], 0, 1)) * normals
    x, y = places[:, 0], places[:, 1]
    height, width = portrait.mask.shape
    column, row = np.clip(x.astype(int), 0, width - 1), np.clip(y.astype(int), 0, height - 1)
    inner = cv2.erode(portrait.mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    kept = inner[row, column] & (y < height - 1)
    cover = np.where(labels.hair, layers.hair, layers.clothes)
    # Gaussians are soft: at the very edge of the skin they would show beside it.
    smooth = cv2.GaussianBlur(labels.skin.astype(np.float32), (0, 0), 2.5) > 0.5
    is_open = cv2.erode((smooth & labels.skin).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    under = np.where(is_open[row, column], np.inf, cover[row, column] - 2)
    # Where the fitted face is slightly wider than the portrait's, it is pulled in; points farther out are dropped.
    is_wider = places[:, 2] > under + 2
    drawn_in = _drawn_in(is_open, x, y)
    kept &= ~is_wider | (np.abs(drawn_in - x) < WIDER_PX)
    places[is_wider, 0] = drawn_in[is_wider]
    under = np.where(is_wider, np.inf, under)
    places[:, 2] = np.clip(places[:, 2], layers.back[row, column] + 2, np.maximum(under, layers.back[row, column] + 2))
    colours = skin_colours(portrait, mesh, labels, normals, places, layers.skin[row, column])
    scalp = (labels.hair[row, column] & (frame.below(y) < 0.3)) | (
        (normals[:, 2] < 0.1) & (places[:, 2] < 0) & labels.hair.any()
    )
    colours = np.where(scalp[:, None], hair_colour(portrait, labels), colours)
    return _cloud(portrait, places[kept], normals[kept], HEAD_STEP, colours[kept])


def _cloud(portrait: Portrait, places: Depths, normals: Depths, step: float, colours: Depths) -> SurfaceCloud:
    """The cloud of these places; normals are in the picture's axes: right, down, nearer."""
    count = len(places)
    return SurfaceCloud(
        placed(portrait, *places.T),
        normals * (1, -1, 1),
        np.ones(count),
        np.full(count, step * METRE),
        np.clip(colours, 0, 1),
        np.zeros(count),
        np.zeros((0, 2)),
        np.zeros(0),
    )
