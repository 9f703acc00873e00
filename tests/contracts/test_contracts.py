"""Contracts, stages, backends and lowering name the same things."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from episodec.backends import BUILTIN
from episodec.contracts.catalogue import CONTRACTS
from episodec.contracts.contract import OVERRIDES, CheckedFormat, Contract, InputFiles, Output, Param
from episodec.contracts.hold import check_action
from episodec.engine.action import Action, ActionId, Artifact, Literal
from episodec.errors import GraphError
from episodec.runner.loading import load
from episodec.stages import STAGES
from tests.contracts.lowered import of_other_specs, of_the_series


@pytest.fixture(scope="module")
def actions(tmp_path_factory: pytest.TempPathFactory) -> list[Action]:
    series = [of_the_series(tmp_path_factory.mktemp(name), name) for name in ("draft", "production")]
    return [*series[0], *series[1], *of_other_specs()]


def test_each_stage_has_a_contract_in_the_order_of_the_data_flow() -> None:
    assert tuple(CONTRACTS) == STAGES
    assert all(contract.stage == stage for stage, contract in CONTRACTS.items())


@pytest.mark.parametrize("name", BUILTIN)
def test_each_backend_does_stages_that_have_contracts(name: str) -> None:
    assert load(BUILTIN[name]).stages <= CONTRACTS.keys()


def test_each_stage_is_done_by_a_backend_of_ours() -> None:
    assert {stage for target in BUILTIN.values() for stage in load(target).stages} == set(STAGES)


def test_each_action_that_lowering_makes_fits_its_contract(actions: list[Action]) -> None:
    assert len(actions) > 300
    for action in actions:
        check_action(action)


def test_each_row_of_outputs_is_counted_from_0(actions: list[Action]) -> None:
    for action in actions:
        for output in CONTRACTS[action.stage].outputs:
            names = [name for name in action.outputs if output.has(name)]
            if output.many:
                assert names == [output.name.replace("000", f"{place:03}") for place in range(len(names))]


def test_nothing_of_a_contract_is_never_used(actions: list[Action]) -> None:
    used: dict[str, set[str]] = defaultdict(set)
    left_out: dict[str, set[str]] = defaultdict(set)
    for action in actions:
        for part, is_there in parts(CONTRACTS[action.stage], action):
            (used if is_there else left_out)[action.stage].add(part)
    for stage, contract in CONTRACTS.items():
        named: list[InputFiles | Param | Output] = [*contract.inputs, *contract.params, *contract.outputs]
        assert {one.name for one in named} - used[stage] == set(), stage
        # What is said to be there at times only is so.
        assert {one.name for one in named if one.only} == left_out[stage], stage


def parts(contract: Contract, action: Action) -> Iterator[tuple[str, bool]]:
    """Each part of the contract, and whether the action has it."""
    for role in contract.inputs:
        yield role.name, any(map(role.has, action.inputs))
    for param in contract.params:
        yield param.name, param.name in action.params
    for output in contract.outputs:
        yield output.name, any(map(output.has, action.outputs))


def test_several_files_lie_only_under_roles_and_names_that_have_them(actions: list[Action]) -> None:
    several: dict[tuple[str, str], bool] = defaultdict(bool)
    for action in actions:
        for role in CONTRACTS[action.stage].inputs:
            counts = [len(files) for name, files in action.inputs.items() if role.has(name)]
            several[action.stage, role.name] |= bool(role.many) and max(counts, default=0) > 1
    rows = {(stage, role.name) for stage, contract in CONTRACTS.items() for role in contract.inputs if role.many}
    assert {name for name, is_row in several.items() if is_row} == rows


def test_inputs_of_a_format_that_stages_make_are_files_of_that_format(actions: list[Action]) -> None:
    stages = {action.id: action.stage for action in actions}
    observed = set()
    for action in actions:
        for name, files in action.inputs.items():
            (role,) = (one for one in CONTRACTS[action.stage].inputs if one.has(name))
            for file in files:
                if isinstance(file, Artifact) and file.action in stages and isinstance(role.format, CheckedFormat):
                    (output,) = (one for one in CONTRACTS[stages[file.action]].outputs if one.has(file.output))
                    assert role.format is output.format, (action.stage, name)
                    observed.add(role.format)
    assert len(observed) >= 10


FIT = Action(
    ActionId("072/render/0000-0030"),
    "render",
    "rasterise",
    ("chunk.mp4",),
    {"frames": 30, "rate": 30, "background": {"colours": ["#202028"], "falloff": 0.0}, OVERRIDES: {"crf": 20}},
    {"still.scene": (Literal(b"1"),), "frames.rows": (Literal(b"2"),)},
)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"stage": "paint"}, "the stage has no contract"),
        ({"outputs": ("chunk.mkv",)}, "output `chunk.mkv` is not in the contract"),
        (
            {
                "stage": "plan",
                "params": {"frames": 30, "rate": 30, "segments": []},
                "inputs": {"frames.rows": (Literal(b"2"),)},
                "outputs": ("plan.txt",),
            },
            "output `plan.txt` is not in the contract; output `plan.json` is missing",
        ),
        ({"outputs": ("chunk.mp4", "note.txt")}, "output `note.txt` is not in the contract"),
        ({"inputs": {"still.scene": FIT.inputs["still.scene"]}}, "input `frames.rows` is missing"),
        ({"inputs": {**FIT.inputs, "tokens.npy": (Literal(b"3"),)}}, "input `tokens.npy` is not in the contract"),
        (
            {"inputs": {**FIT.inputs, "still.scene": (Literal(b"1"), Literal(b"3"))}},
            "input `still.scene` has 2 files, not 1",
        ),
        ({"params": {"frames": 30, "rate": 30}}, "param `background` is missing"),
        ({"params": {**FIT.params, "title": "T"}}, "param `title` is not in the contract"),
        ({"params": {**FIT.params, "frames": 0}}, "param `frames` is 0, not: whole number, at least 1"),
        ({"params": {**FIT.params, "frames": True}}, "param `frames` is True, not: whole number, at least 1"),
        (
            {"params": {**FIT.params, "background": None}},
            "param `background` is None, not: mapping of `colours` (list of colours as `#202028`), `falloff` (number)",
        ),
    ],
)
def test_an_action_that_breaks_its_contract_is_a_mistake_of_ours(changes: dict[str, Any], wrong: str) -> None:
    check_action(FIT)
    with pytest.raises(GraphError) as caught:
        check_action(replace(FIT, **changes))
    assert caught.value.facts["wrong"] == wrong
    assert caught.value.facts["action"] == FIT.id


def test_an_output_that_is_always_there_is_not_left_out() -> None:
    scene = Action(ActionId("072/scene"), "scene", "ply", ("a.scene",), {}, {"model.ply": (Literal(b"1"),)})
    with pytest.raises(GraphError) as caught:
        check_action(scene)
    assert caught.value.facts["wrong"] == "output `a.scene` is not in the contract; output `still.scene` is missing"


def test_files_under_a_role_of_the_authors_have_any_suffix() -> None:
    scene = Action(ActionId("072/scene"), "scene", "ply", ("still.scene",), {}, {"model.ply": (Literal(b"1"),)})
    check_action(scene)
    check_action(replace(scene, inputs={"model.scene": (Literal(b"1"),)}))
    with pytest.raises(GraphError):
        check_action(replace(scene, inputs={"modelled.ply": (Literal(b"1"),)}))
    with pytest.raises(GraphError):
        check_action(replace(scene, inputs={"model.ply": (Literal(b"1"),) * 2}))
