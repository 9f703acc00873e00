"""Which files are taken for reference voice tokens; none of them may run code."""

import io
import pickle
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from episodec.audio.ref_tokens import load_ref_tokens
from episodec.errors import BackendError

GOOD = np.arange(8 * 40, dtype=np.int32).reshape(8, 40) % 1000


def saved(array: Any, *, allow_pickle: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=allow_pickle)
    return file.getvalue()


def with_header(text: str, body: bytes = b"", version: tuple[int, int] = (1, 0)) -> bytes:
    size = struct.pack("<H" if version == (1, 0) else "<I", len(text) + 1)
    return b"\x93NUMPY" + bytes(version) + size + text.encode() + b"\n" + body


def claims(shape: str, descr: str = "'<i4'", body: bytes = b"\0" * 32) -> bytes:
    return with_header(f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}", body)


def archive() -> bytes:
    file = io.BytesIO()
    np.savez(file, codes=GOOD)
    return file.getvalue()


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("raise SystemExit('code of the file was run')",)


def objects() -> bytes:
    return saved(np.array([Bomb()], dtype=object), allow_pickle=True)


ACCEPTED = {
    "int32": (saved(GOOD), GOOD),
    "int64": (saved(GOOD.astype(np.int64)), GOOD),
    "uint16": (saved(GOOD.astype(np.uint16)), GOOD),
    "columns first": (saved(np.asfortranarray(GOOD)), GOOD),
    "big-endian": (saved(GOOD.astype(">i2")), GOOD),
    "one column": (saved(GOOD[:, :1]), GOOD[:, :1]),
    "version 2.0": (
        with_header("{'descr': '<i4', 'fortran_order': False, 'shape': (8, 1), }", b"\0" * 32, (2, 0)),
        np.zeros((8, 1), np.int32),
    ),
}

REJECTED = {
    "empty file": b"",
    "text": b"these are not tokens",
    "magic only": b"\x93NUMPY",
    "bad magic": b"\x93NUMPX" + saved(GOOD)[6:],
    "unknown version": b"\x93NUMPY\x09\x00" + saved(GOOD)[8:],
    "version 3.0": b"\x93NUMPY\x03\x00" + saved(GOOD)[8:],
    "bare pickle": pickle.dumps(Bomb()),
    "object array": objects(),
    "zip archive": archive(),
    "zip of nothing": b"PK\x05\x06" + b"\0" * 18,
    "truncated data": saved(GOOD)[:-1],
    "truncated header": saved(GOOD)[:40],
    "trailing bytes": saved(GOOD) + b"\0",
    "trailing array": saved(GOOD) * 2,
    "code in the header": with_header("__import__('os').system('true')"),
    "long header": claims("(8, 1)" + " " * 10_000),
    "header of other names": with_header("{'a': 1}"),
    "claims 16 GiB": claims("(8, 536870912)"),
    "claims 64 TiB": claims("(8, 2199023255552)"),
    "claims a huge text": claims("(8, 1)", "'<U1000000000'"),
    "negative length": claims("(8, -1)"),
    "bool in shape": claims("(8, True)"),
    "text in shape": claims("(8, '1')"),
    "structured": saved(np.zeros((8, 1), [("a", "i4")])),
    "float64": saved(GOOD.astype(np.float64)),
    "bools": saved(GOOD.astype(bool)),
    "complex": saved(GOOD.astype(np.complex64)),
    "times": saved(GOOD.astype("timedelta64[s]")),
    "scalar": saved(np.int32(3)),
    "one axis": saved(GOOD[0]),
    "three axes": saved(GOOD[None]),
    "seven rows": saved(GOOD[:7]),
    "transposed": saved(np.ascontiguousarray(GOOD.T)),
    "no columns": saved(GOOD[:, :0]),
    "too long": saved(np.zeros((8, 16_385), np.uint8)),
    "too large": saved(np.zeros((8, 200_000), np.int64)),
    "code 1024": saved(np.full((8, 3), 1024, np.int32)),
    "code -1": saved(np.full((8, 3), -1, np.int32)),
    "code of 2**64 - 1": saved(np.full((8, 3), 2**64 - 1, np.uint64)),
    "python 2": with_header("{'descr': '<i4', 'fortran_order': False, 'shape': (8L, 1L), }", b"\0" * 32),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_whole_integer_tokens_are_taken(tmp_path: Path, name: str) -> None:
    content, expected = ACCEPTED[name]
    (tmp_path / "ref.npy").write_bytes(content)
    tokens = load_ref_tokens(tmp_path / "ref.npy")
    assert tokens.dtype == np.int32
    assert tokens.flags.c_contiguous
    np.testing.assert_array_equal(tokens, expected)


@pytest.mark.parametrize("name", REJECTED)
def test_anything_else_is_refused_with_one_error_and_little_memory(tmp_path: Path, name: str) -> None:
    (tmp_path / "ref.npy").write_bytes(REJECTED[name])
    tracemalloc.start()
    with pytest.raises(BackendError) as caught:
        load_ref_tokens(tmp_path / "ref.npy")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20
    assert caught.value.facts["file"] == "ref.npy"
    assert caught.value.hint


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.npy"):
        with pytest.raises(BackendError):
            load_ref_tokens(path)
