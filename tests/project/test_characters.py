"""A character's boxes, landmarks and reference recording: what is wrong with them is told at its line."""

import json
from pathlib import Path

import pytest
from PIL import Image

from episodec.spec.codes import CODES
from tests.builds.studio import Studio


def studio(root: Path, boxes: str, side: tuple[int, int] | None = (128, 96)) -> Studio:
    actual = Studio(root).start(1)
    actual.write("episodes/characters/alpha/character.yaml", f"episodec: 1\ntitle: Alpha\nboxes:\n{boxes}\n")
    if side is not None:
        Image.new("RGBA", side).save(root / "episodes/characters/alpha/alpha-ref.png")
    return actual


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ("  face: [100, 10, 29, 20]", "the box `face` ends at 129, 30, the portrait at 128, 96"),
        ("  mouth: [0, 90, 128, 7]", "the box `mouth` ends at 128, 97, the portrait at 128, 96"),
        ("  face: [10, 10, 0, 20]", "the box `face` is empty: 0 by 20 pixels"),
        ("  mouth: [10, 10, 20, 0]", "the box `mouth` is empty: 20 by 0 pixels"),
    ],
)
def test_a_box_that_is_not_in_the_portrait_is_refused_at_its_line(tmp_path: Path, boxes: str, message: str) -> None:
    outcome = studio(tmp_path, f"  eyes: [0, 0, 128, 96]\n{boxes}").build()
    (actual,) = outcome.diagnostics
    assert (actual.code, actual.span and actual.span.line, actual.message) == ("F410", 5, message)
    assert outcome.exit_code == 1


def test_boxes_up_to_the_edges_are_accepted(tmp_path: Path) -> None:
    assert studio(tmp_path, "  face: [0, 0, 128, 96]\n  mouth: [127, 95, 1, 1]").build().exit_code == 0


def test_a_box_without_a_portrait_is_refused(tmp_path: Path) -> None:
    outcome = studio(tmp_path, "  face: [0, 0, 1, 1]", side=None).build()
    assert [one.message for one in outcome.diagnostics] == ["the box `face` needs a portrait, and there is none"]


def test_a_portrait_that_is_refused_is_all_that_is_said(tmp_path: Path) -> None:
    actual = studio(tmp_path, "  face: [0, 0, 999, 1]", side=None)
    actual.write("episodes/characters/alpha/alpha-ref.png", b"no picture")
    assert actual.codes(actual.build()) == ["F408"]


def test_another_portrait_is_asked_whether_the_boxes_lie_in_it(tmp_path: Path) -> None:
    actual = studio(tmp_path, "  face: [0, 0, 128, 96]")
    assert actual.build().exit_code == 0
    Image.new("RGBA", (64, 64)).save(tmp_path / "episodes/characters/alpha/alpha-ref.png")
    assert actual.codes(actual.build()) == ["F410"]


@pytest.mark.parametrize(("content", "sentence"), [(b"no sound", "not a supported sound file"), (b"", "0 bytes")])
def test_a_recording_that_is_no_sound_is_told_as_a_recording(tmp_path: Path, content: bytes, sentence: str) -> None:
    actual = Studio(tmp_path).start(1)
    voice = "voice:\n  recording: ref.wav\n  transcript: Hello.\n"
    actual.write("episodes/characters/alpha/character.yaml", f"episodec: 1\ntitle: Alpha\n{voice}")
    actual.write("episodes/characters/alpha/ref.wav", content)
    (first,) = actual.build().diagnostics
    assert (first.code, first.span and first.span.line) == ("F411", 4)
    assert sentence in first.message
    assert "recording" in CODES[first.code].explanation


def face(**moved: tuple[float, float]) -> list[list[float]]:
    """Landmarks of a face in a portrait of 128 by 96 pixels; `at_33=(x, y)` moves one."""
    points = [[64.0, 48.0] for _ in range(468)]
    for number, point in {33: (44, 40), 263: (84, 40), 168: (64, 40), 1: (64, 55), 152: (64, 80)}.items():
        points[number] = list(map(float, point))
    for name, place in moved.items():
        points[int(name.removeprefix("at_"))] = list(place)
    return points


def marked(root: Path, content: object) -> Studio:
    actual = Studio(root).start(1)
    text = "episodec: 1\ntitle: Alpha\nlandmarks: marks.json\n"
    actual.write("episodes/characters/alpha/character.yaml", text)
    Image.new("RGBA", (128, 96)).save(root / "episodes/characters/alpha/alpha-ref.png")
    actual.write("episodes/characters/alpha/marks.json", json.dumps(content))
    return actual


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (face()[:-1], "there must be 468 landmarks (found: 467)"),
        ({"points": []}, "there must be 468 landmarks (found: no list)"),
        ([*face()[:-1], [1, "2"]], "a landmark must be two numbers (landmark: 467)"),
        ([*face()[:-1], [1, 2, 3]], "a landmark must be two numbers (landmark: 467)"),
        ([*face()[:-1], [1, float("nan")]], "a landmark must be two numbers (landmark: 467)"),
        (face(at_33=(90, 40)), "the landmarks are not an upright face's in MediaPipe's order"),
        (face(at_152=(64, 10)), "the landmarks are not an upright face's in MediaPipe's order"),
        (face(at_152=(64, 97)), "landmark 152 lies outside of the portrait's 128x96 pixels"),
    ],
)
def test_landmarks_that_are_no_face_in_the_portrait_are_refused_at_their_line(
    tmp_path: Path, content: object, sentence: str
) -> None:
    (actual,) = marked(tmp_path, content).build().diagnostics
    assert (actual.code, actual.span and actual.span.line) == ("F412", 3)
    assert actual.message == f"episodes/characters/alpha/marks.json: {sentence}"


def test_landmarks_of_a_face_are_accepted_even_where_the_outline_leaves_the_portrait(tmp_path: Path) -> None:
    assert marked(tmp_path, face(at_10=(64, -8))).build().exit_code == 0


def test_landmarks_without_a_portrait_are_refused(tmp_path: Path) -> None:
    actual = marked(tmp_path, face())
    (tmp_path / "episodes/characters/alpha/alpha-ref.png").unlink()
    (first,) = actual.build().diagnostics
    assert (first.code, first.message) == ("F412", "landmarks need a portrait, and there is none")
