import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from episodec.face.data import HEAD
from episodec.face.fit import FittedHead, fit_head
from episodec.face.head import Head, pose, read_head
from episodec.face.landmarks import COUNT, LOWER_LIP, UPPER_LIP, Landmarks, eye_distance, lip_gap
from episodec.face.plain_view import plain_view
from episodec.face.rims import lower_rim, resampled, upper_rim

SIZE, PIXELS = (720, 640), 240.0
MEDIAN, P90 = 0.3 / 81, 1.2 / 81  # Eye distances: pixels of a portrait 512 pixels high whose eyes are 81 apart.
head: Head = read_head(HEAD.read_bytes())


def marks_of(vertices: NDArray[np.float64], yaw_deg: float = 0.0) -> Landmarks:
    """Where `plain_view` shows the landmarks of a head, without a network."""
    at = head.landmarks(vertices)
    yaw = np.radians(yaw_deg)
    across = np.cos(yaw) * at[:, 0] - np.sin(yaw) * at[:, 2]
    return Landmarks(np.stack([SIZE[1] / 2 + PIXELS * across, SIZE[0] / 2 - PIXELS * at[:, 1]], axis=1), 30.0)


def fitted(vertices: NDArray[np.float64], yaw_deg: float = 0.0) -> FittedHead:
    return fit_head(head, marks_of(vertices, yaw_deg), plain_view(head, vertices, SIZE, yaw_deg=yaw_deg).picture)


@pytest.fixture(scope="module")
def own() -> FittedHead:
    """The head fitted to itself."""
    return fitted(head.vertices)


def test_the_head_fits_itself(own: FittedHead) -> None:
    view = plain_view(head, head.vertices, SIZE)
    values = np.unique(view.triangles[view.visible.triangle[view.visible.triangle >= 0]])
    away = np.sqrt(((own.places - view.places)[values] ** 2).sum(axis=1)) / eye_distance(own.landmarks.points)
    assert np.quantile(away, 0.9) < 0.02
    assert away.max() < 0.05
    assert np.allclose(own.depth, head.vertices[:, 2] * PIXELS, rtol=0.01, atol=0.5)
    unit = eye_distance(own.landmarks.points)
    assert own.residual.median / unit <= MEDIAN
    assert own.residual.p90 / unit <= P90
    assert own.similarity.scale == pytest.approx(PIXELS, rel=0.005)
    assert own.similarity.origin == pytest.approx((320, 360), abs=1.0)
    assert abs(own.similarity.roll_rad) < 0.005
    assert abs(own.similarity.yaw_rad) < 0.005
    assert not own.has_open_mouth


@pytest.mark.parametrize("kind", ["male", "asian", "african", "plain"])
def test_other_heads_are_met(kind: str) -> None:
    """Within 0.03 eye distances on the skin around eyes, nose and mouth, though only landmarks were told."""
    actual = fitted(head.kinds[kind])
    expected = plain_view(head, head.kinds[kind], SIZE).places
    face = np.unique(head.marks[:, 0])
    away = np.sqrt(((actual.places - expected)[face] ** 2).sum(axis=1)) / eye_distance(actual.landmarks.points)
    assert np.median(away) <= 0.01
    assert np.quantile(away, 0.9) <= 0.03
    unit = eye_distance(actual.landmarks.points)
    assert actual.residual.median / unit <= MEDIAN
    assert actual.residual.p90 / unit <= P90


@pytest.mark.parametrize("yaw_deg", [-15.0, 10.0])
def test_a_turned_face_turns_the_head(yaw_deg: float) -> None:
    """A camera that has gone towards her left sees her turned to her right."""
    actual = fitted(head.vertices, yaw_deg)
    assert np.degrees(actual.similarity.yaw_rad) == pytest.approx(-yaw_deg, abs=1.0)
    places = plain_view(head, head.vertices, SIZE, yaw_deg=yaw_deg).places
    away = np.sqrt(((actual.places - places)[head.vertices_of("skin")] ** 2).sum(axis=1))
    assert np.median(away) < 1.0


def test_a_pose_is_the_moved_heads_place(own: FittedHead) -> None:
    weights = {"jawOpen": 0.7, "browInnerUp": 1.0}
    places, depth = own.posed(weights)
    view = plain_view(head, pose(head, weights), SIZE)
    values = np.unique(head.marks[:, 0])
    assert np.median(np.abs(places - view.places)[values]) < 0.5
    assert np.array_equal(own.posed({})[0], own.places)
    assert np.array_equal(own.posed({})[1], own.depth)
    assert depth.shape == (len(head.vertices),)


def test_moves_are_those_of_the_pose(own: FittedHead) -> None:
    vertices, moves = own.moves("eyeBlinkLeft")
    places, depth = own.posed({"eyeBlinkLeft": 1.0})
    assert np.array_equal(moves[:, :2], (places - own.places)[vertices])
    assert np.array_equal(moves[:, 2], (depth - own.depth)[vertices])
    assert moves[:, 1].max() > 0.1 * PIXELS  # The lid comes down.


def test_lips_that_are_open_in_the_portrait_are_open_at_rest_and_pressed_together() -> None:
    marks = marks_of(head.vertices)
    unit = eye_distance(marks.points)
    marks.points[list(UPPER_LIP[1:-1]), 1] -= 0.06 * unit
    marks.points[list(LOWER_LIP[1:-1]), 1] += 0.06 * unit
    actual = fit_head(head, marks, plain_view(head, head.vertices, SIZE).picture)
    gap = lip_gap(marks.points)
    assert actual.has_open_mouth

    pressed, _ = actual.posed({"mouthPressLeft": 0.5, "mouthPressRight": 0.5})
    closed, _ = actual.placed(pose(head, {"mouthPressLeft": 0.5, "mouthPressRight": 0.5}))
    assert actual.opener.max() == pytest.approx(0.5 * gap, rel=0.1)
    assert actual.opener.min() == pytest.approx(-0.5 * gap, rel=0.1)
    assert np.array_equal(pressed, closed)
    vertices_moved, moves = actual.moves("mouthPressLeft")
    assert set(np.flatnonzero(actual.opener)) <= set(vertices_moved.tolist())
    assert moves.shape == (len(vertices_moved), 3)


def test_rims_are_looked_for_where_the_eye_is_drawn() -> None:
    """A drawn eye that is larger than the landmarks': a dark line above, white below; the cheek is skin."""
    picture = np.full((400, 400, 3), (220, 180, 150), np.uint8)
    points = np.zeros((COUNT, 2))
    line = np.stack([np.linspace(100, 150, 9), 200 - 8 * np.sin(np.linspace(0, np.pi, 9))], axis=1)
    above, below = (33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133)
    points[list(above)] = line
    points[list(below), 0], points[list(below), 1] = line[:, 0], 400 - line[:, 1]
    points[[362, 263]] = [[250, 200], [300, 200]]
    picture[184:188, 95:155] = 40
    picture[188:214, 95:155] = 250
    unit = eye_distance(points)
    assert unit == pytest.approx(150)
    upper, lower = upper_rim(picture, points, above), lower_rim(picture, points, below)
    assert upper[4, 1] == pytest.approx(187.5, abs=2.5)
    assert lower[4, 1] == pytest.approx(214, abs=2.5)
    assert np.array_equal(upper[[0, -1]], points[[33, 133]])
    flat = np.full_like(picture, 200)
    assert np.allclose(upper_rim(flat, points, above), resampled(points[list(above)], 9))


def test_points_that_are_no_face_are_refused() -> None:
    with pytest.raises(ValueError, match="not a face"):
        fit_head(head, Landmarks(np.zeros((COUNT, 2)), 30.0), np.zeros((64, 64, 3), np.uint8))


def test_the_same_bytes_come_with_one_thread_and_with_other_instructions(own: FittedHead) -> None:
    program = (
        "import hashlib\nfrom tests.face.test_fit import fitted, head\n"
        "found = fitted(head.vertices)\n"
        "print(hashlib.sha256(found.places.tobytes() + found.posed({'jawOpen': 0.4})[0].tobytes()).hexdigest())\n"
    )
    root = Path(__file__).parents[2]
    others = {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_CORETYPE": "Nehalem",
        "NUMBA_NUM_THREADS": "1",
        "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3",
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        env={**os.environ, **others},
        capture_output=True,
        text=True,
        check=True,
    )
    here = hashlib.sha256(own.places.tobytes() + own.posed({"jawOpen": 0.4})[0].tobytes()).hexdigest()
    assert done.stdout.strip() == here
