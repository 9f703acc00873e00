"""Notes as a value: what readers of several stages' notes see."""

from episodec import canonical_json
from episodec.engine.notes import Note, notes_text


class Counted(str):
    """A text that counts how often it is compared."""

    __slots__ = ()
    compared = 0

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_each_note_is_told_once_in_the_order_of_the_stages() -> None:
    first, two = Note("a", "One", {"n": 1}), Note("b", "Two")
    tree = canonical_json.load(
        notes_text([("voice", [first, two, first]), ("join", [first]), ("voice", [two])]).decode()
    )
    assert tree == [["voice", first.plain()], ["voice", two.plain()], ["join", first.plain()]]


def test_one_and_true_are_two_notes() -> None:
    messages = notes_text([("voice", [Note("a", "One", {"n": 1}), Note("a", "One", {"n": True})])])
    assert len(canonical_json.load(messages.decode())) == 2  # type: ignore[arg-type]


def test_twice_the_notes_of_an_action_take_twice_as_many_looks() -> None:
    notes = [Note(Counted("a"), f"Sentence {number}") for number in range(1000)]
    notes_text([("voice", notes)])
    assert Counted.compared < 20 * len(notes)
