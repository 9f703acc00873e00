"""The rebuild matrix of a character's trained scene: an edit remakes exactly its dependents, once for all episodes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from episodec.backends import BUILTIN
from episodec.errors import UsageError
from episodec.project.command_overrides import CommandOverrides
from episodec.questions.why import why
from episodec.series.request import Request
from tests.builds.studio import TOY, Studio
from tests.splat.portraits import drawn, png

TRAINERS = "tests.toys.trainers:"
BACKENDS = {
    **BUILTIN,
    "around": f"{TRAINERS}Around",
    "moving": f"{TRAINERS}Moving",
    "points": f"{TRAINERS}Points",
    "say": TOY,
    "tell": "tests.toys.backends:DigestText",
}

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
language: en
disclosure: Voice and pictures are synthetic.
profiles:
  draft: {size: [48, 48], backends: {ROWS}}
  production: {size: [48, 48], quality: production, backends: {ROWS}}
"""

TELLING = ("plan-picture", "performance", "post", "entry")
TOYS = ("voice", "join", "mix", "audio", "captions", "scene", "rig", "render", "picture", "stills", "check", "mux")
ROWS = [*(f"{stage}: say" for stage in TOYS), *(f"{stage}: tell" for stage in TELLING)]
SERIES = SERIES.replace("ROWS", ", ".join(ROWS))
SERIES = SERIES.replace("voice: say", "voice: say, views: around, motion: moving, train: points")

CHARACTER = """\
episodec: 1
scene:
  kind: hybrid
  views: {count: COUNT}
  motion: {prompt: PROMPT, seed: SEED}
  training: {size: 48, iterations: ITERATIONS, val: VAL}
"""

SPEC = """\
episodec: 1
number: NUMBER
title: TITLE
frames: 30
voice: {text: One., tail_s: 0.3}
camera:
  - {move: static, frames: 30, fov_y_deg: FOV}
MORE
"""

PLAIN = {"COUNT": "3", "PROMPT": "She smiles.", "SEED": "0", "ITERATIONS": "9", "VAL": "8"}
PLAIN |= {"TITLE": "One", "FOV": "30", "MORE": ""}

PICTURES_OUT = {
    f"{number}/{stage}" for number in ("d13-001", "d13-002") for stage in ("picture", "stills", "check", "mux")
}
RIG = {"alpha/rig/train/points"}
RENDERED = RIG | {"d13-001/render/0000-0030", "d13-002/render/0000-0030"} | PICTURES_OUT
CHECKED = {"alpha/scene-check"}
TRAINED = {"alpha/train/points"} | CHECKED | RENDERED
FROM_DATASET = {"alpha/dataset"} | TRAINED


def filled(template: str, **given: str) -> str:
    for word, plain in PLAIN.items():
        template = template.replace(word, given.get(word, plain))
    return template


def write(studio: Studio, **given: str) -> None:
    """The series, its character and two episodes, with these words in place of the plain ones; the second stays."""
    studio.write("episodes/series.yaml", SERIES)
    studio.write("episodes/characters/alpha/character.yaml", filled(CHARACTER, **given))
    studio.write("episodes/001.episode.yaml", filled(SPEC, NUMBER="1", **given).replace("NUMBER", "1"))
    studio.write("episodes/002.episode.yaml", filled(SPEC, FOV="33").replace("NUMBER", "2"))


def portrait(studio: Studio, side: int = 96) -> None:
    studio.write("episodes/characters/alpha/alpha-ref.png", png(drawn(side, side)))


def tokens(studio: Studio, seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, 1000, (8, 64)).astype(np.int32)
    np.save(studio.root / "episodes/characters/alpha/ref_alpha.npy", values)


def start(root: Path) -> Studio:
    actual = Studio(root, BACKENDS, lower=None)
    write(actual)
    portrait(actual)
    tokens(actual, 1)
    return actual


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    actual = start(tmp_path_factory.mktemp("hybrid") / "project")
    assert actual.build().exit_code == 0
    return actual


def ran(studio: Studio) -> set[str]:
    """The actions of the last build, without the texts about episodes, which follow inputs of their own."""
    return {name for name in studio.ran() if name.rpartition("/")[2] not in TELLING}


def put_back(studio: Studio) -> None:
    write(studio)
    portrait(studio)
    tokens(studio, 1)
    assert studio.build().made_count == 0


def test_two_episodes_train_one_scene_and_each_delivers_it(studio: Studio, tmp_path: Path) -> None:
    clean = start(tmp_path / "project")
    assert clean.build(jobs=1).exit_code == 0
    shared = {name for name in ran(clean) if name.startswith("alpha/")}
    assert (
        shared == {"alpha/views/around", "alpha/motion/moving", "alpha/dataset", "alpha/train/points"} | CHECKED | RIG
    )
    names = [".mp4", "_check.json", "_check.png", "_training.png", "_turntable.webp"]
    delivered = [f"scene/alpha_d13_episode{number}{name}" for number in (1, 2) for name in names]
    assert sorted(path for path in clean.dist() if path.startswith("scene/")) == delivered
    assert clean.dist() == studio.dist()


@pytest.mark.parametrize(
    ("given", "runs"),
    [
        ({"TITLE": "Another"}, {"d13-001/mux"}),
        ({"FOV": "40"}, {"d13-001/plan", *(name for name in RENDERED if name.startswith("d13-001"))}),
        ({"PROMPT": "She waves."}, {"alpha/motion/moving"} | FROM_DATASET),
        ({"PROMPT": "she SMILES."}, {"alpha/motion/moving"}),
        ({"SEED": "5"}, {"alpha/motion/moving", "alpha/dataset"}),
        ({"COUNT": "4"}, {"alpha/views/around"} | FROM_DATASET),
        ({"ITERATIONS": "10"}, {"alpha/train/points"}),
        ({"VAL": "9"}, FROM_DATASET - RENDERED),
    ],
    ids=["title", "camera", "prompt", "same-pictures", "same-dataset", "views", "iterations", "validation"],
)
def test_an_edit_makes_what_hangs_on_it(studio: Studio, given: dict[str, str], runs: Sequence[str]) -> None:
    write(studio, **given)
    assert studio.build().exit_code == 0
    assert ran(studio) == set(runs)
    put_back(studio)


def test_another_portrait_makes_the_whole_scene_and_no_sound(studio: Studio) -> None:
    portrait(studio, 100)
    assert studio.build().exit_code == 0
    assert ran(studio) == {"alpha/views/around", "alpha/motion/moving"} | FROM_DATASET
    put_back(studio)


def test_other_voice_tokens_make_nothing_of_the_scene(studio: Studio) -> None:
    tokens(studio, 2)
    assert studio.build().exit_code == 0
    assert not {name for name in ran(studio) if name.startswith("alpha/")}
    assert any(name.endswith("/voice/0001") for name in ran(studio))
    put_back(studio)


def test_an_episode_with_a_choice_of_its_own_shares_what_comes_before(studio: Studio) -> None:
    write(studio, MORE="overrides: {train: {hint: 3}}")
    assert studio.build().exit_code == 0
    assert ran(studio) == {"d13-001/train"}, "the toy makes the same scene of it, so nothing is looked at again"
    put_back(studio)


def test_an_episode_may_stay_with_the_portrait(studio: Studio) -> None:
    write(studio, MORE="scene: portrait")
    assert studio.build().exit_code == 0
    assert "alpha/scene/say" in ran(studio)
    assert not [path for path in studio.dist() if path.startswith("scene/alpha_d13_episode1_")]
    assert [path for path in studio.dist() if path.startswith("scene/alpha_d13_episode2_")]
    put_back(studio)


def test_the_profile_says_how_much_is_trained(studio: Studio) -> None:
    outcome = studio.build(asked=CommandOverrides(profile="production"))
    assert outcome.exit_code == 0
    assert ran(studio) >= {"alpha/train/points"}
    assert "alpha/views/around" not in ran(studio), "the size is said, so the pictures are the draft's"


@pytest.mark.parametrize(
    ("more", "line"),
    [("", "camera:"), ("scene: hybrid", "scene: hybrid"), ("backends: {views: images}", "backends: {views: images}")],
)
def test_a_stage_of_the_scene_that_nobody_does_is_told_at_what_asks_for_it(
    tmp_path: Path, more: str, line: str
) -> None:
    studio = start(tmp_path)
    write(studio, MORE=more)
    studio.write("episodes/series.yaml", SERIES.replace("views: around, ", ""))
    diagnostics = studio.build("episodes/001.episode.yaml").diagnostics[0]
    assert diagnostics.code == ("E240" if "backends" in more else "P504")
    assert diagnostics.span is not None
    assert (studio.root / "episodes/001.episode.yaml").read_text().splitlines()[diagnostics.span.line - 1] == line


def test_why_answers_once_for_an_action_that_episodes_share(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(studio.root)
    request = Request(environment=studio.environment, backends=studio.backends)
    (actual,) = why(request, "alpha/train/points").actions
    assert (actual.id, actual.verdict, actual.stage) == ("alpha/train/points", "hit", "train")
    with pytest.raises(UsageError, match="no action has this name"):
        why(request, "alpha/train/other")
    with pytest.raises(UsageError, match="no such action, file or spec"):
        why(request, "beta/train/points")


def test_files_of_the_character_are_watched_and_their_faults_told_at_their_lines(tmp_path: Path) -> None:
    studio = start(tmp_path / "project")
    named = CHARACTER.replace("views: {count: COUNT}", "views: {count: 2, images: views/list.json}")
    studio.write("episodes/characters/alpha/character.yaml", filled(named))
    assert studio.codes(studio.build()) == ["F401"]
    studio.write("episodes/characters/alpha/views/list.json", "{}")
    assert studio.codes(studio.build()) == ["F421"]
    pose = "[[1,0,0,0],[0,1,0,0],[0,0,1,3],[0,0,0,1]]"
    frames = ",".join(f'{{"file_path": "{name}", "transform_matrix": {pose}}}' for name in "ab")
    studio.write("episodes/characters/alpha/views/list.json", f'{{"camera_angle_x": 0.6, "frames": [{frames}]}}')
    outcome = studio.build()
    assert studio.codes(outcome) == ["F421"]
    assert "a.png" in outcome.diagnostics[0].message
    for name in "ab":
        studio.write(f"episodes/characters/alpha/views/{name}.png", png(drawn(80, 80)))
    assert studio.build().exit_code == 0
    assert "alpha/views/images" in ran(studio)
    assert studio.build().current == 2
    studio.write("episodes/characters/alpha/views/b.png", png(drawn(90, 90)))
    assert studio.build().exit_code == 0
    assert "alpha/views/images" in ran(studio)
    assert "alpha/motion/moving" not in ran(studio)
