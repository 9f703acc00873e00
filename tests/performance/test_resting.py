"""A mouth that rests where other lips are drawn."""

import numpy as np

from episodec.performance.channels import PLACES
from episodec.performance.parts import contents
from episodec.performance.resting import FADE_FRAMES, resting, shares
from episodec.performance.track import PerformanceTrack, unpack


def track(frames: int) -> PerformanceTrack:
    return PerformanceTrack(
        np.full((frames, 52), 90, np.uint8), np.full((frames, 3), 7, np.int16), np.full(frames, 5, np.uint8)
    )


def test_jaw_mouth_and_tongue_rest_and_nothing_else_does() -> None:
    quiet = resting(track(40), [(10, 20, False, False)])
    for name, place in PLACES.items():
        rests = name.startswith(("jaw", "mouth", "tongue"))
        assert quiet.weights[10:20, place].tolist() == [0 if rests else 90] * 10
    assert (quiet.weights[:10] == 90).all()
    assert (quiet.weights[20:] == 90).all()
    assert (quiet.head == 7).all()
    assert (quiet.breath == 5).all()


def test_the_mouth_fades_to_rest_inside_the_range_and_both_lips_make_one() -> None:
    jaw = PLACES["jawOpen"]
    quiet = resting(track(80), [(20, 60, True, True)]).weights[:, jaw].tolist()
    assert quiet[19:29] == [90, 80, 70, 60, 50, 40, 30, 20, 10, 0]
    assert quiet[51:61] == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]
    drawn = shares(40, fades_in=True, fades_out=True)
    assert [90 - 10 * share for share in drawn] == quiet[20:60]
    assert shares(3, fades_in=False, fades_out=False) == [FADE_FRAMES + 1] * 3


def test_the_published_track_speaks_and_chunks_have_both_forms() -> None:
    files = dict(contents(track(60), 30, 30, [(30, 60, False, False)]))
    assert sorted(files) == [
        "performance.json",
        *(f"performance_00{number}.rows" for number in (0, 1)),
        *(f"resting_00{number}.rows" for number in (0, 1)),
    ]
    assert files["performance.json"] == dict(contents(track(60), 30, 30))["performance.json"]
    assert files["resting_000.rows"] == files["performance_000.rows"]
    jaw = PLACES["jawOpen"]
    assert [unpack(files[f"{name}_001.rows"]).weights[0, jaw] for name in ("performance", "resting")] == [90, 0]
