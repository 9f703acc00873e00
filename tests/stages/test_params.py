"""The fields of a spec that reach a stage's params, and so its key."""

import ast
from pathlib import Path
from typing import Any

import episodec.stages
from episodec.digest import Canonical
from episodec.engine.action import Action, ActionId, Literal, Resources
from episodec.spec.types import Episode
from episodec.spec.types_of_sound import Loudness, Mix
from episodec.stages.lowering import UNRESOLVED, BackendChoice, Lowering, params, step


def lowering(**overrides: Any) -> Lowering:
    episode = Episode(1, "", "One", "alpha", "en", "", "one", 30, 30, Loudness(), Mix(), overrides=overrides)
    return Lowering(episode, lambda *_: UNRESOLVED, {})


def test_what_an_episode_overrides_is_in_the_params_of_that_stage() -> None:
    at = lowering(voice={"speed": 2})
    assert params(at, "voice", {"text": "One."}) == {"text": "One.", "overrides": {"speed": 2}}
    assert params(at, "foley", {}) == {}


def test_overrides_of_nothing_are_no_overrides() -> None:
    assert params(lowering(voice={}), "voice", {"text": "One."}) == {"text": "One."}


def test_a_step_has_the_params_of_its_sections_and_the_resources_of_its_choice() -> None:
    choice, rows = BackendChoice("mixer", Resources(cpus=2)), (Literal(b"row"),)
    more: dict[str, Canonical] = {"file": "a.wav", "a": 1}
    action = step(lowering(mix={"x": 2}), "mix", choice, more, {"b": 2}, outputs=("mix.wav",), inputs={"in": rows})
    merged: dict[str, Canonical] = {"a": 1, "b": 2, "overrides": {"x": 2}}
    mixed = Action(ActionId("001/mix"), "mix", "mixer", ("mix.wav",), merged, {"in": rows}, Resources(cpus=2))
    assert action == mixed
    named = step(lowering(), "voice", choice, outputs=("a.wav",), name=ActionId("001/voice/0001"))
    assert named == Action(ActionId("001/voice/0001"), "voice", "mixer", ("a.wav",), {}, {}, Resources(cpus=2))


def test_stages_make_their_actions_in_one_way() -> None:
    calls = [
        path.name
        for path in sorted(Path(episodec.stages.__file__).parent.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Action"
    ]
    assert calls == ["lowering.py"]
