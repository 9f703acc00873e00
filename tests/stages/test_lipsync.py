"""Drawn lips in the graph: which windows there are, what each reads, and what stays as it is."""

from dataclasses import replace
from typing import Any

import pytest

from episodec.contracts.hold import check_action
from episodec.engine.action import Action, Artifact
from episodec.spec.types_of_delivery import Film
from episodec.spec.types_of_picture import Lips, Performance, SceneSection
from episodec.spec.types_of_sound import Captions, Voice
from episodec.spec.types_of_tracks import OrbitMove, StaticMove
from episodec.stages import lower
from episodec.stages.lowering import Lowering, LoweringError
from tests.stages.test_render import lowering

FRAMES = 150
BASE = lowering(SceneSection())
SPOKEN = replace(
    BASE,
    episode=replace(
        BASE.episode,
        frames=FRAMES,
        voice=Voice(text="One word."),
        camera=(StaticMove(frames=FRAMES),),
        time=(),
    ),
    has_backend=lambda stage: stage == "lipsync",
)


def asked(at: Lowering, **changes: Any) -> Lowering:
    return replace(at, episode=replace(at.episode, **changes))


def actions(at: Lowering, stage: str) -> list[Action]:
    return [one for one in lower(at).actions if one.stage == stage]


def test_each_window_reads_the_chunks_it_touches_and_its_own_sound() -> None:
    chunks = [one.artifact() for one in actions(SPOKEN, "render")]
    assert [one.output for one in chunks] == ["frames.mkv"] * 5
    (voice,) = actions(SPOKEN, "lip-voice")
    windows = actions(SPOKEN, "lipsync")
    assert [one.id for one in windows] == [
        f"d13-001/lipsync/{name}" for name in ("0000-0060", "0060-0120", "0120-0150")
    ]
    assert [one.inputs["frames.mkv"] for one in windows] == [tuple(chunks[0:3]), tuple(chunks[1:5]), tuple(chunks[3:5])]
    assert [one.inputs["voice.wav"] for one in windows] == [(voice.artifact(f"window_00{n}.wav"),) for n in range(3)]
    assert [(one.params["has_before"], one.params["has_after"]) for one in windows] == [
        (False, True),
        (True, True),
        (True, False),
    ]
    encoded = [one.inputs["frames.mkv"] for one in actions(SPOKEN, "encode")]
    drawn = [(one.artifact(name),) for one in windows for name in one.outputs]
    assert encoded == drawn
    for action in (voice, *windows, *actions(SPOKEN, "encode"), *actions(SPOKEN, "performance")):
        check_action(action)


def test_no_key_of_a_window_contains_its_place() -> None:
    first, second, _ = actions(asked(SPOKEN, frames=180, camera=(StaticMove(frames=180),)), "lipsync")
    assert {**first.params, "has_before": True} == second.params


def test_without_a_backend_or_a_voice_or_a_performance_nothing_changes() -> None:
    plain = replace(SPOKEN, has_backend=lambda _: False)
    assert not {"lipsync", "lip-voice", "encode"} & {one.stage for one in lower(plain).actions}
    for at in (asked(SPOKEN, voice=None), asked(SPOKEN, performance=None)):
        assert not actions(at, "lipsync")
    stranger = asked(lowering(SceneSection(file="points.ply"), portrait=None), voice=Voice(text="One word."))
    assert not actions(replace(stranger, has_backend=lambda stage: stage == "lipsync"), "lipsync")


def test_the_mouth_rests_in_drawn_windows_only() -> None:
    at = asked(SPOKEN, camera=(StaticMove(frames=60), OrbitMove(from_deg=60, to_deg=60, radius=2.5, frames=90)))
    assert [one.id[-9:] for one in actions(at, "lipsync")] == ["0000-0060"]
    (performance,) = actions(at, "performance")
    assert performance.params["rests"] == [[0, 60, False, True]]
    rows = [one.inputs["performance.rows"][0] for one in actions(at, "render")]
    names = [one.output for one in rows if isinstance(one, Artifact)]
    assert names == ["resting_000.rows", "resting_001.rows", *(f"performance_00{number}.rows" for number in (2, 3, 4))]
    (first,) = actions(at, "lipsync")
    assert (first.params["fades_in"], first.params["fades_out"]) == (False, True)


def test_previews_and_single_frames_show_the_scenes_own_mouth() -> None:
    small = [one for one in actions(replace(SPOKEN, preview=True), "render") if "/preview/" in one.id]
    assert small
    for action in small:
        (rows,) = action.inputs["performance.rows"]
        assert isinstance(rows, Artifact)
        assert rows.output.startswith("performance_")


def test_other_films_and_burnt_captions_have_drawn_lips_too() -> None:
    at = asked(SPOKEN, deliver=(Film((64, 64)), Film((36, 64))), captions=Captions(burnt=True))
    assert len(actions(at, "lip-voice")) == 1
    assert [one.id.split("/")[1] for one in actions(at, "lipsync")] == ["lipsync"] * 3 + ["36x64"] * 3
    assert all("overlay.json" in one.inputs for one in actions(at, "encode"))


SIDE = (OrbitMove(from_deg=60, to_deg=80, radius=2.5, frames=FRAMES),)


def test_speech_from_the_side_is_a_warning_at_the_cameras_line() -> None:
    (remark,) = [one for one in lower(asked(SPOKEN, camera=SIDE)).remarks if one.code == "E286"]
    assert remark.path == ("camera", 0)
    assert "the face speaks from more than 40° in about" in remark.sentence
    early = asked(SPOKEN, camera=(StaticMove(frames=120), OrbitMove(from_deg=60, to_deg=60, radius=2.5, frames=30)))
    assert not [one for one in lower(early).remarks if one.code == "E286"], "nobody speaks there any more"


def test_where_drawn_lips_are_required_it_is_an_error() -> None:
    with pytest.raises(LoweringError) as caught:
        lower(asked(SPOKEN, camera=SIDE, lips=Lips(require="latentsync")))
    assert (caught.value.code, caught.value.path) == ("E287", ("camera", 0))
    plain = replace(asked(SPOKEN, camera=SIDE, lips=Lips("latentsync")), has_backend=lambda _: False)
    assert lower(plain).actions, "a profile without such a backend is not affected"


def test_an_encoding_in_render_is_refused() -> None:
    with pytest.raises(LoweringError, match="drawn lips are encoded by the stage `encode`"):
        lower(asked(SPOKEN, overrides={"render": {"crf": 20}}))


def test_a_muted_performance_keeps_its_keys_where_no_lips_are_drawn() -> None:
    (performance,) = actions(replace(SPOKEN, has_backend=lambda _: False), "performance")
    assert "rests" not in performance.params
    assert isinstance(SPOKEN.episode.performance, Performance)
