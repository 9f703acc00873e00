"""Law: a field of the spec changes a key, or stands on the short list of fields that only present. None is
forgotten.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from episodec.digest import digest_bytes
from episodec.engine.action import ActionId, Source
from episodec.engine.key import action_key, key_parts
from episodec.engine.plan import input_digests
from episodec.engine.protocols import Blob, Record
from episodec.project.schemas import language
from episodec.spec.types import Check, Episode, Foley, LoopTime, Loudness, Mix, Scene, StaticMove, Video, Voice
from episodec.stages import Choice, Lowering, lower

# Checked, or deciding who runs; never heard or seen in what a stage of this version makes.
PRESENTED = {"allow", "episodec"}
# They choose the file or the backend, which are in the key by content and by name.
CHOOSES = {"backends", "character"}
# Rules for authors, within sections.
RULES = {"foley.reuse"}

FILES = {
    name: Source(name, digest_bytes(name.encode()))
    for name in ("a.wav", "b.wav", "a.vtt", "b.vtt", "a.mp4", "b.mp4", "a.png")
}

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

CHANGES: dict[str, tuple[Episode, Episode]] = {
    "language": (SPOKEN, replace(SPOKEN, language="en")),
    "number": (SPOKEN, replace(SPOKEN, number=2)),
    "season": (SPOKEN, replace(SPOKEN, season="d14")),
    "title": (SPOKEN, replace(SPOKEN, title="U")),
    "description": (SPOKEN, replace(SPOKEN, description="Words.")),
    "tags": (SPOKEN, replace(SPOKEN, tags=("x",))),
    "disclosure": (SPOKEN, replace(SPOKEN, disclosure="E")),
    "checks": (SPOKEN, replace(SPOKEN, checks={"mean": Check(min=9.0)})),
    "camera": (FILMED, replace(FILMED, camera=(StaticMove(900, fov_y_deg=30.0),))),
    "time": (FILMED, replace(FILMED, time=(LoopTime(900, period=12),))),
    "scene": (FILMED, replace(FILMED, scene=Scene(background="#ffffff"))),
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
    "foley.prompt": (SPOKEN, replace(SPOKEN, foley=Foley(prompt="wind"))),
    "foley.file": (RECORDED, replace(RECORDED, foley=Foley(file="b.wav"))),
    "foley.take": (SPOKEN, replace(SPOKEN, foley=Foley(prompt="rain", take=2))),
}


def keys(episode: Episode) -> set[str]:
    """The keys of an episode's actions, as if each action of another key gave other outputs."""
    at = Lowering(
        episode,
        lambda _, needed: Choice(needed or "toy"),
        FILES,
        size=episode.size or (512, 512),
        portrait=FILES["a.png"],
    )
    made: dict[ActionId, Record] = {}
    found: dict[ActionId, str] = {}
    for action in lower(at).actions:
        key = action_key(key_parts(action, {}, input_digests(action, made)))
        made[action.id] = Record({out: Blob(digest_bytes(f"{key}/{out}".encode()), 0) for out in action.outputs}, 0.0)
        found[action.id] = key
    return set(found.values())


def fields_of_the_schema() -> Iterator[str]:
    schema: Any = language().schemas["episode"]
    for name, described in schema["properties"].items():
        inner = described.get("properties")
        yield from (f"{name}.{one}" for one in inner) if inner and name in ("voice", "foley", "video") else (name,)


def test_every_field_of_the_schema_is_accounted_for() -> None:
    fields = set(fields_of_the_schema())
    accounted = [set(CHANGES), PRESENTED, CHOOSES, RULES]
    assert fields == set().union(*accounted)
    assert sum(map(len, accounted)) == len(fields), "a field is on two lists"


@pytest.mark.parametrize("field", ["title", "description", "tags", "disclosure", "number", "season"])
def test_what_the_file_says_of_itself_changes_the_mux_alone(field: str) -> None:
    before, after = map(keys, CHANGES[field])
    assert len(before - after) == len(after - before) == 1


@pytest.mark.parametrize("field", sorted(CHANGES))
def test_a_field_changes_a_key(field: str) -> None:
    before, after = CHANGES[field]
    assert keys(before) != keys(after)


@pytest.mark.parametrize("field", ["allow", "name"])
def test_a_field_that_only_presents_changes_no_key(field: str) -> None:
    other: dict[str, Any] = {"allow": ("E207",)}
    assert keys(replace(SPOKEN, **{field: other.get(field, "other")})) == keys(SPOKEN)


def test_a_rule_for_authors_changes_no_key() -> None:
    assert keys(replace(SPOKEN, foley=Foley(prompt="rain", reuse=True))) == keys(SPOKEN)
