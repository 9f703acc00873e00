"""The backend `latentsync` against a stand-in that has the real program's modules, habits and failures.

Each frame carries its own number in dark and light bars, and the stand-in paints the mouth as bright as the sound is
loud: so each frame of the result says which frame it was, and which sound was drawn on it.
"""

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from episodec.audio.wav import write_wav
from episodec.backends.latentsync.backend import LatentSync
from episodec.backends.latentsync.drawing import drawn_shares, speaks
from episodec.contracts.hold import hold
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError, SettingsError
from episodec.tools.ffmpeg import program
from episodec.video.frames import Frame, frames_of
from episodec.video.x264 import FrameForm, encode_lossless
from tests.standins.checks import calls, check_driver, check_in_fingerprint, fingerprint
from tests.standins.places import latentsync
from tests.toys.orders import task

pytestmark = pytest.mark.usefixtures("standins")

SIDE, CHUNK, MARGIN, RATE = 160, 30, 15, 30
EACH = 48_000 // RATE
FRAMES = 120  # Of the film: two windows.
BAR = 8  # Pixels.
FACE = Path(__file__).parents[1] / "faces" / "astronaut.jpg"


@cache
def picture() -> Frame:
    image = cv2.cvtColor(cv2.imread(str(FACE)), cv2.COLOR_BGR2RGB)
    side = min(image.shape[:2])
    return np.asarray(cv2.resize(image[:side, :side], (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def numbered(number: int) -> Frame:
    frame = picture().copy()
    for bit in range(8):
        frame[:4, bit * BAR : (bit + 1) * BAR] = 255 * (number >> bit & 1)
    return frame


def number_of(frame: Frame) -> int:
    return sum(int(frame[1, bit * BAR + 4, 0] > 127) << bit for bit in range(8))


def level(number: int) -> float:
    """How loud the sound of a frame of the film is: five steps, another one every three frames."""
    return 0.1 + 0.12 * (number // 3 % 5)


def voice(start: int, end: int, silent: Any = lambda _: False) -> Any:
    """The sound of a window with its margins."""
    numbers = np.arange(start - MARGIN, end + MARGIN)
    loud = [0.0 if silent(n) or not 0 <= n < FRAMES else level(int(n)) for n in numbers]
    return (np.repeat(loud, EACH) * np.where(np.arange(len(numbers) * EACH) % 2, 1, -1)).astype(np.float32)[:, None]


@cache
def chunk(start: int, end: int) -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "frames.mkv")
        encode_lossless(map(numbered, range(start, end)), FrameForm(SIDE, SIDE, RATE), path, program({}))
        return path.read_bytes()


def order(root: Path, settings: dict[str, str], start: int = 0, sound: Any = None, **changes: Any) -> WorkOrder:
    """The order of the window that starts at this frame."""
    end = min(start + 2 * CHUNK, FRAMES)
    first, last = max(start - CHUNK, 0), min(end + CHUNK, FRAMES)
    root.mkdir(exist_ok=True)
    write_wav(root / "voice.wav", voice(start, end) if sound is None else sound)
    params: dict[str, Any] = {
        "frames": end - start,
        "rate": RATE,
        "chunk_frames": CHUNK,
        "size": [SIDE, SIDE],
        "margin": MARGIN,
        "context": 2,
        "has_before": start > 0,
        "has_after": end < FRAMES,
        "fades_in": False,
        "fades_out": False,
        **changes,
    }
    return task(
        root,
        "latentsync",
        stage="lipsync",
        params=params,
        settings=settings,
        inputs={
            "frames.mkv": tuple(chunk(place, place + CHUNK) for place in range(first, last, CHUNK)),
            "voice.wav": ((root / "voice.wav").read_bytes(),),
        },
        outputs=("frames_000.mkv", "frames_001.mkv"),
    ).order


def drawn(given: WorkOrder) -> list[Frame]:
    backend = LatentSync()
    try:
        backend.run(given)
    finally:
        backend.close()
    hold(given)
    return [frame for path in given.outputs.values() for frame in frames_of(path)]


@pytest.mark.parametrize(("start", "mode"), [(0, "native"), (60, "native"), (60, "slow")])
def test_each_frame_keeps_its_number_and_gets_its_own_sound(tmp_path: Path, start: int, mode: str) -> None:
    settings = latentsync(tmp_path)
    frames = drawn(order(tmp_path / "a b", settings, start, overrides={"mode": mode}))
    assert [number_of(frame) for frame in frames] == list(range(start, start + 60))
    originals = [numbered(number) for number in range(start, start + 60)]
    changed = [np.abs(a.astype(int) - b).sum(axis=2) > 0 for a, b in zip(frames, originals, strict=True)]
    rows, columns = np.nonzero(changed[30])
    middle = int(np.median(rows)), int(np.median(columns))
    painted = [float(frame[middle].mean()) / 255 for frame in frames]
    tolerance = 0.02 if mode == "native" else 0.05  # A slowed sound is not exactly as loud.
    for number, value in enumerate(painted, start):
        near = [level(each) for each in (number - 1, number, number + 1)]
        assert min(abs(value - each) for each in near) <= tolerance, number
    assert np.mean([abs(value - level(number)) <= tolerance for number, value in enumerate(painted, start)]) > 0.6
    top = slice(0, int(rows.min()))
    assert all((frame[top] == original[top]).all() for frame, original in zip(frames, originals, strict=True))
    assert len({area.sum() > 0 for area in changed}) == 1
    assert changed[0].mean() < 0.2
    (call,) = calls(tmp_path, "latentsync")
    assert f"fps {RATE if mode == 'native' else 25} steps 20 seed 1247" in call["program"]
    assert call["env"]["HF_HUB_OFFLINE"] == "1"


def test_a_window_without_speech_is_handed_on_and_loads_nothing(tmp_path: Path) -> None:
    silent = order(tmp_path / "a", latentsync(tmp_path), sound=voice(0, 60, lambda _: True))
    LatentSync().run(silent)
    for number, path in enumerate(silent.outputs.values()):
        assert path.read_bytes() == chunk(number * CHUNK, (number + 1) * CHUNK)
    assert not calls(tmp_path)


def test_far_from_speech_frames_stay_and_chunks_are_copied(tmp_path: Path) -> None:
    sound = voice(0, 60, lambda number: number >= 5)
    given = order(tmp_path / "a", latentsync(tmp_path), sound=sound)
    frames = drawn(given)
    differs = [bool((frame != numbered(number)).any()) for number, frame in enumerate(frames)]
    assert differs == [True] * 17 + [False] * 43
    assert given.outputs["frames_001.mkv"].read_bytes() == chunk(30, 60)


def test_two_windows_meet_without_a_jump_and_fade_at_their_other_ends(tmp_path: Path) -> None:
    settings, backend = latentsync(tmp_path), LatentSync()
    steady = np.full(((60 + 2 * MARGIN) * EACH, 1), 0.4, np.float32)
    frames = []
    for start in (0, 60):
        given = order(tmp_path / f"w{start}", settings, start, steady, fades_in=start == 0, fades_out=start == 60)
        backend.run(given)
        frames += [frame for path in given.outputs.values() for frame in frames_of(path)]
    backend.close()
    mouths = [frame[8:].astype(int) for frame in frames]  # Without the bars.
    jumps = [np.abs(a - b).mean() for a, b in pairwise(mouths)]
    assert jumps[59] <= 1.5 * np.median(jumps) + 1e-9
    changes = np.array([np.abs(frame - numbered(0)[8:]).sum() for frame in mouths])
    ratios = changes / changes[60]
    assert np.allclose(ratios[:8], np.arange(1, 9) / 9, atol=0.03)
    assert np.allclose(ratios[-8:], np.arange(8, 0, -1) / 9, atol=0.03)
    assert np.allclose(ratios[8:-8], 1, atol=0.03)  # The bars of the numbers move landmarks by a sixteenth of a pixel.


def test_frames_without_a_face_keep_their_lips_and_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from episodec.backends.latentsync import backend as module

    real = module._points  # noqa: SLF001

    def hidden(frames: Any, which: Any) -> Any:
        points = real(frames)
        points[which] = np.nan
        return points

    monkeypatch.setattr(module, "_points", lambda frames: hidden(frames, slice(12, 22)))
    some = order(tmp_path / "a", latentsync(tmp_path))
    frames = drawn(some)
    same = [number for number, frame in enumerate(frames) if (frame == numbered(number)).all()]
    assert same == list(range(10, 20))
    assert [(note.code, note.facts["frames"]) for note in some.notes] == [("lips-without-face", 10)]
    monkeypatch.setattr(module, "_points", lambda frames: hidden(frames, slice(None)))
    none = order(tmp_path / "b", some.settings)  # type: ignore[arg-type]
    LatentSync().run(none)
    assert none.outputs["frames_000.mkv"].read_bytes() == chunk(0, 30)
    assert len(calls(tmp_path)) == 1


def test_loaded_models_draw_a_window_again_with_the_same_bytes_and_write_nowhere_else(tmp_path: Path) -> None:
    settings = latentsync(tmp_path)
    backend = LatentSync()
    orders = [order(tmp_path / name, settings) for name in "ab"]
    before = {path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts}
    for given in orders:
        backend.run(given)
    backend.close()
    after = {path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts}
    assert {path.relative_to(tmp_path).parts[0] for path in after - before} == {"a", "b", "tmp", "calls"}
    first, second = ([path.read_bytes() for path in given.outputs.values()] for given in orders)
    assert first == second
    assert len(calls(tmp_path)) == 2


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        ("no memory", "CUDA out of memory while loading"),
        ("exit 1", "CUDA out of memory"),
        ("crash", "the loaded LatentSync failed"),
        ("no file", "the pipeline ended without drawing a face"),
        ("deaf", "the sound gives features for"),
        ("lost frames", "drew other faces than it was given"),
    ],
)
def test_every_failure_is_an_error_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: str, sentence: str
) -> None:
    monkeypatch.setenv("STANDIN", failure)
    given = order(tmp_path / "a", latentsync(tmp_path))
    backend = LatentSync()
    with pytest.raises(BackendError) as caught:
        backend.run(given)
    backend.close()
    assert sentence in f"{caught.value.sentence} {caught.value.facts}"
    assert not any(path.exists() for path in given.outputs.values())


@pytest.mark.parametrize(
    "touched",
    [
        "Latent Sync/latentsync/pipelines/lipsync_pipeline.py",
        "Latent Sync/latentsync/utils/mask.png",
        "Latent Sync/scripts/inference.py",
        "Latent Sync/configs/scheduler_config.json",
        "Latent Sync/configs/unet/stage2_512.yaml",
        "weights/latentsync_unet.pt",
        "weights/whisper/tiny.pt",
        "hub/models--stabilityai--sd-vae-ft-mse/snapshots/abc123/diffusion_pytorch_model.safetensors",
    ],
)
def test_each_file_that_decides_a_frame_is_in_the_fingerprint(tmp_path: Path, touched: str) -> None:
    check_in_fingerprint(LatentSync(), latentsync(tmp_path), tmp_path / touched)


def test_the_model_is_in_the_fingerprint_and_decides_the_memory(tmp_path: Path) -> None:
    settings = latentsync(tmp_path)
    assert fingerprint(LatentSync(), settings) != fingerprint(LatentSync(), {**settings, "model": "1.5"})
    assert LatentSync().resources(settings).memory_mib > LatentSync().resources({"model": "1.5"}).memory_mib
    with pytest.raises(SettingsError, match="names no version"):
        LatentSync().resources({"model": "2"})


def test_the_driver_is_written_for_its_python() -> None:
    check_driver("latentsync", (3, 10))


def test_a_share_depends_on_the_sound_nearby_alone() -> None:
    random = np.random.default_rng(4)
    spoken = random.random(90 + 2 * MARGIN) < 0.1
    whole = drawn_shares(spoken, MARGIN, fades_in=False, fades_out=False)
    for start in (0, 30):
        part = drawn_shares(spoken[start : start + 60 + 2 * MARGIN], MARGIN, fades_in=False, fades_out=False)
        assert (part == whole[start : start + 60]).all()
    lone = np.zeros(90, np.bool_)
    lone[45] = True
    shares = drawn_shares(lone, MARGIN, fades_in=False, fades_out=False)
    assert np.flatnonzero(shares == 1).tolist() == list(range(26, 35))
    assert np.flatnonzero(shares).tolist() == list(range(18, 43))


def test_somebody_speaks_above_fifty_decibels_below_full_scale() -> None:
    sound = np.concatenate([np.full((EACH, 1), 10 ** (db / 20), np.float32) for db in (-51, -49, -200)])
    assert speaks(sound, EACH).tolist() == [False, True, False]
