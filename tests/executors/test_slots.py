"""How much of a machine is taken."""

from pathlib import Path

import pytest

from episodec.engine.action import Resources
from episodec.engine.executor import Later, Never, Now
from episodec.executors.slots import Slots
from tests.toys.orders import sent


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
        (((0, 0, 0),) * 4, (0, 0, 0), False),  # A task holds one cpu at least.
    ],
)
def test_room_is_what_is_left(
    tmp_path: Path, held: tuple[tuple[int, int, int], ...], asked: tuple[int, int, int], *, expected: bool
) -> None:
    slots = Slots(4, (0, 1), 100)
    tasks = [sent(tmp_path, "x", f"{n}", cpus=c, gpus=g, memory_mib=m) for n, (c, g, m) in enumerate(held)]
    for task in tasks:
        slots.take(task, slots.free_gpus()[: task.gpus])
    cpus, gpus, memory_mib = asked
    assert slots.offer("x", Resources(cpus, gpus, memory_mib)) == (Now() if expected else Later())
    for task in tasks:
        slots.give(task)
    assert slots.offer("x", Resources(99, 2, 9999)) == Now()
    never = slots.offer("x", Resources(gpus=3))
    assert isinstance(never, Never)
    assert never.reason.facts == {"backend": "x", "wanted": "3", "there are": "2"}
    assert slots.free_gpus() == (0, 1)
