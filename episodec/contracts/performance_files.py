"""Formats of performances: how a face moves, as text for other tools and as the rows of a chunk."""

from pathlib import Path

from episodec.contracts.contract import CheckedFormat, Format
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError


def read_performed(path: Path, order: WorkOrder) -> None:
    """A performance of as many frames, at the same rate."""
    from episodec.performance.capture_json import read_capture
    from episodec.performance.captures import BadCapture

    try:
        found = read_capture(path.name, path.read_text(encoding="utf-8"), None)
    except (UnicodeDecodeError, BadCapture) as error:
        raise BackendError("this is no performance", facts={"error": error}) from error
    frames, rate = order.whole("frames"), order.whole("rate")
    if len(found.values) != frames or abs(found.step_s * rate - 1) > 1e-9:
        facts = {"found": f"{len(found.values)} frames of {found.step_s:g} s"}
        raise BackendError("the performance is that of another episode", facts=facts)


def read_rows(path: Path, order: WorkOrder) -> None:
    """The rows of a chunk, and of no more frames than one has."""
    from episodec.performance.track import unpack

    try:
        found = unpack(path.read_bytes())
    except ValueError as error:
        raise BackendError("these are no rows of a performance", facts={"error": error}) from error
    if not 0 < len(found) <= order.whole("chunk_frames"):
        raise BackendError("these are rows of no chunk", facts={"found": f"{len(found)} frames"})


CAPTURE = Format(
    "capture",
    "a CSV of Live Link Face or of named columns, the JSON of Audio2Face, or a list of MediaPipe's results as JSON",
)
PERFORMED = CheckedFormat(
    "performance.json",
    "JSON in Audio2Face's layout (`exportFps`, `numFrames`, `facsNames`, `weightMat`), with `head` and `breath`",
    read_performed,
)
PERFORMED_ROWS = CheckedFormat(
    "performance rows", "version 1 (`episodec.performance.track`), a row a frame of the chunk", read_rows
)
