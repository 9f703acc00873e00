"""The laws of a run over random graphs in which anything goes wrong: damage, failures, retries, locks, stops, twins."""

from dataclasses import dataclass
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from episodec.building.run_context import REMAKES, RunResult
from episodec.building.states import State
from episodec.engine.action import Action, ActionId
from episodec.engine.events import BlobDamaged
from episodec.engine.graph import ActionGraph, closure, link
from episodec.engine.key import action_key, key_parts
from episodec.engine.plan import input_digests
from tests.building.fakes import FAILS, FLICKERS, GONE, Fake, act

T = TypeVar("T")
LOST = (State.FAILED, State.SKIPPED)


@dataclass
class Trouble:
    """A graph, and all that happens while it is run."""

    actions: list[Action]
    fake: Fake
    keep_going: bool
    before: list[ActionId]  # Made, with what they need, by a run before, when all was well.


def seldom(draw: st.DrawFn, strategy: st.SearchStrategy[T], otherwise: T) -> T:
    """Most of the time this, so that troubles are seen one or two at a time."""
    return draw(strategy) if draw(st.integers(0, 4)) == 4 else otherwise


@st.composite
def troubles(draw: st.DrawFn) -> Trouble:
    actions: list[Action] = []
    for place in range(draw(st.integers(3, 8))):
        needs = draw(st.sets(st.integers(0, min(place - 1, 3)), max_size=2)) if place else set()
        text = draw(st.sampled_from([None, None, None, "same"]))
        gpus = draw(st.sampled_from([0, 0, 0, 1]))
        actions.append(act(f"{place}", *(actions[need] for need in sorted(needs)), text=text, gpus=gpus))
    names = [str(action.id) for action in actions]
    some = st.sets(st.sampled_from(names), max_size=3)
    turns = st.integers(1, 12)
    outcomes = st.lists(st.sampled_from([None, FLICKERS, FLICKERS, FLICKERS, FAILS, GONE]), min_size=1, max_size=4)
    readers = [action for action in actions if action.needs()]
    times = st.integers(1, REMAKES + 2)
    damaged = {
        str(reader.id): [str(draw(st.sampled_from(sorted(reader.needs()))))] * draw(times)
        for reader in readers
        if draw(st.booleans())
    }
    fake = Fake(
        errors={name: draw(outcomes) for name in sorted(draw(some))},
        damaged=damaged,
        away=set(names) if draw(st.booleans()) else draw(some),
        gpus_until=seldom(draw, st.integers(0, 6), None),
        refused=seldom(draw, st.dictionaries(turns, st.booleans(), max_size=4), {}),
        full=seldom(draw, st.sets(turns, max_size=1), set()),
        moved=seldom(draw, some, set()),
        varying=set(names) if draw(st.booleans()) else draw(some),
        equal=seldom(draw, some, set()),
        forced=seldom(draw, some, set()),
        late=draw(some),
        stops=seldom(draw, st.sampled_from([{2: 1}, {1: 1, 2: 2}, {3: 2}]), {}),
        slots=draw(st.integers(1, 3)),
        together=draw(st.integers(1, 3)),
    )
    keep_going = draw(st.integers(0, 3)) < 3
    return Trouble(actions, fake, keep_going, seldom(draw, st.lists(st.sampled_from([one.id for one in actions])), []))


def run(trouble: Trouble) -> RunResult:
    """The run, after that of the earlier build, whose results it finds."""
    graph, earlier = link(trouble.actions), Fake()
    earlier.run(*(graph.actions[name] for name in closure(graph, trouble.before)))
    trouble.fake.records, trouble.fake.present = earlier.records, earlier.present
    return trouble.fake.run_graph(graph, keep_going=trouble.keep_going)


def check_laws(trouble: Trouble) -> None:
    # That no key runs twice at once, nor is made again without need, is held by the fake executor.
    result, fake, graph = run(trouble), trouble.fake, link(trouble.actions)
    check_states(result, fake, graph, keep_going=trouble.keep_going)
    check_nothing_is_left(fake)
    check_results_belong_together(result, fake, graph)


def check_states(result: RunResult, fake: Fake, graph: ActionGraph, *, keep_going: bool) -> None:
    states = result.states
    assert set(states) == set(graph.actions)
    assert set(states.values()) <= {State.MADE, *LOST, State.STOPPED}
    assert set(result.records) == set(result.keys) == {name for name in states if states[name] is State.MADE}
    is_stopped = fake.stop.level > 0 or (bool(result.failed) and not keep_going)
    assert is_stopped or State.STOPPED not in states.values()
    is_damaged = bool(fake.ids_of(BlobDamaged))
    for action in graph:
        lacks = [name for name in action.needs() if states[name] in LOST]
        if states[action.id] is State.SKIPPED:
            assert lacks, "nothing is skipped that needs no failure"
        elif lacks:
            assert is_damaged, "what needs a failure is skipped, unless it had read what was damaged later"
    if not (fake.full or fake.moved or is_damaged):
        assert all(states[name] is not State.FAILED or can_fail(graph, fake, name) for name in states)


def can_fail(graph: ActionGraph, fake: Fake, name: ActionId) -> bool:
    """Whether the action, or one that may have its key, has a failure before it or needs a GPU that goes."""
    text = graph.actions[name].params["text"]
    others = [other for other in graph if other.params["text"] == text]
    needs_gpu = fake.gpus_until is not None and any(other.resources.gpus for other in others)
    return needs_gpu or any(other.id in fake.had_errors for other in others)


def check_nothing_is_left(fake: Fake) -> None:
    assert not fake.locked, "no lock outlives its run"
    assert not +fake.folders, "no work folder either"
    assert not fake.running, "nor a worker"


def check_results_belong_together(result: RunResult, fake: Fake, graph: ActionGraph) -> None:
    assert fake.standing_keys == result.keys, "who listens knows what stands"
    for name, key in result.keys.items():
        assert fake.records[key] == result.records[name]
        action = graph.actions[name]
        if action.needs() <= set(result.records):
            assert key == action_key(key_parts(action, {}, input_digests(action, result.records)))


@settings(max_examples=60, derandomize=True)
@given(troubles())
def test_whatever_goes_wrong_each_action_ends_in_one_state_and_nothing_is_left(trouble: Trouble) -> None:
    check_laws(trouble)


@pytest.mark.campaign
@pytest.mark.timeout(1800)
@settings(max_examples=5_000)
@given(troubles())
def test_whatever_goes_wrong_many_times(trouble: Trouble) -> None:
    check_laws(trouble)
