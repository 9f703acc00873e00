"""An episode by the profile `production`, from a character's files to a checked mp4, with a system in every stage that
has one: stand-ins in environments of their own, and Wan and FLUX real, on tiny checkpoints.

All of it is as a user has it: a portrait and voice tokens, three files of YAML, and `episodec build --profile
production`. Small are only the pictures, the training, and what the tiny checkpoints are asked for.
"""

import json
import os
import re
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from episodec.engine.events import ActionFailed
from episodec.project.command_overrides import CommandOverrides
from episodec.questions.doctor import doctor
from episodec.series.goals import ActionsGoal
from episodec.series.request import Request
from episodec.video.probe import probe
from tests.audio.ebur128 import ebur128
from tests.builds.studio import Studio, in_this_process
from tests.cli.command import SHARED
from tests.splat.portraits import drawn, png
from tests.splat.test_deformation import saved, state
from tests.standins.places import fish, four_d, hunyuan, hunyuan3d, local_settings, pulid
from tests.tiny.kept import checkpoint

SYSTEMS = {
    "voice": "fish-speech",
    "foley": "hunyuan-foley",
    "views": "hunyuan3d",
    "motion": "wan",
    "refine": "flux-img2img",
    "train": "4dgaussians",
}

SERIES = f"""\
episodec: 1
title: Alpha
season: d13
character: alpha
language: ru
disclosure: Голос, звук и изображение синтезированы.
frames: 900
profiles:
  draft: {{backends: {{voice: espeak, foley: procedural, scene: relief}}}}
  production:
    quality: production
    size: [48, 48]
    backends: {{{", ".join(f"{stage}: {name}" for stage, name in SYSTEMS.items())}}}
"""

CHARACTER = """\
episodec: 1
title: Alpha
voice: {transcript: Это мой голос.}
scene:
  kind: hybrid
  motion: {prompt: PROMPT, steps: 2}
  refine: {steps: 2, strength: 0.5}
  training: {size: 48, gaussians: 4000, iterations: 40, coarse_iterations: 20, sh_degree: 1}
"""

EPISODE = """\
episodec: 1
number: 1
title: One
voice: {text: TEXT}
foley: {prompt: 'quiet studio, soft pencil scratch'}
frames: FRAMES
camera:
  - {move: orbit, frames: FRAMES, look_at: [0, 0, 0], radius: 2.6, elevation_deg: 5, from_deg: -40, to_deg: 40}
time:
  - {map: loop, frames: LOOPED, period: 24}
  - {map: hold, frames: 60, at: 0}
overrides:
  motion: {side: 64, video_frames: 25}
  refine: {side: SIDE}
"""

TEXT, PROMPT = "Голос хранится в файле. Картинка строится из портрета.", "She smiles."
NAME = "alpha_d13_episode1"
PRODUCTION = CommandOverrides(profile="production")

SENTENCES = {"voice/0001", "voice/0002"}
SOUND = {"foley", "join", "captions", "mix", "audio"}
FRAMES, SHORT = 300, 150  # Of the delivered episode; and of the one that is edited.


def rendered(frames: int) -> set[str]:
    return {f"render/{at:04}-{at + 30:04}" for at in range(0, frames, 30)} | {"picture", "stills", "check", "mux"}


FROM_REFINE = {"refine", "dataset", "train", "rig", "scene-check"} | rendered(SHORT)


def ran(studio: Studio) -> set[str]:
    """The actions of the last build, without the texts about it."""
    by_name = {re.sub(r"^(d13-001|alpha)/", "", name) for name in studio.ran()}
    return by_name - {"post", "entry", "plan-picture", "performance"}


def write(studio: Studio, text: str = TEXT, prompt: str = PROMPT, *, side: int = 64, frames: int = SHORT) -> None:
    """side: of the squares in which frames are refined."""
    spec = EPISODE.replace("FRAMES", str(frames)).replace("LOOPED", str(frames - 60))
    studio.write("episodes/characters/alpha/character.yaml", CHARACTER.replace("PROMPT", prompt))
    studio.write("episodes/001.episode.yaml", spec.replace("TEXT", text).replace("SIDE", str(side)))


def failures(studio: Studio) -> list[str]:
    return [
        f"{event.id}: {event.error}\n{event.log_tail}" for event in studio.events if isinstance(event, ActionFailed)
    ]


def build(studio: Studio, asked: CommandOverrides = PRODUCTION) -> set[str]:
    outcome = studio.build(asked=asked)
    assert outcome.exit_code == 0, (outcome.diagnostics, failures(studio))
    return ran(studio)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """A project of one episode on a machine that has all the systems; nothing is built yet."""
    root = tmp_path_factory.mktemp("production")
    actual = Studio(root / "project", backends=None, lower=None, executor=None)  # type: ignore[arg-type]
    field = {name: value * 0.1 if "_deform.3." in name else value for name, value in state().items()}  # Moves little.
    systems = {
        "fish-speech": fish(root / "fish"),
        "hunyuan-foley": hunyuan(root / "foley"),
        "hunyuan3d": hunyuan3d(root / "mesh"),
        "wan": {"checkpoint": str(checkpoint("wan", root / "wan")), "device": "cpu"},
        "flux-img2img": {"checkpoint": str(checkpoint("flux", root / "flux")), "device": "cpu"},
        "pulid": pulid(root / "faces"),
        "4dgaussians": four_d(root / "trainer", saved(field)),
    }
    actual.write("episodec.local.yaml", local_settings(systems, gpus=[0]))
    actual.write("episodes/series.yaml", SERIES)
    write(actual, frames=FRAMES)
    actual.write("episodes/characters/alpha/alpha-ref.png", png(drawn()))
    tokens = np.random.default_rng(1).integers(0, 1000, (8, 64)).astype(np.int32)
    np.save(actual.root / "episodes/characters/alpha/ref_alpha.npy", tokens)
    return actual


def kill_while_training(studio: Studio) -> None:
    """A build by the command line, killed once its trainer has kept something of its second stage."""
    hold, output = studio.root.parent / "trainer/4DGaussians/hold", studio.root.parent / "said"
    hold.touch()
    command = [sys.executable, "-m", "episodec", "build", "--profile", "production"]
    environment = {"HOME": "/nonexistent", "EPISODEC_ACCEPT_SETTINGS": "1", "PATH": os.environ["PATH"], **SHARED}
    with output.open("wb") as file:
        build = subprocess.Popen(command, cwd=studio.root, env=environment, stdout=file, stderr=file)
    end = time.monotonic() + 200
    kept = "*/run/out/chkpnt_fine_*.pth"
    try:
        while not (hold.read_text() and list((studio.root / "cache/scratch").glob(kept))):
            if build.poll() is not None or time.monotonic() > end:
                pytest.fail(f"no training began: {output.read_text()}")
            time.sleep(0.05)
    finally:  # Also when pytest's own time is over.
        build.kill()
        build.wait()
    trainer = Path("/proc", hold.read_text(), "stat")
    while trainer.exists() and trainer.read_text().rpartition(") ")[2][0] not in "ZX":
        assert time.monotonic() < end, "the trainer outlives the build"
        time.sleep(0.01)
    hold.unlink()  # Only now: it would go on while it dies.


@pytest.fixture(scope="module")
def studio(installed: Studio) -> Studio:
    """Built once, after a build that was killed in the middle of the training, which a worker goes on with. What it is
    trained on, and what comes after it, is made in this process, which has imported the libraries of models and the
    compiled kernels: a worker of each would import them, too.
    """
    installed.executor = in_this_process
    assert installed.build(asked=PRODUCTION, goals=ActionsGoal(("dataset",))).exit_code == 0, failures(installed)
    installed.executor = None
    kill_while_training(installed)
    assert installed.build(asked=PRODUCTION, goals=ActionsGoal(("train",))).exit_code == 0, failures(installed)
    assert ran(installed) == {"train"}, "what it is trained on was made before the kill"
    installed.executor = in_this_process
    assert build(installed) >= {"scene-check"} | rendered(FRAMES)
    return installed


def test_a_training_that_was_killed_goes_on_where_it_was(studio: Studio) -> None:
    (log,) = (studio.root / "cache/logs/d13-001").glob("train.*.log")
    assert "skip coarse stage" in log.read_text()
    assert not list((studio.root / "cache/scratch").iterdir())


def test_the_mp4_has_all_frames_and_its_sound_is_exact_and_as_loud_as_it_should_be(
    studio: Studio, tmp_path: Path
) -> None:
    video = probe(studio.root / f"dist/production/video/{NAME}.mp4")
    assert (video.frames, video.rate, video.start_s) == (FRAMES, Fraction(30), Fraction(0))
    assert video.is_constant
    assert (video.width, video.height, video.audio_rate, video.audio_samples) == (48, 48, 48_000, 1600 * FRAMES)
    assert video.frames / video.rate == 10
    for kind in ("voice", "foley"):
        wav = soundfile.info(studio.root / f"dist/production/static/audio/{NAME}_{kind}.wav")
        assert (wav.samplerate, wav.frames) == (48_000, 1600 * FRAMES)
    loudness, peak = ebur128(tmp_path, studio.root / f"dist/production/video/{NAME}.mp4")
    assert loudness == pytest.approx(-16, abs=0.5)
    assert peak <= -1.0
    report = json.loads((studio.root / f"dist/production/check/{NAME}.json").read_text())
    assert not [gate for gate in report["gates"] if gate["verdict"] == "failed"]


def test_what_the_scene_was_trained_to_is_delivered_and_who_forbids_what_is_told(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = json.loads((studio.root / f"dist/production/manifest/{NAME}.json").read_text())
    names = (".mp4", "_check.json", "_check.png", "_training.png", "_turntable.webp")
    assert {f"scene/{NAME}{name}" for name in names} <= set(manifest["deliverables"])
    assert {action["stage"]: action["backend"] for action in manifest["actions"].values()}.items() >= SYSTEMS.items()
    assert set(manifest["licences"]) == set(SYSTEMS.values())
    monkeypatch.chdir(studio.root)
    by_name = {
        one.what: one.sentence for one in doctor(Request(environment=studio.environment)) if one.verdict == "note"
    }
    for name in SYSTEMS.values():
        assert by_name[f"backend {name}"] == manifest["licences"][name]
    for name in ("hunyuan-foley", "hunyuan3d"):
        assert "European Union" in manifest["licences"][name]
    for name in ("fish-speech", "flux-img2img", "4dgaussians"):
        assert "no commercial use" in manifest["licences"][name]


def test_edits_make_what_hangs_on_them_and_nothing_else(studio: Studio) -> None:
    assert build(studio) == set()
    write(studio)
    assert build(studio) >= {"plan", "foley", "join"} | rendered(SHORT)
    assert build(studio) == set()

    text = TEXT.replace("портрета", "снимка")
    write(studio, text)
    assert build(studio) == {"voice/0002", "align/0002", "join", "captions", "mix", "audio", "mux"}

    write(studio, text, "She waves.")
    assert build(studio) == {"motion"} | FROM_REFINE

    write(studio)
    assert build(studio) == set(), "what was made is kept"


def test_refined_by_another_system_the_same_motion_is_trained_anew(studio: Studio) -> None:
    write(studio, side=256)
    faces = CommandOverrides(profile="production", backends={"refine": "pulid"})
    assert build(studio, faces) == FROM_REFINE
    manifest = json.loads((studio.root / f"dist/production/manifest/{NAME}.json").read_text())
    assert "antelopev2" in manifest["licences"]["pulid"]
    assert "flux-img2img" not in manifest["licences"]
