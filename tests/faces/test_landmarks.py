import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from episodec.face.data import HEAD
from episodec.face.head import Head, read_head
from episodec.face.landmarks import COUNT, Landmarks, eye_distance, lip_gap
from episodec.face.plain_view import plain_view
from episodec.faces.landmarks import read_landmarks

SIZE = (720, 640)
head: Head = read_head(HEAD.read_bytes())
KINDS = {"female": head.vertices, **head.kinds}


@pytest.fixture(scope="module")
def read() -> dict[str, Landmarks | None]:
    """Of the five heads, of one turned by 25 degrees, and of pictures without a face."""
    pictures = {name: plain_view(head, vertices, SIZE).picture for name, vertices in KINDS.items()}
    pictures["turned"] = plain_view(head, head.vertices, SIZE, yaw_deg=25).picture
    pictures["moved"] = np.roll(pictures["female"], (16, 24), (0, 1))
    pictures["half"] = pictures["female"][::2, ::2]
    pictures["grey"] = np.full((300, 300, 3), 128, np.uint8)
    pictures["small"] = np.zeros((8, 9, 3), np.uint8)
    return dict(zip(pictures, read_landmarks(list(pictures.values())), strict=True))


def points(read: dict[str, Landmarks | None], name: str) -> NDArray[np.float64]:
    actual = read[name]
    assert actual is not None
    return actual.points


@pytest.mark.parametrize("name", KINDS)
def test_the_heads_are_seen_as_faces_where_their_landmarks_lie(read: dict[str, Landmarks | None], name: str) -> None:
    actual = read[name]
    assert actual is not None
    assert actual.points.shape == (COUNT, 2)
    assert actual.score >= 20
    at = head.landmarks(KINDS[name])
    values = np.stack([SIZE[1] / 2 + 240 * at[:, 0], SIZE[0] / 2 - 240 * at[:, 1]], axis=1)
    away = np.hypot(*(actual.points - values).T) / eye_distance(actual.points)
    assert np.median(away) <= 0.05


def test_points_are_whole_sixteenths_of_pixels(read: dict[str, Landmarks | None]) -> None:
    actual = points(read, "female") * 16
    assert np.array_equal(actual, np.rint(actual))


def test_points_move_with_the_picture(read: dict[str, Landmarks | None]) -> None:
    away = np.abs(points(read, "moved") - points(read, "female") - (24, 16))
    assert away.max() <= 1.0
    assert np.median(away) <= 0.25


def test_a_smaller_picture_has_the_same_face(read: dict[str, Landmarks | None]) -> None:
    away = np.abs(2 * points(read, "half") - points(read, "female"))
    assert np.median(away) <= 1.0


def test_a_turned_face_is_read_and_less_sure(read: dict[str, Landmarks | None]) -> None:
    turned, front = read["turned"], read["female"]
    assert turned is not None
    assert front is not None
    assert 8 <= turned.score < front.score


@pytest.mark.parametrize("name", ["grey", "small"])
def test_where_nobody_is_there_is_no_face(read: dict[str, Landmarks | None], name: str) -> None:
    assert read[name] is None


def test_closed_lips_have_a_small_gap(read: dict[str, Landmarks | None]) -> None:
    actual = points(read, "female")
    assert lip_gap(actual) < 0.05 * eye_distance(actual)


def test_no_pictures_have_no_faces() -> None:
    assert read_landmarks([]) == []


def test_the_users_environment_changes_nothing(read: dict[str, Landmarks | None]) -> None:
    """Neither threads nor the instructions of this machine, nor where the user's Python looks for modules."""
    program = (
        "from tests.faces.test_landmarks import head, SIZE\n"
        "from episodec.face.plain_view import plain_view\n"
        "from episodec.faces.landmarks import read_landmarks\n"
        "print(read_landmarks([plain_view(head, head.vertices, SIZE).picture])[0].points.tolist())\n"
    )
    root = Path(__file__).parents[2]
    own = {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_CORETYPE": "Nehalem",
        "OPENCV_CPU_DISABLE": "AVX2",
        "NUMBA_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env={**os.environ, **own}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(points(read, "female").tolist())
