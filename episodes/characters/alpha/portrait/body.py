"""Alpha's body as triangles: skin, suit, eyes, teeth and tongue, from upper_body.npz, and the marks that others measure by."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter, map_coordinates

from portrait import collar, mesh
from portrait.numbers import unit

FOLDER = Path(__file__).parent.parent
STEP = 0.001  # Decimetres per unit of upper_body.npz and face_units.npz.
SKIN, SUIT, EYES, TEETH, TONGUE, COLLAR = range(6)
GROUPS = {SKIN: (0,), EYES: (1, 2), TEETH: (3, 4), TONGUE: (5,)}  # Group numbers from make_upper_body.py.
LASHES = {("left", "lower"): 6, ("left", "upper"): 7, ("right", "lower"): 8, ("right", "upper"): 9}
ROUNDS = {SKIN: 2, SUIT: 2, EYES: 4, TEETH: 2, TONGUE: 2, COLLAR: 2}
WINDOW, TEXTURE = (1500, 690), 2048  # Where masks.png was cut from the textures.
LIPS, LIDS, EARS, INSIDE = range(4)
TONGUE_RESTS = np.array([0, -0.095, -0.06])  # The mesh's own tongue fills the mouth and is visible between its corners.


@dataclass(frozen=True)
class Ball:
    """An eyeball and its gaze."""

    centre: np.ndarray  # (3,)
    radius: float
    gaze: np.ndarray  # (3,)


@dataclass(frozen=True)
class Body:
    """Points (N, 3), normals, quads and triangles of all parts; `cut` is below 0 where a part ends between its points."""

    points: np.ndarray
    normals: np.ndarray
    quads: np.ndarray
    quad_part: np.ndarray
    part: np.ndarray  # (N,)
    cut: np.ndarray  # (N,)
    triangles: np.ndarray
    triangle_part: np.ndarray
    texture: np.ndarray
    texture_triangles: np.ndarray
    eyes: dict[str, Ball]
    marks: dict[str, np.ndarray]
    regions: dict[str, np.ndarray]  # Points (K, 3) of face and mouth, whose outlines are boxes.
    lash_lines: dict[tuple[str, str], np.ndarray]  # (side, lid): (K, 3) from the nose outwards.


def masks():
    """(4, H, W) from 0 to 1: lips, lids, ears, the mouth's inside; read by `mask_at`."""
    picture = np.asarray(Image.open(FOLDER / "masks.png"), float) / 255
    return np.stack([gaussian_filter(picture[..., k], 1.2) for k in range(4)])


def mask_at(mask, texture):
    """(N,): a mask's values at texture points (N, 2)."""
    rows = (1 - texture[:, 1]) * TEXTURE - 0.5 - WINDOW[1]
    columns = texture[:, 0] * TEXTURE - 0.5 - WINDOW[0]
    return map_coordinates(mask, [rows, columns], order=1, mode="nearest") * (columns > 0) * (rows > 0)


def _suit(points, quads):
    """The suit's cloth: the body below the chin, smoothed and slightly enlarged."""
    loose = np.clip((5.25 - points[:, 1]) / 0.35, 0, 1)[:, None]
    cloth = points + (mesh.spread(points, quads, 10) - points) * loose
    cloth += (mesh.spread(points, quads, 3) - points) * (1 - loose)
    return cloth + mesh.normals(cloth, quads) * 0.045


def _ball(points, towards):
    """The sphere that best fits an eye's points, looking at the camera of the portrait."""
    rows = np.concatenate([2 * points, np.ones((len(points), 1))], 1)
    fit = np.linalg.lstsq(rows, (points**2).sum(1), rcond=None)[0]
    return Ball(fit[:3], float(np.sqrt(fit[3] + fit[:3] @ fit[:3])), unit(towards - fit[:3]))


def _line(points, ball, side):
    """The roots of a row of lashes, from the nose outwards: in each of 13 slices the point nearest to the eyeball."""
    x = points[:, 0] * side
    slices = np.clip(((x - x.min()) / (np.ptp(x) + 1e-9) * 13).astype(int), 0, 12)
    away = np.linalg.norm(points - ball.centre, axis=1)
    roots = [points[slices == k][away[slices == k].argmin()] for k in range(13) if (slices == k).any()]
    return np.array(roots)


def _move(points, units):
    """Move points by face units; raises KeyError."""
    stored = np.load(FOLDER / "face_units.npz")
    number = {str(name): k for k, name in enumerate(stored["names"])}
    for name, weight in units.items():
        first, last = stored["starts"][number[name] : number[name] + 2]
        steps, *by = stored["rows"][:, first:last].astype(int)
        points[np.cumsum(steps)] += weight * STEP * np.stack(by, 1)


def build(units=None):
    """The body, its face moved by face units with ARKit's names and weights from 0 to 1, such as {"jawOpen": 0.3}.

    Raises:
        KeyError: face_units.npz has no unit of that name.
    """
    stored = np.load(FOLDER / "upper_body.npz")
    points = stored["points"] * STEP
    if units:
        _move(points, units)
    texture = stored["texture"] / 65535
    quads, texture_quads, group = (stored[name].astype(np.int64) for name in ("quads", "texture_quads", "parts"))
    points[np.unique(quads[group == GROUPS[TONGUE][0]])] += TONGUE_RESTS
    eyes = {
        side: _ball(points[np.unique(quads[group == number])], np.array([0, 6.3, 16.0]))
        for side, number in (("left", 1), ("right", 2))
    }
    pieces = []
    for part, groups in GROUPS.items():
        mine = np.isin(group, groups)
        pieces.append((part, texture, points, quads[mine], texture_quads[mine]))
    mine = (group == 0) & (points[quads, 1].mean(1) < 5.65)
    numbers, kept = mesh.compact(quads[mine])
    pieces.append((SUIT, texture, _suit(points[kept], numbers), numbers, texture_quads[mine]))
    band, numbers, band_texture = collar.band()
    pieces.append((COLLAR, band_texture, band, numbers, numbers))
    lines = {
        (side, lid): _line(points[np.unique(quads[group == number])], eyes[side], 1 if side == "left" else -1)
        for (side, lid), number in LASHES.items()
    }
    return _assembled(pieces, eyes, lines)


def _assembled(pieces, eyes, lines):
    """All parts subdivided and joined in one mesh, without triangles that are cut away completely."""
    points, normals, quads, texture_points, texture_quads = [], [], [], [], []
    count = texture_count = 0
    for part, texture, corners, all_faces, all_texture_faces in pieces:
        faces, kept = mesh.compact(all_faces)
        texture_faces, texture_kept = mesh.compact(all_texture_faces)
        fine, fine_texture = corners[kept], texture[texture_kept]
        for _ in range(ROUNDS[part]):
            fine, faces = mesh.subdivided(fine, faces)
            fine_texture, texture_faces = mesh.subdivided(fine_texture, texture_faces, flat=True)
        points.append(fine)
        normals.append(mesh.normals(fine, faces))
        quads.append(faces + count)
        texture_points.append(fine_texture)
        texture_quads.append(texture_faces + texture_count)
        count, texture_count = count + len(fine), texture_count + len(fine_texture)
    parts = [piece[0] for piece in pieces]
    part = np.repeat(parts, [len(one) for one in points])
    quad_part = np.repeat(parts, [len(one) for one in quads])
    points, quads = np.concatenate(points), np.concatenate(quads)
    within = collar.inside(points)
    cut = np.select([part == SUIT, part == SKIN], [within - 1, np.maximum(1.08 - within, points[:, 1] - 5.60)], 1.0)
    triangles = mesh.triangles(quads)
    seen = (cut[triangles] >= 0).any(1)
    texture_points = np.concatenate(texture_points)
    return Body(
        points,
        np.concatenate(normals),
        quads,
        quad_part,
        part,
        cut,
        triangles[seen],
        np.tile(quad_part, 2)[seen].astype(np.int8),
        texture_points,
        mesh.triangles(np.concatenate(texture_quads))[seen],
        eyes,
        *_measured(points[part == SKIN], lines, quads[quad_part == SKIN], texture_points, texture_quads[0]),
        lines,
    )


def _measured(skin, lines, quads, texture, texture_quads):
    """Named points of the face (corners of eyes and mouth, lips, tip of the nose, chin), and the regions of the boxes."""
    middle = skin[(np.abs(skin[:, 0]) < 0.03) & (skin[:, 2] > 0.6) & (skin[:, 1] > 5.3)]
    nose = middle[(middle[:, 1] > 6.0)]
    nose = nose[nose[:, 2].argmax()]
    mask, at = masks(), texture[texture_quads].mean(1)
    lips = skin[np.unique(quads[mask_at(mask[LIPS], at) > 0.6])]
    below = middle[(middle[:, 1] < lips[:, 1].min() - 0.12) & (middle[:, 1] > lips[:, 1].min() - 0.7)]
    chin = below[(below[:, 2] - 0.9 * below[:, 1]).argmax()]
    marks = {
        "nose": nose,
        "chin": chin,
        "mouth": lips.mean(0),
        "mouth_left": lips[lips[:, 0].argmax()],
        "mouth_right": lips[lips[:, 0].argmin()],
        "lip_top": lips[lips[:, 1].argmax()],
        "lip_bottom": lips[lips[:, 1].argmin()],
    }
    for (side, lid), line in lines.items():
        if lid == "upper":
            marks |= {
                f"eye_{side}_inner": line[0],
                f"eye_{side}_outer": line[-1],
                f"lid_{side}_top": line[len(line) // 2],
            }
    ears = np.unique(quads[mask_at(mask[EARS], at) > 0.2])
    face = np.delete(skin, ears, 0)
    face = face[(face[:, 1] > chin[1]) & (face[:, 1] < 7.2) & (face[:, 2] > 0.35)]
    return marks, {"face": face, "mouth": lips}
