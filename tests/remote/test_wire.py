"""Records as they travel: what is signed, what is believed, and what makes two names differ."""

from typing import Any

import pytest

from episodec import canonical_json
from episodec.digest import digest_bytes
from episodec.engine.key import KeyParts
from episodec.engine.notes import Note, notes_text
from episodec.remote.signing import new_key, signer, verifies
from episodec.remote.wire import (
    MAX_RECORD_BYTES,
    Disbelieved,
    Sha256,
    SharedBlob,
    SharedRecord,
    believe,
    record_bytes,
    record_name,
    sha256_of,
    shared_parts,
)

PUBLIC, SECRET = new_key()
_, SIGN = signer(SECRET)
STRANGER = f"ed25519:{'b2' * 32}"


def parts(text: str = "words", sha256: str = "a" * 64) -> dict[str, Any]:
    digests = {"recording.wav": (digest_bytes(b"sound"),)}
    own = KeyParts("voice", "say", {"code": "xxh3-128:0"}, {"text": text, "pace": 1.0}, digests, ("voice.wav",))
    return shared_parts(own, {"recording.wav": (Sha256(sha256),)})


def record(**changes: Any) -> SharedRecord:
    blob = SharedBlob(sha256_of(b"voice"), digest_bytes(b"voice"), 5)
    fields: dict[str, Any] = {
        "parts": parts(),
        "outputs": {"voice.wav": blob},
        "notes": (Note("sped-up", "it is faster", {"percent": 3, "by": "voice", "at": (1, 2.5)}),),
        "seconds": 1.5,
        "deterministic": True,
        "by": PUBLIC,
    }
    return SharedRecord(**{**fields, **changes})


def test_a_record_is_read_back_as_it_was_written() -> None:
    read = believe(record_bytes(record(), SIGN), parts(), [PUBLIC], verifies)
    assert read == record()
    assert notes_text([("voice", read.notes)]) == notes_text([("voice", record().notes)])


def test_equal_records_are_equal_bytes() -> None:
    turned = dict(reversed(list(parts().items())))
    assert record_bytes(record(parts=turned), SIGN) == record_bytes(record(), SIGN)


def test_no_xxh3_of_an_input_is_in_a_record() -> None:
    assert digest_bytes(b"sound").encode() not in record_bytes(record(), SIGN)


@pytest.mark.parametrize("other", [parts("other"), parts(sha256="b" * 64), {**parts(), "version": 3}])
def test_other_parts_have_another_name_and_are_not_believed(other: dict[str, Any]) -> None:
    assert record_name(other) != record_name(parts())
    with pytest.raises(Disbelieved, match="another action"):
        believe(record_bytes(record(), SIGN), other, [PUBLIC], verifies)


def test_a_name_is_pinned() -> None:
    """The names in caches that exist: a change of them loses all results."""
    assert record_name(parts()) == "5903ab40563fb1bbd5325fb41ad5bd8362cad1b97c37f3a49e07f1006dcaca2c"


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("seconds", 2.0, "its signature is wrong"),
        ("deterministic", False, "its signature is wrong"),
        ("notes", [], "its signature is wrong"),
        ("outputs", {"voice.wav": ["0" * 64, "xxh3-128:" + "0" * 32, 5]}, "its signature is wrong"),
        ("by", STRANGER, "is not trusted"),
        ("version", 2, "it is not a record"),
        ("more", 1, "it is not a record"),
        ("outputs", {"voice.wav": ["../x", "xxh3-128:" + "0" * 32, 5]}, "it is not a record"),
        ("outputs", {"voice.wav": ["0" * 64, "xxh3-128:" + "0" * 32, -1]}, "it is not a record"),
        ("outputs", {"voice.wav": ["0" * 64, "xxh3-128:" + "0" * 32, True]}, "it is not a record"),
        ("outputs", 3, "it is not a record"),
        ("parts", [], "it is not a record"),
        ("seconds", -1, "it is not a record"),
        ("signature", "zz", "it is not a record"),
        ("notes", [{}], "it is not a record"),
    ],
    ids=str,
)
def test_a_record_that_was_changed_is_not_believed(name: str, value: Any, why: str) -> None:
    plain = canonical_json.load(record_bytes(record(), SIGN).decode())
    assert isinstance(plain, dict)
    with pytest.raises(Disbelieved, match=why):
        believe(canonical_json.dump({**plain, name: value}).encode(), parts(), [PUBLIC], verifies)


NO_RECORDS = [b"", b"null", b"[]", b'{"a": NaN}', b"[" * 200_000, b"\xff", b" " * (MAX_RECORD_BYTES + 1)]


@pytest.mark.parametrize("number", range(len(NO_RECORDS)))
def test_what_is_no_record_is_not_believed(number: int) -> None:
    content = NO_RECORDS[number]
    with pytest.raises(Disbelieved):
        believe(content, parts(), [PUBLIC], verifies)


def test_signed_outputs_must_be_those_of_the_action() -> None:
    blob = SharedBlob(sha256_of(b"voice"), digest_bytes(b"voice"), 5)
    more = record_bytes(record(outputs={"voice.wav": blob, "words.json": blob}), SIGN)
    with pytest.raises(Disbelieved, match="outputs"):
        believe(more, parts(), [PUBLIC], verifies)
