"""How a character's scene is made: the short form, the defaults, and what contradicts itself."""

import pytest

from episodec.spec.format import format_text
from episodec.spec.types_of_character import CharacterScene, Motion, Training, Views
from tests.spec.specs import EPISODE, LANGUAGE, accepted, character, codes

HEAD = "episodec: 1\n"


def scene(text: str) -> CharacterScene:
    actual, wrong = character(HEAD + text)
    assert wrong == []
    assert actual is not None
    return actual.scene


def test_a_character_that_says_nothing_has_a_scene_of_its_portrait() -> None:
    assert scene("title: Alpha\n") == CharacterScene()
    assert scene("title: Alpha\n").kind == "portrait"


def test_a_word_alone_is_the_kind() -> None:
    assert scene("scene: hybrid\n") == scene("scene: {kind: hybrid}\n") == CharacterScene(kind="hybrid")
    assert accepted(EPISODE + "scene: hybrid\n") == accepted(EPISODE + "scene: {kind: hybrid}\n")
    assert accepted(EPISODE + "scene: portrait\n").scene.kind == "portrait"
    assert accepted(EPISODE).scene.kind is None


def test_sections_are_read_with_their_defaults() -> None:
    text = "scene:\n  kind: hybrid\n  views: {count: 12, elevation_deg: 10}\n"
    text += "  training: {quality: production, size: 400}\n"
    actual = scene(text)
    assert actual.views == Views(count=12, elevation_deg=10.0)
    assert actual.training == Training(quality="production", size=400)


def test_a_motion_may_be_a_list_of_clips() -> None:
    actual = scene("scene:\n  motion:\n    - {frames: 20, prompt: P}\n    - {camera: orbit, video: a.mp4}\n")
    assert (actual.motion, actual.clips) == (Motion(frames=20, prompt="P"), (Motion(camera="orbit", video="a.mp4"),))
    assert [place for place, _ in actual.motions()] == [("scene", "motion", 0), ("scene", "motion", 1)]
    text = HEAD + "scene:\n  motion:\n    - seed: 1\n    - arc_deg: 20.0\n      camera: orbit\n"
    written = format_text(text, "character", LANGUAGE)
    assert written is not None
    assert written.index("camera") < written.index("arc")


def test_the_short_form_stays_in_the_canonical_form() -> None:
    assert format_text(HEAD + "scene: hybrid\ntitle: A\n", "character", LANGUAGE) == HEAD + "title: A\nscene: hybrid\n"
    text = HEAD + "scene:\n  motion:\n    seed: 1\n  kind: hybrid\n"
    assert format_text(text, "character", LANGUAGE) == HEAD + "scene:\n  kind: hybrid\n  motion:\n    seed: 1\n"


@pytest.mark.parametrize(
    ("code", "section", "at"),
    [
        ("E242", "views: {model: a.glb, images: a.json}", "images"),
        ("E242", "views: {images: a.json, radius: 3}", "radius"),
        ("E242", "views: {from_deg: 90, to_deg: 90}", "90"),
        ("E242", "motion: {video: a.mp4, images: a.json}", "images"),
        ("E242", "motion: {video: a.mp4, prompt: She waves.}", "prompt"),
        ("E242", "motion: {images: a.json, seed: 3}", "seed"),
        ("E242", "motion: {arc_deg: 20}", "arc_deg"),
        ("E242", "motion: {camera: orbit, arc_deg: 0}", "0"),
        ("E242", "motion: [{seed: 1}, {video: a.mp4, seed: 3}]", "seed"),
        ("E242", "motion: [{seed: 1}, {arc_deg: 20}]", "arc_deg"),
        ("E242", "motion: [{seed: 1}, {camera: orbit, arc_deg: 0}]", "0"),
        ("E243", "motion: [{frames: 16}, {seed: 1}]", "16"),
        ("F403", "motion: [{seed: 1}, {video: /a.mp4}]", "/a.mp4"),
        ("S106", "motion: [{seed: 1}]", "seed"),
        ("S101", "motion: [{seed: 1}, {sead: 1}]", "sead"),
        ("E243", "training: {val: 16}", "val"),
        ("E243", "training: {val: 23}", "23"),
        ("E243", "motion: {frames: 16}", "frames: 16"),
        ("F403", "views: {model: /a.glb}", "/a.glb"),
        ("F403", "training: {initial: ../../../a\\b.ply}", "../../../a\\b.ply"),
        ("S106", "views: {model: alpha.fbx}", "alpha.fbx"),
        ("S106", "motion: {video: alpha.m3u8}", "alpha.m3u8"),
        ("S104", "motion: {camera: handheld}", "handheld"),
        ("S105", "training: {sh_degree: 4}", "4"),
        ("S101", "training: {gausians: 4}", "gausians"),
    ],
    ids=str,
)
def test_what_cannot_be_is_told_at_its_place(code: str, section: str, at: str) -> None:
    text = HEAD + f"scene:\n  kind: hybrid\n  {section}\n"
    actual, wrong = character(text)
    assert actual is None
    assert codes(wrong) == [code]
    span = wrong[0].span
    assert span is not None
    assert at in "\n".join(text.splitlines()[span.line - 1 : span.end_line])
