"""Tracks of a spec to the frame plan: no field is forgotten, and every flaw stands at its field."""

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from episodec.digest import digest_bytes
from episodec.engine.action import Literal, Source
from episodec.engine.key import action_key, key_parts
from episodec.engine.plan import input_digests
from episodec.film.plan import FramePlan
from episodec.spec.types import Episode
from episodec.spec.types_of_picture import SceneSection
from episodec.spec.types_of_sound import Loudness, Mix
from episodec.spec.types_of_tracks import (
    CameraKey,
    DollyMove,
    FileMove,
    HoldTime,
    KeyframesMove,
    KeyframesTime,
    LinearTime,
    LoopTime,
    OrbitMove,
    PingpongTime,
    StaticMove,
    TimeKey,
)
from episodec.stages.lowering import DEFAULT_BACKENDS, BackendChoice, Lowered, Lowering, LoweringError
from episodec.stages.picture import frame_plan_of, lower_tracks

EPISODE = Episode(
    number=1,
    season="d13",
    title="T",
    character="alpha",
    language="ru",
    disclosure="D",
    name="n",
    rate=30,
    frames=40,
    loudness=Loudness(),
    mix=Mix(),
)


def path_file(x: float) -> str:
    poses = [[1, 0, 0, at * x, 0, 1, 0, 0, 0, 0, 1, 3, 0, 0, 0, 1] for at in range(3)]
    return json.dumps({"camera_path": [{"camera_to_world": pose, "fov": 35} for pose in poses]})


TEXTS = {"a.json": path_file(0.1), "b.json": path_file(0.2)}


def tracks(at: Lowering) -> Lowered:
    return lower_tracks(at, frame_plan_of(at))


def lowering(episode: Episode, **changes: Any) -> Lowering:
    files = {name: Source(name, digest_bytes(text.encode())) for name, text in TEXTS.items()}
    choose = lambda stage, needed: BackendChoice(needed or DEFAULT_BACKENDS.get(stage, "toy"))  # noqa: E731
    at = Lowering(episode, choose, files, size=(512, 512), texts=TEXTS)
    return replace(at, **changes)


def plan(**changes: Any) -> FramePlan:
    return frame_plan_of(lowering(replace(EPISODE, **changes)))


def rows_of(of: FramePlan) -> tuple[bytes, ...]:
    return tuple(values.tobytes() for values in (of.camera_to_world, of.intrinsics, of.scene_time))


KEYS = (CameraKey(0, (0.0, 0.0, 2.0)), CameraKey(20, (1.0, 0.0, 2.0)), CameraKey(39, (1.0, 1.0, 2.0)))
POINT = (0.1, 0.2, 0.3)
FROM, TO = (0.0, 0.0, 3.0), (1.0, 0.0, 2.0)
MOVES: list[tuple[Any, dict[str, Any]]] = [
    (StaticMove(40), {"position": POINT, "look_at": POINT, "fov_y_deg": 50.0}),
    (
        OrbitMove(40),
        {"radius": 3.0, "elevation_deg": 5.0, "from_deg": 9.0, "to_deg": 90.0, "turns": 1}
        | {"look_at": POINT, "fov_y_deg": 50.0, "ease": "smooth"},
    ),
    (
        DollyMove(40, FROM, TO),
        {"from_position": (0.5, 0.0, 3.0), "to_position": (2.0, 0.0, 2.0)}
        | {"look_at": POINT, "fov_y_deg": 50.0, "ease": "linear"},
    ),
    (KeyframesMove(40, KEYS), {"keys": KEYS[:2], "ease": "linear"}),
    (KEYS[1], {"frame": 25, "position": POINT, "look_at": POINT, "fov_y_deg": 50.0}),
    (FileMove(40, "a.json"), {"file": "b.json", "up": "z"}),
    (LoopTime(40), {"period": 12}),
    (PingpongTime(40), {"period": 12}),
    (LinearTime(40), {"start": 0.5, "end": 0.5}),
    (HoldTime(40), {"at": 0.25}),
    (KeyframesTime(40, (TimeKey(0, 0.0), TimeKey(20, 1.0))), {"keys": (TimeKey(0, 0.0),)}),
    (TimeKey(20, 1.0), {"frame": 25, "at": 0.5}),
]


def placed(value: Any) -> dict[str, Any]:
    """The episode's track that consists of a move, or holds a key."""
    if isinstance(value, CameraKey):
        return {"camera": (KeyframesMove(40, (KEYS[0], value, KEYS[2])),)}
    if isinstance(value, TimeKey):
        return {"time": (KeyframesTime(40, (TimeKey(0, 0.0), value)),)}
    return {"camera" if hasattr(value, "move") else "time": (value,)}


def changed_fields() -> Iterator[tuple[Any, str]]:
    for value, changes in MOVES:
        by_name = {one.name for one in fields(value)} - {"move", "map", "frames"}
        assert by_name == set(changes), f"a field of {type(value).__name__} is not tried"
        yield from ((value, name) for name in sorted(by_name))


@pytest.mark.parametrize(
    ("value", "name"), list(changed_fields()), ids=lambda it: it if isinstance(it, str) else type(it).__name__
)
def test_every_field_of_a_track_changes_what_is_shown(value: Any, name: str) -> None:
    (changes,) = [changes for one, changes in MOVES if one is value]
    other = replace(value, **{name: changes[name]})
    assert rows_of(plan(**placed(value))) != rows_of(plan(**placed(other)))


def test_without_a_camera_it_stands_still_and_without_times_they_loop() -> None:
    actual = plan(camera=(), time=(), frames=900)
    assert rows_of(actual) == rows_of(plan(camera=(StaticMove(900),), time=(LoopTime(900),), frames=900))
    assert len(np.unique(actual.camera_to_world, axis=0)) == 1
    assert actual.scene_time[:25].tolist() == [*(sample / 23 for sample in range(24)), 0.0]


def keys_of(episode: Episode, **changes: Any) -> set[str]:
    actions = tracks(lowering(episode, **changes)).actions
    return {action_key(key_parts(action, {}, input_digests(action, {}))) for action in actions}


def test_the_plan_is_one_action_and_one_deliverable() -> None:
    lowered = tracks(lowering(EPISODE))
    (action,) = [one for one in lowered.actions if one.stage == "plan"]
    assert (action.id, action.backend, action.outputs) == ("d13-001/plan", "plan", ("plan.json",))
    assert [type(one) for one in action.inputs["frames.rows"]] == [Literal]
    assert "plan/n.json" in [one.path for one in lowered.deliverables]


@pytest.mark.parametrize("changes", [{"title": "Other"}, {"number": 2, "name": "m"}, {"description": "x"}])
def test_names_and_titles_change_no_key_of_the_picture(changes: dict[str, Any]) -> None:
    assert keys_of(replace(EPISODE, **changes)) == keys_of(EPISODE)


@pytest.mark.parametrize("changes", [{"rate": 25}, {"camera": (OrbitMove(40),)}, {"time": (HoldTime(40),)}])
def test_what_is_shown_changes_a_key(changes: dict[str, Any]) -> None:
    assert keys_of(replace(EPISODE, **changes)) != keys_of(EPISODE)
    assert keys_of(EPISODE, size=(256, 256)) != keys_of(EPISODE)


def test_every_flaw_is_told_at_its_field() -> None:
    camera = (
        StaticMove(10, position=(0.0, 2.0, 0.0)),
        FileMove(10, "broken.json"),
        DollyMove(10, (0.0, 0.0, 2.0), (0.0, 0.0, -2.0), ease="linear"),
        OrbitMove(10, radius=0.0),
    )
    episode = replace(EPISODE, camera=camera, time=(HoldTime(40, at=2.0),))
    with pytest.raises(LoweringError) as caught:
        frame_plan_of(lowering(episode, texts={"broken.json": "{}"}))
    actual = [caught.value, *caught.value.others]
    assert sorted((one.path, one.code) for one in actual) == [
        (("camera", 0, "position"), "E234"),
        (("camera", 1, "file"), "F420"),
        (("camera", 2, "to_position"), "E234"),
        (("camera", 3, "radius"), "S105"),
        (("time", 0, "at"), "S105"),
    ]


def test_a_picture_without_a_size_is_refused() -> None:
    with pytest.raises(LoweringError) as caught:
        frame_plan_of(lowering(EPISODE, size=None))
    assert caught.value.code == "E231"


@pytest.mark.parametrize(
    ("move", "codes"),
    [
        (StaticMove(40), []),
        (StaticMove(40, position=(0.0, 0.0, 0.1)), ["E232"]),
        (StaticMove(40, look_at=(0.0, 0.0, 9.0)), ["E233"]),
    ],
)
def test_a_camera_inside_the_character_or_looking_away_is_noticed(move: StaticMove, codes: list[str]) -> None:
    episode = replace(EPISODE, camera=(move,))
    assert [(one.code, one.path) for one in tracks(lowering(episode)).remarks] == [
        (code, ("camera", 0)) for code in codes
    ]
    elsewhere = replace(episode, scene=SceneSection(file="scene.ply"))
    assert tracks(lowering(elsewhere)).remarks == ()


@pytest.mark.parametrize(("turns", "to_deg", "period"), [(2, 0.0, 20), (-4, 0.0, 10), (1, 360.0, 20), (-1, 720.0, 40)])
def test_turns_come_on_top_of_the_way(turns: int, to_deg: float, period: int) -> None:
    way = plan(camera=(OrbitMove(40, to_deg=to_deg, turns=turns),), time=(HoldTime(40),)).camera_to_world
    assert [frame for frame in range(40) if (way[frame] == way[0]).all()] == list(range(0, 40, period))
