"""Orders and outcomes as frames: a length of 4 bytes, big-endian, then canonical JSON. Knows only its own end."""

import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from episodec import errors
from episodec.canonical_json import dump, load
from episodec.digest import Digest
from episodec.engine.cache import Blob
from episodec.engine.executor import AuthorInput, BytesInput, Order, OrderInput, StoredInput
from episodec.engine.key import ActionKey
from episodec.engine.notes import Note, note_from_plain
from episodec.errors import BackendError, EpisodecError

Message = dict[str, Any]

_LENGTH = struct.Struct(">I")


def pack(message: Mapping[str, Any]) -> bytes:
    """One frame."""
    body = dump(message).encode("utf-8", "surrogatepass")  # File names need not be UTF-8.
    return _LENGTH.pack(len(body)) + body


def send(descriptor: int, message: Mapping[str, Any]) -> None:
    """Write one frame to a blocking descriptor."""
    frame = memoryview(pack(message))
    while frame:
        frame = frame[os.write(descriptor, frame) :]


def receive(descriptor: int) -> Message | None:
    """The next message of a blocking descriptor; None at its end, even inside a frame."""
    head = _read_exactly(descriptor, _LENGTH.size)
    body = None if head is None else _read_exactly(descriptor, _LENGTH.unpack(head)[0])
    return None if body is None else _message(body)


class Incoming:
    """Assembles messages from arbitrary pieces of a stream."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, piece: bytes) -> Iterator[Message]:
        """Yield every message that this piece completes."""
        self._buffer += piece
        while len(self._buffer) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._buffer)[0]
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_LENGTH.size : end])
            del self._buffer[:end]
            yield _message(body)


def order_to_plain(order: Order) -> Message:
    """An order as plain data."""
    return {
        "key": order.key,
        "stage": order.stage,
        "backend": order.backend,
        "params": order.params,
        "inputs": {role: [_input_to_plain(one) for one in group] for role, group in order.inputs.items()},
        "outputs": list(order.outputs),
        "settings": dict(order.settings),
        "cpus": order.cpus,
    }


def order_from_plain(plain: Message) -> Order:
    """The inverse of `order_to_plain`."""
    return Order(
        key=ActionKey(plain["key"]),
        stage=plain["stage"],
        backend=plain["backend"],
        params=plain["params"],
        inputs={role: tuple(map(_input_from_plain, group)) for role, group in plain["inputs"].items()},
        outputs=tuple(plain["outputs"]),
        settings=plain["settings"],
        cpus=plain["cpus"],
    )


def blobs_to_plain(blobs: Mapping[str, Blob]) -> Message:
    """Blobs by output name, as plain data."""
    return {name: _blob_to_plain(blob) for name, blob in blobs.items()}


def blobs_from_plain(plain: Message) -> dict[str, Blob]:
    """The inverse of `blobs_to_plain`."""
    return {name: _blob_from_plain(blob) for name, blob in plain.items()}


def notes_to_plain(notes: Iterable[Note]) -> list[Message]:
    """Notes as plain data."""
    return [dict(note.plain()) for note in notes]


def notes_from_plain(plain: Iterable[Message]) -> tuple[Note, ...]:
    """The inverse of `notes_to_plain`."""
    return tuple(map(note_from_plain, plain))


def error_to_plain(error: EpisodecError) -> Message:
    """An error as plain data. A subclass that a backend defines travels as its nearest class of `episodec.errors`."""
    ours = next(kind for kind in type(error).__mro__ if kind.__module__ == errors.__name__)
    return {"kind": ours.__name__, "sentence": error.sentence, "facts": error.facts, "hint": error.hint}


def error_from_plain(plain: Message) -> EpisodecError:
    """The inverse of `error_to_plain`."""
    kind: type[EpisodecError] = getattr(errors, plain["kind"], BackendError)
    return kind(plain["sentence"], facts=plain["facts"], hint=plain["hint"])


def _input_to_plain(order_input: OrderInput) -> Message:
    match order_input:
        case BytesInput(name=name, content=content):
            return {"name": name, "content": content}
        case AuthorInput(name=name, blob=blob, path=path):
            return {"name": name, "blob": _blob_to_plain(blob), "path": path}
        case StoredInput(name=name, blob=blob):
            return {"name": name, "blob": _blob_to_plain(blob)}


def _input_from_plain(plain: Message) -> OrderInput:
    if "content" in plain:
        return BytesInput(plain["name"], plain["content"])
    blob = _blob_from_plain(plain["blob"])
    return AuthorInput(plain["name"], blob, plain["path"]) if "path" in plain else StoredInput(plain["name"], blob)


def _blob_to_plain(blob: Blob) -> list[Any]:
    return [blob.digest, blob.size, blob.place]


def _blob_from_plain(plain: list[Any]) -> Blob:
    digest, size, place = plain
    return Blob(Digest(digest), size, place)


def _read_exactly(descriptor: int, size: int) -> bytes | None:
    pieces: list[bytes] = []
    while size > 0:
        piece = os.read(descriptor, min(size, 1 << 20))
        if not piece:
            return None
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _message(body: bytes) -> Message:
    message: Any = load(body.decode("utf-8", "surrogatepass"))
    assert isinstance(message, dict)
    return message
