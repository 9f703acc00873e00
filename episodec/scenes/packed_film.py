"""A film's rows, performance and background as arrays of a pack; docs/viewer-pack.md describes them."""

from collections.abc import Mapping

import numpy as np

from episodec.film.rows import Rows
from episodec.performance.channels import SHAPES
from episodec.performance.track import PerformanceTrack
from episodec.scenes.cameras import view_of
from episodec.scenes.performing import rig_row
from episodec.splat.pack.container import Array, PackedArray
from episodec.splat.pack.rig import DRIVES, drives
from episodec.splat.rasterise import Ground
from episodec.splat.rig.model import Rig
from episodec.splat.scene import Scene, place_of

# Pixels of the longer side of a background: smooth colours need fewer than pictures.
DRAWN_SIDE, PICTURE_SIDE = 128, 384


def film_arrays(rows: Rows, scene: Scene) -> Mapping[str, PackedArray]:
    """The camera, the lens and the position among the scene's slices for each frame."""
    height = rows.size[1]
    numbers = range(len(rows.scene_time))
    cameras = np.array([view_of(rows, row).world_to_camera()[:3].ravel() for row in numbers])
    places = np.zeros(len(numbers))
    if scene.slices is not None:
        pairs = zip(rows.scene_time.tolist(), rows.period.tolist(), strict=True)
        places = np.array([place_of(scene.slices, time, period) for time, period in pairs])
    return {
        "film.cameras": PackedArray(_columns(cameras[rows.order])),
        "film.lenses": PackedArray(_columns(rows.intrinsics[rows.order] / height)),
        "film.places": PackedArray(places[rows.order].astype("<f4")),
    }


def face_arrays(track: PerformanceTrack, rig: Rig) -> Mapping[str, PackedArray]:
    """The weights of ARKit's shapes in each frame, and the values that they give on the rig."""
    table = drives([rig_row(track, frame) for frame in range(len(track))], shows_teeth=rig.shows_teeth)
    weights = np.ascontiguousarray(track.weights.T)
    return {"film.weights": PackedArray(weights, "along"), "film.drives": PackedArray(table)}


def face_names() -> Mapping[str, list[str]]:
    """The names of the rows of both arrays, for the head."""
    return {"shapes": list(SHAPES), "drives": list(DRIVES)}


def ground_size(size: tuple[int, int], *, is_picture: bool) -> tuple[int, int]:
    """The size in which the background of a film of this size is packed."""
    part = min(1.0, (PICTURE_SIDE if is_picture else DRAWN_SIDE) / max(size))
    width, height = (max(1, round(side * part)) for side in size)
    return width, height


def ground_array(ground: Ground, *, is_picture: bool) -> PackedArray:
    """(h, 3 w), (1, 3) for a single colour: 8 bits for a picture, 16 for colours, where 8 would show steps."""
    values = np.asarray(ground, np.float64)
    lines = values.reshape(len(values), -1) if values.ndim == 3 else values[None]
    full, kind = (255, "u1") if is_picture else (65535, "<u2")
    return PackedArray(np.rint(np.clip(lines, 0, 1) * full).astype(kind), "steps")


def _columns(table: Array) -> Array:
    """(C, F) float32."""
    return np.ascontiguousarray(table.T, "<f4")
