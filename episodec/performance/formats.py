"""A track for other tools: Audio2Face's JSON, also episodec's own format, and the CSV of Live Link Face. Equal tracks
give equal texts.
"""

import json
from typing import Any

from episodec.performance.channels import HEAD, PLACES, SHAPES
from episodec.performance.eyes import RANGE_DEG
from episodec.performance.track import FULL, STEPS_A_DEGREE, PerformanceTrack

VERSION = 1
RADIANS_A_DEGREE = 0.017453292519943295
_EYES = ("LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll", "RightEyeYaw", "RightEyePitch", "RightEyeRoll")


def audio2face(track: PerformanceTrack, rate: int) -> str:
    """JSON in the layout of Audio2Face's export (`exportFps`, `numFrames`, `facsNames`, `weightMat`), one line per
    frame.

    It adds `head` (a row of `headNames` in degrees for each frame) and `breath` (0 to 1).
    """
    weights = ",\n".join(_numbers(row, FULL) for row in track.weights.tolist())
    angles = ",\n".join(_numbers(row, STEPS_A_DEGREE, digits=6) for row in track.head.tolist())
    names: dict[str, Any] = {
        "version": VERSION,
        "exportFps": rate,
        "trackPath": "",
        "numPoses": len(SHAPES),
        "numFrames": len(track),
        "facsNames": SHAPES,
        "headNames": HEAD,
    }
    head = json.dumps(names)[:-1]
    breath = _numbers(track.breath.tolist(), FULL)
    return f'{head},\n"weightMat": [\n{weights}\n],\n"head": [\n{angles}\n],\n"breath": {breath}}}\n'


def livelink(track: PerformanceTrack, rate: int) -> str:
    """The CSV that Live Link Face records: a timecode, the 52 shapes, and the angles of head and eyes, in radians."""
    shapes = [f"{name[0].upper()}{name[1:]}" for name in SHAPES]
    turns = [f"{name[0].upper()}{name[1:]}" for name in HEAD]
    lines = [",".join(("Timecode", "BlendShapeCount", *shapes, *turns, *_EYES))]
    count = len(shapes) + len(turns) + len(_EYES)
    for number, (row, head) in enumerate(zip(track.weights.tolist(), track.head.tolist(), strict=True)):
        angles = [value / STEPS_A_DEGREE * RADIANS_A_DEGREE for value in head]
        cells = [f"{value / FULL:.4f}" for value in row] + [f"{value:.6f}" for value in (*angles, *_eye_turns(row))]
        lines.append(",".join((_timecode(number, rate), str(count), *cells)))
    return "\n".join(lines) + "\n"


def _eye_turns(row: list[int]) -> list[float]:
    """Yaw, pitch and roll of the left and the right eye, in radians, from the eyeLook shapes."""
    full = RANGE_DEG * RADIANS_A_DEGREE / FULL
    angles = []
    for side, aside in (("Left", ("Out", "In")), ("Right", ("In", "Out"))):
        left, right, up, down = (row[PLACES[f"eyeLook{way}{side}"]] for way in (*aside, "Up", "Down"))
        angles += [(left - right) * full, (up - down) * full, 0.0]
    return angles


def _timecode(number: int, rate: int) -> str:
    minutes, second = divmod(number // rate, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}:{number % rate:02}.000"


def _numbers(row: list[int], full: int, digits: int = 4) -> str:
    """Fractions of a full value: short, and exact enough to be read back as the same integers."""
    return f"[{','.join(f'{value / full:.{digits}f}'.rstrip('0').rstrip('.') for value in row)}]"
