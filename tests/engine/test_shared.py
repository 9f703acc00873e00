"""The judge beside a shared cache: what it is asked, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from episodec.digest import digest_bytes
from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Blob, Record
from episodec.engine.graph import link
from episodec.engine.key import ActionKey
from episodec.engine.plan import Hit, Knowledge, judge_all
from episodec.engine.shared import SharedLookup


def test_a_shared_cache_is_asked_once_a_depth_and_never_about_what_is_forced() -> None:
    waves: list[list[str]] = []

    def ask(lookups: Sequence[SharedLookup]) -> Mapping[ActionKey, Record]:
        waves.append([one.action.id for one in lookups])
        return {one.key: Record({"out": Blob(digest_bytes(b"x"), 1)}, 1.0) for one in lookups}

    first, second = (Action(ActionId(name), "toy", "toy", ("out",), {"text": name}) for name in "ab")
    below = [
        Action(ActionId(f"{one.id}/below"), "toy", "toy", ("out",), {"text": one.id}, {"in": (one.artifact(),)})
        for one in (first, second)
    ]
    graph = link([first, below[0], second, below[1]])
    known = Knowledge(lambda _: None, lambda _: None, lambda *_: {}, ask_shared=ask)
    plan = judge_all(graph, known)
    assert waves == [["a", "b"], ["a/below", "b/below"]]
    assert list(plan) == [action.id for action in graph]
    assert all(isinstance(one, Hit) for one in plan.values())
    waves.clear()
    forced = replace(known, force=lambda name: name == "a", remake=lambda action: action.id == "b")
    assert {type(judge_all(graph, forced)[one]).__name__ for one in (first.id, second.id)} == {"Miss"}
    assert waves == []
