"""Orders and outcomes in frames: a length of 4 bytes, big-endian, then canonical JSON. Knows no pipe's other end."""

import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from episodec import errors
from episodec.canonical_json import dump, load
from episodec.digest import Digest
from episodec.engine.key import ActionKey
from episodec.engine.notes import Note, note_from_plain
from episodec.engine.protocols import Blob, WorkOrder
from episodec.errors import BackendError, EpisodecError

Message = dict[str, Any]

_LENGTH = struct.Struct(">I")


def pack(message: Mapping[str, Any]) -> bytes:
    """One frame."""
    body = dump(message).encode("utf-8", "surrogatepass")  # Names of files need not be UTF-8.
    return _LENGTH.pack(len(body)) + body


def send(descriptor: int, message: Mapping[str, Any]) -> None:
    """Write one frame to a blocking descriptor."""
    frame = memoryview(pack(message))
    while frame:
        frame = frame[os.write(descriptor, frame) :]


def receive(descriptor: int) -> Message | None:
    """The next message of a blocking descriptor; None at its end, also in the middle of a frame."""
    head = _read_exactly(descriptor, _LENGTH.size)
    body = None if head is None else _read_exactly(descriptor, _LENGTH.unpack(head)[0])
    return None if body is None else _message(body)


class Incoming:
    """Messages out of pieces of a stream that arrive as they please."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, piece: bytes) -> Iterator[Message]:
        """Every message that is whole after this piece."""
        self._buffer += piece
        while len(self._buffer) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._buffer)[0]
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_LENGTH.size : end])
            del self._buffer[:end]
            yield _message(body)


def order_to_plain(order: WorkOrder) -> Message:
    """An order as plain data; paths become text."""
    return {
        "key": order.key,
        "stage": order.stage,
        "backend": order.backend,
        "params": order.params,
        "inputs": {role: [str(path) for path in paths] for role, paths in order.inputs.items()},
        "outputs": {name: str(path) for name, path in order.outputs.items()},
        "scratch": str(order.scratch),
        "settings": dict(order.settings),
        "cpus": order.cpus,
        "gpus": list(order.gpus),
    }


def order_from_plain(plain: Message) -> WorkOrder:
    """The order that `order_to_plain` was given."""
    return WorkOrder(
        key=ActionKey(plain["key"]),
        stage=plain["stage"],
        backend=plain["backend"],
        params=plain["params"],
        inputs={role: tuple(map(Path, paths)) for role, paths in plain["inputs"].items()},
        outputs={name: Path(path) for name, path in plain["outputs"].items()},
        scratch=Path(plain["scratch"]),
        settings=plain["settings"],
        cpus=plain["cpus"],
        gpus=tuple(plain["gpus"]),
    )


def blobs_to_plain(blobs: Mapping[str, Blob]) -> Message:
    """Blobs by output name, as plain data."""
    return {name: [blob.digest, blob.size] for name, blob in blobs.items()}


def blobs_from_plain(plain: Message) -> dict[str, Blob]:
    """The blobs that `blobs_to_plain` was given."""
    return {name: Blob(Digest(digest), size) for name, (digest, size) in plain.items()}


def notes_to_plain(notes: Iterable[Note]) -> list[Message]:
    """Notes as plain data."""
    return [dict(note.plain()) for note in notes]


def notes_from_plain(plain: Iterable[Message]) -> tuple[Note, ...]:
    """The notes that `notes_to_plain` was given."""
    return tuple(map(note_from_plain, plain))


def error_to_plain(error: EpisodecError) -> Message:
    """An error as plain data. A class that a backend derived from ours travels as the nearest of ours."""
    ours = next(kind for kind in type(error).__mro__ if kind.__module__ == errors.__name__)
    return {"kind": ours.__name__, "sentence": error.sentence, "facts": error.facts, "hint": error.hint}


def error_from_plain(plain: Message) -> EpisodecError:
    """The error that `error_to_plain` was given."""
    kind: type[EpisodecError] = getattr(errors, plain["kind"], BackendError)
    return kind(plain["sentence"], facts=plain["facts"], hint=plain["hint"])


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
