"""Reads the face in the frames of a film: landmarks of the bundled network, or distances of lips and lids."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.face.data import LANDMARK_NET
from episodec.face.landmarks import BRIDGE, STEPS
from episodec.faces.landmarks import ENVIRONMENT
from episodec.ownfile import own_file

_PROGRAM = own_file(__file__, "film_driver.py")

_LIPS = (13, 14)  # The middles of their inner edges, upper and lower.
_EYES = ((159, 33, 133), (386, 362, 263))
"""The middle of an upper lid and the corners of its eye. Only the upper lid is used: as it closes, the network's
landmarks of the lower lid move up as well and hide part of the movement.
"""
_BELOW_NOSE = 2
_MEASURED = (*_LIPS, *_EYES[0], *_EYES[1], BRIDGE, _BELOW_NOSE)


class FilmReader:
    """Reads the face in the frames of a film one by one; call `measured` or `landmarks` after the last one."""

    def __init__(self, size: tuple[int, int], points: Sequence[int] = _MEASURED) -> None:
        """size: height and width of the frames, in pixels. points: the landmarks that are read; `measured` needs those
        of the default.
        """
        self._points = tuple(points)
        self._stderr = TemporaryFile()  # noqa: SIM115  # Closed by `__exit__`.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=ENVIRONMENT,
        )
        path = [str(Path(each).absolute()) for each in sys.path]
        order = {"path": path, "net": str(LANDMARK_NET), "size": list(size), "points": list(points)}
        self._write(json.dumps(order).encode() + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()
        self._stderr.close()

    def show(self, frame: NDArray[np.uint8]) -> None:
        """Pass on the next frame, (h, w, 3) RGB.

        Raises:
            BackendError: the network cannot be run.
        """
        self._write(np.ascontiguousarray(frame).data)

    def measured(self) -> NDArray[np.float64]:
        """(F, 2): the distance of the lips in each frame, and the height of the upper lids above the corners of their
        eyes, the mean of both. The unit is the length of the nose, which a turn of the head does not change; NaN if no
        face is seen from the front.

        Raises:
            BackendError: the network cannot be run.
        """
        return np.array([_apart(each) for each in self._answer()], np.float64).reshape(-1, 2)

    def landmarks(self) -> NDArray[np.float64]:
        """(F, n, 2): the landmarks in each frame, in pixels from the top left; NaN if no face is seen from the front.

        Raises:
            BackendError: the network cannot be run.
        """
        nowhere = [[np.nan, np.nan]] * len(self._points)
        points = [nowhere if each is None else each for each in self._answer()]
        return np.array(points, np.float64).reshape(-1, len(self._points), 2) / STEPS

    def _answer(self) -> list[Any]:
        answer, _ = self._process.communicate()
        if self._process.returncode != 0:
            raise self._failed()
        rows: list[Any] = json.loads(answer)
        return rows

    def _write(self, content: bytes | memoryview) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(content)
        except BrokenPipeError as error:
            self._process.wait()
            raise self._failed() from error

    def _failed(self) -> BackendError:
        self._stderr.seek(0)
        lines = self._stderr.read().decode(errors="replace").strip().splitlines()
        facts = {"said": lines[-1] if lines else f"exit code {self._process.returncode}"}
        return BackendError("the landmarks of a film's face cannot be read", facts=facts)


def _apart(points: Sequence[Sequence[int]] | None) -> tuple[float, float]:
    """The distances of one frame, from the points of `_MEASURED` in any unit, measured along the nose."""
    if points is None:
        return np.nan, np.nan
    at = dict(zip(_MEASURED, np.array(points, np.float64), strict=True))
    nose = at[_BELOW_NOSE] - at[BRIDGE]
    square = float(nose @ nose)
    if not square:
        return np.nan, np.nan
    upper, lower = (at[each] for each in _LIPS)
    lids = [(at[inner] + at[outer]) / 2 - at[lid] for lid, inner, outer in _EYES]
    return float((lower - upper) @ nose) / square, float(sum(lids) @ nose) / len(lids) / square
