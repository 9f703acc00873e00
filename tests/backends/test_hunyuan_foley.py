"""The backend `hunyuan-foley` against a stand-in that has the real program's flags, files and failures."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import soundfile

from episodec.backends.hunyuan_foley.backend import HunyuanFoley, seed_of
from episodec.contracts.hold import hold
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError, SettingsError
from tests.standins.checks import Digests, calls
from tests.standins.places import hunyuan
from tests.toys.orders import task

pytestmark = pytest.mark.usefixtures("standins")

PARAMS = {"prompt": "- quiet room tone, distant city", "take": 1, "frames": 45, "rate": 30, "variation": 0}


def order(root: Path, settings: dict[str, str], **params: Any) -> WorkOrder:
    more: dict[str, Any] = {"stage": "foley", "settings": settings, "outputs": ("segment.wav",)}
    return task(root, "hunyuan-foley", params={**PARAMS, **params}, **more).order


@pytest.mark.parametrize(("frames", "rate"), [(45, 30), (12, 24), (100, 60), (14 * 25, 25)])
def test_a_prompt_becomes_exactly_the_frames_in_stereo(tmp_path: Path, frames: int, rate: int) -> None:
    first = order(tmp_path, hunyuan(tmp_path), frames=frames, rate=rate)
    HunyuanFoley().run(first)
    hold(first)
    sound, actual = soundfile.read(first.output(), always_2d=True)
    assert (actual, sound.shape) == (48_000, (frames * 48_000 // rate, 2))
    assert (sound[:, 0] == sound[:, 1]).all()


def test_the_program_gets_a_blank_clip_and_our_seed(tmp_path: Path) -> None:
    settings = hunyuan(tmp_path)
    first = order(tmp_path, settings)
    HunyuanFoley().run(first)
    (call,) = calls(tmp_path)
    assert (
        f"seed {seed_of(first)}" in call["argv"]
    )  # Not 1, which it seeds itself with. That the clip is blank, it checks.
    assert "--single_prompt=- quiet room tone, distant city" in call["argv"]
    assert call["env"]["HF_HUB_OFFLINE"] == "1"
    assert call["env"]["HF_HUB_CACHE"] == settings["hub"]
    assert call["cwd"] != str(Path.cwd())


def test_the_same_order_gives_the_same_command_line_and_bytes(tmp_path: Path) -> None:
    settings = hunyuan(tmp_path)
    orders = [order(tmp_path / name, settings) for name in "ab"]
    for each in orders:
        HunyuanFoley().run(each)
    assert orders[0].output().read_bytes() == orders[1].output().read_bytes()
    first, second = ([part for part in call["argv"] if "/tmp/" not in part] for call in calls(tmp_path))
    assert first == second


def test_another_prompt_take_or_variation_is_another_seed(tmp_path: Path) -> None:
    output: list[dict[str, Any]] = [{}, {"prompt": "rain"}, {"take": 2}, {"variation": 1}, {"frames": 30}]
    seeds = [seed_of(order(tmp_path, {}, **one)) for one in output]
    assert len(set(seeds)) == 4
    assert seeds[0] == seeds[4]


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        ("exit 1", "a program failed"),
        ("no file", "without writing its file"),
        ("empty file", "a system succeeded but wrote an empty file"),
        ("wrong rate", "wrong kind of sound"),
        ("cut short", "wrong kind of sound"),
        ("silent", "silent"),
    ],
)
def test_every_failure_of_the_program_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: str, sentence: str
) -> None:
    monkeypatch.setenv("STANDIN", failure)
    first = order(tmp_path, hunyuan(tmp_path))
    with pytest.raises(BackendError, match=sentence):
        HunyuanFoley().run(first)
    assert not first.output().exists()


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"prompt": None}, "needs a prompt"),
        ({"prompt": "a\0"}, "needs a prompt"),
        ({"frames": 14 * 30 + 1}, "in one run"),
        ({"frames": 0}, "positive whole number"),
        ({"overrides": {"seed": 1}}, "no such parameter"),
        ({"overrides": {"steps": 0}}, "out of its range"),
    ],
)
def test_an_impossible_order_runs_nothing(tmp_path: Path, params: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BackendError, match=sentence):
        HunyuanFoley().run(order(tmp_path, hunyuan(tmp_path), **params))
    assert not (tmp_path / "calls").exists()


def fingerprint(settings: dict[str, str]) -> dict[str, Any]:
    actual = HunyuanFoley().fingerprint(settings, Digests())
    assert all(Path(path).exists() for path in actual.watches)
    return dict(actual.parts)


@pytest.mark.parametrize(
    "touched",
    [
        "weights/hunyuanvideo_foley.pth",
        "weights/vae_128d_48k.pth",
        "weights/synchformer_state_dict.pth",
        "hub/models--google--siglip2-base-patch16-512/snapshots/abc123/model.safetensors",
        "hub/models--laion--larger_clap_general/snapshots/abc123/model.safetensors",
        "HunyuanVideo-Foley/infer.py",
        "HunyuanVideo-Foley/hunyuanvideo_foley/constants.py",
        "HunyuanVideo-Foley/configs/hunyuanvideo-foley-xxl.yaml",
    ],
)
def test_another_model_or_code_is_another_fingerprint(tmp_path: Path, touched: str) -> None:
    settings = hunyuan(tmp_path)
    before = fingerprint(settings)
    with (tmp_path / touched).open("a") as file:
        file.write(" ")
    assert fingerprint(settings) != before
    assert str(tmp_path / touched) in HunyuanFoley().fingerprint(settings, Digests()).watches


def test_the_fingerprint_tells_models_and_no_place(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    settings = [hunyuan(tmp_path / name) for name in "ab"]
    assert fingerprint(settings[0]) == fingerprint(settings[1])
    assert str(tmp_path) not in str(fingerprint(settings[0]))
    assert fingerprint({**settings[0], "size": "xl"}) != fingerprint(settings[0])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"device": "cpu"}, "the setting `device` is not a type of device"),
        ({"size": "xs"}, "names no model"),
        ({"hub": ""}, "missing"),
    ],
)
def test_wrong_settings_are_told(tmp_path: Path, change: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        fingerprint({**hunyuan(tmp_path), **change})


def test_a_model_that_was_never_downloaded_is_told(tmp_path: Path) -> None:
    settings = hunyuan(tmp_path)
    (tmp_path / "hub" / "models--laion--larger_clap_general" / "refs" / "main").write_text("def456")
    with pytest.raises(SettingsError, match="not in the Hugging Face cache"):
        fingerprint(settings)


def test_its_window_is_below_the_fifteen_seconds_it_looks_at() -> None:
    assert HunyuanFoley().window_s({}) == Fraction(14)


def test_its_licence_names_the_territories() -> None:
    assert "European Union" in HunyuanFoley.licence
