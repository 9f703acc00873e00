"""Reads captures of a face: Live Link Face's CSV, Audio2Face's JSON, MediaPipe's blendshapes.

Names are matched regardless of case, `_L` and `_R` mean `Left` and `Right`, and columns that are not channels are
listed. Every error names its place. Knows no film; `playing` maps a capture to a film's frames.
"""

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from episodec.performance.channels import HEAD, SHAPES
from episodec.performance.formats import RADIANS_A_DEGREE
from episodec.performance.track import Floats
from episodec.timebase import RATES

_TIMECODE = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})[:;](\d{1,3})(?:\.(\d{1,6}))?")
_SPOKEN_OF = {"timecode", "blendshapecount"}  # Columns of Live Link Face other than channels.
_TIMES = {"timestamp_ms": 1e-3, "time_ms": 1e-3, "timestamp_s": 1.0, "time_s": 1.0, "seconds": 1.0}
CHANNELS = {name.lower(): name for name in (*SHAPES, *HEAD)}


class BadCapture(Exception):
    """A capture cannot be played. Not an EpisodecError: the backend translates it."""

    def __init__(self, sentence: str, place: str, hint: str | None = None) -> None:
        super().__init__(f"{sentence} ({place})")
        self.sentence = sentence
        self.place = place  # `line 3, column JawOpen`, `frame 7, jawOpen`.
        self.hint = hint


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """The captured values of some channels."""

    names: tuple[str, ...]  # Channels, shapes and `HEAD`, in the order of the columns of `values`.
    at_s: Floats  # (N,): the middle of each captured frame, in seconds, ascending.
    values: Floats  # (N, C): weights, not yet clamped to 0 to 1; angles in degrees.
    step_s: float  # The length of a captured frame.
    unknown: tuple[str, ...] = ()  # The file's names of its other columns.


def channel_of(name: str) -> str | None:
    """The channel for a column's name, if it is one."""
    bare = name.strip().strip('"').lower()
    for short, side in (("_l", "left"), ("_r", "right")):
        bare = bare.removesuffix(short) + side if bare.endswith(short) else bare
    return CHANNELS.get(bare)


def read_csv(text: str, rate: int | None) -> Capture:
    """The capture in a CSV: a header with the channels' names, then one line per frame.

    Times are from its timecodes or from a column of milliseconds or seconds; otherwise frames are `rate` a second.

    Raises:
        BadCapture: it is not such a table, or a cell is not a number.
    """
    lines = [(number, row) for number, row in enumerate(csv.reader(text.splitlines()), 1) if any(map(str.strip, row))]
    if len(lines) < 2:
        raise BadCapture("the capture contains no frames", f"line {lines[0][0] if lines else 1}")
    header = [name.strip() for name in lines[0][1]]
    columns, unknown = _columns(header, f"line {lines[0][0]}")
    lowered = [name.lower() for name in header]
    counted = lowered.index("blendshapecount") if "blendshapecount" in lowered else None
    rows: list[tuple[int, Sequence[str]]] = []
    for number, row in lines[1:]:
        if counted is not None and len(row) > counted and row[counted].strip() == "0":
            continue  # Live Link Face did not detect a face.
        if len(row) != len(header):
            raise BadCapture(f"a frame has {len(row)} values for {len(header)} columns", f"line {number}")
        if counted is not None and row[counted].strip() != str(len(header) - counted - 1):
            sentence = f"a frame has {row[counted].strip()} channels by its own count, the header has"
            raise BadCapture(f"{sentence} {len(header) - counted - 1}", f"line {number}, column {header[counted]}")
        rows.append((number, row))
    if not rows:
        raise BadCapture("no frame of the capture has a face", f"line {lines[1][0]}")
    scales = [RADIANS_A_DEGREE if name in HEAD else 1.0 for name in columns]
    values = np.array(
        [
            [
                _number(row[column], f"line {number}, column {header[column]}") / scale
                for column, scale in zip(columns.values(), scales, strict=True)
            ]
            for number, row in rows
        ]
    )
    at_s, step_s = _times(header, lowered, rows, rate)
    return Capture(tuple(columns), at_s, values, step_s, unknown)


def _columns(header: Sequence[str], place: str) -> tuple[dict[str, int], tuple[str, ...]]:
    """The column of each channel, and the names of other columns."""
    columns: dict[str, int] = {}
    unknown = []
    for column, name in enumerate(header):
        channel = channel_of(name)
        if channel in columns:
            raise BadCapture(f"two columns are `{channel}`", f"{place}, column {name}")
        if channel is not None:
            columns[channel] = column
        elif name.lower() not in _SPOKEN_OF | _TIMES.keys() and not _is_passed_over(name):
            unknown.append(name)
    if not columns:
        hint = "name them as ARKit does: jawOpen, eyeBlinkLeft, …"
        raise BadCapture("no column is an ARKit channel", place, hint)
    return columns, tuple(unknown)


def _is_passed_over(name: str) -> bool:
    """Whether a column is ignored: MediaPipe's neutral, and the eyes' angles, which eyeLook channels also express."""
    bare = name.lower()
    return bare in ("_neutral", "neutral") or re.fullmatch(r"(left|right)eye(yaw|pitch|roll)", bare) is not None


def _times(
    header: Sequence[str], lowered: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]], rate: int | None
) -> tuple[Floats, float]:
    """The middles of the frames, counted from the start of the first one, and the length of a frame."""
    named = next((column for column, name in enumerate(lowered) if name in _TIMES), None)
    if "timecode" in lowered:
        column = lowered.index("timecode")
        codes = [_timecode(row[column], f"line {number}, column {header[column]}") for number, row in rows]
        rate = rate or _rate_of(codes)
        starts = [whole + frame / rate for whole, frame in codes]
    elif named is not None:
        places = [f"line {number}, column {header[named]}" for number, _ in rows]
        starts = [
            _number(row[named], place) * _TIMES[lowered[named]] for (_, row), place in zip(rows, places, strict=True)
        ]
        column = named
    else:
        return _even(len(rows), rate)
    for (number, _), before, after in zip(rows[1:], starts, starts[1:], strict=False):
        if after <= before:
            raise BadCapture("a frame is not later than the one before it", f"line {number}, column {header[column]}")
    step = 1 / rate if rate else min((b - a for a, b in pairwise(starts)), default=1 / RATES[0])
    return np.array([start - starts[0] + step / 2 for start in starts], np.float64), step


def _even(count: int, rate: float | None) -> tuple[Floats, float]:
    if rate is None:
        hint = "give its frames a second: `performance: {file: …, file_rate: 30}`"
        raise BadCapture("the capture has no times and no frame rate", "line 1", hint)
    return np.array([(number + 0.5) / rate for number in range(count)], np.float64), 1 / rate


def _timecode(text: str, place: str) -> tuple[int, float]:
    """Whole seconds and frames of `HH:MM:SS:FF.mmm`; the last part is thousandths of a frame."""
    match = _TIMECODE.fullmatch(text.strip())
    if match is None:
        raise BadCapture(f"`{text.strip()[:40]}` is not a timecode", place, "expected the form 00:01:02:03.000")
    hours, minutes, second, frame = (int(match[part]) for part in range(1, 5))
    return (hours * 60 + minutes) * 60 + second, float(f"{frame}.{match[5] or 0}")


def _rate_of(codes: Sequence[tuple[int, float]]) -> int:
    """The frame rate of timecodes: the lowest usual one above their greatest frame number.

    Raises:
        BadCapture: they cover less than a second, too little to decide.
    """
    seconds = {whole for whole, _ in codes}
    highest = int(max(frame for _, frame in codes)) + 1
    nearest_rate = next((rate for rate in RATES if rate >= highest), None)
    if nearest_rate is None or len(seconds) < 2:
        hint = "give its frames a second: `performance: {file: …, file_rate: 60}`"
        raise BadCapture("the timecodes do not determine the capture's frame rate", "line 2, column Timecode", hint)
    return nearest_rate


def _number(text: str | float, place: str) -> float:
    try:
        value = float(text)
    except (TypeError, ValueError):
        value = math.nan
    if isinstance(text, bool) or not math.isfinite(value) or abs(value) > 1e9:
        raise BadCapture(f"`{str(text).strip()[:40]}` is not a number", place)
    return value


def of_frames(frames: Sequence[Mapping[str, object]], rate: float | None) -> Capture:
    """The capture in a list of mappings from names to numbers, one per frame, all with the same names.

    Raises:
        BadCapture: the names differ, or a value is not a number.
    """
    if not frames:
        raise BadCapture("the capture contains no frames", "frame 0")
    columns, unknown = _columns(list(frames[0]), "frame 0")
    names = list(frames[0])
    for number, frame in enumerate(frames):
        if list(frame) != names:
            raise BadCapture(f"a frame has {len(frame)} channels, not the {len(names)} of the first", f"frame {number}")
    values = [
        [_any_number(frame[names[column]], f"frame {number}, {names[column]}") for column in columns.values()]
        for number, frame in enumerate(frames)
    ]
    at_s, step_s = _even(len(frames), rate)
    return Capture(tuple(columns), at_s, np.array(values), step_s, unknown)


def _any_number(value: object, place: str) -> float:
    if not isinstance(value, int | float):
        raise BadCapture(f"`{str(value)[:40]}` is not a number", place)
    return _number(value, place)
