"""Lengths in frames or in seconds, and what is left for the last segment."""

import pytest

from tests.spec.specs import EPISODE, accepted, codes, episode, series


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        ("", 900),
        ("seconds: 10\n", 300),
        ("seconds: 7.5\n", 225),
        ("seconds: 0.1\n", 3),
        ("seconds: 10\nrate: 24\n", 240),
        ("seconds: 10.04\nrate: 25\n", 251),
        ("seconds: 10800\n", 324_000),
        ("frames: 42\n", 42),
    ],
)
def test_an_episode_is_as_long_as_it_says(text: str, frames: int) -> None:
    assert accepted(EPISODE + text).frames == frames


def test_the_seconds_of_a_series_are_frames_at_the_rate_of_each_episode() -> None:
    of, actual = series("episodec: 1\ntitle: T\nseason: d13\ncharacter: alpha\ndisclosure: D\nseconds: 20\n")
    assert actual == []
    assert of is not None
    assert accepted(EPISODE, of).frames == 600
    assert accepted(EPISODE + "rate: 25\n", of).frames == 500
    assert accepted(EPISODE + "frames: 30\n", of).frames == 30
    assert accepted(EPISODE + "seconds: 2\n", of).frames == 60


CAMERA = "camera:\n  - {move: static, SAID}\n  - {move: orbit}\ntime:\n  - {map: loop}\n"


@pytest.mark.parametrize(
    ("given", "first"), [("frames: 300", 300), ("seconds: 10", 300), ("seconds: 0.5", 15), ("frames: 899", 899)]
)
def test_the_last_segment_fills_the_rest(given: str, first: int) -> None:
    actual = accepted(EPISODE + CAMERA.replace("SAID", given))
    assert [one.frames for one in actual.camera] == [first, 900 - first]
    assert [one.frames for one in actual.time] == [900]


def test_changing_the_length_of_an_episode_is_one_edit() -> None:
    for frames in (400, 1000):
        actual = accepted(EPISODE + CAMERA.replace("SAID", "frames: 300") + f"frames: {frames}\n")
        assert [sum(one.frames for one in track) for track in (actual.camera, actual.time)] == [frames, frames]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("seconds: 10\nframes: 300\n", "E261", "`frames` and `seconds` both give its length"),
        ("seconds: 10.01\n", "E261", "`seconds: 10.01` are 300.3 frames at 30 a second, not a whole number"),
        (CAMERA.replace("SAID", "seconds: 1, frames: 30"), "E261", "`frames` and `seconds` both give its length"),
        (CAMERA.replace("SAID", "look_at: [0, 1, 0]"), "E260", "a segment needs a length, unless it is the last"),
        (CAMERA.replace("SAID", "frames: 900"), "E201", "no frames are left for the last segment of the camera track"),
        ("seconds: 0\n", "S105", "`seconds` is 0"),
        ("frames: 324001\n", "S105", "`frames` is 324001"),
        ("seconds: 10801\n", "E261", "`seconds: 10801` are 324030 frames at 30 a second, but an episode has at most"),
        ("seconds: 6000\nrate: 60\n", "E261", "`seconds: 6000` are 360000 frames at 60 a second, but an episode has"),
    ],
)
def test_a_length_that_cannot_be_is_told(text: str, code: str, message: str) -> None:
    _, actual = episode(EPISODE + text)
    assert codes(actual) == [code]
    assert actual[0].message.startswith(message)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("seconds: 10.01\n", "write `frames: 300`, or `seconds: 10`"),
        ("seconds: 0.33\n", "write `frames: 10`"),
        ("seconds: 0.001\n", "write `frames: 1`"),
    ],
)
def test_seconds_that_are_no_frames_name_those_that_are(text: str, hint: str) -> None:
    assert episode(EPISODE + text)[1][0].help == hint


def test_a_series_says_its_length_once() -> None:
    _, actual = series("episodec: 1\ntitle: T\nseconds: 20\nframes: 600\n")
    assert codes(actual) == ["E261"]


def test_a_recording_keeps_its_place_unless_it_is_moved() -> None:
    rows = [accepted(EPISODE + f"voice: {{{said}}}\n").voice for said in ("text: One.", "file: a.wav")]
    assert [(one.lead_s, one.tail_s) for one in rows if one] == [(0.3, 0.5), (0.0, 0.0)]
    moved = accepted(EPISODE + "voice: {file: a.wav, lead_s: 1.5}\n").voice
    assert moved is not None
    assert (moved.lead_s, moved.tail_s) == (1.5, 0.0)
