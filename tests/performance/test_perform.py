"""The performance: where its rows come from, and what lips, lids, eyes, brows and breath do."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from episodec.performance.channels import PLACES, SHAPES
from episodec.performance.eyes import RANGE_DEG, blink_moments
from episodec.performance.mouth import closures
from episodec.performance.perform import Style, perform
from episodec.performance.spoken import Mark, SoundedWord
from episodec.performance.track import PerformanceTrack, pack, unpack, whole
from episodec.performance.visemes import VISEMES, viseme_of
from tests.performance.talk import filmed, track, word

OPENING = ("jawOpen", "mouthLowerDownLeft", "mouthUpperUpRight", "mouthFunnel")

# As espeak-ng names sounds, stress and length among them; found over pangrams and word lists of both languages.
_NAMES = """
a aɪ b d dʒ dʲ eɪ f h i iə j ja ju k l m mʲ n n̩ p r s sʲ t ts tʃ tʃʲ tʲ u v w x y z ð ŋ ɕ ə əl ɚ ɛ ɡ ɪ ɭ ɹ ɾ ʃ
ʌ ʑ ʒ ʔ ʲ ˈa ˈaɪ ˈaɪə ˈaɪɚ ˈaʊ ˈe ˈeə ˈeɪ ˈi ˈiə ˈiː ˈja ˈju ˈo ˈoʊ ˈu ˈu" ˈuː ˈy ˈæ ˈɑ ˈɑː ˈɒ ˈɔɪ ˈɔː ˈəʊ ˈɛ
ˈɛɹ ˈɜː ˈɪ ˈɪɹ ˈɵ ˈʊ ˈʊə ˈʊɹ ˈʌ ˌeɪ ˌoʊ θ
"""
OF_ESPEAK = _NAMES.split()

WRITTEN = st.sampled_from(["иное", "иное!"])
sounds = st.lists(st.sampled_from([*OF_ESPEAK, "''"]), min_size=1, max_size=7)


def of_names(spoken: list[list[str]]) -> list[SoundedWord]:
    """Words of 0.5 s, a sentence every four."""
    return [
        word("слово." if n % 4 == 3 else "слово", 0.3 + n * 0.55, names, 0.5 / len(names), is_last=n % 4 == 3)
        for n, names in enumerate(spoken)
    ]


@settings(max_examples=25)
@given(st.lists(sounds, min_size=16, max_size=16), st.integers(0, 15), sounds, st.sampled_from("ab"), WRITTEN)
def test_a_word_moves_no_row_further_than_six_tenths_of_a_second(
    spoken: list[list[str]], place: int, other: list[str], seed: str, written: str
) -> None:
    before = of_names(spoken)
    after = list(before)
    new = word(written, before[place].start_s, other, 0.41 / len(other))
    after[place] = replace(new, is_last=before[place].is_last)
    first, last = before[place].start_s - 0.6, before[place].end_s + 0.6
    rows = [
        np.hstack([found.weights, found.head, found.breath[:, None]])
        for found in (track(words, seed=seed) for words in (before, after))
    ]
    middles = (np.arange(300) + 0.5) / 30
    moved = middles[(rows[0] != rows[1]).any(axis=1)]
    assert ((moved >= first) & (moved <= last)).all()


def test_the_seed_and_the_clock_alone_move_a_silent_face() -> None:
    assert pack(track()) == pack(track())
    assert pack(track(seed="2")) != pack(track())
    assert pack(track(frames=200)) == pack(track(frames=300).part(0, 200))


def test_without_words_the_mouth_rests_and_the_eyes_live() -> None:
    actual = track(frames=900)
    mouth = [name for name in SHAPES if name.startswith(("mouth", "jaw"))]
    assert not actual.weights[:, [PLACES[name] for name in mouth]].any()
    assert actual.of("eyeBlinkLeft").max() == 1.0
    assert np.ptp(actual.of("eyeLookUpLeft")) > 0
    assert np.ptp(actual.breath) > 200


@pytest.mark.parametrize("has_words", [False, True])
def test_blinks_come_as_those_of_people(has_words: bool) -> None:  # noqa: FBT001 - a case of the test.
    ends = [word("конец.", start, ["n"], is_last=True) for start in np.arange(0.4, 29.0, 1.3)]
    for seed in map(str, range(200)):
        moments = blink_moments(ends if has_words else (), seed, 30.0)
        assert 8 <= len([one for one in moments if one < 30]) <= 14
        assert all(1.2 - 1e-9 <= after - before <= 5.0 for before, after in pairwise(moments))


def test_a_blink_waits_for_the_end_of_a_sentence() -> None:
    (moment, *_) = blink_moments((), "1", 2.0)
    output = word("конец.", moment + 0.1, ["n"], is_last=True)
    assert blink_moments((output,), "1", 2.0)[0] == pytest.approx(output.end_s)
    assert blink_moments((replace(output, is_last=False),), "1", 2.0)[0] == moment


def test_lids_close_faster_than_they_open() -> None:
    actual = perform((), (), filmed(3600, 60), Style("1")).of("eyeBlinkLeft")
    shut = np.flatnonzero((actual == 1.0) & (np.roll(actual, 1) < 1.0))
    assert len(shut) == 24
    for frame in shut[1:-1]:
        closing = np.count_nonzero(actual[frame - 12 : frame])
        opening = np.count_nonzero(actual[frame : frame + 18] % 1.0)
        assert closing < opening


def test_every_sound_of_espeak_has_a_viseme() -> None:
    assert [name for name in OF_ESPEAK if viseme_of(name) not in VISEMES] == []


@pytest.mark.parametrize("rate", [24, 25, 30, 48, 50, 60])
def test_lips_are_closed_on_their_frame(rate: int) -> None:
    words = [word("папа", 0.31, ["p", "ˈa", "p", "ʌ"]), word("мамба", 1.02, ["m", "ˈa", "m", "b", "a"], 0.045)]
    actual = perform(words, (), filmed(2 * rate, rate), Style("1"))
    opened = np.sum([actual.of(name) for name in OPENING], axis=0)
    middles = (np.arange(len(actual)) + 0.5) / rate
    for start, end in closures(words):
        inside = (middles >= start - 0.017) & (middles <= end + 0.017)
        assert (opened[inside] == 0).any()
        assert actual.of("mouthPressLeft")[inside].max() > 0.25
    assert actual.of("jawOpen").max() > 0.3


@pytest.mark.parametrize("start_s", [1.0, 1.008, 1.016, 1.025])
def test_the_jaw_takes_longer_than_the_lips(start_s: float) -> None:
    performed = track([word("фама", start_s, ["f", "ˈa", "m", "ˈa"], 0.12)], gaze=False, blinks=False)
    steps = np.abs(np.diff(performed.of("jawOpen")))
    assert performed.of("jawOpen").max() > 0.5
    assert steps.max() < 0.43
    assert np.abs(np.diff(performed.of("mouthPressLeft"))).max() > 0.15


def test_a_p_is_closed_before_its_burst() -> None:
    (closure,) = closures([word("па", 1.0, ["p", "a"])])
    assert closure == pytest.approx((0.959, 1.0))


def test_vowels_look_different() -> None:
    mouths = {name: track([word("о", 1.0, [name], 0.3)], gaze=False, blinks=False) for name in ("a", "i", "u", "f")}
    middle = 34
    assert mouths["a"].of("jawOpen")[middle] > 2 * mouths["i"].of("jawOpen")[middle]
    assert mouths["i"].of("mouthStretchLeft")[middle] > 0.4
    assert mouths["u"].of("mouthPucker")[middle] > 0.8
    assert mouths["f"].of("mouthRollLower")[middle] > 0.5


def test_a_stressed_sound_is_opened_wider_also_where_stress_is_named_by_itself() -> None:
    plain, inside, alone = (
        track([word("а", 1.0, names, 0.2)]).of("jawOpen").max() for names in (["a"], ["ˈa"], ["ˈ", "a"])
    )
    assert plain < inside
    assert plain < alone


def test_brows_rise_and_the_head_nods_on_the_accent_of_a_phrase() -> None:
    asked, output = (track([word(text, 1.0, ["d", "ˈa"], 0.1)]) for text in ("да?", "да"))
    assert asked.of("browInnerUp").max() > 0.3
    assert not output.of("browInnerUp").any()
    assert (asked.head[:, 1] - output.head[:, 1]).min() < -64


def test_a_mark_holds_until_the_next_one() -> None:
    actual = track(marks=[Mark(2.0, "smile"), Mark(5.0, "neutral")]).of("mouthSmileLeft")
    assert not actual[: 55 - 1].any()
    assert np.ptp(actual[75:140]) == 0
    assert actual[100] == pytest.approx(0.4, abs=0.01)
    assert not actual[170:].any()


@pytest.mark.parametrize(("side", "channel"), [(1.0, "eyeLookOutLeft"), (-1.0, "eyeLookInLeft")])
def test_eyes_follow_the_camera_within_eight_degrees(side: float, channel: str) -> None:
    for x, least, most in ((0.2, 0.03, 8 / 30), (1.0, 0.2, 8 / 30)):
        stage = filmed(camera=(side * x, 0.0, 2.6))
        actual = perform((), (), stage, Style("1", head=0.0)).of(channel)
        assert least <= np.median(actual) <= most + 0.005
        assert actual.max() * RANGE_DEG <= 8.1
    behind = perform((), (), filmed(camera=(side, 0.0, -2.6)), Style("1", head=0.0)).of(channel)
    assert behind.max() * RANGE_DEG <= 2.0


@pytest.mark.parametrize("off", [{"mouth": 0.0}, {"brows": 0.0}, {"head": 0.0}, {"blinks": False}, {"gaze": False}])
def test_each_part_can_be_left_out(off: dict[str, Any]) -> None:
    output = [word("да?", 1.0, ["d", "ˈa"], 0.1)]
    assert pack(track(output, **off)) != pack(track(output))
    parts = {"mouth": "jawOpen", "brows": "browInnerUp", "blinks": "eyeBlinkLeft", "gaze": "eyeLookUpLeft"}
    (name,) = off
    actual = track(output, **off)
    assert not actual.head.any() if name == "head" else not actual.of(parts[name]).any()


def test_a_part_of_a_track_is_read_back() -> None:
    part = track([word("да?", 1.0, ["d", "ˈa"], 0.1)]).part(30, 60)
    actual = unpack(pack(part))
    for name in ("weights", "head", "breath"):
        assert np.array_equal(getattr(actual, name), getattr(part, name))


@pytest.mark.parametrize(
    "content", [b"", b"episodec rows 1\n", pack(track(frames=3))[:-1], pack(track(frames=3)) + b"0"]
)
def test_other_bytes_are_no_track(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"performance|bytes"):
        unpack(content)


def test_the_parts_of_a_track_are_the_whole() -> None:
    actual = track([word("да?", 1.0, ["d", "ˈa"], 0.1)])
    assert pack(whole([actual.part(0, 30), actual.part(30, 300)])) == pack(actual)


def test_an_empty_film_has_an_empty_track() -> None:
    actual: PerformanceTrack = track(frames=0)
    assert len(unpack(pack(actual))) == 0
