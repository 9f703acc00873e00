"""`blame`: the lines of a spec behind a moment of its film, for the spec as it was built."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from episodec.engine.action import ActionId
from episodec.engine.cache import Record
from episodec.project.command_overrides import CommandOverrides
from episodec.series.goals import FramesGoal, Preview, cut_of
from episodec.series.request import Request
from episodec.series.session import opened, places
from tests.builds.studio import Studio
from tests.cli.command import environment, episodec
from tests.project.test_git import git

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
disclosure: Voice and pictures are synthetic.
language: en
profiles:
  draft: {size: [64, 64], backends: {voice: espeak, foley: procedural, scene: relief}}
"""
SPEC = """\
episodec: 1
number: 1
title: T
frames: 90
voice:
  text: |
    One word.
    Two words here.
camera:
  - {move: static, frames: 30}
  - {move: static}
time:
  - {map: hold, at: 0.25}
"""
PLAN = json.dumps(
    {
        "format": "episodec-plan/1",
        "segments": [
            {"track": "camera", "kind": "static", "start_frame": 0, "end_frame": 30},
            {"track": "camera", "kind": "static", "start_frame": 30, "end_frame": 90},
            {"track": "time", "kind": "hold", "start_frame": 0, "end_frame": 90},
        ],
        "frames": [{"frame": frame, "scene_time": 0.25} for frame in range(90)],
    }
)
SPOKEN = [("One", 0, 0.5, 0.6), ("word.", 0, 0.6, 1), ("Two", 1, 1.5, 2), ("words", 1, 2, 2.2), ("here.", 1, 2.2, 2.6)]
WORDS = json.dumps(
    {
        "version": 1,
        "samples": 144000,
        "timing": "measured",
        "words": [
            {"word": word, "sentence": sentence, "start": int(start * 48000), "end": int(end * 48000)}
            for word, sentence, start, end in SPOKEN
        ],
    }
)
PATH = "episodes/001.episode.yaml"
FILM = "dist/video/alpha_d13_episode1.mp4"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film in a checkout as a build publishes it; its actions' outputs are written here, and no backend runs."""
    studio = Studio(tmp_path_factory.mktemp("s"))
    studio.write("episodes/series.yaml", SERIES)
    studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\ntitle: Alpha\nvoice: {transcript: Hello.}\n")
    Image.new("RGB", (64, 64), "red").save(studio.root / "episodes/characters/alpha/alpha-ref.png")
    studio.write(".gitignore", "dist/\ncache/\n")
    studio.write(PATH, SPEC.replace("One", "An old"))
    git(studio.root, "init", "-q")
    git(studio.root, "add", "-A")
    git(studio.root, "commit", "-q", "-m", "First")
    studio.write(PATH, SPEC)
    git(studio.root, "commit", "-q", "-a", "-m", "Second: fewer words")
    ((place, targets),) = places((str(studio.root / "episodes"),))
    with opened(place, targets, Request(environment=environment(studio.root)), lambda _: None) as session:
        (loaded,) = session.load()
        blob = session.cache.blobs.put_bytes
        contents = {"plan.json": blob(PLAN.encode()), "words.json": blob(WORDS.encode())}
        records: dict[ActionId, Record] = {}
        for action in loaded.lowered.actions:
            outputs = {name: contents.get(name) or blob(name.encode()) for name in action.outputs}
            records[action.id] = Record(outputs, 1.0)
        session.publisher.publish(session.delivery(loaded, records, dict.fromkeys(records, "none")))
    return studio.root


PREVIEW = "dist/_preview/alpha_d13_episode1_30-90_small.mp4"


def preview(root: Path) -> None:
    """Publish a preview of the film's last two seconds, likewise."""
    ((place, targets),) = places((str(root / "episodes"),))
    request = Request(environment=environment(root), asked=CommandOverrides(preview=True))
    with opened(place, targets, request, lambda _: None) as session:
        (loaded,) = session.load_selected()
        blob = session.cache.blobs.put_bytes
        contents = {"plan.json": blob(PLAN.encode()), "words.json": blob(WORDS.encode())}
        records = {
            action.id: Record({name: contents.get(name) or blob(name.encode()) for name in action.outputs}, 1.0)
            for action in loaded.lowered.actions
        }
        cut = cut_of(Preview(FramesGoal(30, 90)), loaded)
        keys = dict.fromkeys(records, "none")
        session.publisher.publish(session.preview_delivery(loaded, cut, blob(b"film"), records, keys))


@pytest.fixture
def root(built: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(built, tmp_path / "series", symlinks=True))


def answered(root: Path, target: str) -> list[str]:
    process = episodec(root, "blame", target)
    assert (process.returncode, process.stderr) == (0, "")
    return [" ".join(line.split()) for line in process.stdout.splitlines()]


@pytest.mark.parametrize("target", ["1@0.6", "1@f18", f"{FILM}@0.6"])
def test_a_moment_leads_to_its_lines_their_commits_and_the_actions(built: Path, target: str) -> None:
    lines = answered(built, target)
    assert lines[0].startswith(f"{target.partition('@')[0]}: frame 18 of 90, 0.600 s, scene time 0.250, «word.»")
    assert lines[1] == f"film {FILM}"
    assert "sentence 1, frames 15-30" in lines
    assert " A: Second: fewer words" in lines[2]
    assert any(line.startswith("7 One word. ") and line.endswith(" A: Second: fewer words") for line in lines)
    assert any(line.startswith("10 - {move: static, frames: 30} ") and line.endswith(" A: First") for line in lines)
    assert "camera 1: static, frames 0-30" in lines
    assert "time 1: hold, frames 0-90" in lines
    assert any(line.startswith("d13-001/voice/0001 voice by espeak") for line in lines)
    assert any(line.startswith("d13-001/render/0000-0030 render by rasterise") for line in lines)


def test_a_preview_answers_with_the_frames_of_its_film(root: Path) -> None:
    preview(root)
    whole, lines = answered(root, "1@f48"), answered(root, f"{PREVIEW}@f18")
    assert lines[0].startswith(f"{PREVIEW}: frame 48 of 90, 1.600 s")
    assert lines[1] == f"film {PREVIEW}"
    assert lines[2 : lines.index("made by")] == whole[2 : whole.index("made by")]
    assert any(line.startswith("d13-001/preview/render/0030-0060 render by") for line in lines)
    assert not any(line.startswith("d13-001/render/") for line in lines)
    process = episodec(root, "blame", f"{PREVIEW}@f60")
    assert process.returncode == 2
    assert "the film has 60 frames: 0 to 59" in process.stderr


def test_where_the_working_tree_differs_both_are_shown(root: Path) -> None:
    (root / PATH).write_text("# New.\n" + SPEC.replace("One", "Another").replace("frames: 30", "frames: 10"))
    lines = answered(root, "1@f18")
    now = lines.index("in the working tree, which has changed since:")
    assert any(line.startswith("7 One word.") for line in lines[:now])
    assert "8 Another word. not committed yet" in lines[now:]
    assert any(line.startswith("12 - {move: static} ") for line in lines[now:])  # The second segment has the frame now.
    assert lines.count("note: ") == 0


def test_a_spec_with_errors_is_told_and_the_film_is_answered_for(root: Path) -> None:
    (root / PATH).write_text("colour: red\n")
    lines = answered(root, f"{FILM}@0.6")
    assert any(line.startswith("7 One word. ") for line in lines)
    assert "note: the spec in the working tree has changed and has errors; see `episodec validate`" in lines


def test_without_git_lines_have_no_commits_which_is_said_once(root: Path) -> None:
    shutil.rmtree(root / ".git")
    lines = answered(root, "1@0.6")
    assert "7 One word." in lines
    assert len([line for line in lines if line.startswith("note: no commits are available")]) == 1


def test_a_film_of_a_spec_that_is_nowhere_any_more_has_its_lines_by_number(root: Path) -> None:
    shutil.rmtree(root / ".git")
    (root / PATH).write_text(SPEC.replace("One", "Another"))
    lines = answered(root, "1@0.6")
    assert "7 (text not available)" in lines
    assert "7 Another word." in lines


def test_nothing_that_the_checkout_names_is_run(root: Path) -> None:
    mark = root / "ran"
    (root / ".gitattributes").write_text("*.yaml filter=x diff=x\n")
    for name in ("filter.x.clean", "filter.x.smudge", "diff.x.textconv", "diff.x.command"):
        git(root, "config", name, f"touch {mark}; cat")
    git(root, "config", "filter.x.required", "true")
    (root / PATH).write_text("# New.\n" + SPEC)
    assert any(line.startswith("7 One word. ") for line in answered(root, "1@0.6"))
    assert not mark.exists()


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("1@f90", "the film has 90 frames: 0 to 89, 3 s"),
        ("1@x", "this does not name a frame of an episode"),
        ("7@1", "no episode matches this"),
        ("dist/video/alpha_d13_episode1_poster.jpg@1", "this is not an episode's film"),
        ("dist/no.mp4@1", "this is not an episode's film"),
    ],
)
def test_what_is_no_moment_of_a_film_is_refused(built: Path, target: str, sentence: str) -> None:
    process = episodec(built, "blame", target)
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr.startswith(f"error: {sentence}\n")


def test_the_answer_is_there_as_json(built: Path) -> None:
    answer = json.loads(episodec(built, "blame", "1@f89", "--json").stdout)["blame"]
    assert (answer["shown"]["between"], answer["shown"]["sentence"], answer["now"]) == ([2, 0], None, None)
    assert answer["spec"] == PATH


@pytest.mark.parametrize(
    ("when", "silence"), [("0", "before sentence 1"), ("1.2", "the pause between sentences 1 and 2")]
)
def test_of_a_silence_it_is_said_where_it_is(built: Path, when: str, silence: str) -> None:
    assert f"voice nothing is said: {silence}" in answered(built, f"1@{when}")
