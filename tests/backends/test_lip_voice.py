"""The sound of each window of drawn lips."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from episodec.audio.wav import read_wav, write_wav
from episodec.backends.lip_voice import LipVoice
from episodec.contracts.hold import hold
from tests.toys.orders import task

EACH = 1600


def windows(root: Path, voice: Any, name: str, margin: int = 15) -> list[bytes]:
    path = root / f"{name}.wav"
    write_wav(path, voice)
    ranges = [[0, 60], [60, 90]]
    params: Any = {"frames": 90, "rate": 30, "margin": margin, "windows": ranges}
    order = task(
        root,
        "lip-voice",
        name,
        stage="lip-voice",
        params=params,
        inputs={"voice.wav": [path.read_bytes()]},
        outputs=("window_000.wav", "window_001.wav"),
    ).order
    LipVoice().run(order)
    hold(order)
    return [one.read_bytes() for one in order.outputs.values()]


@pytest.fixture
def voice() -> Any:
    return (np.random.default_rng(1).random((90 * EACH, 1)) - 0.5).astype(np.float32)


def test_a_window_hears_itself_and_its_margins_and_silence_outside_the_film(tmp_path: Path, voice: Any) -> None:
    windows(tmp_path, voice, "a")
    first, second = (read_wav(tmp_path / "a" / "out" / f"window_00{number}.wav")[0] for number in range(2))
    written = read_wav(tmp_path / "a.wav")[0]
    assert (len(first), len(second)) == (90 * EACH, 60 * EACH)
    assert not first[: 15 * EACH].any()
    assert (first[15 * EACH :] == written[: 75 * EACH]).all()
    assert (second[: 45 * EACH] == written[45 * EACH :]).all()
    assert not second[45 * EACH :].any()


def test_a_changed_word_changes_the_windows_that_hear_it(tmp_path: Path, voice: Any) -> None:
    before = windows(tmp_path, voice, "a")
    early, middle = voice.copy(), voice.copy()
    early[10 * EACH : 20 * EACH] = 0
    middle[50 * EACH : 55 * EACH] = 0
    assert [a == b for a, b in zip(before, windows(tmp_path, early, "b"), strict=True)] == [False, True]
    assert [a == b for a, b in zip(before, windows(tmp_path, middle, "c"), strict=True)] == [False, False]
