"""Files that nobody has seen: good ones, mutated; a reader accepts or refuses whatever comes of them, in its bounds."""

import importlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.corpus.bases import base
from tests.corpus.harness import answer, beyond
from tests.corpus.readers import READERS
from tests.corpus.test_corpus import LIBRARIES

# Numbers at which arithmetic of sizes goes wrong.
_EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF)
_WORDS = ("null", "true", "-1", "1e999", "NaN", "[]", "{}", '""', "\0", "99999999999999999999", "../../x", "\U000e0041")


def _mutated(content: bytes, steps: list[tuple[str, float, float, int]]) -> bytes:
    """The content after these steps: what is done, where, how much, with what."""
    changed = bytearray(content)
    for what, where, length, value in steps:
        start = int(where * len(changed))
        end = min(len(changed), start + 1 + int(length * length * len(changed) / 4))
        match what:
            case "flip" if start < len(changed):
                changed[start] ^= 1 << value % 8
            case "set":
                edge = _EDGES[value % len(_EDGES)]
                changed[start : start + 4] = edge.to_bytes(4, "little" if value % 2 else "big")
            case "word":
                changed[start:end] = _WORDS[value % len(_WORDS)].encode()
            case "remove":
                del changed[start:end]
            case "double":
                changed[start:start] = changed[start:end] * (1 + value % 50)
            case "move":
                piece = changed[start:end]
                del changed[start:end]
                place = value % (len(changed) + 1)
                changed[place:place] = piece
            case _:
                del changed[start + 1 :]
    return bytes(changed[: 4 << 20])


_FRACTION = st.floats(0, 1, exclude_max=True)
_STEP = st.tuples(
    st.sampled_from(["flip", "flip", "set", "set", "word", "remove", "double", "move", "cut"]),
    _FRACTION,
    _FRACTION,
    st.integers(0, 1 << 16),
)


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    for name in LIBRARIES:
        importlib.import_module(name)


@pytest.mark.campaign
@pytest.mark.parametrize("area", READERS)
@given(steps=st.lists(_STEP, min_size=1, max_size=6))
@settings(deadline=None)
def test_a_mutated_file_is_accepted_or_refused_in_bounds(area: str, steps: list[tuple[Any, ...]]) -> None:
    actual = answer(area, _mutated(base(READERS[area].base), steps))
    assert actual.kind in ("accepted", "refused"), actual.says
    assert beyond(actual) is None
