"""How a run moves actions: each is made once, whatever is found damaged, fails, is tried again or stopped."""

from episodec.building.run_context import REMAKES
from episodec.building.states import State
from episodec.engine.action import Action, Resources
from episodec.engine.events import ActionFailed, ActionHit, ActionMade, ActionRetried, ActionStarted, BlobDamaged
from episodec.engine.executor import Later, Offer
from episodec.engine.key import action_key, key_parts
from episodec.engine.plan import input_digests
from episodec.errors import InputMoved, StoreError
from tests.building.fakes import FAILS, FLICKERS, GONE, NO_GPU, Fake, act


def test_an_action_that_waits_for_its_retry_stands_still_while_its_input_is_made_again() -> None:
    a = act("a")
    b, c = act("b", a), act("c", a)
    fake = Fake(errors={"b": [FLICKERS]}, damaged={"c": ["a"]}, slots=1)
    result = fake.run(a, b, c)
    assert set(result.records) == {"a", "b", "c"}
    assert fake.ids_of(BlobDamaged) == ["a"]
    assert fake.ids_of(ActionHit) == []
    assert sorted(fake.ids_of(ActionMade)) == ["a", "a", "b", "c"]
    assert sorted(fake.on_made) == ["a", "a", "b", "c"]


def test_an_action_that_failed_stays_failed_when_its_input_is_made_again() -> None:
    a = act("a")
    b, c = act("b", a), act("c", a)
    fake = Fake(errors={"b": [FAILS]}, damaged={"c": ["a"]}, slots=1)
    result = fake.run(a, b, c, keep_going=True)
    assert result.failed == ("b",)
    assert set(result.records) == {"a", "c"}
    assert fake.ids_of(ActionStarted).count(b.id) == 1


def test_what_was_skipped_stays_skipped_when_its_input_is_made_again() -> None:
    a = act("a")
    b, c = act("b", a), act("c", a)
    d = act("d", b)
    fake = Fake(errors={"b": [FAILS]}, damaged={"c": ["a"]}, slots=1)
    result = fake.run(a, b, c, d, keep_going=True)
    assert result.skipped == ("d",)
    assert set(result.records) == {"a", "c"}
    assert not set(result.records) & {*result.failed, *result.skipped}


def check_remade(fake: Fake, *actions: Action) -> None:
    """All are made, each of what its inputs are in the end; a result that was taken back was told of anew."""
    result = fake.run(*actions, keep_going=True)
    assert set(result.records) == {action.id for action in actions}
    for action in actions:
        assert result.keys[action.id] == action_key(key_parts(action, {}, input_digests(action, result.records)))
        assert fake.records[result.keys[action.id]] == result.records[action.id]
    assert fake.standing_keys == result.keys
    assert not fake.locked


def test_what_was_made_of_an_input_that_comes_out_otherwise_is_made_again() -> None:
    a = act("a")
    b, c = act("b", a), act("c", a)
    fake = Fake(varying={"a"}, damaged={"c": ["a"]}, slots=1)
    check_remade(fake, a, b, c)
    assert sorted(fake.ids_of(ActionMade)) == ["a", "a", "b", "b", "c"]


def test_what_runs_while_its_input_comes_out_otherwise_is_made_again() -> None:
    a = act("a")
    b, twin, c = act("b", a, text="same"), act("twin", a, text="same"), act("c", a)
    fake = Fake(varying={"a"}, damaged={"c": ["a"]}, late={"b"}, slots=2)
    check_remade(fake, a, b, twin, c)
    assert fake.ids_of(ActionMade) == ["a", "a", "c", "b", "b"]


def test_what_waits_for_its_retry_while_its_input_comes_out_otherwise_is_judged_again() -> None:
    a = act("a")
    b, twin, c = act("b", a, text="same"), act("twin", a, text="same"), act("c", a)
    fake = Fake(varying={"a"}, errors={"b": [FLICKERS]}, damaged={"c": ["a"]}, slots=1)
    check_remade(fake, a, b, twin, c)
    assert sorted(fake.ids_of(ActionMade)) == ["a", "a", "b", "c"]


def test_what_waits_for_its_retry_waits_for_its_input_too() -> None:
    a = act("a")
    b, c = act("b", a), act("c", a)
    first = act("first", a)
    others = [act(f"other{place}", first) for place in range(20)]
    fake = Fake(errors={"b": [FLICKERS]}, damaged={"c": ["a"]}, late={"a"}, slots=2)
    check_remade(fake, a, first, b, c, *others)


def test_what_has_found_no_room_is_judged_again_when_its_input_comes_out_otherwise() -> None:
    a, other = act("a"), act("other")
    first = act("first", a)
    c, b = act("c", a), act("b", first)
    check_remade(Fake(varying={"a", "first"}, damaged={"c": ["a"]}, slots=1), a, other, first, c, b)


def test_what_was_made_of_a_twins_result_is_made_again_with_it() -> None:
    a, twin = act("a", text="same"), act("twin", text="same")
    b, c = act("b", a), act("c", twin)
    check_remade(Fake(varying={"a", "twin"}, damaged={"c": ["twin"]}, slots=1), a, twin, b, c)


def test_what_is_damaged_each_time_it_is_made_fails() -> None:
    a = act("a")
    b, c = act("b", a), act("c", a)
    fake = Fake(damaged={"b": ["a"] * 10}, errors={"c": [FLICKERS]})
    result = fake.run(a, c, b, keep_going=True)
    assert fake.ids_of(ActionMade) == ["a"] * (1 + REMAKES)
    assert (result.failed, result.skipped) == (("a",), ("c", "b"))
    assert not fake.standing_keys
    (error,) = [event.error for event in fake.events if isinstance(event, ActionFailed)]
    assert isinstance(error, StoreError)
    assert (error.facts["action"], error.facts["output"]) == ("a", "out.txt")


def test_what_waits_for_its_retry_is_skipped_when_its_input_cannot_be_made_again() -> None:
    a = act("a")
    b, twin, c = act("b", a, text="same"), act("twin", a, text="same"), act("c", a)
    d = act("d", b)
    fake = Fake(errors={"a": [None, FAILS], "b": [FLICKERS]}, damaged={"c": ["a"]}, slots=1)
    result = fake.run(a, b, twin, c, d, keep_going=True)
    assert (result.failed, result.skipped) == (("a",), ("b", "twin", "c", "d"))
    assert not fake.locked


def test_what_a_forced_action_makes_otherwise_takes_the_place_of_what_was_recorded() -> None:
    a = act("a")
    b = act("b", a)
    fake = Fake(varying={"a"})
    fake.run(a, b)
    before = dict(fake.records)
    fake.forced = {"a"}
    fake.events.clear()
    fake.standing_keys.clear()  # Another build.
    result = fake.run(a, b)
    assert fake.ids_of(ActionMade) == ["a", "b"]
    assert fake.records[result.keys[a.id]] != before[result.keys[a.id]]


def test_a_forced_twin_is_not_made_twice() -> None:
    a, late = act("a"), act("late")
    b, twin = act("b", a, text="same"), act("twin", late, text="same")
    fake = Fake(equal={"a", "late"}, late={"late"}, forced={"b", "twin"})
    result = fake.run(a, late, b, twin)
    assert fake.ids_of(ActionMade) == ["a", "b", "late"]
    assert result.keys[twin.id] == result.keys[b.id]


def test_twins_fail_together() -> None:
    a, twin, c = act("a", text="same"), act("twin", text="same"), act("c")
    result = Fake(errors={"a": [FAILS]}).run(a, twin, c, keep_going=True)
    assert (result.failed, set(result.records)) == (("a", "twin"), {"c"})


def test_a_stop_leaves_what_has_not_begun_and_finishes_what_runs() -> None:
    a, b = act("a"), act("b")
    c = act("c", a)
    fake = Fake(stops={1: 1}, slots=2)
    result = fake.run(a, b, c)
    assert result.states == {"a": State.MADE, "b": State.MADE, "c": State.STOPPED}
    assert result.interrupted


def retried(fake: Fake) -> list[int]:
    """The attempts that were told to be repeated."""
    return [event.attempt for event in fake.events if isinstance(event, ActionRetried)]


def test_a_machine_that_is_lost_is_no_try_of_the_action() -> None:
    a = act("a")
    fake = Fake(errors={"a": [GONE, GONE, GONE, FLICKERS, FLICKERS]})
    assert set(fake.run(a).records) == {"a"}
    assert retried(fake) == [1, 1, 1, 1, 2]


def test_an_action_whose_machine_is_always_lost_fails() -> None:
    a, b = act("a"), act("b")
    fake = Fake(errors={"a": [GONE] * 20})
    result = fake.run(a, b, keep_going=True)
    assert (result.failed, set(result.records)) == (("a",), {"b"})
    assert retried(fake) == [1, 1, 1, 1, 2]
    (error,) = [event.error for event in fake.events if isinstance(event, ActionFailed)]
    assert error is GONE


def test_an_action_whose_machine_is_lost_while_the_run_stops_is_not_finished_and_has_not_failed() -> None:
    a, b = act("a"), act("b")
    fake = Fake(errors={"a": [GONE]}, stops={1: 1}, slots=1)
    result = fake.run(a, b)
    assert result.states == {"a": State.STOPPED, "b": State.STOPPED}
    assert not retried(fake)
    assert not fake.locked


def test_what_lay_on_a_machine_that_is_lost_is_made_again() -> None:
    a = act("a")
    b, c = act("b", a), act("c", a)
    fake = Fake(away={"a"}, errors={"b": [GONE]}, slots=1)
    check_remade(fake, a, b, c)
    assert fake.ids_of(ActionMade) == ["a", "a", "b", "c"]
    assert fake.ids_of(BlobDamaged) == ["a"]


def test_what_no_machine_can_take_fails_with_the_reason_and_nothing_else_does() -> None:
    a, b = act("a", gpus=1), act("b")
    c = act("c", a)
    fake = Fake(gpus_until=0)
    result = fake.run(a, b, c, keep_going=True)
    assert (result.failed, result.skipped, set(result.records)) == (("a",), ("c",), {"b"})
    (error,) = [event.error for event in fake.events if isinstance(event, ActionFailed)]
    assert error is NO_GPU


def test_what_waits_for_its_retry_fails_when_no_machine_can_take_it_any_more() -> None:
    a, twin = act("a", text="same", gpus=1), act("twin", text="same", gpus=1)
    fake = Fake(errors={"a": [FLICKERS]}, gpus_until=1)
    result = fake.run(a, twin, keep_going=True)
    assert (result.failed, result.records) == (("a", "twin"), {})
    assert not fake.locked


def test_what_has_no_room_leaves_the_way_free_for_what_has() -> None:
    """However many actions wait for one that holds all there is of something."""
    many = [act(f"gpu{place:03}", gpus=1) for place in range(200)]
    other = act("other")

    class OneGpu(Fake):
        def offer(self, backend: str, resources: Resources) -> Offer:
            busy = any(task.gpus for task in self.running.values())
            return Later() if resources.gpus and busy else super().offer(backend, resources)

    fake = OneGpu(late={action.id for action in many}, slots=3)
    fake.run(*many, other)
    built = fake.ids_of(ActionMade)
    assert len(built) == 201
    assert built.index(other.id) < 5


def test_what_has_the_longest_chain_ahead_starts_first_and_of_equals_what_stands_first() -> None:
    short, long, step = act("short"), act("long"), act("step")
    chained = act("chained", step)
    equal = act("equal")
    fake = Fake(seconds={"short": 1, "long": 9, "step": 4, "chained": 8, "equal": 1}, slots=1)
    fake.run(short, long, step, chained, equal)
    assert fake.ids_of(ActionStarted) == ["step", "long", "chained", "short", "equal"]


def test_a_result_that_cannot_be_recorded_takes_none_along_that_came_with_it() -> None:
    a, b, c = act("a"), act("b"), act("c")
    d = act("d", c)
    fake = Fake(full={2}, slots=3, together=3)
    result = fake.run(a, b, c, d, keep_going=True)
    assert (result.failed, set(result.records)) == (("b",), {"a", "c", "d"})
    assert fake.ids_of(ActionMade) == ["a", "c", "d"]
    assert set(fake.records) == set(result.keys.values())


def test_files_are_looked_at_once_for_results_that_came_in_soon_after_each_other() -> None:
    fake = Fake(turn_s=0.01)
    actions = [act(f"a/{number}") for number in range(40)]
    assert len(fake.run(*actions).ran) == 40
    assert 0 < fake.looks <= 20


def test_a_result_that_others_wait_for_is_recorded_at_once() -> None:
    fake = Fake(turn_s=0.01)
    last = act("0")
    chain = [last, *(last := act(str(number), last) for number in range(1, 10))]
    fake.run(*chain)
    assert fake.looks == 10


def test_an_action_whose_input_was_damaged_while_it_failed_is_not_blamed() -> None:
    a = act("a")
    b = act("b", a)
    fake = Fake(errors={"b": [FAILS, None]}, spoilt={"b": ["a"]})
    result = fake.run(a, b)
    assert (result.failed, fake.ids_of(ActionMade)) == ((), ["a", "a", "b"])
    moved = Fake(errors={"a": [FAILS]}, moved={"a"})
    moved.run(a)
    (error,) = [event.error for event in moved.events if isinstance(event, ActionFailed)]
    assert isinstance(error, InputMoved)
    assert error.facts == {"input": "source", "action": "a"}
