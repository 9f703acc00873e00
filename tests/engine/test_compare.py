"""How two graphs differ: an action changes by its own parts, follows by what it reads, or stays with its key."""

from collections.abc import Collection, Mapping

from episodec.digest import digest_bytes
from episodec.engine.action import Action, ActionId, Artifact, Source
from episodec.engine.compare import compare
from episodec.engine.graph import link
from tests.engine.worlds import act


def source(content: str, path: str = "a.txt") -> Source:
    return Source(path, digest_bytes(content.encode()))


def whole_graph(name: str) -> Artifact:
    return Artifact(ActionId(name), "out0.txt")


def chain(text: str = "a", tail: str = "t", read: str = "x") -> list[Action]:
    first = act("e/voice", source(read), text=text)
    return [first, act("e/join", first.artifact(), text="j"), act("e/mux", whole_graph("e/join"), text=tail)]


def standing(
    before: list[Action],
    after: list[Action],
    unknown: Collection[str] = (),
    renamed: Mapping[ActionId, ActionId] | None = None,
) -> dict[str, str]:
    return {str(name): one for name, one in compare(link(before), link(after), unknown, renamed).standing.items()}


def test_equal_graphs_stay() -> None:
    assert set(standing(chain(), chain()).values()) == {"stays"}


def test_what_reads_a_changed_action_follows() -> None:
    comparison = compare(link(chain()), link(chain(text="b")))
    assert comparison.standing == {"e/voice": "changed", "e/join": "follows", "e/mux": "follows"}
    assert comparison.parts == {"e/voice": ("params.text",)}


def test_an_action_whose_own_parts_differ_too_is_changed() -> None:
    assert standing(chain(), chain(text="b", tail="u"))["e/mux"] == "changed"


def test_another_content_of_a_file_is_a_change_of_who_reads_it() -> None:
    comparison = compare(link(chain()), link(chain(read="y")))
    assert comparison.standing[ActionId("e/voice")] == "changed"
    assert comparison.parts[ActionId("e/voice")] == ("inputs.part.txt",)


def test_an_equal_key_under_another_id_stays() -> None:
    assert standing([act("e/one", text="a")], [act("f/two", text="a")]) == {"f/two": "stays"}


def test_a_new_action_is_changed_and_a_lost_one_is_gone() -> None:
    comparison = compare(link([act("e/one", text="a")]), link([act("e/two", text="b")]))
    assert comparison.standing == {"e/two": "changed"}
    assert comparison.gone == ("e/one",)


def test_a_renamed_action_is_compared_with_what_it_was() -> None:
    before, after = chain(), [act("f/voice", source("x"), text="b"), act("f/join", whole_graph("f/voice"), text="j")]
    renamed = {ActionId("f/voice"): ActionId("e/voice"), ActionId("f/join"): ActionId("e/join")}
    assert standing(before, after, (), renamed) == {"f/voice": "changed", "f/join": "follows"}


def test_the_second_of_two_equal_actions_is_a_twin() -> None:
    after = [act("e/one", text="b"), act("e/two", text="b")]
    comparison = compare(link([act("e/one", text="a")]), link(after))
    assert comparison.twins == {"e/two": "e/one"}


def test_what_hangs_on_an_unknown_file_is_unknown_unless_it_changed_otherwise() -> None:
    standings = standing(chain(read="x"), chain(read="y", tail="u"), ["a.txt"])
    assert standings == {"e/voice": "unknown", "e/join": "unknown", "e/mux": "changed"}
