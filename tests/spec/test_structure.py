"""Plain trees and dataclasses: there and back."""

from dataclasses import dataclass

import pytest

from episodec.spec.structure import plain, structure
from episodec.spec.types import Episode, Series
from episodec.spec.types_of_sound import Mix
from episodec.spec.types_of_tracks import CameraKey, KeyframesMove
from tests.spec.specs import EPISODE, accepted

FULL = (
    EPISODE
    + """\
description: x
tags: [a, b]
size: [512, 512]
voice: {text: One., pause_s: 1}
foley: {prompt: rain}
camera:
  - {move: orbit, frames: 300, radius: 3}
  - {move: keyframes, frames: 300, keys: [{frame: 0, position: [0, 0, 2]}]}
  - {move: file, frames: 300, file: a.json}
time:
  - {map: loop, frames: 900}
checks: {psnr_db: {min: 25}}
lexicon: {npy: en pee why}
backends: {voice: espeak}
overrides: {render: {steps: 20, mode: fast, quick: true, cut: null}}
"""
)


def test_whole_numbers_become_floats_where_floats_are_wanted() -> None:
    first = structure({"ambience_db": -18}, Mix)
    assert type(first.ambience_db) is float
    assert plain(first) == plain(structure({"ambience_db": -18.0}, Mix))


def test_there_and_back_is_the_same_value() -> None:
    episode = accepted(FULL)
    assert structure(plain(episode), Episode) == episode  # type: ignore[arg-type]


def test_the_plain_form_names_every_field() -> None:
    assert plain(CameraKey(0, (0.0, 0.0, 2.0))) == {
        "frame": 0,
        "position": [0.0, 0.0, 2.0],
        "look_at": [0.0, 0.0, 0.0],
        "fov_y_deg": 35.0,
    }
    assert plain(Series("x"))["season"] is None  # type: ignore[call-overload, index]


def test_a_union_is_told_apart_by_its_kind() -> None:
    move = accepted(FULL).camera[1]
    assert move == KeyframesMove(frames=300, keys=(CameraKey(0, (0.0, 0.0, 2.0)),))


@dataclass(frozen=True)
class Odd:
    value: set[int]


@pytest.mark.parametrize(
    ("tree", "kind"),
    [
        ({"ambience": 1}, Mix),
        ({"ambience_db": "x"}, Mix),
        ({"ambience_db": True}, Mix),
        ({}, Series),
        ({"value": 1}, Odd),
    ],
)
def test_a_tree_that_does_not_fit_is_a_bug_of_ours(tree: dict[str, object], kind: type) -> None:
    with pytest.raises(TypeError):
        structure(tree, kind)


def test_only_plain_data_can_be_made_plain() -> None:
    with pytest.raises(TypeError):
        plain({"a": {1, 2}})
