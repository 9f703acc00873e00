"""The head on portraits: the one that we ship, and a photograph (NASA's of Eileen Collins, in the public domain)."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from episodec.errors import BackendError
from episodec.face.boxes import square_eyes, square_face, tight_boxes
from episodec.face.fit import FittedHead
from episodec.face.landmarks import CHIN, COUNT, LOWER_LIP, UPPER_LIP, eye_distance
from episodec.face.plain_view import plain_view
from episodec.faces.heads import fitted_head, marks_of, the_head
from episodec.faces.landmarks import read_landmarks
from episodec.faces.pixels import rgba_of
from tests.splat.portraits import drawn, png
from tests.toys.orders import task

ROOT = Path(__file__).parents[2]
ALPHA = ROOT / "episodes" / "characters" / "alpha" / "alpha-ref.png"
PHOTO = Path(__file__).with_name("astronaut.jpg")


def portrait(name: str) -> NDArray[np.uint8]:
    return rgba_of(ALPHA) if name == "alpha" else np.asarray(Image.open(PHOTO).convert("RGBA"))


@pytest.fixture(scope="module")
def fits() -> dict[str, FittedHead]:
    pictures = {name: portrait(name) for name in ("alpha", "photo")}
    opaque = [rgba[..., :3] if name == "photo" else white(rgba) for name, rgba in pictures.items()]
    marks = read_landmarks(opaque)
    actual = {}
    for (name, rgba), each in zip(pictures.items(), marks, strict=True):
        fitted = fitted_head(rgba, each)
        assert fitted is not None
        actual[name] = fitted
    return actual


def white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.alpha_composite(Image.new("RGBA", rgba.shape[1::-1], "white"), Image.fromarray(rgba)))[
        ..., :3
    ]


@pytest.mark.parametrize("name", ["alpha", "photo"])
def test_the_head_fits_portraits(fits: dict[str, FittedHead], name: str) -> None:
    """In pixels of a portrait 512 pixels high whose eyes are 81 pixels apart."""
    actual = fits[name]
    unit = eye_distance(actual.landmarks.points) / 81
    assert actual.residual.median / unit <= 0.3
    assert actual.residual.p90 / unit <= 1.2
    lips = (actual.landmarks.points[list(UPPER_LIP)] + actual.landmarks.points[list(LOWER_LIP)]) / 2
    inner = lips[2:-2]
    away = np.abs(np.interp(inner[:, 0], actual.slit[:, 0], actual.slit[:, 1]) - inner[:, 1]) / unit
    assert np.median(away) <= 0.5
    assert actual.landmarks.score >= 20


def test_an_open_smile_is_open(fits: dict[str, FittedHead]) -> None:
    assert fits["photo"].has_open_mouth
    assert not fits["alpha"].has_open_mouth


def test_the_shipped_portraits_boxes_are_where_its_landmarks_are(fits: dict[str, FittedHead]) -> None:
    import yaml

    boxes = yaml.safe_load(ALPHA.with_name("character.yaml").read_text())["boxes"]
    actual = tight_boxes(fits["alpha"].landmarks.points)
    assert set(boxes) == set(actual)
    for name, (x, y, width, height) in boxes.items():
        left, top, wide, high = actual[name]
        assert x < left + wide / 2 < x + width, name
        assert y < top + high / 2 < y + height, name


def test_squares_are_those_of_detectors() -> None:
    """From brows to chin, and around each eye; the picture's left eye first."""
    head = the_head()
    marks = head.landmarks()
    points = np.stack([320 + 240 * marks[:, 0], 360 - 240 * marks[:, 1]], axis=1)
    unit = eye_distance(points)
    x, y, side, high = square_face(points)
    assert side == high
    assert side / unit == pytest.approx(2.5, abs=0.2)
    assert x + side / 2 == pytest.approx(320, abs=3)
    assert y < 360 < points[CHIN, 1] < y + 1.1 * side
    right, left = square_eyes(points)
    assert right[0] + right[2] / 2 < 320 < left[0] + left[2] / 2


def test_an_orders_landmarks_are_its_authors_or_read(tmp_path: Path) -> None:
    rgba = np.dstack(
        [
            plain_view(the_head(), the_head().vertices, (360, 320), pixels=120).picture,
            np.full((360, 320), 255, np.uint8),
        ]
    )
    points = [[float(k), float(2 * k)] for k in range(COUNT)]
    for number, point in {33: (100, 100), 263: (200, 100), 168: (150, 90), 1: (150, 150), 152: (150, 250)}.items():
        points[number] = list(map(float, point))
    given = {"portrait.png": [png(rgba)], "landmarks.json": [json.dumps(points).encode()]}
    own = marks_of(task(tmp_path / "a", "toy", stage="scene", inputs=given, outputs=("a",)).order, rgba)
    assert own is not None
    assert own.points.tolist() == points
    read = marks_of(
        task(tmp_path / "b", "toy", stage="scene", inputs={"portrait.png": [png(rgba)]}, outputs=("a",)).order, rgba
    )
    assert read is not None
    assert 20 <= read.score < own.score
    with pytest.raises(BackendError, match="468"):
        marks_of(
            task(
                tmp_path / "c", "toy", stage="scene", inputs={**given, "landmarks.json": [b"[]"]}, outputs=("a",)
            ).order,
            rgba,
        )


def test_without_a_face_there_is_no_head() -> None:
    rgba = drawn()
    assert fitted_head(rgba, None) is None
