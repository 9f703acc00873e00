"""Canonical hashing: equal values have one digest, whatever the process, platform or insertion order.

Knows nothing of files, actions or episodes. A digest is `xxh3-128:` and 32 hexadecimal digits: the algorithm is part of
the value, so that a store could hold two. xxh3 does not resist deliberate collisions: digests that cross a trust
boundary (a shared cache) need a cryptographic one beside them.
"""

import math
import struct
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NewType

import xxhash

from episodec.errors import UnhashableValue

Digest = NewType("Digest", str)

ALGORITHM = "xxh3-128"

_WORDS = {None: b"n", True: b"t", False: b"f"}

# A canonical value is plain data as JSON knows it, or bytes.
Canonical = None | bool | int | float | str | bytes | Sequence["Canonical"] | Mapping[str, "Canonical"]


def digest_bytes(content: bytes) -> Digest:
    """The digest of a blob with this content; without a tag, so it equals the digest of a file of these bytes."""
    return Digest(f"{ALGORITHM}:{xxhash.xxh3_128_hexdigest(content)}")


def digest_chunks(chunks: Iterable[bytes | memoryview]) -> Digest:
    """The digest of a blob whose content arrives in pieces; equals `digest_bytes` of their concatenation."""
    state = xxhash.xxh3_128()
    for chunk in chunks:
        state.update(chunk)
    return Digest(f"{ALGORITHM}:{state.hexdigest()}")


def digest_value(tag: str, value: Canonical) -> Digest:
    """The digest of a plain value under a tag that names its kind and version (`action-key/1`).

    Equal for reordered mappings and NFC-equivalent text; different for 1, 1.0, True and "1".

    Raises:
        UnhashableValue: NaN, infinity, a mapping whose keys are not text, or a type outside `Canonical`.
    """
    return digest_bytes(encode(tag) + encode(value))


def number_of(tag: str, value: Canonical, below: int) -> int:
    """A number in [0, below) derived from the digest of a plain value; for seeds.

    Raises:
        UnhashableValue: see `digest_value`.
    """
    return int(digest_value(tag, value).rpartition(":")[2], 16) % below


def is_digest(text: str) -> bool:
    """Whether this is a digest as written by this module."""
    name, _, digits = text.partition(":")
    return name == ALGORITHM and len(digits) == 32 and all(c in "0123456789abcdef" for c in digits)


def encode(value: Canonical) -> bytes:
    """The canonical bytes of a plain value: a type tag, a length where one is needed, the content.

    The encoding is prefix-free, so no two different values share their bytes. Layout:
    `n` `t` `f`; `i` LENGTH `:` decimal digits; `d` and 8 bytes IEEE-754 big-endian (-0.0 as 0.0);
    `s` LENGTH `:` UTF-8 in NFC; `b` LENGTH `:` bytes; `l` COUNT `:` items;
    `m` COUNT `:` key, value … in order of the UTF-8 bytes of the keys.

    Raises:
        UnhashableValue: see `digest_value`.
    """
    parts: list[bytes] = []
    _encode_into(parts.append, value, "value")
    return b"".join(parts)


def _encode_into(emit: Callable[[bytes], None], value: Canonical, where: str) -> None:
    if value is None or isinstance(value, bool):
        emit(_WORDS[value])
    elif isinstance(value, str):
        text = _utf8(value, where)
        emit(b"s%d:" % len(text) + text)
    elif isinstance(value, int):
        digits = b"%d" % value
        emit(b"i%d:" % len(digits) + digits)
    elif isinstance(value, float):
        emit(b"d" + _float_bytes(value, where))
    elif isinstance(value, bytes):
        emit(b"b%d:" % len(value) + value)
    elif isinstance(value, Mapping):
        _encode_mapping(emit, value, where)
    elif isinstance(value, list | tuple):
        emit(b"l%d:" % len(value))
        for index, part in enumerate(value):
            _encode_into(emit, part, f"{where}[{index}]")
    else:
        raise UnhashableValue(f"a {type(value).__name__} cannot be part of a key", facts={"at": where})


def _encode_mapping(emit: Callable[[bytes], None], value: Mapping[str, Canonical], where: str) -> None:
    keyed: dict[bytes, str] = {}
    for key in value:
        if not isinstance(key, str):
            raise UnhashableValue("the keys of a mapping must be text", facts={"at": where, "name": repr(key)})
        keyed[_utf8(key, where)] = key
    if len(keyed) != len(value):
        raise UnhashableValue("two keys of a mapping are the same text in NFC", facts={"at": where})
    emit(b"m%d:" % len(keyed))
    for text in sorted(keyed):
        emit(b"s%d:" % len(text) + text)
        _encode_into(emit, value[keyed[text]], f"{where}.{keyed[text]}")


def _float_bytes(value: float, where: str) -> bytes:
    if not math.isfinite(value):
        raise UnhashableValue("NaN and infinity cannot be part of a key", facts={"at": where, "value": value})
    return struct.pack(">d", value + 0.0)  # -0.0 + 0.0 is 0.0.


def _utf8(text: str, where: str) -> bytes:
    try:
        return unicodedata.normalize("NFC", text).encode()
    except UnicodeEncodeError as error:
        raise UnhashableValue("text in a key must be valid Unicode", facts={"at": where, "text": repr(text)}) from error
