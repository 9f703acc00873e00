"""Formats of performances: the motion of a face, as text for other tools and as the rows of a chunk."""

from pathlib import Path

from episodec.contracts.contract import CheckedFormat, Format
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError


def read_performed(path: Path, order: WorkOrder) -> None:
    """Check a performance with the order's number of frames and rate."""
    from episodec.performance.capture_json import read_capture
    from episodec.performance.captures import BadCapture

    try:
        capture = read_capture(path.name, path.read_text(encoding="utf-8"), None)
    except (UnicodeDecodeError, BadCapture) as error:
        raise BackendError("this is not a performance", facts={"error": error}) from error
    frames, rate = order.whole("frames"), order.whole("rate")
    if len(capture.values) != frames or abs(capture.step_s * rate - 1) > 1e-9:
        facts = {"found": f"{len(capture.values)} frames of {capture.step_s:g} s"}
        raise BackendError("the performance belongs to another episode", facts=facts)


def read_rows(path: Path, order: WorkOrder) -> None:
    """Check rows of at most a chunk's number of frames."""
    from episodec.performance.track import unpack

    try:
        rows = unpack(path.read_bytes())
    except ValueError as error:
        raise BackendError("these are not the rows of a performance", facts={"error": error}) from error
    if not 0 < len(rows) <= order.whole("chunk_frames"):
        raise BackendError("the rows do not fit a chunk", facts={"found": f"{len(rows)} frames"})


CAPTURE = Format(
    "capture",
    "a CSV of Live Link Face or with named columns, the JSON of Audio2Face, or a JSON list of MediaPipe results",
)
PERFORMED = CheckedFormat(
    "performance.json",
    "JSON in Audio2Face's layout (`exportFps`, `numFrames`, `facsNames`, `weightMat`), with `head` and `breath`",
    read_performed,
)
PERFORMED_ROWS = CheckedFormat(
    "performance rows", "version 1 (`episodec.performance.track`), one row per frame of the chunk", read_rows
)
