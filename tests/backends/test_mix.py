"""The backend `mix`: files in, one programme out, told in mix.json."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from episodec.backends.mix import MixBackend
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from tests.audio.ebur128 import ebur128
from tests.sound.sounds import noise, speech
from tests.toys.orders import REPOSITORY, task

SECONDS = 5
PARAMS: dict[str, Any] = {
    "frames": SECONDS * 30,
    "rate": 30,
    "ambience_db": -18.0,
    "duck": {"depth_db": 9.0, "attack_ms": 80.0, "release_ms": 450.0},
    "target_lufs": -16.0,
    "true_peak_dbtp": -1.0,
}
VOICE = speech(SECONDS)[:, None]
FOLEY = noise(SECONDS, 0.02)


def wav(root: Path, samples: Any, rate: int = 48_000, subtype: str = "PCM_16") -> bytes:
    root.mkdir(exist_ok=True, parents=True)
    soundfile.write(root / "one.wav", samples, rate, subtype=subtype)
    return (root / "one.wav").read_bytes()


def order(root: Path, voice: bytes | None, foley: bytes | None, **more: Any) -> WorkOrder:
    inputs = {
        f"{name}.wav": (content,) for name, content in (("voice", voice), ("foley", foley)) if content is not None
    }
    return task(
        root, "mix", stage="mix", inputs=inputs, params={**PARAMS, **more}, outputs=("mix.wav", "mix.json")
    ).order


def mixed(order: WorkOrder) -> dict[str, Any]:
    MixBackend().run(order)
    tree = json.loads(order.outputs["mix.json"].read_text())
    assert isinstance(tree, dict)
    return tree


@pytest.mark.parametrize("parts", ["voice foley", "voice", "foley"])
def test_an_episode_with_either_or_both_is_a_programme_of_exact_length_and_loudness(tmp_path: Path, parts: str) -> None:
    voice = wav(tmp_path, VOICE) if "voice" in parts else None
    foley = wav(tmp_path, FOLEY) if "foley" in parts else None
    first = order(tmp_path, voice, foley)
    report = mixed(first)
    info = soundfile.info(first.outputs["mix.wav"])
    assert (info.frames, info.channels, info.samplerate, info.subtype) == (240_000, 2, 48_000, "PCM_16")
    loudness, peak = ebur128(tmp_path, first.outputs["mix.wav"])
    assert loudness == pytest.approx(-16, abs=0.1)
    assert peak <= -1
    assert report["loudness_lufs"] == pytest.approx(loudness, abs=0.1)
    assert (report["voice_lufs"] is None, report["ambience_lufs"] is None) == (voice is None, foley is None)


def test_silence_is_a_defined_result(tmp_path: Path) -> None:
    first = order(tmp_path, wav(tmp_path, VOICE * 0), wav(tmp_path, FOLEY * 0))
    report = mixed(first)
    assert (report["loudness_lufs"], report["true_peak_dbtp"], report["gain_db"]) == (None, None, 0)
    assert not soundfile.read(first.outputs["mix.wav"])[0].any()


def test_a_voice_of_a_tenth_of_a_second_is_a_defined_result(tmp_path: Path) -> None:
    short = VOICE.copy()
    short[4800:] = 0
    assert mixed(order(tmp_path, wav(tmp_path, short), None))["loudness_lufs"] == pytest.approx(-16, abs=0.5)


def test_a_loudness_out_of_reach_is_an_error_and_not_a_miss(tmp_path: Path) -> None:
    with pytest.raises(BackendError) as caught:
        mixed(order(tmp_path, wav(tmp_path, VOICE), None, target_lufs=-5.0, true_peak_dbtp=-20.0))
    assert caught.value.sentence == "the loudness cannot be reached under the true peak"
    assert "target_lufs" in (caught.value.hint or "")


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_24", "FLOAT"])
def test_other_sample_formats_are_read(tmp_path: Path, subtype: str) -> None:
    mixed(order(tmp_path, wav(tmp_path, VOICE, subtype=subtype), wav(tmp_path, FOLEY[:, :1], subtype=subtype)))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (lambda _: b"", "empty"),
        (lambda root: wav(root, VOICE, 96_000), "a sound does not have the form required by the mix"),
        (lambda root: wav(root, VOICE[:-1]), "a sound does not have the form required by the mix"),
        (lambda root: wav(root, np.tile(VOICE, (2, 1))), "a sound does not have the form required by the mix"),
        (lambda root: wav(root, VOICE.repeat(6, axis=1)), "a sound does not have the form required by the mix"),
        (
            lambda root: wav(root, np.where(np.arange(240_000)[:, None] == 9, np.nan, VOICE), subtype="FLOAT"),
            "NaN",
        ),
        (lambda root: wav(root, VOICE)[:-1000], "cut short"),
        (lambda _: b"this is text and not sound", "not a supported sound file"),
    ],
    ids=["empty", "96 kHz", "too short", "too long", "six channels", "NaN", "truncated", "text"],
)
@pytest.mark.parametrize("role", ["voice", "foley"])
def test_bad_sound_is_refused_in_words(tmp_path: Path, role: str, content: Any, sentence: str) -> None:
    bad, good = content(tmp_path), wav(tmp_path, VOICE)
    with pytest.raises(BackendError, match=sentence):
        mixed(order(tmp_path, bad, good) if role == "voice" else order(tmp_path, good, bad))


def mix_bytes(root: Path) -> bytes:
    first = order(root, wav(root, VOICE), wav(root, FOLEY))
    mixed(first)
    return first.outputs["mix.wav"].read_bytes() + first.outputs["mix.json"].read_bytes()


def test_another_process_gives_the_same_bytes(tmp_path: Path) -> None:
    script = (
        "import sys, hashlib; from pathlib import Path; from tests.backends.test_mix import mix_bytes;"
        "print(hashlib.sha256(mix_bytes(Path(sys.argv[1]))).hexdigest())"
    )
    argv = [sys.executable, "-c", script, str(tmp_path / "there")]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    import hashlib

    assert done.stdout.split()[-1] == hashlib.sha256(mix_bytes(tmp_path / "here")).hexdigest()


def test_a_limiter_that_takes_much_is_told(tmp_path: Path) -> None:
    clicks = VOICE * 0.2
    clicks[::24_000] = 0.9
    first = order(tmp_path / "clicks", wav(tmp_path, clicks), None)
    report = mixed(first)
    assert report["limited_db"] > 12
    (note,) = first.notes
    assert (note.code, note.facts) == ("limiter-at-work", {"limited_db": report["limited_db"]})
    usual = order(tmp_path / "usual", wav(tmp_path, VOICE), wav(tmp_path, FOLEY))
    assert mixed(usual)["limited_db"] < 12
    assert usual.notes == []


@pytest.mark.parametrize(("part", "code"), [("voice", "voice-unheard"), ("foley", "ambience-unheard")])
def test_a_part_that_cannot_be_measured_is_told(tmp_path: Path, part: str, code: str) -> None:
    quiet = {"voice": VOICE, "foley": FOLEY}
    quiet[part] = quiet[part] * 1e-5
    first = order(tmp_path, wav(tmp_path, quiet["voice"]), wav(tmp_path, quiet["foley"]))
    mixed(first)
    assert [note.code for note in first.notes] == [code]
