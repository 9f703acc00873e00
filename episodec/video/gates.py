"""Compares measurements with an episode's gates. A missing measurement is reported, never passed silently."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from episodec.digest import Canonical
from episodec.errors import BackendError
from episodec.video.measure import FrameMeasurements, flashes

REPORT_VERSION = 1  # Of check.json.


@dataclass(frozen=True, slots=True)
class MeasuredRange:
    """The range of a measurement over an episode, and the frames with the extreme values."""

    least: float
    most: float
    least_frame: int | None = None  # None: the value belongs to no single frame.
    most_frame: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A gate, and whether the picture passes it."""

    name: str
    severity: str  # warn or error.
    min: float | None
    max: float | None
    reading: MeasuredRange | None  # None: not measured.

    @property
    def passed(self) -> bool | None:
        """None if not measured."""
        if self.reading is None:
            return None
        return (self.min is None or self.reading.least >= self.min) and (
            self.max is None or self.reading.most <= self.max
        )

    def sentence(self, rate: int) -> str:
        """`12.4 at frame 401 (0:13.37), at least 30 wanted`."""
        if self.reading is None:
            return _UNMEASURED.get(self.name, "nothing to measure it against")
        is_low = self.min is not None and self.reading.least < self.min
        value, frame = (
            (self.reading.least, self.reading.least_frame)
            if is_low or self.max is None
            else (self.reading.most, self.reading.most_frame)
        )
        limits = [] if self.min is None else [f"at least {self.min:g}"]
        limits += [] if self.max is None else [f"at most {self.max:g}"]
        where = "" if frame is None else f" at frame {frame} ({clock_text(frame, rate)})"
        return f"{value:.4g}{where}, {' and '.join(limits) or 'anything'} wanted"


_UNMEASURED = {
    "lip_sync": "too little is said, or too few frames show a speaking face from the front",
    "lip_offset": "too little is said, or too few frames show a speaking face from the front",
    "blinks": "too few frames show a face from the front",
}
"""The reason why a measurement of a face is missing."""


def clock_text(frame: int, rate: int) -> str:
    """The time of a frame: `0:13.37`, minutes, seconds and hundredths, rounded down."""
    hundredths = frame * 100 // rate
    return f"{hundredths // 6000}:{hundredths // 100 % 60:02}.{hundredths % 100:02}"


def readings(measured: FrameMeasurements, rate: int) -> dict[str, MeasuredRange | None]:
    """Every measurement of an episode by its name.

    For `mean`, `deviation`, `levels`, `change` and `psnr_db` every frame must be within a gate; for `change_30` the
    average over all pairs, since a camera may come back to where it was; the others are counts.
    """
    apart = [value for value in measured.change_30 if value is not None]
    flashing, at = flashes(measured.grey, rate)
    average = sum(apart) / len(apart) if apart else None
    return {
        "mean": _every(dict(enumerate(measured.mean))),
        "deviation": _every(dict(enumerate(measured.deviation))),
        "levels": _every(dict(enumerate(measured.levels))),
        "change": _every({index: one for index, one in enumerate(measured.change) if one is not None}),
        "change_30": None if average is None else MeasuredRange(average, average),
        "psnr_db": _every(measured.psnr_db),
        "black_frames": _count(measured.black()),
        "frozen_frames": _count(measured.frozen()),
        "flashes": MeasuredRange(flashing, flashing, at if flashing else None, at if flashing else None),
    }


def judge_gates(gates: Mapping[str, Canonical], ranges: Mapping[str, MeasuredRange | None]) -> tuple[Verdict, ...]:
    """A verdict for every gate, by name.

    Raises:
        BackendError: a gate names an unknown measurement.
    """
    verdicts = []
    for name, gate in sorted(gates.items()):
        if name not in ranges or not isinstance(gate, Mapping):
            raise BackendError("unknown measurement", facts={"check": name}, hint=", ".join(ranges))
        least, most = (None if (limit := gate.get(end)) is None else float(str(limit)) for end in ("min", "max"))
        verdicts.append(Verdict(name, str(gate.get("severity", "error")), least, most, ranges[name]))
    return tuple(verdicts)


def _every(values: Mapping[int, float]) -> MeasuredRange | None:
    """The least and the greatest value, each with the first frame that has it."""
    if not values:
        return None
    low, high = min(values, key=lambda index: values[index]), max(values, key=lambda index: values[index])
    return MeasuredRange(values[low], values[high], low, high)


def _count(frames: Sequence[int]) -> MeasuredRange:
    first = frames[0] if frames else None
    return MeasuredRange(len(frames), len(frames), first, first)


def gate_notes(verdicts: Sequence[Verdict], rate: int) -> Iterator[tuple[str, str]]:
    """Notes to the author about gates that failed or were not measured: pairs of code and sentence."""
    for verdict in verdicts:
        if verdict.passed is not True:
            yield (
                "check-not-measured" if verdict.passed is None else "check-failed",
                f"{verdict.name}: {verdict.sentence(rate)}",
            )


def refuse_failed(verdicts: Sequence[Verdict], rate: int) -> None:
    """Raise if a gate of severity `error` failed.

    Raises:
        BackendError: one did; with a line for each that failed, warnings included.
    """
    failed = [one for one in verdicts if one.passed is False]
    wrong = [one for one in failed if one.severity == "error"]
    if wrong:
        count = "a check" if len(wrong) == 1 else f"{len(wrong)} checks"
        hint = "fix the picture, or change the check's limits or its severity to `warn`"
        facts = {one.name: f"{one.sentence(rate)} ({one.severity})" for one in failed}
        raise BackendError(f"the picture does not pass {count}", facts=facts, hint=hint)


def report(
    measured: FrameMeasurements,
    ranges: Mapping[str, MeasuredRange | None],
    verdicts: Sequence[Verdict],
    rate: int,
    more: Mapping[str, Sequence[float | None]],
) -> bytes:
    """The bytes of check.json: the range of every measurement, every gate with its verdict, and every frame's numbers.

    `more`: further numbers per frame, by name.
    """
    numbers = {name: getattr(measured, name) for name in ("mean", "deviation", "levels", "change", "change_30")}
    value = {
        "check": REPORT_VERSION,
        "frames": len(measured.mean),
        "rate": rate,
        "measurements": {name: None if one is None else _plain(one) for name, one in ranges.items()},
        "gates": [
            {
                "name": one.name,
                "min": one.min,
                "max": one.max,
                "severity": one.severity,
                "verdict": {True: "passed", False: "failed", None: "not measured"}[one.passed],
            }
            for one in verdicts
        ],
        "black_frames": measured.black(),
        "frozen_frames": measured.frozen(),
        "psnr_db": {str(index): round(value, 3) for index, value in sorted(measured.psnr_db.items())},
        "per_frame": {
            name: [None if one is None else round(one, 3) for one in values]
            for name, values in {**numbers, **more}.items()
        },
    }
    lines = json.dumps(value, indent=1, ensure_ascii=False).splitlines()
    return ("\n".join(_folded(lines)) + "\n").encode()


def _plain(reading: MeasuredRange) -> dict[str, float | int | None]:
    return {
        "least": round(reading.least, 3),
        "most": round(reading.most, 3),
        "least_frame": reading.least_frame,
        "most_frame": reading.most_frame,
    }


def _folded(lines: Sequence[str]) -> list[str]:
    """The lines with each list of numbers on one line, for human readers."""
    folded: list[str] = []
    for line in lines:
        bare = line.strip()
        if folded and folded[-1].endswith(("[", ",")) and "[" in folded[-1] and (bare[:1] in "-0123456789n]"):
            folded[-1] += bare if folded[-1].endswith("[") or bare.startswith("]") else " " + bare
        else:
            folded.append(line)
    return folded
