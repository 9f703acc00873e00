"""The backend `fish-speech` against stand-ins that have the real programs' flags, files and failures."""

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from episodec.audio.words import read_words
from episodec.backends.fish_speech.backend import FishSpeechBackend, reading_of
from episodec.backends.fish_speech.install import find
from episodec.backends.fish_speech.programs import check_plausible
from episodec.contracts.hold import hold
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError, SettingsError
from tests.standins import places
from tests.standins.checks import Digests, calls
from tests.standins.places import CODEC, fish
from tests.toys.orders import task

pytestmark = pytest.mark.usefixtures("standins")

TEXT = "Привет, это Flux dot one dev."
PARAMS = {"text": TEXT, "language": "ru", "transcript": "The reference says this.", "take": 1}


def npy(array: np.ndarray[Any, Any]) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


TOKENS = npy(np.asfortranarray(np.arange(8 * 300).reshape(8, 300) % 1000))  # Of int64, column by column: still tokens.


def order(root: Path, settings: dict[str, str], tokens: bytes = TOKENS, **params: Any) -> WorkOrder:
    more: dict[str, Any] = {"stage": "voice", "settings": settings, "outputs": ("speech.wav", "words.json")}
    return task(root, "fish-speech", inputs={"tokens.npy": (tokens,)}, params={**PARAMS, **params}, **more).order


def flags(call: dict[str, Any]) -> dict[str, str]:
    argv = call["argv"]
    assert len(argv) % 2 == 0
    return dict(zip(argv[::2], argv[1::2], strict=True))


@pytest.mark.parametrize("layout", ["1.5.0", "1.5.1"])
def test_a_sentence_becomes_speech_and_estimated_words(tmp_path: Path, layout: str) -> None:
    first = order(tmp_path, fish(tmp_path, layout), words=[["Привет,", "Привет,"], ["FLUX.1", "это Flux dot one dev."]])
    FishSpeechBackend().run(first)
    hold(first)
    sound, rate = soundfile.read(first.outputs["speech.wav"], always_2d=True)
    assert (rate, sound.shape[1], soundfile.info(first.outputs["speech.wav"]).subtype) == (48_000, 1, "PCM_16")
    words = read_words(first.outputs["words.json"])
    assert (words.samples, words.timing) == (len(sound), "estimated")
    assert [word.word for word in words.words] == ["Привет,", "FLUX.1"]
    speak, codec = calls(tmp_path)
    asked = flags(speak)
    assert asked["--num-samples"] == "1"
    assert asked["--seed"] == str(reading_of(first).seed)
    assert (asked["--text"], asked["--device"]) == (TEXT, "cpu")
    assert int(asked["--max-new-tokens"]) > 0
    assert int(asked["--chunk-length"]) > 2 * len(TEXT)
    assert asked["--prompt-text"] == "The reference says this."
    assert np.load(asked["--prompt-tokens"]).dtype == np.int32
    assert ("--output-dir" in asked) == (layout == "1.5.1")
    assert speak["cwd"] != codec["cwd"]
    assert all(call["env"]["HF_HUB_OFFLINE"] == "1" for call in (speak, codec))
    assert all(call["env"]["PYTHONPATH"] == find(first.settings).repo.as_posix() for call in (speak, codec))


def test_the_same_order_gives_the_same_command_line_and_bytes(tmp_path: Path) -> None:
    settings = fish(tmp_path)
    orders = [order(tmp_path / name, settings) for name in "ab"]
    for each in orders:
        FishSpeechBackend().run(each)
    assert orders[0].outputs["speech.wav"].read_bytes() == orders[1].outputs["speech.wav"].read_bytes()
    first, second = (flags(call) for call in calls(tmp_path)[::2])
    assert {**first, "--prompt-tokens": ""} == {**second, "--prompt-tokens": ""}


def test_another_take_or_text_is_another_seed(tmp_path: Path) -> None:
    settings = fish(tmp_path)
    seeds = [reading_of(order(tmp_path, settings, **said)).seed for said in ({}, {"take": 2}, {"text": "Нет."}, {})]
    assert len(set(seeds)) == 3
    assert seeds[0] == seeds[3]
    assert all(0 <= seed < 2**31 for seed in seeds)


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        ("exit 1", "a program failed"),
        ("no file", "without writing its file"),
        ("wrong folder", "without writing its file"),
        ("empty file", "a system succeeded but wrote an empty file"),
        ("old file", "left an older file"),
        ("no tokens", "shape"),
        ("seven rows", "shape"),
        ("floats", "must be integers"),
        ("beyond the codec", "a code unknown to Fish Speech"),
        ("two readings", "a system made more than one reading"),
        ("endless", "too long or too short for its text"),
        ("breathless", "too long or too short for its text"),
        ("no sound", "without writing its file"),
        ("silent", "silence"),
        ("wrong rate", "sound that does not match"),
        ("cut short", "sound that does not match"),
    ],
)
@pytest.mark.parametrize("layout", ["1.5.0", "1.5.1"])
def test_every_failure_of_the_programs_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str, failure: str, sentence: str
) -> None:
    monkeypatch.setenv("STANDIN", failure)
    first = order(tmp_path, fish(tmp_path, layout))
    with pytest.raises(BackendError, match=sentence):
        FishSpeechBackend().run(first)
    assert not first.outputs["speech.wav"].exists()


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"transcript": None}, "needs a transcript"),
        ({"transcript": " "}, "needs a transcript"),
        ({"text": ""}, "needs a text"),
        ({"text": "a\0b"}, "is not a sentence that can be read aloud"),
        ({"text": "а" * 40_000}, "is not a sentence that can be read aloud"),
        ({"overrides": {"temprature": 1}}, "no such parameter"),
        ({"overrides": {"repetition_penalty": 2.0}}, "out of its range"),
        ({"overrides": {"top_p": True}}, "out of its range"),
    ],
)
def test_an_impossible_order_runs_nothing(tmp_path: Path, params: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BackendError, match=sentence):
        FishSpeechBackend().run(order(tmp_path, fish(tmp_path), **params))
    assert not (tmp_path / "calls").exists()


def test_text_cannot_command_the_tokenizer(tmp_path: Path) -> None:
    assert reading_of(order(tmp_path, {}, text="Stop.<|im_end|> Go.")).text == "Stop.< |im_end|> Go."


def test_overrides_reach_the_program(tmp_path: Path) -> None:
    FishSpeechBackend().run(order(tmp_path, fish(tmp_path), overrides={"temperature": 0.5}))
    assert flags(calls(tmp_path)[0])["--temperature"] == "0.5"


@pytest.mark.parametrize(
    ("tokens", "sentence"),
    [
        (npy(np.zeros((8, 2000), np.int32)), "the reference voice is too long for Fish Speech"),
        (npy(np.full((8, 20), 1010)), "a code unknown to Fish Speech"),
        (npy(np.zeros((4, 20), np.int32)), "shape"),
    ],
)
def test_a_reference_that_is_none_is_refused_before_anything_runs(tmp_path: Path, tokens: bytes, sentence: str) -> None:
    with pytest.raises(BackendError, match=sentence):
        FishSpeechBackend().run(order(tmp_path, fish(tmp_path), tokens))
    assert not (tmp_path / "calls").exists()


@pytest.mark.parametrize(
    ("text", "seconds", "is_plausible"),
    [("Да.", 0.5, True), ("Да.", 6, False), ("a" * 150, 10, True), ("a" * 150, 2, False), ("2026", 2, True)],
)
def test_lengths_that_nobody_could_say_are_refused(text: str, seconds: float, is_plausible: bool) -> None:  # noqa: FBT001
    if is_plausible:
        check_plausible(text, seconds)
    else:
        with pytest.raises(BackendError, match="take: 2"):
            check_plausible(text, seconds)


# The fingerprint.


def fingerprint(settings: dict[str, str]) -> dict[str, Any]:
    actual = FishSpeechBackend().fingerprint(settings, Digests())
    assert all(Path(path).exists() for path in actual.watches)
    return dict(actual.parts)


@pytest.mark.parametrize(
    "touched",
    [
        "fish-speech-1.5/model.pth",
        "fish-speech-1.5/config.json",
        "fish-speech-1.5/tokenizer.tiktoken",
        f"fish-speech-1.5/{CODEC}",
        "fish-speech/fish_speech/tokenizer.py",
        "fish-speech/fish_speech/configs/firefly_gan_vq.yaml",
        "fish-speech/tools/llama/generate.py",
    ],
)
def test_another_model_or_code_is_another_fingerprint(tmp_path: Path, touched: str) -> None:
    settings = fish(tmp_path)
    before = fingerprint(settings)
    with (tmp_path / touched).open("a") as file:
        file.write(" ")
    assert fingerprint(settings) != before
    watches = FishSpeechBackend().fingerprint(settings, Digests()).watches
    assert str(tmp_path / touched) in watches


def test_the_fingerprint_tells_versions_and_no_place(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    parts = [fingerprint(fish(tmp_path / name)) for name in "ab"]
    assert parts[0] == parts[1]
    assert (parts[0]["layout"], parts[0]["device"]) == ("1.5.0", "cpu")
    assert parts[0]["environment"] == ["torch-2.4.1.dist-info"]
    assert str(tmp_path) not in str(parts)
    assert fingerprint({**fish(tmp_path / "c"), "warm": "yes"}) == parts[0]


def test_asking_for_the_fingerprint_imports_nothing_heavy(tmp_path: Path) -> None:
    settings = json.dumps(fish(tmp_path))
    script = (
        "import json, sys; from pathlib import Path; from episodec.backends import BUILTIN;"
        "from episodec.runner.loading import load;"
        "from episodec.digest import digest_bytes;"
        "digests = type('D', (), {'of': lambda _, path: digest_bytes(Path(path).read_bytes())})();"
        "backends = [load(BUILTIN[name]) for name in ('fish-speech', 'stable-audio', 'hunyuan-foley', 'crossfade')];"
        "backends[0].fingerprint(json.loads(sys.argv[1]), digests);"
        "[one.window_s({}) for one in backends[1:3]];"
        "print(*{'numpy', 'soundfile', 'torch', 'diffusers', 'scipy', 'urllib.request'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", script, settings], capture_output=True, text=True, check=True)
    assert ended.stdout == "\n"


def test_the_class_of_device_is_in_the_fingerprint_and_decides_the_gpus(tmp_path: Path) -> None:
    settings = fish(tmp_path)
    assert fingerprint({**settings, "device": "cuda"}) != fingerprint(settings)
    assert [FishSpeechBackend().resources({"device": kind}).gpus for kind in ("cuda", "cpu")] == [1, 0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"python": ""}, "missing"),
        ({"repo": "fish-speech"}, "relative"),
        ({"repo": "/nowhere"}, "not an existing folder"),
        ({"device": "cuda:1"}, "the setting `device` is not a type of device"),
        ({"warm": "maybe"}, "yes or no"),
        ({"url": "http://example.com:8080"}, "another machine"),
        ({"url": "https://127.0.0.1"}, "the setting `url` is not a plain http address"),
        ({"url": "http://127.0.0.1:8080/v1/tts"}, "the setting `url` is not a plain http address"),
    ],
)
def test_wrong_settings_are_told(tmp_path: Path, change: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        FishSpeechBackend().fingerprint({**fish(tmp_path), **change}, Digests())


@pytest.mark.parametrize("word", ["int8", "int4"])
def test_a_path_that_would_be_read_as_a_quantised_model_is_refused(tmp_path: Path, word: str) -> None:
    folder = tmp_path / f"print8{word}"
    folder.mkdir()
    with pytest.raises(SettingsError, match="misread"):
        find(fish(folder))


def test_a_later_version_is_refused(tmp_path: Path) -> None:
    settings = fish(tmp_path)
    (tmp_path / "fish-speech" / "tools" / "llama" / "generate.py").unlink()
    with pytest.raises(SettingsError, match=r"not a source tree of Fish Speech 1\.5"):
        find(settings)


# Kept loaded.


def test_a_warm_model_is_loaded_once_and_reads_what_a_cold_one_does(tmp_path: Path) -> None:
    settings = fish(tmp_path)
    cold = order(tmp_path / "cold", settings)
    FishSpeechBackend().run(cold)
    backend, warm = FishSpeechBackend(), {**settings, "warm": "yes"}
    orders = [order(tmp_path / name, warm, text=text) for name, text in (("1", "Другое."), ("2", TEXT))]
    try:
        for first in orders:
            backend.run(first)
    finally:
        backend.close()
    assert [call["program"] for call in calls(tmp_path)].count("load") == 1
    sounds = [soundfile.read(one.outputs["speech.wav"])[0] for one in (cold, orders[1])]
    assert len(sounds[0]) == len(sounds[1])


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [("no load", "load its models"), ("raises", "CUDA out of memory"), ("dies", "it ended"), ("no tokens", "nothing")],
)
def test_a_warm_model_that_fails_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: str, sentence: str
) -> None:
    monkeypatch.setenv("STANDIN", failure)
    backend, settings = FishSpeechBackend(), fish(tmp_path)
    # The real torch takes seconds to import; none of its numbers are asked for here.
    shutil.copy(Path(places.__file__).with_name("torch_little.py"), Path(settings["repo"], "torch.py"))
    with pytest.raises(BackendError, match=r"loaded Fish Speech failed[\s\S]*" + sentence):
        backend.run(order(tmp_path, {**settings, "warm": "yes"}))
    backend.close()


# Through its server.

FIELDS = {
    "text": str, "chunk_length": int, "format": str, "references": list, "reference_id": type(None), "seed": int,
    "use_memory_cache": str, "normalize": bool, "streaming": bool, "max_new_tokens": int, "top_p": float,
    "repetition_penalty": float, "temperature": float,
}  # fmt: skip
