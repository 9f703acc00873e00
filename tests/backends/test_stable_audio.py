"""The backend `stable-audio` through the real diffusers, on a tiny checkpoint of random weights that is made here."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import soundfile

from episodec.backends.stable_audio.backend import SPARE_S, StableAudio, model_window_s, parameters, seed_of
from episodec.contracts.hold import hold
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError, SettingsError
from tests.standins.checks import Digests
from tests.tiny.kept import checkpoint as checkpoint_of
from tests.toys.orders import task

PARAMS = {
    "prompt": "quiet room tone, pencil on paper", "take": 1, "frames": 30, "rate": 30, "variation": 0,
    "overrides": {"steps": 2},
}  # fmt: skip


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made in another process: it is the backend that shall be seen importing diffusers."""
    return checkpoint_of("stable-audio", tmp_path_factory.mktemp("stable-audio") / "tiny")


@pytest.fixture(scope="session")
def warm() -> StableAudio:
    """One for all tests: importing diffusers is what costs."""
    return StableAudio()


def order(root: Path, checkpoint: Path, **params: Any) -> WorkOrder:
    settings = {"checkpoint": str(checkpoint), "device": "cpu"}
    more: dict[str, Any] = {"stage": "foley", "settings": settings, "outputs": ("segment.wav",)}
    return task(root, "stable-audio", params={**PARAMS, **params}, **more).order


def foley_bytes(backend: StableAudio, order: WorkOrder) -> bytes:
    backend.run(order)
    return order.output().read_bytes()


@pytest.mark.parametrize(("frames", "rate"), [(30, 30), (31, 30), (7, 24), (70, 25), (86, 30)])
def test_a_prompt_becomes_exactly_the_frames_in_stereo(
    tmp_path: Path, checkpoint: Path, warm: StableAudio, frames: int, rate: int
) -> None:
    first = order(tmp_path, checkpoint, frames=frames, rate=rate)
    warm.run(first)
    hold(first)
    sound, actual = soundfile.read(first.output(), always_2d=True)
    assert (actual, sound.shape) == (48_000, (frames * 48_000 // rate, 2))
    assert abs(sound).max() > 0.01
    assert soundfile.info(first.output()).subtype == "PCM_16"


def test_equal_orders_give_equal_bytes_and_what_makes_a_difference_is_heard(
    tmp_path: Path, checkpoint: Path, warm: StableAudio
) -> None:
    output: list[dict[str, Any]] = [{}, {}, {"take": 2}, {"variation": 1}, {"prompt": "rain"}]
    sounds = [foley_bytes(warm, order(tmp_path / str(at), checkpoint, **one)) for at, one in enumerate(output)]
    assert sounds[0] == sounds[1]
    assert len(set(sounds)) == 4


def test_another_process_takes_the_same_seed(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.backends.test_stable_audio import order, seed_of;"
        "print(seed_of(order(Path(sys.argv[1]), Path(sys.argv[1]))))"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    there = subprocess.run(command, check=True, cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert int(there.stdout) == seed_of(order(tmp_path, tmp_path))


@pytest.mark.campaign  # Importing diffusers again takes as long as all others; the test above is of what may differ.
def test_another_process_gives_the_same_bytes(tmp_path: Path, checkpoint: Path, warm: StableAudio) -> None:
    here, there = order(tmp_path / "here", checkpoint), order(tmp_path / "there", checkpoint)
    script = (
        "import sys; from pathlib import Path; from tests.backends.test_stable_audio import order, StableAudio;"
        "StableAudio().run(order(Path(sys.argv[1]), Path(sys.argv[2])))"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "there"), str(checkpoint)]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
    assert foley_bytes(warm, here) == there.output().read_bytes()


def test_more_than_the_window_is_refused(tmp_path: Path, checkpoint: Path, warm: StableAudio) -> None:
    with pytest.raises(BackendError, match="this is more sound than the model can make in one run"):
        warm.run(order(tmp_path, checkpoint, frames=90))


def test_the_window_is_read_from_the_checkpoint(checkpoint: Path) -> None:
    assert model_window_s(checkpoint) == Fraction(64 * 2048, 44_100)
    assert StableAudio().window_s({"checkpoint": str(checkpoint)}) == Fraction(64 * 2048, 44_100) - SPARE_S
    assert StableAudio().window_s({}) is None


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"prompt": " "}, "needs a prompt"),
        ({"overrides": {"cfg": 1}}, "no such parameter"),
        ({"overrides": {"steps": 0}}, "out of its range"),
        ({"overrides": {"guidance_scale": "7"}}, "out of its range"),
    ],
)
def test_an_impossible_order_is_refused(tmp_path: Path, params: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BackendError, match=sentence):
        parameters(order(tmp_path, tmp_path, **params))


def test_the_seed_hangs_on_what_is_said_and_not_on_the_length(tmp_path: Path) -> None:
    assert seed_of(order(tmp_path, tmp_path)) == seed_of(order(tmp_path, tmp_path, frames=60))


def fingerprint(checkpoint: Path) -> dict[str, Any]:
    actual = StableAudio().fingerprint({"checkpoint": str(checkpoint), "device": "cpu"}, Digests())
    assert all(Path(path).exists() for path in actual.watches)
    return dict(actual.parts)


@pytest.mark.parametrize(
    "touched",
    [
        "model_index.json",
        "transformer/diffusion_pytorch_model.safetensors",
        "vae/config.json",
        "text_encoder/model.safetensors",
        "tokenizer/tokenizer.json",
        "scheduler/scheduler_config.json",
    ],
)
def test_another_model_is_another_fingerprint(tmp_path: Path, checkpoint: Path, touched: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(checkpoint, copy)
    before = fingerprint(copy)
    assert before == fingerprint(checkpoint)
    assert str(tmp_path) not in str(before)
    with (copy / touched).open("a") as file:
        file.write(" ")
    assert fingerprint(copy) != before


def _another_pipeline(folder: Path) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps({**index, "_class_name": "FluxPipeline"}))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda folder: shutil.rmtree(folder / "vae"), "cannot read a file of a pipeline"),
        (lambda folder: shutil.rmtree(folder / "text_encoder"), "lacks a component"),
        (lambda folder: (folder / "model_index.json").unlink(), "cannot read a file of a pipeline.*"),
        (_another_pipeline, "another pipeline"),
        (
            lambda folder: [path.unlink() for path in folder.glob("*/*.safetensors")],
            "a diffusers pipeline has no safetensors weights",
        ),
    ],
)
def test_a_folder_that_is_no_checkpoint_is_told(tmp_path: Path, checkpoint: Path, damage: Any, sentence: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(checkpoint, copy)
    damage(copy)
    with pytest.raises(SettingsError, match=sentence):
        fingerprint(copy)


def test_a_machine_without_cuda_is_told(tmp_path: Path, checkpoint: Path) -> None:
    first = order(tmp_path, checkpoint)
    settings = {**first.settings, "device": "cuda"}
    with pytest.raises(BackendError, match="cannot move a pipeline to its device") as caught:
        StableAudio().run(replace(first, settings=settings))
    assert "device: cpu" in (caught.value.hint or "")


def test_what_the_library_raises_is_told(tmp_path: Path, checkpoint: Path) -> None:
    copy = Path(shutil.copytree(checkpoint, tmp_path / "copy"))
    (copy / "vae" / "diffusion_pytorch_model.safetensors").write_bytes(bytes(100))
    with pytest.raises(SettingsError, match="cannot load"):
        StableAudio().run(order(tmp_path, copy))


def test_only_a_gpu_is_offloaded(checkpoint: Path) -> None:
    output = {"checkpoint": str(checkpoint), "device": "cpu", "offload": "yes"}
    with pytest.raises(SettingsError, match="needs a GPU"):
        StableAudio().fingerprint(output, Digests())
