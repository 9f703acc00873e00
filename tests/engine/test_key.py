"""Keys as values: which parts of two keys differ."""

import pytest

from episodec.digest import Canonical, Digest
from episodec.engine.action import Role
from episodec.engine.key import KeyParts, action_key, changed_parts


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": 0}, {"a": False}),
        ({"a": None}, {"a": False}),
        ({"a": None}, {}),
        ({}, {"a": None}),
        ({"a": "1"}, {"a": 1}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": [1]}, {"a": [True]}),
        ({"a": {"x": 1}}, {"a": 1}),
    ],
)
def test_values_that_keys_tell_apart_are_told_as_changed(
    before: dict[str, Canonical], after: dict[str, Canonical]
) -> None:
    assert list(changed_parts({"params": before}, {"params": after})) == ["params.a"]


def test_inputs_that_change_places_are_another_key() -> None:
    first, other = Digest("xxh3-128:1"), Digest("xxh3-128:2")
    keys = {
        action_key(KeyParts("join", "join", {}, {}, {Role("speech.wav"): order}, ("voice.wav",)))
        for order in ((first, other), (other, first))
    }
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [(1, 1), ([1, 2], (1, 2)), ("e\u0301", "\u00e9"), (0.0, -0.0), ({"x": 1, "y": 2}, {"y": 2, "x": 1})],
)
def test_values_that_keys_do_not_tell_apart_are_told_as_the_same(before: Canonical, after: Canonical) -> None:
    assert list(changed_parts({"params": {"a": before}}, {"params": {"a": after}})) == []
