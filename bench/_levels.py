"""How loud an episode is as it is delivered: the programme in its AAC as decoded, the ambience against the speech."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench._table import usual_environment
from episodec.audio.wav import read_wav
from episodec.sound.duck import Ducking, Mono, duck_gain
from episodec.sound.loudness import Sound, integrated, level, powers, true_peak
from episodec.sound.mastering import amplitude
from episodec.sound.programme import Goal, mix
from episodec.spec.types_of_sound import Loudness, Mix
from episodec.timebase import SAMPLE_RATE
from episodec.tools.ffmpeg import program

SHIPPED = (69, 70, 71, 72)
"""The episodes of the shipped series."""

_PICTURE = re.compile(r"^(camera|time|scene):.*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)

STEP = SAMPLE_RATE // 100
PAUSE = 30  # Steps: 0.3 s.
SILENT_LU = -40.0  # Against the voice's loudness: what lies below is no speech.


class Levels(NamedTuple):
    """The levels that a listener hears; the ambience in LU relative to the speech."""

    loudness_lufs: float
    true_peak_dbtp: float
    pauses: tuple[float, ...]  # Each pause of at least 0.3 s, as it sounds in the decoded programme.
    in_pauses_lu: float  # All of them together.
    under_speech_lu: float  # The ambience alone where there is speech, ducked.


def measure(programme: Sound, voice: Mono, ambience: Sound, goal: Goal) -> Levels:
    """Of the programme as decoded (n, 2), and the voice (n,) and ambience (n, 2) that it was mixed of."""
    _, mixed = mix(voice, ambience, goal)
    assert mixed.voice_lufs is not None
    speech_lufs = mixed.voice_lufs + mixed.gain_db
    duck = duck_gain(voice, mixed.voice_lufs, goal.ducking)
    alone = ambience * (duck * np.float32(amplitude(mixed.ambience_gain_db)))[:, None]
    sound, under = powers(programme, STEP), powers(alone.astype(np.float32), STEP)
    silent = spoken_steps(voice, mixed.voice_lufs) == 0
    pauses = [sound[first:last].mean() for first, last in _runs(silent) if last - first >= PAUSE]
    lengths = [last - first for first, last in _runs(silent) if last - first >= PAUSE]
    loudness = integrated(programme)
    assert loudness is not None
    return Levels(
        loudness_lufs=loudness,
        true_peak_dbtp=float(20 * np.log10(true_peak(programme))),
        pauses=tuple(level(power) - speech_lufs for power in pauses),
        in_pauses_lu=level(float(np.average(pauses, weights=lengths))) - speech_lufs,
        under_speech_lu=level(float(under[~silent].mean())) - speech_lufs,
    )


def spoken_steps(voice: Mono, loudness_lufs: float) -> np.ndarray:
    """(n // STEP,): 1 where there is speech."""
    centre = np.repeat(voice[:, None], 2, axis=1)
    squares = (centre.astype(np.float64) ** 2).sum(axis=1)
    steps = squares[: len(squares) // STEP * STEP].reshape(-1, STEP).mean(axis=1)
    return np.asarray([int(level(power) > loudness_lufs + SILENT_LU) for power in steps.tolist()])


def _runs(silent: np.ndarray) -> list[tuple[int, int]]:
    """The half-open stretches of steps that are silent."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], silent.astype(int), [0]])))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def build_shipped(repository: Path, root: Path) -> None:
    """The sound of the shipped series, built in `root`: their specs without what asks for a picture."""
    shutil.copytree(repository / "episodes/characters", root / "episodes/characters")
    shutil.copy(repository / "episodes/series.yaml", root / "episodes/series.yaml")
    for path in sorted((repository / "episodes").glob("*.episode.yaml")):
        text = _PICTURE.sub("", path.read_text(encoding="utf-8"))
        (root / "episodes" / path.name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "episodec", "build", "episodes/"]
    environment = {**usual_environment(), "PYTHONPATH": str(repository)}
    subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True)


def delivered(root: Path, name: str) -> Levels:
    """Of an episode in `root`/dist, by its deliverables."""
    folder = root / "dist/static/audio"
    voice, ambience = (read_wav(folder / f"{name}{end}.wav")[0] for end in ("_voice", "_foley"))
    mixing, loudness = Mix(), Loudness()
    how = Ducking(mixing.duck.depth_db, mixing.duck.attack_ms, mixing.duck.release_ms)
    goal = Goal(loudness.target_lufs, loudness.true_peak_dbtp, mixing.ambience_db, how)
    return measure(_decoded(folder / f"{name}.m4a"), voice.mean(axis=1), ambience, goal)


def _decoded(path: Path) -> Sound:
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder, "decoded.f32")
        command = [str(program({})), "-nostdin", "-v", "error", "-i", str(path), "-f", "f32le", str(raw)]
        subprocess.run(command, check=True)
        return np.fromfile(raw, np.float32).reshape(-1, 2)
