"""The sound of whole episodes by the real draft backends: what an edit makes again, and what is delivered."""

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.audio.ebur128 import ebur128
from tests.builds.studio import Studio, held_in_this_process, portrait

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
disclosure: Voice and pictures are synthetic.
language: ru
frames: 240
profiles:
  draft: {backends: {voice: espeak, foley: procedural}}
"""
VOICE = "voice: {text: Голос хранится в файле. Он made через LoRA.}"
FOLEY = "foley: {prompt: 'quiet studio, soft pencil scratch'}"
NAME = "alpha_d13_episode1"

Edit = Callable[[Studio], object]


def spec(studio: Studio, *, title: str = "One", voice: str = VOICE, foley: str = FOLEY, more: str = "") -> object:
    text = f"episodec: 1\nnumber: 1\ntitle: {title}\n{voice}\n{foley}\n{more}"
    return studio.write("episodes/001.episode.yaml", text)


def tokens(studio: Studio, seed: int) -> object:
    content = io.BytesIO()
    np.save(content, np.random.default_rng(seed).integers(0, 1000, (8, 200), np.int32))
    return studio.write("episodes/characters/alpha/ref_alpha.npy", content.getvalue())


def start(root: Path) -> Studio:
    studio = Studio(root, backends=None, lower=None, executor=held_in_this_process)  # type: ignore[arg-type]  # The installed ones.
    studio.write("episodes/series.yaml", SERIES)
    studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\ntitle: Alpha\n")
    studio.write("episodes/characters/alpha/alpha-ref.png", portrait())
    tokens(studio, 1)
    spec(studio)
    return studio


def ran(studio: Studio) -> set[str]:
    """The actions of the last build, without captions and texts about the episode, which follow inputs of their own."""
    return {name.removeprefix("d13-001/") for name in studio.ran()} - {"captions", "post", "entry"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("built") / "project"
    studio = start(root)
    assert studio.build().exit_code == 0
    assert ran(studio) == {"voice/0001", "voice/0002", "join", "foley", "mix", "audio"}
    return root


@pytest.mark.parametrize(
    ("edit", "makes"),
    [
        (lambda studio: spec(studio, title="Another", more="description: Words.\ntags: [x]\n"), ""),
        (lambda studio: spec(studio, voice=VOICE.replace("файле", "ящике")), "voice/0001 join mix audio"),
        (lambda studio: spec(studio, foley="foley: {prompt: 'rain, birds'}"), "foley mix audio"),
        (lambda studio: spec(studio, foley="foley: {prompt: 'Quiet studio, soft pencil scratch!'}"), "foley"),
        (lambda studio: spec(studio, more="loudness: {target_lufs: -20}\n"), "mix audio"),
        (lambda studio: spec(studio, more="loudness: {true_peak_dbtp: -2}\n"), "mix audio"),
        (lambda studio: spec(studio, more="mix: {duck: {depth_db: 9}}\n"), "mix audio"),
        (lambda studio: spec(studio, more="overrides: {audio: {bitrate_kbps: 256}}\n"), "audio"),
        (lambda studio: tokens(studio, 2), "voice/0001 voice/0002 join mix audio"),
    ],
    ids=["title", "sentence", "foley", "foley-case", "loudness", "true-peak", "duck", "bitrate", "ref-tokens"],
)
def test_an_edit_makes_again_exactly_what_hears_it(built: Path, tmp_path: Path, edit: Edit, makes: str) -> None:
    root = tmp_path / "project"
    shutil.copytree(built, root, symlinks=True)
    studio = Studio(root, backends=None, lower=None, executor=held_in_this_process)  # type: ignore[arg-type]  # The installed ones.
    edit(studio)
    assert studio.build().exit_code == 0
    assert ran(studio) == set(makes.split())


def test_the_sound_of_a_second_clean_build_is_the_same_byte_for_byte(built: Path, tmp_path: Path) -> None:
    again = start(tmp_path / "project")
    assert again.build().exit_code == 0
    sounds = {name: content for name, content in again.dist().items() if name.startswith("static/")}
    assert sounds == {name: (built / "dist" / name).read_bytes() for name in sounds}
    assert sorted(sounds) == [f"static/audio/{NAME}{end}" for end in (".m4a", "_foley.wav", "_voice.wav")]


def test_the_delivered_programme_measures_what_the_series_says(built: Path, tmp_path: Path) -> None:
    loudness, peak = ebur128(tmp_path, built / f"dist/static/audio/{NAME}.m4a")
    assert loudness == pytest.approx(-16, abs=0.5)
    assert peak <= -1.0


@pytest.mark.parametrize(("voice", "foley"), [(VOICE, ""), ("", FOLEY)], ids=["voice", "foley"])
def test_an_episode_with_one_of_both_has_a_programme(tmp_path: Path, voice: str, foley: str) -> None:
    studio = start(tmp_path / "project")
    spec(studio, voice=voice, foley=foley)
    assert studio.build().exit_code == 0
    loudness, _ = ebur128(tmp_path, studio.root / f"dist/static/audio/{NAME}.m4a")
    assert loudness == pytest.approx(-16, abs=0.5)


def test_unknown_words_of_a_prompt_are_a_warning_that_can_be_allowed(tmp_path: Path) -> None:
    studio = start(tmp_path / "project")
    spec(studio, voice="", foley="foley: {prompt: 'rain, xyzzy, quux'}")
    outcome = studio.build()
    (warning,) = [one for one in outcome.diagnostics if one.code != "E280"]
    assert (outcome.exit_code, warning.code, warning.severity) == (0, "E230", "warning")
    assert "«xyzzy», «quux»" in warning.message
    assert "makes this prompt from rain" in warning.message
    assert "explain E230" in (warning.help or "")
    assert warning.span is not None
    assert warning.span.line == 5
    spec(studio, voice="", foley="foley: {prompt: 'rain, xyzzy, quux'}", more="allow: [E230, E280]\n")
    assert studio.build().diagnostics == ()
    manifest = json.loads((studio.root / f"dist/manifest/{NAME}.json").read_text())
    assert manifest


def test_a_misspelt_word_is_taken_for_the_nearest_known_one_and_that_is_told(tmp_path: Path) -> None:
    studio = start(tmp_path / "project")
    spec(studio, voice="", foley="foley: {prompt: 'rain, keybord, rainbow'}")
    outcome = studio.build()
    (warning,) = [one for one in outcome.diagnostics if one.code != "E280"]
    assert (outcome.exit_code, warning.code) == (0, "E230")
    assert "«keybord» is unknown and taken as «keyboard»" in warning.message
    assert "makes this prompt from rain, key" in warning.message
    assert "the nearest to «rainbow» is «rain" in (warning.help or "")


def test_a_prompt_of_which_nothing_is_known_is_an_error_before_anything_is_made(tmp_path: Path) -> None:
    studio = start(tmp_path / "project")
    spec(studio, voice="", foley="foley: {prompt: 'a soft zebra on the moon, blorp'}")
    outcome = studio.build()
    (error,) = [one for one in outcome.diagnostics if one.severity == "error"]
    assert (outcome.exit_code, error.code, error.severity) == (1, "E264", "error")
    assert "«zebra», «moon», «blorp»" in error.message
    assert error.span is not None
    assert error.span.line == 5
    assert studio.ran() == set()
