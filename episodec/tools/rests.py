"""The param `rests` of the stage `performance`."""

from typing import Any

from episodec.engine.backend import WorkOrder


def rests_of(order: WorkOrder) -> list[tuple[int, int, bool, bool]]:
    """The ranges of frames in which the mouth rests (see `performance.resting.Rest`); none if the order names none."""
    rows: Any = order.params.get("rests") or ()
    return [(int(start), int(end), bool(fades_in), bool(fades_out)) for start, end, fades_in, fades_out in rows]
