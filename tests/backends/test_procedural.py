"""The backend `procedural`: files from prompts, the same in every process, and what became of each word."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import soundfile

from episodec.backends.procedural import Procedural
from episodec.digest import digest_bytes
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from tests.toys.orders import REPOSITORY, task

PROMPT = "Тихая студия, rain, distant birds, pencil and xyzzy"


def order(root: Path, prompt: str = PROMPT, **more: Any) -> WorkOrder:
    params = {"prompt": prompt, "take": 1, "frames": 90, "rate": 30, **more}
    return task(root, "procedural", stage="foley", params=params, outputs=("foley.wav", "foley.json")).order


def foley_bytes(root: Path, **more: Any) -> bytes:
    first = order(root, **more)
    Procedural().run(first)
    return first.outputs["foley.wav"].read_bytes()


@pytest.mark.parametrize(("frames", "rate"), [(90, 30), (1, 24), (61, 60)])
def test_the_file_is_stereo_at_48_khz_and_exactly_as_long_as_the_frames(tmp_path: Path, frames: int, rate: int) -> None:
    first = order(tmp_path, frames=frames, rate=rate)
    Procedural().run(first)
    actual = soundfile.info(first.outputs["foley.wav"])
    assert (actual.frames, actual.samplerate, actual.channels) == (frames * 48_000 // rate, 48_000, 2)
    assert actual.subtype == "PCM_16"


def test_the_report_tells_what_became_of_each_word(tmp_path: Path) -> None:
    first = order(tmp_path)
    Procedural().run(first)
    report = json.loads(first.outputs["foley.json"].read_text(encoding="utf-8"))
    assert report["unmatched"] == ["xyzzy"]
    assert report["matched"] == ["тихая", "студия", "rain", "distant", "birds", "pencil"]
    assert [sound["sound"] for sound in report["sounds"]] == ["room", "rain", "scratch", "chirp", "tit", "warble"]
    assert report["loudness_lufs"] == pytest.approx(-30, abs=0.1)
    assert all(0 <= start < 144_000 for sound in report["sounds"] for start in sound["starts"])


def test_another_process_and_a_processor_without_wide_vectors_give_the_same_bytes(tmp_path: Path) -> None:
    expected = digest_bytes(foley_bytes(tmp_path / "here"))
    script = (
        "import sys; from pathlib import Path; from tests.backends.test_procedural import foley_bytes;"
        "from episodec.digest import digest_bytes; print(digest_bytes(foley_bytes(Path(sys.argv[1]))))"
    )
    for name, features in (("same", ""), ("old", _wide_vectors())):
        environment = {**os.environ, "PYTHONHASHSEED": "7", "NPY_DISABLE_CPU_FEATURES": features}
        argv = [sys.executable, "-W", "ignore", "-c", script, str(tmp_path / name)]
        done = subprocess.run(argv, capture_output=True, text=True, check=True, env=environment, cwd=REPOSITORY)
        assert done.stdout.split()[-1] == expected, name


def _wide_vectors() -> str:
    """The features of this processor beyond its baseline that numpy would use; none if it has no more."""
    import importlib

    numpy = importlib.import_module("numpy._core._multiarray_umath")
    return " ".join(name for name in numpy.__cpu_dispatch__ if numpy.__cpu_features__.get(name))


def test_takes_and_prompts_differ_and_case_does_not(tmp_path: Path) -> None:
    first = foley_bytes(tmp_path / "a")
    assert foley_bytes(tmp_path / "b", prompt=PROMPT.upper() + "!") == first
    assert foley_bytes(tmp_path / "c", take=2) != first
    assert foley_bytes(tmp_path / "d", prompt=PROMPT + " too") != first


@pytest.mark.parametrize("more", [{"prompt": None}, {"prompt": ""}])
def test_what_it_cannot_use_is_refused(tmp_path: Path, more: dict[str, Any]) -> None:
    with pytest.raises(BackendError) as caught:
        Procedural().run(order(tmp_path, **more))
    assert caught.value.hint


@pytest.mark.parametrize("prompt", ["\0\x07", "🎧🎧", "<speak>rain</speak>", "дождь " * 3000, "ﷺ" * 500, "a" * 10_000])
def test_hostile_prompts_are_text(tmp_path: Path, prompt: str) -> None:
    assert len(foley_bytes(tmp_path, prompt=prompt, frames=3)) == 44 + 3 * 1600 * 4


def test_importing_it_is_light() -> None:
    script = (
        "import sys; from episodec.backends.procedural import Procedural; Procedural().fingerprint({}, None);"
        "print(*{'numpy', 'scipy', 'soundfile'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout == "\n"
