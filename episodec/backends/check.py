"""Backend `check`: measures every frame of a picture, checks the episode's gates, and draws a chart."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError

PERFORMED = "performance.json"
EVERY = 2  # The face is searched in every second frame: speech and blinks last longer.


class CheckBackend:
    """Stage check: `picture.mp4`, `reference.png` (several) for the frames in `references`, and `performance.json`,
    which the film's face is compared with; params `frames`, `rate`, and `gates`: name to `min`, `max` and `severity`. A
    failed gate of severity `error` fails the action. With `background`, that of rendered frames, it notes where the
    character is cut off at the top.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"check"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        "check-failed": "The picture fails a check of severity `warn`.",
        "check-not-measured": "A check has nothing to measure in this picture.",
        "crown-at-edge": "The character touches the upper edge of some frames: the crown may be cut off.",
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.drawings.chart import draw_chart
        from episodec.video.frames import frames_of, picture_of
        from episodec.video.gates import gate_notes, judge_gates, readings, refuse_failed, report
        from episodec.video.lips import FACE
        from episodec.video.measure import measure

        rate = order.whole("rate")
        numbers: Any = order.params.get("references") or ()
        pictures = [picture_of(path) for path in order.inputs.get("reference.png", ())]
        cut: list[int] = []
        frames = _watched(order, frames_of(order.input("picture.mp4")), cut)
        references = dict(zip(numbers, pictures, strict=True))
        measured, face = (
            _with_face(order, frames, references) if PERFORMED in order.inputs else (measure(frames, references), None)
        )
        if len(measured.mean) != order.whole("frames"):
            facts = {"wanted": order.whole("frames"), "found": len(measured.mean)}
            raise BackendError("the picture differs in length from the episode", facts=facts)
        gates: Any = order.params.get("gates") or {}
        ranges = readings(measured, rate) | (face.readings(rate) if face else dict.fromkeys(FACE))
        verdicts = judge_gates(gates, ranges)
        order.outputs["check.json"].write_bytes(
            report(measured, ranges, verdicts, rate, face.per_frame() if face else {})
        )
        draw_chart(measured, verdicts, rate, order.outputs["check.png"])
        refuse_failed(verdicts, rate)
        for note in gate_notes(verdicts, rate):
            order.note(*note)
        if cut:
            _tell_cut(order, cut, rate)


def _watched(order: WorkOrder, frames: Iterator[Any], cut: list[int]) -> Iterator[Any]:
    """Pass the frames on; add the numbers of those whose upper edge the character touches to `cut`."""
    from episodec.drawings.background import background_of
    from episodec.video.edge import touches

    behind: Any = None
    for number, frame in enumerate(frames):
        if "background" in order.params:
            if behind is None:
                behind = background_of(order, (frame.shape[1], frame.shape[0]))
            if touches(frame, behind):
                cut.append(number)
        yield frame


def _tell_cut(order: WorkOrder, cut: Sequence[int], rate: int) -> None:
    from episodec.timebase import frames_text
    from episodec.video.edge import spans_text
    from episodec.video.gates import clock_text

    first = f"first in frame {cut[0]} ({clock_text(cut[0], rate)})"
    order.note(
        "crown-at-edge",
        f"the character touches the frame's upper edge in {frames_text(len(cut))}, {first}",
        facts={"frames": spans_text(cut)},
        hint="a larger `radius`, or a higher `look_at`, leaves room above the crown",
    )


def _with_face(order: WorkOrder, frames: Iterator[Any], references: Mapping[int, Any]) -> tuple[Any, Any]:
    """The measurements of the frames, and the film's face with its performance (`video.lips.FilmedFace`)."""
    import numpy as np

    from episodec.faces.film_face import FilmReader
    from episodec.performance.capture_json import read_capture
    from episodec.performance.opening import opening
    from episodec.performance.playing import played
    from episodec.video.lips import FilmedFace
    from episodec.video.measure import measure

    first = next(frames)

    def frames_of(reader: FilmReader) -> Iterator[Any]:
        for number, frame in enumerate(chain([first], frames)):
            if number % EVERY == 0:
                reader.show(frame)
            yield frame

    with FilmReader(first.shape[:2]) as reader:
        measured = measure(frames_of(reader), references)
        apart = np.full((len(measured.mean), 2), np.nan)
        apart[::EVERY] = reader.measured()
    capture = read_capture(PERFORMED, order.input(PERFORMED).read_text(encoding="utf-8"), None)
    track = played(capture, len(measured.mean), order.whole("rate"))
    return measured, FilmedFace(opening(track), apart[:, 0], apart[:, 1])
