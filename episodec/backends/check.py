"""Backend `check`: measures every frame of a picture, holds it to the episode's gates, and draws what was measured."""

from collections.abc import Mapping
from typing import Any, ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError


class Check:
    """Stage check: `picture.mp4`, and `reference.png` (several) for the frames in `references`; params `frames`,
    `rate`, and `gates`: name to `min`, `max` and `severity`. A failed gate of severity `error` fails the action.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"check"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        "check-failed": "The picture fails a check of severity `warn`.",
        "check-not-measured": "A check has nothing to measure in this picture.",
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.drawings.chart import draw_chart
        from episodec.video.frames import frames_of, picture_of
        from episodec.video.gates import gate_notes, judge_gates, readings, refuse_failed, report
        from episodec.video.measure import measure

        rate = order.whole("rate")
        numbers: Any = order.params.get("references") or ()
        pictures = [picture_of(path) for path in order.inputs.get("reference.png", ())]
        measured = measure(frames_of(order.input("picture.mp4")), dict(zip(numbers, pictures, strict=True)))
        if len(measured.mean) != order.whole("frames"):
            facts = {"wanted": order.whole("frames"), "found": len(measured.mean)}
            raise BackendError("the picture has another number of frames than the episode", facts=facts)
        gates: Any = order.params.get("gates") or {}
        found = readings(measured, rate)
        verdicts = judge_gates(gates, found)
        order.outputs["check.json"].write_bytes(report(measured, found, verdicts, rate))
        draw_chart(measured, verdicts, rate, order.outputs["check.png"])
        refuse_failed(verdicts, rate)
        for told in gate_notes(verdicts, rate):
            order.note(*told)
