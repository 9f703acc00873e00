"""Captures of other people's tools: written, read back, laid on frames, and refused at their place."""

import json
from typing import Any

import numpy as np
import pytest

from episodec.performance.capture_json import read_capture
from episodec.performance.captures import BadCapture, channel_of
from episodec.performance.channels import SHAPES
from episodec.performance.formats import audio2face, livelink
from episodec.performance.playing import played
from episodec.performance.spoken import Mark
from episodec.performance.track import PerformanceTrack, pack
from tests.performance.talk import track, word

SAID = track([word("да?", 1.0, ["d", "ˈa", "p", "u"], 0.1)], [Mark(2.0, "smile")], frames=90)
NAMED = "Timecode,BlendShapeCount,JawOpen,EyeBlinkLeft"


def a2f(**changes: Any) -> str:
    tree = {"exportFps": 30, "numFrames": 2, "facsNames": ["jawOpen", "mouthPucker"], "weightMat": [[0, 1], [1, 0.5]]}
    return json.dumps({**tree, **changes})


@pytest.mark.parametrize(("name", "text"), [("a.json", audio2face(SAID, 30)), ("a.CSV", livelink(SAID, 30))])
def test_what_is_written_is_read_back(name: str, text: str) -> None:
    actual = played(read_capture(name, text, None), 90, 30)
    assert np.array_equal(actual.weights, SAID.weights)
    assert np.abs(actual.head.astype(int) - SAID.head).max() <= (0 if name.endswith("json") else 1)


def test_the_json_is_that_of_audio2face() -> None:
    tree = json.loads(audio2face(SAID, 30))
    assert (tree["exportFps"], tree["numFrames"], tuple(tree["facsNames"])) == (30, 90, SHAPES)
    assert [len(row) for row in tree["weightMat"]] == [52] * 90
    assert len(tree["head"]) == len(tree["breath"]) == 90


def test_the_csv_is_that_of_live_link_face() -> None:
    head, first, *rest = livelink(SAID, 30).splitlines()
    assert head.startswith("Timecode,BlendShapeCount,EyeBlinkLeft,")
    assert head.endswith(
        "HeadYaw,HeadPitch,HeadRoll,LeftEyeYaw,LeftEyePitch,LeftEyeRoll,RightEyeYaw,RightEyePitch,RightEyeRoll"
    )
    assert first.startswith("00:00:00:00.000,61,")
    assert rest[-1].startswith("00:00:02:29.000,61,")
    assert {len(line.split(",")) for line in (head, first, *rest)} == {63}


@pytest.mark.parametrize("name", ["jawOpen", "JAWOPEN", " JawOpen "])
def test_names_are_matched_in_any_case(name: str) -> None:
    assert channel_of(name) == "jawOpen"


@pytest.mark.parametrize(("name", "channel"), [("eyeBlink_L", "eyeBlinkLeft"), ("EYEBLINK_R", "eyeBlinkRight")])
def test_sides_may_be_letters(name: str, channel: str) -> None:
    assert channel_of(name) == channel


def test_results_of_mediapipe_are_a_capture() -> None:
    categories = [{"categoryName": name, "score": 0.5} for name in ("_neutral", "jawOpen", "eyeBlinkLeft")]
    text = json.dumps([{"faceBlendshapes": [{"categories": categories}]}] * 30)
    actual = played(read_capture("a.json", text, 30), 30, 30)
    assert (actual.of("jawOpen") > 0.49).all()
    assert (actual.of("eyeBlinkLeft") > 0.49).all()


def test_a_capture_of_another_rate_is_laid_on_the_middles_of_frames() -> None:
    rows = [
        f"{second * 1000 + milli},{(second * 1000 + milli) / 2000}" for second in (0, 1) for milli in (0, 250, 500, 750)
    ]
    actual = played(read_capture("a.csv", "timestamp_ms,jawOpen\n" + "\n".join(rows), None), 48, 24)
    times = (np.arange(48) + 0.5) / 24 - 0.125
    assert actual.of("jawOpen") == pytest.approx(np.clip(times, 0, 1.75) / 2, abs=0.003)


def test_weights_beyond_one_are_held() -> None:
    actual = played(read_capture("a.json", a2f(weightMat=[[1.7, -0.2], [0, 0]]), None), 2, 30)
    assert (actual.of("jawOpen")[0], actual.of("mouthPucker")[0]) == (1.0, 0.0)


def test_frames_without_a_face_are_bridged() -> None:
    lines = [NAMED, *(f"00:00:0{n // 30}:{n % 30:02}.000,{'0' if n in (3, 4) else f'2,{n / 60},0'}" for n in range(60))]
    actual = played(read_capture("a.csv", "\n".join(lines), None), 60, 30)
    assert actual.of("jawOpen")[3:5] == pytest.approx([3 / 60, 4 / 60], abs=0.003)


def test_the_face_rests_after_the_end_of_a_capture() -> None:
    actual: PerformanceTrack = played(read_capture("a.json", a2f(), None), 10, 30)
    assert actual.of("jawOpen").tolist() == [0, 1, *[0] * 8]


def test_columns_that_are_no_channel_are_told() -> None:
    assert read_capture("a.csv", "jawOpen,note\n0.5,1", 30).unknown == ("note",)


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("a.csv", "", "line 1"),
        ("a.csv", NAMED, "line 1"),
        ("a.csv", "smile,frown\n0,1", "line 1"),
        ("a.csv", "jawOpen,JawOpen\n0,1", "line 1, column JawOpen"),
        ("a.csv", "jawOpen\n0.5\nnan", "line 3, column jawOpen"),
        ("a.csv", "jawOpen\n0.5\ninf", "line 3, column jawOpen"),
        ("a.csv", "jawOpen\n0.5\n\nred", "line 4, column jawOpen"),
        ("a.csv", "jawOpen,jawLeft\n0.5,0\n0.5", "line 3"),
        ("a.csv", "jawOpen\n0.5", "line 1"),
        ("a.csv", f"{NAMED}\n00:00:00:00.000,61,0,0", "line 2, column BlendShapeCount"),
        ("a.csv", f"{NAMED}\n00:00:00:00.000,2,0,0", "line 2, column Timecode"),
        ("a.csv", f"{NAMED}\nnow,2,0,0", "line 2, column Timecode"),
        ("a.csv", f"{NAMED}\n00:00:00:00.000,0", "line 2"),
        ("a.csv", f"{NAMED}\n00:00:01:10.000,2,0,0\n00:00:00:11.000,2,0,0", "line 3, column Timecode"),
        ("a.csv", "time_s,jawOpen\n0,0\n0,1", "line 3, column time_s"),
        ("a.json", "{", "line 1"),
        ("a.json", "[" * 100_000, "line 1"),
        ("a.json", "{}", "line 1"),
        ("a.json", "[]", "frame 0"),
        ("a.json", "[1]", "frame 0"),
        ("a.json", '[{"jawOpen": 0}, {"jawOpen": "1"}]', "frame 1, jawOpen"),
        ("a.json", '[{"jawOpen": 0}, {"jawLeft": 1}]', "frame 1"),
        ("a.json", '[{"faceBlendshapes": []}]', "frame 0"),
        ("a.json", a2f(numFrames=3), "numFrames"),
        ("a.json", a2f(facsNames="jawOpen"), "facsNames"),
        ("a.json", a2f(facsNames=["jawOpen", "jawOpen"]), "facsNames"),
        ("a.json", a2f(weightMat=[[0, 1], [0]]), "weightMat, frame 1"),
        ("a.json", a2f(weightMat=[[0, 1], [0, float("nan")]]), "frame 1, mouthPucker"),
        ("a.json", a2f(weightMat=[[0, 1], [0, True]]), "frame 1, mouthPucker"),
        ("a.json", a2f(exportFps=0), "exportFps"),
        ("a.json", a2f(exportFps="30"), "exportFps"),
        ("a.json", a2f(head=[[0, 0]]), "head"),
    ],
)
def test_a_capture_that_cannot_be_played_is_refused_at_its_place(name: str, text: str, place: str) -> None:
    rate = 30 if "red" in text or "nan" in text or "inf" in text or name == "a.json" else None
    with pytest.raises(BadCapture) as caught:
        read_capture(name, text, rate)
    assert caught.value.place == place


def test_equal_tracks_are_equal_texts() -> None:
    again = track([word("да?", 1.0, ["d", "ˈa", "p", "u"], 0.1)], [Mark(2.0, "smile")], frames=90)
    assert pack(again) == pack(SAID)
    assert audio2face(again, 30) == audio2face(SAID, 30)
