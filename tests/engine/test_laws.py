"""The laws of the engine over random graphs and edits: incremental equals clean, precise, early cutoff, plans that
hold.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from episodec.engine.action import Action, ActionId, Source
from episodec.engine.cache import Record
from episodec.engine.events import ActionHit, BlobDamaged
from episodec.engine.graph import ActionGraph, closure, link
from episodec.engine.key import ActionKey
from episodec.engine.plan import Changed, Forced, Hit, Lost, Miss, NeverMade, Pending
from episodec.runner.order import OrderBuilder
from episodec.store import signature
from tests.engine.worlds import Tiny, act

WORDS = st.sampled_from(
    ["a", "b", "A", "B", "ab"]
)  # Few, and some equal in capitals: twins and early cutoffs happen often.


@dataclass(frozen=True)
class Node:
    """One action of a random graph: which earlier actions and which sources it reads."""

    needs: tuple[int, ...]
    reads: tuple[int, ...]
    text: str
    backend: str
    outputs: int


@dataclass(frozen=True)
class Sketch:
    """A random graph and the contents of its sources."""

    nodes: tuple[Node, ...]
    sources: tuple[str, ...]
    prefix: str = ""  # Of action ids: renaming all of them must cost nothing.


@st.composite
def sketches(draw: st.DrawFn) -> Sketch:
    sources = draw(st.lists(WORDS, min_size=1, max_size=4))
    nodes = []
    for place in range(draw(st.integers(1, 8))):
        needs = draw(st.lists(st.integers(0, place - 1), max_size=3)) if place else []
        reads = draw(st.lists(st.integers(0, len(sources) - 1), max_size=2))
        backend = draw(st.sampled_from(["concat", "upper"]))
        nodes.append(Node(tuple(needs), tuple(reads), draw(WORDS), backend, draw(st.integers(1, 2))))
    return Sketch(tuple(nodes), tuple(sources))


@st.composite
def edits(draw: st.DrawFn, sketch: Sketch) -> Sketch:
    """The sketch after one edit: of a source, a text, a backend, the names, or nothing."""
    match draw(st.sampled_from(["source", "text", "backend", "rename", "touch", "drop"])):
        case "source":
            place = draw(st.integers(0, len(sketch.sources) - 1))
            sources = list(sketch.sources)
            sources[place] = draw(WORDS)
            return replace(sketch, sources=tuple(sources))
        case "rename":
            return replace(sketch, prefix=sketch.prefix + "x")
        case "drop":
            return replace(sketch, nodes=sketch.nodes[: max(1, len(sketch.nodes) - 1)])
        case what if what in ("text", "backend"):
            place = draw(st.integers(0, len(sketch.nodes) - 1))
            value = draw(WORDS) if what == "text" else draw(st.sampled_from(["concat", "upper"]))
            nodes = list(sketch.nodes)
            nodes[place] = replace(nodes[place], text=value) if what == "text" else replace(nodes[place], backend=value)
            return replace(sketch, nodes=tuple(nodes))
        case _:
            return sketch


@st.composite
def histories(draw: st.DrawFn) -> list[Sketch]:
    actual = [draw(sketches())]
    for _ in range(draw(st.integers(1, 4))):
        actual.append(draw(edits(actual[-1])))
    return actual


@contextmanager
def tiny() -> Iterator[Tiny]:
    with tempfile.TemporaryDirectory() as folder:
        yield Tiny(Path(folder))


def graph_of(world: Tiny, sketch: Sketch) -> ActionGraph:
    sources = [world.source(f"s{place}", content) for place, content in enumerate(sketch.sources)]
    actions: list[Action] = []
    for place, node in enumerate(sketch.nodes):
        inputs = [actions[need].artifact("out0.txt") for need in node.needs] + [sources[read] for read in node.reads]
        actions.append(
            act(f"{sketch.prefix}{place}", *inputs, text=node.text, backend=node.backend, outputs=node.outputs)
        )
    return link(actions)


def by_place(contents: Mapping[tuple[ActionId, str], bytes], sketch: Sketch) -> dict[tuple[str, str], bytes]:
    return {(name.removeprefix(sketch.prefix), output): content for (name, output), content in contents.items()}


@settings(max_examples=60)
@given(histories())
def test_an_incremental_build_equals_a_clean_one(history: list[Sketch]) -> None:
    with tiny() as world, tiny() as clean:
        for sketch in history[:-1]:
            world.build(graph_of(world, sketch))
        incremental = world.build(graph_of(world, history[-1]))
        fresh = clean.build(graph_of(clean, history[-1]))
        assert by_place(world.contents(incremental), history[-1]) == by_place(clean.contents(fresh), history[-1])


@settings(max_examples=40)
@given(sketches())
def test_building_twice_runs_nothing_and_renaming_runs_nothing(sketch: Sketch) -> None:
    with tiny() as world:
        world.build(graph_of(world, sketch))
        assert world.build(graph_of(world, sketch)).ran == ()
        assert world.build(graph_of(world, replace(sketch, prefix="renamed-"))).ran == ()


@settings(max_examples=60)
@given(histories())
def test_a_plan_and_the_build_after_it_cannot_disagree(history: list[Sketch]) -> None:
    with tiny() as world:
        for sketch in history:
            graph = graph_of(world, sketch)
            plan = world.plan(graph)
            ran = set(world.build(graph).ran)
            assert not [name for name, verdict in plan.items() if isinstance(verdict, Hit) and name in ran]
            assert not [name for name, verdict in plan.items() if isinstance(verdict, Miss) and name not in ran]


@settings(max_examples=60)
@given(histories())
def test_an_action_runs_only_when_its_key_was_never_made(history: list[Sketch]) -> None:
    with tiny() as world:
        built: set[str] = set()
        for sketch in history:
            result = world.build(graph_of(world, sketch))
            keys = [result.keys[name] for name in result.ran]
            assert len(keys) == len(set(keys)), "equal keys run once within a build"
            assert built.isdisjoint(keys), "and once over all builds"
            built.update(keys)


@settings(max_examples=40)
@given(sketches(), st.data())
def test_an_edited_source_reruns_only_what_is_downstream_of_it(sketch: Sketch, data: st.DataObject) -> None:
    with tiny() as world:
        graph = graph_of(world, sketch)
        world.build(graph)
        place = data.draw(st.integers(0, len(sketch.sources) - 1))
        sources = (*sketch.sources[:place], "edited", *sketch.sources[place + 1 :])
        edited = graph_of(world, replace(sketch, sources=sources))
        ran = set(world.build(edited).ran)
        path = f"sources/s{place}"
        readers = {
            a.id
            for a in edited
            for group in a.inputs.values()
            for i in group
            if isinstance(i, Source) and i.path == path
        }
        downstream = {name for name in edited.actions if readers & closure(edited, [name])}
        assert ran <= downstream
        # What reads it itself runs, or another action of the very same key does so in its place.
        keys_run = {world.build(edited).keys[name] for name in ran}
        assert all(world.build(edited).keys[name] in keys_run for name in readers)


def test_an_unchanged_result_stops_the_rebuild() -> None:
    with tiny() as world:
        first = act("first", text="word", backend="upper")
        second = act("second", first.artifact())
        world.build([first, second])
        edited = act("first", text="WORD", backend="upper")
        result = world.build([edited, act("second", edited.artifact())])
        assert result.ran == ("first",)
        assert world.stopped_early() == ["first"]


def test_a_new_fingerprint_reruns_exactly_its_users() -> None:
    with tiny() as world:
        first = act("one", text="x", backend="concat")
        two = act("two", text="y", backend="upper")
        world.build([first, two])
        world.versions["upper"] = "2"
        plan = world.plan(link([first, two]))
        assert isinstance(plan[two.id], Miss)
        assert plan[two.id].reason == Changed(("fingerprint.version",))  # type: ignore[union-attr]
        assert world.build([first, two]).ran == ("two",)


def test_inserting_a_part_keeps_its_neighbours_keys() -> None:
    with tiny() as world:
        parts = [act(f"part/{place}", text=word) for place, word in enumerate(["one", "two", "three"])]
        world.build([*parts, act("join", *(part.artifact() for part in parts))])
        words = ["one", "new", "two", "three"]
        moved = [act(f"part/{place}", text=word) for place, word in enumerate(words)]
        ran = world.build([*moved, act("join", *(part.artifact() for part in moved))]).ran
        assert set(ran) == {"part/1", "join"}


def test_equal_actions_of_one_build_run_once_and_the_other_is_told_its_twin() -> None:
    with tiny() as world:
        graph = link([act("one", text="same"), act("two", text="same")])
        assert world.plan(graph)[ActionId("two")] == Pending((ActionId("one"),))
        assert world.build(graph).ran == ("one",)


def test_every_miss_has_the_reason_that_a_user_needs() -> None:
    with tiny() as world:
        source = world.source("s", "content")
        action = act("one", source, text="t")
        graph = link([action])
        assert world.plan(graph)[action.id].reason == NeverMade()  # type: ignore[union-attr]
        world.build(graph)
        assert isinstance(world.plan(graph)[action.id], Hit)
        changed = link([act("one", world.source("s", "other"), text="u")])
        assert world.plan(changed)[action.id].reason == Changed(("params.text", "inputs.part.txt"))  # type: ignore[union-attr]
        world.cache.records.clear()
        back = link([act("one", world.source("s", "content"), text="t")])
        assert world.plan(back)[action.id].reason == Lost()  # type: ignore[union-attr]
        world.forced.add(action.id)
        assert world.plan(back)[action.id].reason == Forced()  # type: ignore[union-attr]


def test_a_failure_stops_the_build_or_skips_what_needs_it() -> None:
    with tiny() as world:
        bad = act("bad", backend="fail")
        needs_bad = act("needs-bad", bad.artifact())
        after = act("after", needs_bad.artifact())
        good = act("good", text="g")
        world.keep_going = True
        result = world.build([bad, needs_bad, after, good])
        assert (result.failed, set(result.skipped), result.ran) == (("bad",), {"needs-bad", "after"}, ("good",))


def test_a_damaged_result_is_found_when_it_is_read_and_made_again() -> None:
    with tiny() as world:
        first = act("first", text="word")
        second = act("second", first.artifact(), text="1")
        built = world.build([first, second])
        blob = world.cache.open_blob(built.records[first.id].outputs["out0.txt"].digest)
        blob.chmod(0o644)
        blob.write_bytes(b"WORD")
        result = world.build([first, act("second", first.artifact(), text="2")])
        assert set(result.ran) == {"first", "second"}
        assert world.contents(result)[ActionId("second"), "out0.txt"] == b"2word"


def test_what_was_made_of_a_result_that_was_damaged_meanwhile_is_thrown_away_and_both_are_made_again() -> None:
    with tiny() as world:
        first = act("first", text="word")
        second = act("second", first.artifact(), text="1", backend="spoil")
        result = world.build([first, second])
        assert result.ran == ("first", "first", "second")
        assert world.contents(result)[ActionId("second"), "out0.txt"] == b"1word"
        assert [event.id for event in world.events if isinstance(event, BlobDamaged)] == ["first"]


def test_a_source_that_changed_since_it_was_pinned_is_not_read_under_its_old_key() -> None:
    with tiny() as world:
        action = act("one", world.source("s", "as pinned"))
        (world.folder / "sources/s").write_text("as it is now")
        result = world.build([action])
        assert (result.failed, result.ran) == (("one",), ())
        assert not world.cache.records


def test_what_another_build_made_before_the_lock_was_ours_is_not_made_again() -> None:
    with tiny() as world:
        action = act("one", text="same")

        def made_by_another(key: ActionKey) -> None:
            world.cache.record(key, Record({"out0.txt": world.cache.put_bytes(b"same")}, 1.0))

        world.meanwhile = made_by_another
        result = world.build([action])
        assert result.ran == ()
        assert world.contents(result) == {(action.id, "out0.txt"): b"same"}
        assert [type(event) for event in world.events] == [ActionHit]


def test_a_watched_file_that_is_replaced_while_an_action_runs_is_told() -> None:
    with tiny() as world:
        model = world.folder / "model.bin"
        model.write_text("one")
        action = act("one", text="t")
        miss = world.plan(link([action]))[action.id]
        assert isinstance(miss, Miss)
        watches = {str(model): signature.of(model)}
        workshop = OrderBuilder(str(world.folder), world.cache.layout, world.digests, lambda _: {}, lambda *_: watches)
        prepared = workshop.prepare(action, miss, {})
        assert prepared.moved() is None
        model.write_text("other")
        workshop.standing.reset()
        assert prepared.moved() == str(model)
