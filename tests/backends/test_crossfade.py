"""The backend `crossfade`, and how its segments are planned: even seams, exact lengths, one loudness, soft ends."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from episodec.audio.ambience import crossfaded
from episodec.backends.crossfade import Crossfade
from episodec.engine.action import Action
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from episodec.sound.loudness import AMBIENCE_LUFS
from episodec.spec.types import Episode
from episodec.spec.types_of_sound import Foley, Loudness, Mix
from episodec.stages.foley import lower_foley
from episodec.stages.lowering import BackendChoice, Lowering, LoweringError
from episodec.stages.segments import OVERLAP_S, plan_segments
from tests.toys.orders import task


def noise(seconds: float, seed: int, gain: float = 0.1) -> np.ndarray[Any, Any]:
    values = np.random.default_rng(seed).normal(0, gain, (round(seconds * 48_000), 2))
    return np.clip(values, -1, 1).astype(np.float32)


def order(root: Path, segments: list[np.ndarray[Any, Any]], frames: int, rate_hz: int = 48_000) -> WorkOrder:
    root.mkdir(exist_ok=True)
    contents = []
    for index, segment in enumerate(segments):
        soundfile.write(root / f"{index}.wav", segment, rate_hz)
        contents.append((root / f"{index}.wav").read_bytes())
    params = {"frames": frames, "rate": 30, "overlap_frames": 30}
    inputs = {"segment.wav": tuple(contents)}
    return task(root, "crossfade", stage="foley-join", inputs=inputs, params=params, outputs=("foley.wav",)).order


def joined(order: WorkOrder) -> np.ndarray[Any, Any]:
    Crossfade().run(order)
    return soundfile.read(order.output(), always_2d=True)[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize(("count", "frames"), [(1, 120), (1, 90), (2, 210), (3, 281)])
def test_segments_become_exactly_the_frames_at_one_loudness(tmp_path: Path, count: int, frames: int) -> None:
    import pyloudnorm  # Brings scipy, which takes longer than most tests.

    sound = joined(order(tmp_path, [noise(4, seed) for seed in range(count)], frames))
    assert sound.shape == (frames * 1600, 2)
    assert pyloudnorm.Meter(48_000).integrated_loudness(sound) == pytest.approx(AMBIENCE_LUFS, abs=0.3)


def test_the_power_of_a_seam_is_that_of_its_neighbours(tmp_path: Path) -> None:
    sound = joined(order(tmp_path, [noise(4, 1), noise(4, 2)], 210))
    power = [(sound[second * 48_000 : (second + 1) * 48_000] ** 2).mean() for second in range(1, 6)]
    assert max(power) / min(power) < 1.05  # Second 3 is the seam; with straight lines it would have two thirds.


def test_a_seam_has_no_jump() -> None:
    steady = [np.full((48_000, 2), value, np.float32) for value in (0.2, -0.1)]
    sound = crossfaded(steady, 4_800)
    assert abs(np.diff(sound[:, 0])).max() < 1e-3
    assert (sound[0, 0], sound[-1, 0]) == (np.float32(0.2), np.float32(-0.1))


def test_both_ends_are_faded(tmp_path: Path) -> None:
    sound = joined(order(tmp_path, [noise(4, 1)], 120))
    inside = abs(sound[48_000:96_000]).max()
    assert abs(sound[:480]).max() < inside / 20
    assert abs(sound[-480:]).max() < inside / 20


def test_the_same_segments_give_the_same_bytes(tmp_path: Path) -> None:
    orders = [order(tmp_path / name, [noise(4, 1), noise(4, 2)], 200) for name in "ab"]
    for first in orders:
        Crossfade().run(first)
    assert orders[0].output().read_bytes() == orders[1].output().read_bytes()


@pytest.mark.parametrize(
    ("segments", "rate_hz", "sentence"),
    [
        ([noise(2, 1)], 48_000, "shorter than the episode"),
        ([noise(4, 1), noise(0.5, 2)], 48_000, "shorter than its seam"),
        ([noise(4, 1) * 0], 48_000, "silent"),
        ([noise(4, 1)], 44_100, "not stereo at 48 kHz"),
        ([noise(4, 1)[:, :1]], 48_000, "not stereo at 48 kHz"),
    ],
    ids=["short", "short seam", "silent", "rate", "mono"],
)
def test_bad_segments_are_refused(tmp_path: Path, segments: list[Any], rate_hz: int, sentence: str) -> None:
    with pytest.raises(BackendError, match=sentence):
        joined(order(tmp_path, segments, 120, rate_hz))


# The plan.


@given(
    frames=st.integers(1, 20_000),
    rate=st.sampled_from([24, 25, 30, 48, 50, 60]),
    window_s=st.fractions(Fraction(2), Fraction(60), max_denominator=100),
)
def test_segments_cover_the_episode_and_none_is_idle(frames: int, rate: int, window_s: Fraction) -> None:
    length, count = plan_segments(frames, rate, window_s)
    overlap = OVERLAP_S * rate
    assert length <= window_s * rate
    assert count * length - (count - 1) * overlap >= frames
    assert count == 1 or (count - 1) * length - (count - 2) * overlap < frames


def lowered(frames: int, window_s: Fraction | None, prompt: str = "rain") -> tuple[Action, ...]:
    episode = Episode(
        number=72, season="d13", title="", character="alpha", language="en", disclosure="", name="x", rate=30,
        frames=frames, loudness=Loudness(), mix=Mix(), foley=Foley(prompt=prompt), overrides={"foley": {"steps": 2}},
    )  # fmt: skip
    return lower_foley(Lowering(episode, lambda stage, _: BackendChoice(stage, window_s=window_s), {})).actions


@pytest.mark.parametrize("window_s", [Fraction(0), Fraction(1), Fraction(199, 100)])
def test_a_model_that_makes_less_than_two_seams_at_once_is_refused(window_s: Fraction) -> None:
    with pytest.raises(LoweringError) as refusal:
        lowered(900, window_s)
    assert refusal.value.path == ("foley", "prompt")
    assert "the backend `foley` makes" in refusal.value.sentence
    assert f"{float(window_s):g} s" in refusal.value.sentence


def test_a_model_of_short_breath_makes_what_is_as_short_itself() -> None:
    assert [action.stage for action in lowered(30, Fraction(1))] == ["foley", "foley-join"]


def test_a_longer_episode_keeps_the_segments_it_has() -> None:
    shorter, longer = lowered(900, Fraction(14)), lowered(1800, Fraction(14))
    assert [action.stage for action in shorter] == ["foley"] * 3 + ["foley-join"]
    assert [action.params for action in shorter[:3]] == [action.params for action in longer[:3]]
    assert len({str(action.params) for action in longer[:-1]}) == len(longer) - 1 == 5


def test_segments_carry_the_prompt_and_overrides_and_the_join_neither() -> None:
    *segments, join = lowered(900, Fraction(14))
    assert all(segment.params["prompt"] == "rain" for segment in segments)
    assert all(segment.params["overrides"] == {"steps": 2} for segment in segments)
    assert join.params == {"frames": 900, "rate": 30, "overlap_frames": 30}
    assert [artifact.action for artifact in join.inputs["segment.wav"]] == [segment.id for segment in segments]  # type: ignore[union-attr]


def test_what_fits_the_window_is_one_segment() -> None:
    assert [action.stage for action in lowered(420, Fraction(14))] == ["foley", "foley-join"]


def test_a_backend_without_a_window_makes_the_ambience_itself() -> None:
    assert [action.outputs for action in lowered(900, None)] == [("foley.wav",)]


@pytest.mark.parametrize(("count", "frames"), [(1, 120), (3, 281)])
def test_seams_are_told(tmp_path: Path, count: int, frames: int) -> None:
    rows = order(tmp_path, [noise(4, seed) for seed in range(count)], frames)
    joined(rows)
    messages = [("ambience-joined", "the ambience is joined from 3 pieces, with seams of 1.00 s")]
    assert [(note.code, note.sentence) for note in rows.notes] == messages * (count > 1)
