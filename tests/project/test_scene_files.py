"""Lists of an author's own pictures: what is wrong with one is told at the line that names it."""

import json
from pathlib import Path
from typing import Any

import pytest

from episodec.spec.picture_list import BadList, pictures_of
from tests.builds.test_hybrid_matrix import CHARACTER, filled, start
from tests.splat.portraits import drawn, png

POSE = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 3], [0, 0, 0, 1]]
VIEWS = "views: {count: 2, images: list.json}"
MOTION = "motion: {frames: 4, images: list.json}\n  training: {size: 48, val: 1, test: 2}"


def frame(name: str, **more: Any) -> dict[str, Any]:
    return {"file_path": name, "transform_matrix": POSE, **more}


TWO = [frame("a"), frame("b.png")]
WRONG: dict[str, tuple[str, Any, str]] = {
    "another count": (VIEWS, {"frames": TWO[:1]}, "lists 1 pictures, and `views.count` is 2"),
    "no frames": (VIEWS, {"frames": []}, "no list `frames`"),
    "no name": (VIEWS, {"frames": [frame(""), *TWO[1:]]}, "`frames[0]` has no `file_path`"),
    "no camera": (VIEWS, {"frames": [TWO[0], {"file_path": "b"}]}, "1 of its 2 pictures have no `transform_matrix`"),
    "twice": (VIEWS, {"frames": [frame("a"), frame("a.png")]}, "names a.png twice"),
    "twice in other words": (VIEWS, {"frames": [frame("a"), frame("./b/../a")]}, "names a.png twice"),
    "half of a character": (VIEWS, {"frames": [frame("a"), frame("\ud800")]}, "\\ud800.png' is not valid text"),
    "two lenses": (VIEWS, {"frames": [frame("a"), frame("b", camera_angle_x=0.7)]}, "lenses of"),
    "no lens": (VIEWS, {"frames": TWO, "camera_angle_x": None}, "camera_angle_x"),
    "no rotation": (VIEWS, {"frames": [frame("a", transform_matrix=[[0] * 4] * 4), TWO[1]]}, "transform_matrix"),
    "missing picture": (VIEWS, {"frames": [frame("a"), frame("c")]}, "c.png"),
    "outside": (VIEWS, {"frames": [frame("a"), frame("../../../../c")]}, "leads out of the project"),
    "too few of motion": (MOTION, {"frames": TWO}, "`motion.frames` is 4"),
    "two cameras": (
        MOTION.replace("images", "camera: orbit, images"),
        {"frames": [frame(name) for name in "abcd"]},
        "so does `camera: orbit`",
    ),
    "no object": (VIEWS, [], "no list `frames`"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_list_that_cannot_be_used_is_told_with_the_reason(tmp_path: Path, name: str) -> None:
    section, tree, reason = WRONG[name]
    studio = start(tmp_path)
    folder = "episodes/characters/alpha"
    text = filled(CHARACTER)
    place = "  views: {count: 3}\n" if section.startswith("views") else text[text.index("  motion") :]
    studio.write(f"{folder}/character.yaml", text.replace(place, f"  {section}\n"))
    content = {"camera_angle_x": 0.6, **tree} if isinstance(tree, dict) else tree
    studio.write(f"{folder}/list.json", json.dumps(content))
    for letter in "ab":
        studio.write(f"{folder}/{letter}.png", png(drawn(64, 64)))
    outcome = studio.build()
    assert studio.codes(outcome) == ["F421"]
    assert reason in outcome.diagnostics[0].message
    span = outcome.diagnostics[0].span
    assert span is not None
    assert "list.json" in (studio.root / folder / "character.yaml").read_text().splitlines()[span.line - 1]


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_told(tmp_path: Path, content: bytes) -> None:
    studio = start(tmp_path)
    named = filled(CHARACTER).replace("views: {count: 3}", VIEWS)
    studio.write("episodes/characters/alpha/character.yaml", named)
    studio.write("episodes/characters/alpha/list.json", content)
    assert studio.codes(studio.build()) == ["F421"]


def test_a_list_that_is_too_long_is_told_so_wherever_it_is_cut(tmp_path: Path) -> None:
    studio = start(tmp_path)
    studio.write("episodes/characters/alpha/character.yaml", filled(CHARACTER).replace("views: {count: 3}", VIEWS))
    studio.write("episodes/characters/alpha/list.json", "я" * ((1 << 23) + 1))
    (actual,) = studio.build().diagnostics
    assert (actual.code, actual.message) == ("F421", "episodes/characters/alpha/list.json: it has more than 16 MiB")


def test_a_name_of_a_picture_is_no_camera(tmp_path: Path) -> None:
    studio = start(tmp_path)
    text = filled(CHARACTER)
    studio.write(
        "episodes/characters/alpha/character.yaml", text.replace(text[text.index("  motion") :], f"  {MOTION}\n")
    )
    names = [f"transform_matrix_{k}.png" for k in range(4)]
    studio.write("episodes/characters/alpha/list.json", json.dumps({"frames": [{"file_path": name} for name in names]}))
    for name in names:
        studio.write(f"episodes/characters/alpha/{name}", png(drawn(64, 64)))
    outcome = studio.build("episodes/001.episode.yaml")
    assert (studio.codes(outcome), outcome.exit_code) == (["F414"], 0)
    assert "alpha/motion/images" in studio.ran()


@pytest.mark.timeout(20)
def test_a_long_list_that_names_its_last_picture_twice_is_refused_at_once() -> None:
    frames = [{"file_path": f"{place}"} for place in range(100_000)]
    with pytest.raises(BadList, match=r"names 99999\.png twice"):
        pictures_of(json.dumps({"frames": [*frames, frames[-1]]}), needs_cameras=False)
