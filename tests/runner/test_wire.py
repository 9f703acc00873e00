"""Messages between executor and worker: what goes in comes out."""

import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from episodec.digest import Digest
from episodec.engine.cache import Blob
from episodec.engine.executor import AuthorInput, BytesInput, OrderInput, StoredInput
from episodec.errors import BackendError, EpisodecError, TimedOut
from episodec.runner import wire
from tests.toys.orders import sent, task

NAMES = st.text(max_size=5) | st.sampled_from(["!", "!bytes", "!!bytes"])
PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=10,
)


def same(case: Any, other: Any) -> bool:
    """Equal, and of equal types throughout: 1, 1.0 and True are different params."""
    return case == other and repr(case) == repr(other)


@given(st.lists(st.dictionaries(NAMES, PLAIN, max_size=3), max_size=3), st.integers(1, 7))
def test_messages_come_out_as_they_went_in_however_they_are_cut(messages: list[dict[str, Any]], step: int) -> None:
    stream = b"".join(map(wire.pack, messages))
    incoming = wire.Incoming()
    back = [m for at in range(0, len(stream), step) for m in incoming.feed(stream[at : at + step])]
    assert same(back, messages)


def test_a_message_larger_than_a_pipe_passes() -> None:
    reader, writer = os.pipe()
    message = {"content": b"x" * 1_000_000}
    thread = threading.Thread(target=wire.send, args=(writer, message))
    thread.start()
    assert wire.receive(reader) == message
    thread.join()
    os.write(writer, wire.pack(message)[:100])
    os.close(writer)
    assert wire.receive(reader) is None
    os.close(reader)


def test_orders_and_blobs_pass(tmp_path: Path) -> None:
    blob = Blob(Digest("xxh3-128:0"), 3, "a machine")
    inputs: dict[str, tuple[OrderInput, ...]] = {
        "one": (StoredInput("0-one", blob), StoredInput("1-one", Blob(blob.digest, 4))),
        "two.wav": (AuthorInput("two.wav", blob, "/a/\udcff.wav"), BytesInput("2", b"\0x")),
    }
    sample = sent(tmp_path, "concat", params={"a": [1, 1.5, None, b"\0"], "b": (1, ("x",))}, settings={"a": "b"}).order
    order = replace(sample, inputs=inputs)
    (message,) = wire.Incoming().feed(wire.pack({"order": wire.order_to_plain(order)}))
    back = wire.order_from_plain(message["order"])
    assert repr(back) == repr(order)  # A blob's place is not compared.
    assert back.params["b"] == (1, ("x",))  # As a backend in this process gets it.
    blobs = {"a.txt": blob}
    assert repr(wire.blobs_from_plain(wire.blobs_to_plain(blobs))) == repr(blobs)


def test_notes_pass_in_the_order_in_which_they_were_told_and_once(tmp_path: Path) -> None:
    order = task(tmp_path, "concat").order
    order.note("toy-loud", "«Hey!» is loud", facts={"n": [1, 1.5, None, "é"]}, hint="softly")
    order.note("toy-loud", "«Hey!» is loud", facts={"n": [1, 1.5, None, "é"]}, hint="softly")
    order.note("toy-quiet", "hush")
    (message,) = wire.Incoming().feed(wire.pack({"notes": wire.notes_to_plain(order.notes)}))
    assert wire.notes_from_plain(message["notes"]) == tuple(order.notes)
    assert [note.code for note in order.notes] == ["toy-loud", "toy-quiet"]


class Special(TimedOut):
    """Of a stranger's package."""


def test_errors_keep_the_nearest_class_of_ours() -> None:
    error = Special("too slow", facts={"limit": 3}, hint="wait")
    back = wire.error_from_plain(wire.error_to_plain(error))
    assert (type(back), str(back)) == (TimedOut, str(error))
    assert type(wire.error_from_plain(wire.error_to_plain(EpisodecError("x")))) is EpisodecError
    assert type(wire.error_from_plain({"kind": "Unheard", "sentence": "x", "facts": {}, "hint": None})) is BackendError
