"""Landmarks of the faces in pictures, read by the bundled network: the same points on every machine.

OpenCV runs it in a separate program limited to the instructions that all machines of an architecture have; remaining
differences vanish in rounding to sixteenths of a pixel.
"""

import json
import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError, TimedOut
from episodec.face.data import LANDMARK_NET
from episodec.face.landmarks import STEPS, Landmarks
from episodec.faces.points_file import points_of
from episodec.ownfile import own_file

LANDMARKS_FILE = "landmarks.json"  # The role of landmarks set by the author.

LIMIT_S = 600.0  # A picture takes half a second.

_PROGRAM = own_file(__file__, "landmark_driver.py")

# OpenCV's `readSettings` names (modules/core/src/system.cpp); names of missing instructions do no harm.
ENVIRONMENT = {
    "LC_ALL": "C",
    "OPENCV_CPU_DISABLE": "SSSE3,SSE4.1,SSE4.2,POPCNT,AVX,FP16,FMA3,AVX2,AVX512F,AVX512-COMMON,AVX512-SKX",
    "OPENCV_IPP": "disabled",  # It also chooses by the processor.
    "OPENCV_LOG_LEVEL": "ERROR",
    "OPENBLAS_NUM_THREADS": "1",
}


def read_landmarks(pictures: Sequence[NDArray[np.uint8]]) -> list[Landmarks | None]:
    """The most certain face of each (h, w, 3) picture, RGB; None if there is none, or none from the front.

    Raises:
        BackendError: OpenCV cannot run the network.
    """
    sizes = [list(picture.shape[:2]) for picture in pictures]
    order = {"path": [str(Path(each).absolute()) for each in sys.path], "net": str(LANDMARK_NET), "sizes": sizes}
    content = b"".join(
        [json.dumps(order).encode(), b"\n", *(np.ascontiguousarray(each).tobytes() for each in pictures)]
    )
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(_PROGRAM)],
            input=content,
            capture_output=True,
            env=ENVIRONMENT,
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimedOut("reading landmarks exceeded its time limit", facts={"limit": f"{LIMIT_S:g} s"}) from error
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        facts = {"said": lines[-1] if lines else f"exit code {done.returncode}"}
        raise BackendError("the landmarks of a face cannot be read", facts=facts)
    return [
        None if each is None else Landmarks(np.array(each["points"], np.float64) / STEPS, each["score"])
        for each in json.loads(done.stdout)
    ]


def read_points(path: Path) -> Landmarks:
    """Landmarks set by the author.

    Raises:
        BackendError: the file does not hold landmarks.
    """
    return Landmarks(np.array(points_of(path), np.float64), math.inf)
