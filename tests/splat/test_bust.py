"""The bust of the portrait that we ship: what of it is where, from in front and from aside."""

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from episodec.face.fit import FittedHead
from episodec.face.landmarks import CHIN, NOSE_TIP, eye_distance
from episodec.faces.heads import fitted_head
from episodec.faces.landmarks import read_landmarks
from episodec.faces.pixels import rgba_of
from episodec.splat.bust.body import bust, led_on
from episodec.splat.bust.depth import EYES_DM, LENS_DM, Frame, frame_of, head_mesh
from episodec.splat.bust.labels import PixelLabels, labels_of
from episodec.splat.rasterise import render, render_covered
from episodec.splat.relief.body import relief, source_view
from episodec.splat.relief.portrait import SIDE, Portrait, look_at
from episodec.splat.relief.surface import METRE, SurfaceCloud
from episodec.splat.scene import LoadedScene
from episodec.splat.scene_file import encode_scene
from episodec.splat.view import View
from episodec.splat.white import on_white

ALPHA = Path(__file__).parents[2] / "episodes" / "characters" / "alpha" / "alpha-ref.png"


@pytest.fixture(scope="module")
def rgba() -> NDArray[np.uint8]:
    """Half as large, so that a bust costs less."""
    return np.asarray(cv2.resize(rgba_of(ALPHA), (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


@pytest.fixture(scope="module")
def fitted(rgba: NDArray[np.uint8]) -> FittedHead:
    actual = fitted_head(rgba, read_landmarks([on_white(rgba)])[0])
    assert actual is not None
    return actual


@pytest.fixture(scope="module")
def portrait(rgba: NDArray[np.uint8], fitted: FittedHead) -> Portrait:
    return look_at(rgba, fitted.landmarks)


@pytest.fixture(scope="module")
def labels(portrait: Portrait, fitted: FittedHead) -> PixelLabels:
    mesh = head_mesh(fitted, SIDE, (SIDE, SIDE))
    return labels_of(portrait, fitted.landmarks.points, mesh.visible.triangle >= 0)


@pytest.fixture(scope="module")
def cloud(portrait: Portrait, fitted: FittedHead) -> SurfaceCloud:
    return bust(portrait, fitted, SIDE)


@pytest.fixture(scope="module")
def body(rgba: NDArray[np.uint8], fitted: FittedHead) -> LoadedScene:
    return relief(rgba, fitted, slices=1, threads=2)


def from_aside(degrees: float, side: int = SIDE) -> View:
    source = source_view(side, side)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[cos, 0, sin, 0], [0, 1, 0, 0], [-sin, 0, cos, 0], [0, 0, 0, 1]])
    return View(turn @ source.camera_to_world, source.intrinsics, source.size)


def test_skin_hair_and_clothes_are_told_apart(labels: PixelLabels, portrait: Portrait, fitted: FittedHead) -> None:
    parts = [labels.skin, labels.hair, labels.clothes]
    assert (np.sum(parts, axis=0) == portrait.mask).all()
    points = fitted.landmarks.points

    def at(part: NDArray[np.bool_], x: float, y: float) -> bool:
        return bool(part[round(y), round(x)])

    assert at(labels.skin, *points[NOSE_TIP])
    assert at(labels.skin, points[CHIN, 0], points[CHIN, 1] + 15)  # The neck.
    assert at(labels.hair, points[NOSE_TIP, 0], 45)
    assert at(labels.hair, 155, 330)
    assert at(labels.hair, 350, 450)  # A lock before the chest.
    assert at(labels.clothes, 80, 470)  # A sleeve of the hair's colour.
    assert at(labels.clothes, 300, 460)


def test_a_face_in_profile_has_a_nose_and_the_portrait_is_seen_from_the_front(
    body: LoadedScene, portrait: Portrait, fitted: FittedHead
) -> None:
    picture = render(body.scene, source_view(SIDE, SIDE)).astype(float)
    face = cv2.erode(portrait.mask.astype(np.uint8), np.ones((9, 9))) > 0
    face[: round(fitted.landmarks.points[:, 1].min())] = False
    face[round(fitted.landmarks.points[:, 1].max()) :] = False
    assert 10 * math.log10(255**2 / ((picture - portrait.rgb)[face] ** 2).mean()) >= 26
    # By 15 degrees the tip of the nose goes farther than the chin's sides: read by the network, as a viewer reads it.
    marks = read_landmarks([render(body.scene, from_aside(15))])[0]
    assert marks is not None
    moved = (marks.points - fitted.landmarks.points)[:, 0] / eye_distance(fitted.landmarks.points)
    assert moved[NOSE_TIP] < moved[168] - 0.1  # The bridge.


@pytest.mark.parametrize("degrees", [-25, -15, 0, 15, 25])
def test_nothing_shines_through(body: LoadedScene, degrees: float) -> None:
    covered = render_covered(body.scene, from_aside(degrees))[1]
    silhouette = covered > 0.5
    inside = cv2.erode(silhouette.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    assert covered[inside].min() > 0.9
    count, _ = cv2.connectedComponents((~silhouette).astype(np.uint8))
    assert count <= 3  # The background is one piece, or two beside the shoulders.


@pytest.mark.parametrize("degrees", [-15, 15])
def test_the_face_sparkles_no_more_from_aside_than_lashes_and_nostrils_do(body: LoadedScene, degrees: float) -> None:
    picture = render(body.scene, from_aside(degrees))
    marks = read_landmarks([picture])[0]
    assert marks is not None
    face = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillConvexPoly(face, cv2.convexHull(np.rint(marks.points).astype(np.int32)), 1)
    away = np.abs(picture.astype(float) - cv2.medianBlur(picture, 5)).max(axis=2)
    assert ((away > 0.2 * 255) & (face > 0)).sum() <= 140  # 100 where the portrait's own colours stand.


def test_nothing_of_closed_lips_lies_deep_inside_the_mouth(cloud: SurfaceCloud, fitted: FittedHead) -> None:
    lips = fitted.landmarks.points[[61, 291, 0, 17]]  # Corners, top and bottom.
    low, high = lips.min(axis=0) - 6, lips.max(axis=0) + 6
    column, row = cloud.pixels.T
    near = (column > low[0]) & (column < high[0]) & (row > low[1]) & (row < high[1])
    depths = cloud.means[: len(near)][near, 2]
    assert depths.min() > np.median(depths) - 0.06  # Metres; the corners lie 0.04 behind the middle.


def test_behind_there_is_hair_and_no_second_face(body: LoadedScene) -> None:
    back = render(body.scene, from_aside(180))
    assert read_landmarks([back])[0] is None
    silhouette = render_covered(body.scene, from_aside(180))[1] > 0.9
    assert silhouette.mean() > 0.3


def test_another_colour_of_the_portrait_is_another_of_the_scene(
    cloud: SurfaceCloud, rgba: NDArray[np.uint8], fitted: FittedHead
) -> None:
    other = rgba.copy()
    other[..., :3] = other[..., [2, 0, 1]]
    actual = bust(look_at(other, fitted.landmarks), fitted, SIDE)
    assert np.abs(actual.colours.mean(axis=0) - cloud.colours.mean(axis=0)).max() > 0.05


def test_the_body_goes_on_under_the_lower_edge(cloud: SurfaceCloud, portrait: Portrait) -> None:
    assert cloud.means[:, 1].min() < -(SIDE / 2) * METRE * 1.1
    led = led_on(portrait)
    assert len(led.mask) > SIDE
    assert (led.mask[SIDE:] == portrait.mask[-1]).all()


def test_the_lower_end_fades(body: LoadedScene) -> None:
    y, logits = body.scene.means[:, 1], body.scene.opacity_logits
    assert logits[y >= -(SIDE / 2) * METRE].min() > 3
    assert logits[y < y.min() + 0.02].max() < -4


def test_the_same_portrait_gives_the_same_bust(body: LoadedScene, rgba: NDArray[np.uint8], fitted: FittedHead) -> None:
    assert encode_scene(relief(rgba, fitted, slices=1, threads=1).scene) == encode_scene(body.scene)


def test_there_are_more_gaussians_where_the_face_is(cloud: SurfaceCloud, labels: PixelLabels) -> None:
    column, row = np.clip(cloud.pixels.astype(int), 0, SIDE - 1).T
    on_skin = labels.skin[row, column]
    skin, other = on_skin.sum() / labels.skin.sum(), (~on_skin).sum() / (labels.hair | labels.clothes).sum()
    assert skin > 1.5 * other
    assert len(cloud.means) < 400_000


def test_the_first_move_of_the_film_s_camera_is_that_of_a_portrait_lens() -> None:
    """Exact on the middle line, for points at any depth: d/dφ of the place in the picture is minus the parallax."""
    frame = Frame(scale=120.0, eyes_y=160.0, middle_x=256.0)
    depth = np.array([-0.9, 0.0, 0.5, EYES_DM, 1.2])
    pixels = frame.in_picture(depth, np.full(5, 256.0))
    distance = 2.6 / METRE
    assert pixels / (1 - pixels / distance) == pytest.approx(120 * depth * LENS_DM / (LENS_DM - depth))
    assert (frame.in_picture(depth, np.full(5, 150.0)) > pixels).all()


def test_the_frame_follows_the_head(fitted: FittedHead) -> None:
    frame = frame_of(fitted, SIDE, SIDE)
    assert frame.scale == pytest.approx(116, abs=3)
    assert frame.eyes_y == pytest.approx(163, abs=3)
