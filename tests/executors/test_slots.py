"""How much of a machine is taken."""

from pathlib import Path

import pytest

from episodec.executors.slots import Slots
from tests.toys.orders import task


@pytest.mark.parametrize(
    ("held", "asked", "expected"),
    [
        ((), (9, 0, 9999), True),
        (((1, 0, 0),), (3, 0, 0), True),
        (((1, 0, 0),), (4, 0, 0), False),
        (((9, 0, 0),), (1, 0, 0), False),
        (((1, 0, 60),), (1, 0, 40), True),
        (((1, 0, 60),), (1, 0, 41), False),
        (((1, 0, 999),), (1, 0, 0), False),
        (((1, 1, 0),), (1, 1, 0), True),
        (((1, 1, 0), (1, 1, 0)), (1, 1, 0), False),
        (((1, 1, 0),), (1, 2, 0), False),
        (((1, 0, 0),), (1, 3, 0), True),  # More GPUs than there are: it fails at once.
        (((0, 0, 0),) * 4, (0, 0, 0), False),  # A task holds one cpu at least.
    ],
)
def test_room_is_what_is_left(
    tmp_path: Path, held: tuple[tuple[int, int, int], ...], asked: tuple[int, int, int], *, expected: bool
) -> None:
    slots = Slots(4, (0, 1), 100)
    tasks = [task(tmp_path, "x", f"{n}", cpus=c, gpus=g, memory_mib=m) for n, (c, g, m) in enumerate(held)]
    for one in tasks:
        slots.take(one, slots.free_gpus()[: one.gpus])
    assert slots.has_room(*asked) == expected
    for one in tasks:
        slots.give(one)
    assert slots.has_room(99, 2, 9999)
    assert slots.free_gpus() == (0, 1)
