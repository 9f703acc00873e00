"""The record of a result in a shared cache, and the checks of a reader.

Values only; no server. A record is named by the sha256 of its key's parts, in which inputs are named by sha256. It
holds all of these parts, so a record that was moved to another name, or signed for another action, does not match a
reader's own parts.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, NewType

from episodec import canonical_json
from episodec.digest import Canonical, Digest, encode, is_digest
from episodec.engine.action import Role
from episodec.engine.key import KeyParts
from episodec.engine.notes import Note, note_from_plain
from episodec.errors import EpisodecError

Sha256 = NewType("Sha256", str)
"""64 hexadecimal digits."""

RecordName = NewType("RecordName", str)
"""The name of a record within a namespace: 64 hexadecimal digits."""

VERSION = 1
MAX_RECORD_BYTES = 1 << 20  # Measured: 0.8 kB. A hostile server must not fill the memory.
_TAG = "episodec-shared-record/1"
_HEXADECIMAL = frozenset("0123456789abcdef")
_FIELDS = {"version", "parts", "outputs", "notes", "seconds", "deterministic", "by", "signature"}


class Disbelieved(Exception):
    """A record is not trusted; the text gives the reason in a few words."""


@dataclass(frozen=True, slots=True)
class SharedBlob:
    """An output as a record names it."""

    sha256: Sha256
    digest: Digest  # Its name in local caches, attested only by the signature.
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class SharedRecord:
    """A result in a shared cache."""

    parts: Mapping[str, Canonical]  # A plain KeyParts whose inputs are named by sha256.
    outputs: Mapping[str, SharedBlob]
    notes: tuple[Note, ...]
    seconds: float
    deterministic: bool
    by: str  # The public key of its signer.

    def body(self) -> dict[str, Canonical]:
        """Everything that is signed."""
        return {
            "version": VERSION,
            "parts": self.parts,
            "outputs": {name: [one.sha256, one.digest, one.size] for name, one in self.outputs.items()},
            # As texts: the order of a note's facts is a part of it, and mappings of a record are sorted.
            "notes": [canonical_json.dump(note.plain()) for note in self.notes],
            "seconds": self.seconds,
            "deterministic": self.deterministic,
            "by": self.by,
        }


Sign = Callable[[bytes], bytes]
Verify = Callable[[str, bytes, bytes], bool]
"""(public key, signature, message) to whether the key made the signature."""


def shared_parts(parts: KeyParts, inputs: Mapping[Role, tuple[Sha256, ...]]) -> dict[str, Canonical]:
    """The parts of a key with inputs named by sha256 instead of xxh3."""
    return {**parts.plain(), "inputs": {role: list(group) for role, group in inputs.items()}}


def record_name(parts: Mapping[str, Canonical]) -> RecordName:
    """The name of the record with these parts."""
    return RecordName(hashlib.sha256(encode(_TAG) + encode(parts)).hexdigest())


def sha256_of(content: bytes) -> Sha256:
    """The digest of these bytes."""
    return Sha256(hashlib.sha256(content).hexdigest())


def is_sha256(text: object) -> bool:
    """Whether this is a digest as written by this module."""
    return isinstance(text, str) and len(text) == 64 and _HEXADECIMAL.issuperset(text)


def record_bytes(record: SharedRecord, sign: Sign) -> bytes:
    """The signed record as canonical JSON."""
    body = record.body()
    signed = {**body, "signature": sign(_message(body)).hex()}
    return canonical_json.dump(_sorted(signed)).encode()


def parsed_record(content: bytes, trusted: Collection[str], verify: Verify) -> SharedRecord:
    """The record in these bytes, if a trusted key signed it.

    Raises:
        Disbelieved: it is too large, malformed, or not signed by a trusted key.
    """
    record, signature, message = read_record(content)
    if record.by not in trusted:
        raise Disbelieved(f"its signer {record.by[:24]} is not trusted")
    if not verify(record.by, signature, message):
        raise Disbelieved("its signature is wrong")
    return record


def read_record(content: bytes) -> tuple[SharedRecord, bytes, bytes]:
    """The record in these bytes, its signature, and the message that should be signed. Nobody vouches for it.

    Raises:
        Disbelieved: it is too large, or malformed.
    """
    if len(content) > MAX_RECORD_BYTES:
        raise Disbelieved("it is too large")
    try:
        record, signature = _record(canonical_json.load(content.decode()))
        return record, signature, _message(record.body())
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, EpisodecError) as error:
        raise Disbelieved("it is not a record") from error


def believe(content: bytes, parts: Mapping[str, Canonical], trusted: Collection[str], verify: Verify) -> SharedRecord:
    """The record in these bytes, if it is signed by a trusted key and has exactly the parts computed here.

    Raises:
        Disbelieved: see `parsed_record`; or it is the record of another action.
    """
    record = parsed_record(content, trusted, verify)
    if encode(record.parts) != encode(parts):
        raise Disbelieved("it is the record of another action")
    if sorted(record.outputs) != sorted(str(name) for name in _list(parts["outputs"])):
        raise Disbelieved("its outputs are not those of the action")
    return record


def _message(body: Mapping[str, Canonical]) -> bytes:
    return encode(_TAG) + encode(body)


def _record(plain: Any) -> tuple[SharedRecord, bytes]:
    """The record and its signature. Raises: KeyError, TypeError or ValueError for anything that is not a record."""
    if plain.keys() != _FIELDS or plain["version"] != VERSION:
        raise ValueError("it has other fields, or another version")
    parts, by, seconds, deterministic = (plain[name] for name in ("parts", "by", "seconds", "deterministic"))
    if not isinstance(parts, dict) or not isinstance(by, str) or not isinstance(deterministic, bool):
        raise TypeError("a field has another type")
    outputs = {str(name): _blob(*one) for name, one in plain["outputs"].items()}
    notes = tuple(note_from_plain(canonical_json.load(text)) for text in _list(plain["notes"]))
    record = SharedRecord(parts, outputs, notes, _seconds(seconds), deterministic, by)
    return record, bytes.fromhex(plain["signature"])


def _blob(sha256: object, digest: object, size: object) -> SharedBlob:
    if not is_sha256(sha256) or not isinstance(digest, str) or not is_digest(digest):
        raise ValueError("not a digest")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise ValueError("not a size")
    return SharedBlob(Sha256(str(sha256)), Digest(digest), size)


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise ValueError("not a duration")
    return value


def _list(value: object) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    raise TypeError("not a list")


def _sorted(value: Any) -> Any:
    """The value with mappings in order of their keys: equal records are equal bytes."""
    if isinstance(value, Mapping):
        return {name: _sorted(value[name]) for name in sorted(value)}
    if isinstance(value, list | tuple):
        return type(value)(_sorted(one) for one in value)
    return value
