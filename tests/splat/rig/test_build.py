"""The rig of a draft scene: the Gaussians bound to the head, those that appear, and what is visible of it."""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from episodec.face.fit import FittedHead, fit_head
from episodec.face.landmarks import eye_distance, lip_gap
from episodec.faces.heads import fitted_front, fitted_head, the_head
from episodec.faces.landmarks import read_landmarks
from episodec.faces.pixels import rgba_of
from episodec.splat.rasterise import render, render_covered
from episodec.splat.relief.body import relief
from episodec.splat.relief.portrait import SIDE
from episodec.splat.rig.binding import BEHIND
from episodec.splat.rig.build import build_rig, fits
from episodec.splat.rig.faces import face_of
from episodec.splat.rig.front import Front
from episodec.splat.rig.iris import irises_of
from episodec.splat.rig.lips import are_lips_coarse, lips_region, on_line
from episodec.splat.rig.model import LEFT_EYE, MOUTH, RIGHT_EYE, Rig, Row
from episodec.splat.rig.openings import RimOpening
from episodec.splat.rig.pose import mesh_moves, posed
from episodec.splat.rig.rig_file import MOST_BYTES, decode_rig, encode_rig
from episodec.splat.scene import Scene, at
from episodec.splat.view import View
from episodec.splat.white import on_white
from tests.splat.scenes import same

ALPHA = Path(__file__).parents[3] / "episodes" / "characters" / "alpha" / "alpha-ref.png"
SLICES = 3
MIDDLE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class BuiltRig:
    scene: Scene
    front: Front
    fitted: FittedHead
    rig: Rig

    def posed(self, **weights: float) -> Scene:
        return posed(self.scene, self.rig, Row(weights), time=MIDDLE)


@pytest.fixture(scope="module")
def built() -> BuiltRig:
    rgba = cv2.resize(rgba_of(ALPHA), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    (marks,) = read_landmarks([on_white(rgba)])
    scene = relief(rgba, fitted_head(rgba, marks), slices=SLICES, threads=2).scene
    front = fitted_front(scene, 2)
    assert front is not None
    return BuiltRig(scene, *front, build_rig(scene, *front))


def test_a_rig_is_small_and_the_same_each_time(built: BuiltRig) -> None:
    content = encode_rig(built.rig)
    assert len(content) <= MOST_BYTES
    assert encode_rig(build_rig(built.scene, built.front, built.fitted)) == content
    assert encode_rig(decode_rig(content)) == content


def test_it_fits_and_has_all_groups(built: BuiltRig) -> None:
    assert fits(built.fitted, eye_distance(built.fitted.landmarks.points))
    assert not fits(built.fitted, 0.1)
    for groups in (built.rig.body.group, built.rig.parts.group):
        assert {MOUTH, LEFT_EYE, RIGHT_EYE} <= set(groups.tolist())
    assert len(built.rig.motions) == SLICES
    assert not built.rig.shows_teeth
    assert not are_lips_coarse(face_of(built.front, built.fitted))


def test_a_frame_at_rest_is_the_bodys(built: BuiltRig) -> None:
    assert same(posed(built.scene, built.rig, Row(), time=0.3), at(built.scene, 0.3))


def test_brows_bring_no_parts(built: BuiltRig) -> None:
    assert built.posed(browInnerUp=1.0).count == built.scene.count


def test_the_front_is_nearer_and_shows_the_same_place(built: BuiltRig) -> None:
    x, y, away = built.front.pixels(np.array([[0.05, 0.1, 0.2]], np.float32))
    np.testing.assert_allclose(built.front.world(x, y, away), [[0.05, 0.1, 0.2]], atol=1e-6)
    assert 110 < eye_distance(built.fitted.landmarks.points) < 130


def test_lips_open_and_close_as_they_are_read(built: BuiltRig) -> None:
    pressed = {"mouthPressLeft": 0.3, "mouthPressRight": 0.3, "mouthRollLower": 0.2, "mouthRollUpper": 0.15}
    poses: list[dict[str, float]] = [{}, {"jawOpen": 0.55}, pressed]
    rest, wide, closed = (_gap(built.posed(**weights), built.front) for weights in poses)
    assert wide > 0.3
    assert closed <= rest + 0.012


def _gap(scene: Scene, front: Front) -> float:
    (marks,) = read_landmarks([render(scene, front.view, threads=2)])
    assert marks is not None
    return lip_gap(marks.points) / eye_distance(marks.points)


@pytest.mark.parametrize("yaw_deg", [0.0, 25.0, -25.0])
def test_an_open_mouth_has_no_crumbs_and_nothing_of_it_is_outside(built: BuiltRig, yaw_deg: float) -> None:
    mouth = built.rig.parts.group == MOUTH
    front = replace(built.front, view=_aside(built, yaw_deg))
    visible = _white(built.posed(jawOpen=0.55, mouthLowerDownLeft=0.3, mouthLowerDownRight=0.3), mouth, front)
    pieces, _, stats, _ = cv2.connectedComponentsWithStats((visible > 0.3).astype(np.uint8))
    assert pieces == 2, "the mouth is of a piece"
    count, _, stats, _ = cv2.connectedComponentsWithStats((visible <= 0.5).astype(np.uint8), connectivity=4)
    assert (stats[1:count, cv2.CC_STAT_AREA] > 1000).all(), "skin is seen in it"


def _aside(built: BuiltRig, yaw_deg: float) -> View:
    """The front's camera, gone round the neck."""
    neck, view = built.rig.neck, built.front.view
    around = np.array([neck.pivot[0], neck.eyes_y, neck.pivot[2]])
    cos, sin = np.cos(np.radians(yaw_deg)), np.sin(np.radians(yaw_deg))
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    matrix = np.eye(4)
    matrix[:3, :3] = turn
    matrix[:3, 3] = around + turn @ (view.camera_to_world[:3, 3] - around)
    return View(matrix, view.intrinsics, view.size)


def test_a_blink_leaves_nothing_of_the_eyes(built: BuiltRig) -> None:
    rig = built.rig
    balls = np.isin(rig.parts.group, (LEFT_EYE, RIGHT_EYE))
    balls[rig.lids.row] = False
    poses = (_sides("eyeLookUp", 0.2), _sides("eyeBlink", 1.0))
    looking, shut = (_white(built.posed(**weights), balls, built.front) for weights in poses)
    assert (looking > 0.5).sum() > 500
    assert (shut > 0.25).sum() <= 0.02 * (looking > 0.5).sum()


@pytest.mark.parametrize("weights", [{"eyeLookInLeft": 1.0}, {"jawOpen": 1.0}])
def test_no_shape_leaves_a_hole(built: BuiltRig, weights: dict[str, float]) -> None:
    points = built.fitted.landmarks.points
    x, y, away = built.front.pixels(built.front.still.means)
    row, column = (np.clip(each.astype(int), 0, len(built.front.distance) - 1) for each in (y, x))
    metre = built.front.metre(float(np.median(away)))
    behind = away - built.front.distance[row, column] > 0.5 * eye_distance(points) * metre
    posed_scene = built.posed(**weights)
    marked = np.concatenate([behind, np.zeros(posed_scene.count - len(behind), np.bool_)])
    hull = np.zeros(built.front.distance.shape, np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(np.rint(points).astype(np.int32)), 1)
    face = cv2.erode(hull, np.ones((9, 9), np.uint8)) > 0
    before = _white(at(built.scene, MIDDLE), behind, built.front) > 0.5
    assert not (face & ~before & (_white(posed_scene, marked, built.front) > 0.5)).any()


def _sides(stem: str, weight: float) -> dict[str, float]:
    return {f"{stem}Left": weight, f"{stem}Right": weight}


def _white(scene: Scene, parts: np.ndarray, front: Front) -> np.ndarray:
    """The visible area of some parts, (h, w): they are white and all else is black."""
    harmonics = np.full_like(scene.harmonics, -2)
    harmonics[-len(parts) :][parts] = 2
    return render_covered(replace(scene, harmonics=harmonics), front.view, background=(0, 0, 0), threads=2)[0][..., 0]


def test_hair_stays_where_brows_rise(built: BuiltRig) -> None:
    x, y, _ = built.front.pixels(built.front.still.means)
    share = face_of(built.front, built.fitted).share
    inside = (x > 0) & (x < share.shape[1]) & (y > 0) & (y < 0.25 * share.shape[0])
    is_hair = inside.copy()
    is_hair[inside] = share[y[inside].astype(int), x[inside].astype(int)] == 0
    moved = built.posed(browInnerUp=1.0).means - at(built.scene, MIDDLE).means
    assert np.abs(moved).max() > 1e-3
    assert np.abs(moved[is_hair]).max() < 1e-6


def test_the_lower_lip_goes_down_with_the_jaw_and_the_upper_stays(built: BuiltRig) -> None:
    head = the_head()
    moves = mesh_moves(built.rig, Row({"jawOpen": 1.0}))
    upper, lower = (head.marks[index][0] for index in (0, 17))
    assert moves[lower, 1] < -0.02
    assert abs(moves[upper, 1]) < 0.2 * abs(moves[lower, 1])


def test_irises_are_found_and_are_of_one_size(built: BuiltRig) -> None:
    face = face_of(built.front, built.fitted)
    openings = [opening for eye in ("left", "right") if (opening := RimOpening.of(face, eye)) is not None]
    irises = irises_of(built.front.rgb, openings, face.unit)
    assert irises is not None
    assert irises[0].radius == irises[1].radius
    for iris, opening in zip(irises, openings, strict=True):
        assert abs(iris.x - (opening.first + opening.last) / 2) < 0.06 * face.unit


def test_a_face_of_few_large_gaussians_gets_lips_of_its_own(built: BuiltRig) -> None:
    thin = np.arange(built.scene.count) % 20 == 0
    whole = built.front.still
    arrays = (whole.means, whole.quaternions, whole.log_scales, whole.opacity_logits, whole.harmonics)
    still = Scene(*(array[thin] for array in arrays))
    front = replace(built.front, still=still)
    assert are_lips_coarse(face_of(front, built.fitted))
    rig = build_rig(still, front, built.fitted)
    assert rig.parts.log_sizes.min() > built.rig.parts.log_sizes.min(), "its parts are coarser, too"
    face = face_of(front, built.fitted)
    x, y, away = front.pixels(still.means[rig.body.index[rig.body.group == MOUTH]])
    deep = (away - front.distance[y.astype(int), x.astype(int)]) / (face.unit * front.metre(float(np.median(away))))
    is_underside = (lips_region(face, x, y) > 1) & ~on_line(face, x, y) & (deep < 0.9 * BEHIND)
    assert not is_underside.any(), "skin beside the lips would be seen through"


def test_a_head_is_fitted_to_the_scenes_own_picture(built: BuiltRig) -> None:
    again = fit_head(the_head(), built.fitted.landmarks, built.front.rgb)
    np.testing.assert_array_equal(again.places, built.fitted.places)
