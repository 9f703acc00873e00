"""Law: a field of the spec changes a key, or stands on the short list of fields that only present. None is
forgotten.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from episodec.digest import digest_bytes
from episodec.engine.action import ActionId, Source
from episodec.engine.cache import Blob, Record
from episodec.engine.key import action_key, key_parts
from episodec.engine.plan import input_digests
from episodec.project.schemas import language
from episodec.spec.types import Episode
from episodec.spec.types_of_character import CharacterScene, Motion, Training, Views
from episodec.spec.types_of_delivery import Film, Gate, PostTexts
from episodec.spec.types_of_picture import Background, Lips, Performance, SceneSection, Video
from episodec.spec.types_of_sound import Captions, Foley, Loudness, Mix, Voice
from episodec.spec.types_of_tracks import LoopTime, StaticMove
from episodec.stages import BackendChoice, Lowering, lower
from episodec.stages.lowering import Modelling

# Checked, or deciding who runs; never heard or seen in what a stage of this version makes.
PRESENTED = {"allow", "episodec", "lips"}
# They choose the file or the backend, which are in the key by content and by name.
CHOOSES = {"backends", "character"}
# Another way to say `frames`, which is all that lowering sees.
SPELT = {"seconds"}
# Rules for authors, within sections.
RULES = {"foley.reuse"}

SECTIONS = {"voice", "foley", "captions", "video", "scene", "performance", "post"}

NAMES = "a.wav b.wav a.vtt b.vtt a.mp4 b.mp4 a.png b.png a.ply a.pth a.glb a.csv"
FILES = {name: Source(name, digest_bytes(name.encode())) for name in NAMES.split()}

SPOKEN = Episode(
    number=1,
    season="d13",
    title="T",
    character="alpha",
    language="ru",
    disclosure="D",
    name="n",
    rate=30,
    frames=900,
    loudness=Loudness(),
    mix=Mix(),
    voice=Voice(text="Text of dev."),
    foley=Foley(prompt="rain"),
    video=Video("a.mp4"),
)
RECORDED = replace(SPOKEN, voice=Voice(file="a.wav", timings="a.vtt"), foley=Foley(file="a.wav"))
FILMED = replace(SPOKEN, video=None, camera=(StaticMove(900),), time=(LoopTime(900),))

PERFORMED: dict[str, Any] = {"file": "a.csv", "mouth": 0.5, "brows": 0.5, "head": 0.5, "breath": 0.5, "seed": 7}
PERFORMED |= {"blinks": False, "gaze": False}

CHANGES: dict[str, tuple[Episode, Episode]] = {
    "language": (SPOKEN, replace(SPOKEN, language="en")),
    "number": (SPOKEN, replace(SPOKEN, number=2)),
    "season": (SPOKEN, replace(SPOKEN, season="d14")),
    "title": (SPOKEN, replace(SPOKEN, title="U")),
    "description": (SPOKEN, replace(SPOKEN, description="Words.")),
    "tags": (SPOKEN, replace(SPOKEN, tags=("x",))),
    "disclosure": (SPOKEN, replace(SPOKEN, disclosure="E")),
    **{
        f"post.{name}": (SPOKEN, replace(SPOKEN, post=PostTexts(**{name: "T"})))
        for name in ("header", "body", "footer", "cost", "signature")
    },
    "checks": (SPOKEN, replace(SPOKEN, checks={"mean": Gate(min=9.0)})),
    "captions.burnt": (FILMED, replace(FILMED, captions=Captions(burnt=True))),
    "deliver": (FILMED, replace(FILMED, deliver=(Film((64, 64)),))),
    "camera": (FILMED, replace(FILMED, camera=(StaticMove(900, fov_y_deg=30.0),))),
    "time": (FILMED, replace(FILMED, time=(LoopTime(900, period=12),))),
    "scene.kind": (FILMED, replace(FILMED, scene=SceneSection(kind="hybrid"))),
    "scene.file": (FILMED, replace(FILMED, scene=SceneSection(file="a.ply"))),
    "scene.deformation": (
        replace(FILMED, scene=SceneSection(file="a.ply")),
        replace(FILMED, scene=SceneSection(file="a.ply", deformation="a.pth")),
    ),
    "background": (FILMED, replace(FILMED, background=Background(colours=("#ffffff",)))),
    "scene.background": (FILMED, replace(FILMED, scene=SceneSection(background="#ffffff"))),
    **{
        f"performance.{name}": (FILMED, replace(FILMED, performance=Performance(**{name: value})))
        for name, value in PERFORMED.items()
    },
    "performance.file_rate": (
        replace(FILMED, performance=Performance(file="a.csv")),
        replace(FILMED, performance=Performance(file="a.csv", file_rate=60)),
    ),
    "viewer": (FILMED, replace(FILMED, viewer=True)),
    "rate": (SPOKEN, replace(SPOKEN, rate=25)),
    "frames": (SPOKEN, replace(SPOKEN, frames=450)),
    "size": (SPOKEN, replace(SPOKEN, size=(512, 512))),
    "lexicon": (SPOKEN, replace(SPOKEN, lexicon={"dev": "дев"})),
    "mix": (SPOKEN, replace(SPOKEN, mix=Mix(ambience_db=-3.0))),
    "loudness": (SPOKEN, replace(SPOKEN, loudness=Loudness(target_lufs=-14.0))),
    "overrides": (SPOKEN, replace(SPOKEN, overrides={"voice": {"speed": 2}})),
    "video.file": (SPOKEN, replace(SPOKEN, video=Video("b.mp4"))),
    "voice.text": (SPOKEN, replace(SPOKEN, voice=Voice(text="Other."))),
    "voice.file": (RECORDED, replace(RECORDED, voice=Voice(file="b.wav", timings="a.vtt"))),
    "voice.timings": (RECORDED, replace(RECORDED, voice=Voice(file="a.wav", timings="b.vtt"))),
    "voice.fit": (SPOKEN, replace(SPOKEN, voice=Voice(text="Text of dev.", fit="none"))),
    "voice.take": (SPOKEN, replace(SPOKEN, voice=Voice(text="Text of dev.", take=2))),
    "voice.takes": (SPOKEN, replace(SPOKEN, voice=Voice(text="Text of dev.", takes={"Text": 2}))),
    "voice.pause_s": (SPOKEN, replace(SPOKEN, voice=Voice(text="Text of dev.", pause_s=1.0))),
    "voice.lead_s": (SPOKEN, replace(SPOKEN, voice=Voice(text="Text of dev.", lead_s=1.0))),
    "voice.tail_s": (SPOKEN, replace(SPOKEN, voice=Voice(text="Text of dev.", tail_s=1.0))),
    "foley.prompt": (SPOKEN, replace(SPOKEN, foley=Foley(prompt="wind"))),
    "foley.file": (RECORDED, replace(RECORDED, foley=Foley(file="b.wav"))),
    "foley.note": (SPOKEN, replace(SPOKEN, foley=Foley(prompt="rain", note="ливень"))),
    "foley.take": (SPOKEN, replace(SPOKEN, foley=Foley(prompt="rain", take=2))),
}


HYBRID = CharacterScene(kind="hybrid")
POSE = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 3], [0, 0, 0, 1]]
LISTS = {
    f"{name}.json": json.dumps({"camera_angle_x": 0.6, "frames": [{"file_path": "a.png", "transform_matrix": POSE}]})
    for name in "ab"
}  # Those of c.json and d.json have no cameras.
PICTURES = {f"{name}.json": (FILES[f"{picture}.png"],) for name, picture in zip("abcd", "abab", strict=True)}

OF_THE_SCENE: dict[str, tuple[CharacterScene, CharacterScene]] = {
    "kind": (HYBRID, CharacterScene()),
    "views.model": (HYBRID, replace(HYBRID, views=Views(model="a.glb"))),
    "views.images": (
        replace(HYBRID, views=Views(count=1, images="a.json")),
        replace(HYBRID, views=Views(count=1, images="b.json")),
    ),
    "motion.video": (HYBRID, replace(HYBRID, motion=Motion(video="a.mp4"))),
    "motion.images": (replace(HYBRID, motion=Motion(images="c.json")), replace(HYBRID, motion=Motion(images="d.json"))),
    "training.initial": (HYBRID, replace(HYBRID, training=Training(initial="a.ply"))),
}
OTHERS: dict[str, dict[str, Any]] = {
    "views": {"count": 11, "radius": 3.0, "elevation_deg": 5.0, "from_deg": 9.0, "to_deg": 180.0, "take": 2}
    | {"look_at": (0.0, 0.1, 0.0), "fov_y_deg": 40.0},
    "motion": {"frames": 25, "prompt": "P", "negative_prompt": "N", "seed": 1, "steps": 9, "camera": "orbit"}
    | {"arc_deg": 9.0},
    "refine": {"prompt": "P", "negative_prompt": "N", "strength": 0.9, "seed": 1, "steps": 9},
    "training": {"quality": "production", "size": 64, "iterations": 9, "coarse_iterations": 9, "gaussians": 900}
    | {"sh_degree": 1, "seed": 1, "val": 3, "test": 4},
}
for _section, _values in OTHERS.items():
    for _field, _value in _values.items():
        _changed: Any = replace(getattr(HYBRID, _section), **{_field: _value})
        OF_THE_SCENE[f"{_section}.{_field}"] = (HYBRID, replace(HYBRID, **{_section: _changed}))


def keys(episode: Episode, scene: CharacterScene | None = None) -> set[str]:
    """The keys of an episode's actions, as if each action of another key gave other outputs."""
    at = Lowering(
        episode,
        lambda _, needed: BackendChoice(needed or "toy"),
        FILES,
        size=episode.size or (512, 512),
        portrait=FILES["a.png"],
        modelling=Modelling(scene or CharacterScene(), FILES, LISTS, PICTURES),
        has_backend=lambda _: True,
    )
    built: dict[ActionId, Record] = {}
    actual: dict[ActionId, str] = {}
    for action in lower(at).actions:
        key = action_key(key_parts(action, {}, input_digests(action, built)))
        built[action.id] = Record({out: Blob(digest_bytes(f"{key}/{out}".encode()), 0) for out in action.outputs}, 0.0)
        actual[action.id] = key
    return set(actual.values())


def fields_of_the_schema() -> Iterator[str]:
    schema: Any = language().schemas["episode"]
    for name, described in schema["properties"].items():
        inner = described.get("properties")
        yield from (f"{name}.{one}" for one in inner) if inner and name in SECTIONS else (name,)


def test_every_field_of_the_schema_is_accounted_for() -> None:
    fields = set(fields_of_the_schema())
    accounted = [set(CHANGES), PRESENTED, CHOOSES, SPELT, RULES]
    assert fields == set().union(*accounted)
    assert sum(map(len, accounted)) == len(fields), "a field is on two lists"


def fields_of_the_characters_scene() -> Iterator[str]:
    schema: Any = language().schemas["character"]["properties"]["scene"]
    for name, described in schema["properties"].items():
        inner = described.get("properties")
        yield from (f"{name}.{one}" for one in inner) if inner else (name,)


def test_every_field_of_a_characters_scene_is_accounted_for() -> None:
    assert set(fields_of_the_characters_scene()) == set(OF_THE_SCENE)


@pytest.mark.parametrize("field", sorted(OF_THE_SCENE))
def test_a_field_of_a_characters_scene_changes_a_key(field: str) -> None:
    before, after = OF_THE_SCENE[field]
    assert keys(FILMED, before) != keys(FILMED, after)


@pytest.mark.parametrize("field", ["title", "description", "tags", "disclosure", "number", "season"])
def test_what_the_file_says_of_itself_changes_the_mux_and_what_tells_of_it(field: str) -> None:
    before, after = map(keys, CHANGES[field])
    assert len(before - after) == len(after - before) == len(("mux", "post", "entry"))


@pytest.mark.parametrize("field", sorted(CHANGES))
def test_a_field_changes_a_key(field: str) -> None:
    before, after = CHANGES[field]
    assert keys(before) != keys(after)


def test_a_field_that_only_presents_changes_no_key() -> None:
    assert keys(replace(SPOKEN, allow=("E207",))) == keys(SPOKEN)
    assert keys(replace(FILMED, lips=Lips("latentsync"))) == keys(FILMED)


def test_a_name_changes_what_links_to_files_by_it() -> None:
    before, after = keys(SPOKEN), keys(replace(SPOKEN, name="other"))
    assert len(before - after) == len(("post", "entry"))


def test_a_note_changes_what_shows_captions_and_no_sound() -> None:
    before, after = map(keys, CHANGES["foley.note"])
    assert len(before - after) == len(("captions", "mux", "entry"))


@pytest.mark.parametrize("field", ["header", "body", "footer", "cost", "signature"])
def test_a_field_of_the_post_changes_the_post_alone(field: str) -> None:
    before, after = map(keys, CHANGES[f"post.{field}"])
    assert len(before - after) == len(after - before) == len(("post",))


def test_a_rule_for_authors_changes_no_key() -> None:
    assert keys(replace(SPOKEN, foley=Foley(prompt="rain", reuse=True))) == keys(SPOKEN)
