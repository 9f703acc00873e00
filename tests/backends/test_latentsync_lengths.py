"""The backend `latentsync` at other rates, and in the last window of a film, of any length."""

from pathlib import Path

import numpy as np
import pytest

from episodec.audio.wav import write_wav
from episodec.backends.latentsync.backend import LatentSync, _Window
from episodec.contracts.hold import hold
from episodec.engine.backend import WorkOrder
from episodec.tools.ffmpeg import program
from episodec.video.frames import frames_of
from episodec.video.x264 import FrameForm, encode_lossless
from tests.backends.test_latentsync import CHUNK, SIDE, number_of, numbered
from tests.standins.places import latentsync
from tests.toys.orders import task

pytestmark = pytest.mark.usefixtures("standins")

MARGINS = {24: 24, 25: 15, 30: 15, 48: 24, 50: 15, 60: 18}


def order(
    root: Path, settings: dict[str, str], film: int, rate: int, start: int = 0, mode: str = "native"
) -> WorkOrder:
    """The order of the window that starts at this frame of a film of so many frames."""
    end, margin = min(start + 2 * CHUNK, film), MARGINS[rate]
    chunks = []
    for place in range(max(start - CHUNK, 0), min(end + CHUNK, film), CHUNK):
        path = root / f"{place}.mkv"
        frames = map(numbered, range(place, min(place + CHUNK, film)))
        encode_lossless(frames, FrameForm(SIDE, SIDE, rate), path, program({}))
        chunks.append(path.read_bytes())
    sound = np.full(((end - start + 2 * margin) * 48_000 // rate, 1), 0.4, np.float32)
    write_wav(root / "voice.wav", sound)
    return task(
        root,
        "latentsync",
        stage="lipsync",
        params={
            "frames": end - start,
            "rate": rate,
            "chunk_frames": CHUNK,
            "size": [SIDE, SIDE],
            "margin": margin,
            "context": 2,
            "has_before": start > 0,
            "has_after": end < film,
            "fades_in": False,
            "fades_out": False,
            "overrides": {"mode": mode},
        },
        settings=settings,
        inputs={"frames.mkv": tuple(chunks), "voice.wav": ((root / "voice.wav").read_bytes(),)},
        outputs=tuple(f"frames_{number:03}.mkv" for number in range(-(-(end - start) // CHUNK))),
    ).order


@pytest.mark.parametrize(
    ("film", "rate", "start", "mode"),
    [(1, 30, 0, "native"), (13, 25, 0, "slow"), (13, 60, 0, "slow"), (89, 50, 60, "slow"), (73, 24, 60, "slow")]
    + [(60 + frames, 30, 60, "native") for frames in (1, 13, 29)]
    + [(13, rate, 0, "native") for rate in (24, 25, 48, 50, 60)],
)
def test_a_window_of_any_length_is_drawn_at_any_rate(
    tmp_path: Path, film: int, rate: int, start: int, mode: str
) -> None:
    given = order(tmp_path, latentsync(tmp_path), film, rate, start, mode)
    backend = LatentSync()
    backend.run(given)
    backend.close()
    hold(given)
    frames = [frame for path in given.outputs.values() for frame in frames_of(path)]
    assert [number_of(frame) for frame in frames] == list(range(start, film))


def test_the_motion_around_a_window_never_goes_back(tmp_path: Path) -> None:
    """After the last frame of a film there is that frame again, also if it lies behind the window."""
    window = _Window(order(tmp_path, {}, 61, 30))
    assert [number_of(frame) for frame in window.frames[-4:]] == [58, 59, 60, 60]
