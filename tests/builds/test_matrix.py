"""The rebuild matrix over real media: an edit remakes exactly its dependents, and dist/ equals a clean build's."""

from pathlib import Path

import numpy as np
import pytest

from episodec.backends import BUILTIN
from episodec.splat.scene import Scene, Slices
from episodec.splat.scene_file import encode_scene
from tests.builds.studio import Studio, held_in_this_process

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
language: en
disclosure: Voice and pictures are synthetic.
loudness: {target_lufs: LOUDNESS}
profiles:
  draft: {size: [64, 64], backends: {voice: espeak, foley: procedural}}
"""

SPEC = """\
episodec: 1
number: 1
title: TITLE
frames: 90
voice:
  text: |
    One.
    SECOND.
foley: {prompt: PROMPT}
scene: {file: media/one.scene}
camera:
  - {move: static, frames: 30}
  - {move: static, frames: 30, fov_y_deg: FOV}
  - {move: static, frames: 30}
time:
  - {map: linear, frames: 90, end: END}
"""

PLAIN = {"TITLE": "One", "SECOND": "Two", "PROMPT": "soft rain", "FOV": "30", "END": "1", "LOUDNESS": "-16"}

SOUND_OUT = {"mix", "audio", "mux"}
PICTURE_OUT = {"picture", "stills", "check", "mux"}
CHUNKS = {"render/0000-0030", "render/0030-0060", "render/0060-0090"}


def ran(studio: Studio) -> set[str]:
    """The actions of the last build, without the texts about the episode, which follow inputs of their own."""
    return {name.removeprefix("d13-001/") for name in studio.ran()} - {"plan-picture", "post", "entry"}


def scene(seed: int) -> bytes:
    """Some coloured Gaussians around the origin, which drift aside."""
    rng, count = np.random.default_rng(seed), 40
    means = rng.normal(0, 0.3, (count, 3)).astype(np.float32)
    return encode_scene(
        Scene(
            means=means,
            quaternions=np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
            log_scales=np.full((count, 3), -2.5, np.float32),
            opacity_logits=np.full(count, 2, np.float32),
            harmonics=rng.uniform(-0.4, 0.4, (count, 1, 3)).astype(np.float32),
            slices=Slices(np.stack([means, means + np.float32(0.2)])),
        )
    )


def tokens(seed: int, path: Path) -> None:
    np.save(path, np.random.default_rng(seed).integers(0, 1000, (8, 64)).astype(np.int32))


def write(studio: Studio, **given: str) -> None:
    """The series and its episode, with these words in place of the plain ones."""
    for name, template in (("series.yaml", SERIES), ("001.episode.yaml", SPEC)):
        text = template
        for word, plain in PLAIN.items():
            text = text.replace(word, given.get(word, plain))
        studio.write(f"episodes/{name}", text)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    actual = Studio(tmp_path_factory.mktemp("matrix") / "project", BUILTIN, lower=None, executor=held_in_this_process)
    write(actual)
    actual.write("episodes/characters/alpha/character.yaml", "episodec: 1\n")
    actual.write("episodes/media/one.scene", scene(1))
    tokens(1, actual.root / "episodes/characters/alpha/ref_alpha.npy")
    assert actual.build().exit_code == 0
    return actual


@pytest.mark.parametrize(
    ("given", "runs"),
    [
        ({"TITLE": "Another"}, {"mux"}),
        ({"SECOND": "Three"}, {"voice/0002", "join", "captions"} | SOUND_OUT),
        ({"SECOND": "[pause 0.9] Two"}, {"join", "captions"} | SOUND_OUT),
        ({"PROMPT": "distant wind"}, {"foley", "captions"} | SOUND_OUT),
        ({"FOV": "40"}, {"plan", "render/0030-0060"} | PICTURE_OUT),
        ({"LOUDNESS": "-20"}, SOUND_OUT),
    ],
    ids=["title", "sentence", "pause", "prompt", "camera", "loudness"],
)
def test_an_edit_of_a_spec_makes_what_hangs_on_it(
    studio: Studio, tmp_path: Path, given: dict[str, str], runs: set[str]
) -> None:
    write(studio, **given)
    assert studio.build().exit_code == 0
    assert ran(studio) == runs
    check_clean_and_put_back(studio, tmp_path)


def test_another_time_map_makes_the_chunks_that_hold_a_changed_row(studio: Studio, tmp_path: Path) -> None:
    write(studio, END="0.5")
    assert studio.build().exit_code == 0
    assert ran(studio) == {"plan"} | CHUNKS | PICTURE_OUT
    check_clean_and_put_back(studio, tmp_path)


def test_another_scene_makes_the_picture_and_no_sound(studio: Studio, tmp_path: Path) -> None:
    studio.write("episodes/media/one.scene", scene(2))
    assert studio.build().exit_code == 0
    assert ran(studio) == {"scene"} | CHUNKS | PICTURE_OUT
    check_clean_and_put_back(studio, tmp_path)


def test_other_voice_tokens_make_the_sound_and_no_picture(studio: Studio, tmp_path: Path) -> None:
    tokens(2, studio.root / "episodes/characters/alpha/ref_alpha.npy")
    assert studio.build().exit_code == 0
    assert ran(studio) == {"voice/0001", "voice/0002", "join", "captions"} | SOUND_OUT
    check_clean_and_put_back(studio, tmp_path)


def check_clean_and_put_back(studio: Studio, tmp_path: Path) -> None:
    """The same sources, with nothing made before, give the same bytes. Then the plain ones again: nothing runs."""
    (tmp_path / "clean").mkdir()
    clean = Studio(tmp_path / "clean", BUILTIN, lower=None, executor=held_in_this_process)
    for path in (studio.root / "episodes").rglob("*"):
        if path.is_file():
            clean.write(str(path.relative_to(studio.root)), path.read_bytes())
    assert clean.build(jobs=1).exit_code == 0
    assert studio.dist() == clean.dist()
    write(studio)
    studio.write("episodes/media/one.scene", scene(1))
    tokens(1, studio.root / "episodes/characters/alpha/ref_alpha.npy")
    assert studio.build().made_count == 0
