"""`episodec lineage` as it is shown, over the real stages; nothing is built for it."""

import json
import re
from pathlib import Path

import pytest
from PIL import Image

from episodec.questions.lineage import Lineage, Use
from episodec.report.lineage import lineage_lines
from episodec.report.paint import plain
from tests.builds.studio import Studio
from tests.cli.command import episodec

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
disclosure: Voice and pictures are synthetic.
profiles:
  draft: {backends: {voice: espeak, foley: procedural, scene: relief}}
  production: {backends: {voice: fish-speech, foley: procedural, scene: sharp}}
"""
PORTRAIT = "episodes/characters/alpha/alpha-ref.png"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    studio = Studio(tmp_path)
    studio.write("episodes/series.yaml", SERIES)
    studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\ntitle: Alpha\nvoice: {transcript: Hello.}\n")
    Image.new("RGB", (64, 64), "red").save(tmp_path / PORTRAIT)
    for number in (1, 2):
        words = f"episodec: 1\nnumber: {number}\ntitle: T\nframes: 60\nvoice: {{text: One word.}}\n"
        film = "size: [64, 64]\ncamera: [{move: static, frames: 60}]\n" if number == 1 else ""
        studio.write(f"episodes/00{number}.episode.yaml", words + film)
    return tmp_path


def test_systems_that_use_the_portrait_stand_apart_from_those_that_do_not(root: Path) -> None:
    process = episodec(root, "lineage", PORTRAIT)
    assert (process.returncode, process.stderr) == (0, "")
    uses, others = process.stdout.partition("not used by\n")[::2]
    assert uses.startswith(f"{PORTRAIT}: used by 2 of 2 episodes\n  digest    xxh3-128:")
    assert re.search(r"^ *scene \(relief\) +1 episode +1 action +reads it$", uses, re.MULTILINE)
    assert re.search(
        r"^ *render \(rasterise\) +1 episode +2 actions +through scene: still\.scene, rig: mouth\.rig$",
        uses,
        re.MULTILINE,
    )
    assert re.search(r"^ *post \(post\) +2 episodes +2 actions +reads it$", uses, re.MULTILINE)  # By its digest.
    assert re.search(r"^  voice \(espeak\) +2 actions$", others, re.MULTILINE)
    assert re.search(r"  scene \(relief\): 1 file +none in the cache\n", others)


def test_of_what_all_follows_from_no_way_is_told(root: Path) -> None:
    process = episodec(root, "lineage", "episodes/series.yaml").stdout
    assert re.search(r"^  join \(join\) +2 episodes  2 actions$", process, re.MULTILINE)


def test_of_many_artifacts_the_number_is_told() -> None:
    through = ("views: view_000.png", "views: view_001.png", "views: cloud.ply", "motion: motion.json")
    use = Use("dataset", "dnerf", 1, 1, 0, through, ("a", "b"), (), None)
    answer = Lineage("alpha-ref.png", None, "input", "draft", (use,), (), ("a", "b"), 2, 0, {})
    lines = lineage_lines(answer, plain, verbose=False)
    assert "  dataset (dnerf)  2 episodes  1 action  through views: 3 files, motion: motion.json" in lines


def test_where_every_episode_has_errors_nothing_is_said_of_its_use(root: Path) -> None:
    (root / PORTRAIT).write_bytes(b"no picture")
    process = episodec(root, "lineage", PORTRAIT)
    assert process.stdout.startswith(f"{PORTRAIT}: its use is unknown; 2 could not be checked because of errors\n")


def test_another_profile_has_other_systems_with_their_licences_and_none_need_be_installed(root: Path) -> None:
    process = episodec(root, "lineage", PORTRAIT, "--profile", "production")
    assert (process.returncode, process.stderr) == (0, "")
    assert "scene (sharp)" in process.stdout
    assert "  sharp: SHARP: code under Apple's sample-code licence" in process.stdout
    assert "not set up on this machine" in process.stdout
    hangs = episodec(root, "impact", PORTRAIT, "--profile", "production")
    assert (hangs.returncode, hangs.stderr) == (0, "")
    assert "when it changes, 5 actions run" in hangs.stdout


def test_the_whole_answer_is_there_as_json(root: Path) -> None:
    answer = json.loads(episodec(root, "lineage", PORTRAIT, "--json").stdout)
    assert (answer["answer"], answer["version"]) == ("lineage", 1)
    scene = answer["lineage"]["uses"][0]
    assert (scene["stage"], scene["backend"], scene["episodes"]) == ("scene", "relief", ["episodes/001.episode.yaml"])
    assert scene["made"] == [{"action": "alpha/scene/relief", "output": "still.scene", "digest": None, "size": None}]


def test_a_file_that_nothing_uses_is_said_to_be_one(root: Path) -> None:
    (root / "notes.txt").write_text("x")
    process = episodec(root, "lineage", "notes.txt")
    assert (process.returncode, process.stderr) == (0, "")
    assert process.stdout.startswith("notes.txt: nothing uses it\n")


def test_what_would_be_read_if_it_were_there_is_checked_only(root: Path) -> None:
    process = episodec(root, "lineage", "episodes/characters/alpha/ref_alpha.npy")
    assert process.stdout.startswith("episodes/characters/alpha/ref_alpha.npy: it is checked, and no action")
    assert "the file does not exist" in process.stdout


@pytest.mark.parametrize(
    ("file", "sentence"), [("no.png", "there is no such file"), ("/etc/hosts", "outside the project")]
)
def test_other_files_are_refused(root: Path, file: str, sentence: str) -> None:
    process = episodec(root, "lineage", file)
    assert (process.returncode, process.stdout) == (2, "")
    assert sentence in process.stderr


@pytest.mark.parametrize(("folder", "named"), [(".", "."), ("", "."), ("episodes/", "episodes"), ("/etc", "/etc")])
@pytest.mark.parametrize("question", ["lineage", "impact"])
def test_of_a_folder_nothing_is_said_as_of_a_file(root: Path, question: str, folder: str, named: str) -> None:
    process = episodec(root, question, folder)
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr.splitlines() == ["error: this is a folder", f"  file  {named}", "  help: name a file in it"]


def test_backends_whose_files_cannot_be_known_are_named(root: Path) -> None:
    process = episodec(root, "impact", "/etc/hosts", "--profile", "production")
    assert (process.returncode, process.stdout) == (0, "/etc/hosts: nothing depends on it\n")
    assert "note: backend sharp is not set up here, so its files are not known" in process.stderr


def test_a_camera_path_is_said_to_decide_its_episode_s_actions(root: Path) -> None:
    pose = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2.6, 0, 0, 0, 1]
    (root / "episodes/one.json").write_text(json.dumps({"camera_path": [{"camera_to_world": pose, "fov": 35}]}))
    spec = root / "episodes/001.episode.yaml"
    move = "{move: file, frames: 60, file: one.json}"
    spec.write_text(spec.read_text().replace("{move: static, frames: 60}", move))
    process = episodec(root, "impact", "episodes/one.json").stdout
    assert re.match(r"episodes/one\.json: when it changes, \d+ actions may run in 1 episode\n", process)
    assert re.search(r"^  stages +.*\bplan \(1\)", process, re.MULTILINE)
    uses = episodec(root, "lineage", "episodes/one.json").stdout.partition("not used by\n")[0]
    assert re.search(r"^ *render \(rasterise\) +1 episode +2 actions", uses, re.MULTILINE)
