"""Backend `plan`: writes a frame plan's rows as plan.json, without computing anything new."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError


class PlanBackend:
    """Stage plan; input `frames.rows`, params `frames`, `rate` and `segments`."""

    stages: ClassVar[frozenset[str]] = frozenset({"plan"})
    deterministic: ClassVar[bool] = True

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.film.plan import plan_of
        from episodec.film.plan_json import read_segment, write_plan
        from episodec.film.rows import unpack

        rows = unpack(order.input("frames.rows").read_bytes())
        frames, rate, segments = order.whole("frames"), order.whole("rate"), order.params["segments"]
        assert isinstance(segments, Sequence)
        if len(rows.order) != frames:
            facts = {"rows for": f"{len(rows.order)} frames", "episode": f"{frames} frames"}
            raise BackendError("the frame plan differs in length from the episode", facts=facts)
        plan = plan_of(rows, rate, tuple(read_segment(one) for one in segments if isinstance(one, Mapping)))
        order.output().write_text(write_plan(plan), encoding="utf-8")
