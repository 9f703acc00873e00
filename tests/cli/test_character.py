"""`episodec character`: candidates by a real pipeline of tiny weights, and one of them put in the portrait's place."""

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from episodec.cli.app import run
from episodec.digest import digest_bytes
from episodec.series.request import Request
from tests.builds.studio import Studio
from tests.cli.command import environment, episodec, episodec_process, on_a_terminal
from tests.cli.test_lineage import PORTRAIT, root
from tests.standins.checks import calls, prepare
from tests.standins.places import pulid

__all__ = ["root"]  # The fixture.

FOLDER = "episodes/characters/alpha/candidates"


def candidate(root: Path, name: str, colour: str = "blue", *, expected: bool = True) -> Path:
    """A picture where candidates lie, as `character image` leaves it."""
    path = root / FOLDER / f"{name}.png"
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", (80, 80), colour).save(path)
    if expected:
        output = {"prompt": colour, "seed": 1, "picture": digest_bytes(path.read_bytes())}
        path.with_suffix(".json").write_text(json.dumps(output))
    return path


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in (root / "episodes").rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("words", "backend"),
    [
        (("character", "image", "alpha", "--prompt", "x"), "flux-img2img"),
        (("character", "image", "alpha", "--prompt", "x", "--backend", "pulid"), "pulid"),
        (("plan", "--backend", "voice=fish-speech"), "fish-speech"),
    ],
)
def test_a_missing_setting_is_told_with_the_backend_that_it_is_of(
    root: Path, words: tuple[str, ...], backend: str
) -> None:
    process = episodec(root, *words)
    assert process.returncode == 1
    assert re.search(rf"^  backend +{backend}$", process.stderr, re.MULTILINE)
    assert "checkpoint" in process.stderr


def test_candidates_lie_beside_what_they_were_made_from_and_no_build_reads_them(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.tiny.flux import save_flux

    settings = f"flux-img2img: {{checkpoint: {save_flux(root / 'flux')}, device: cpu}}"
    (root / "episodec.local.yaml").write_text(f"episodec: 1\nbackends: {{{settings}}}\n")
    with (root / "episodes/characters/alpha/character.yaml").open("a") as file:
        file.write("identity: {hair: purple, expression: 'neutral, mouth closed'}\n")
    before = episodec(root, "plan").stdout
    monkeypatch.chdir(root)
    base = Request(environment=environment(root))

    def image(*words: str) -> list[str]:
        small = ("--size", "64", "--steps", "1", "--count", "2")
        assert run(["character", "image", "alpha", *small, *words], base=base) == 0
        output = capsys.readouterr()
        assert "note: FLUX.1 dev: weights under" in output.err
        return output.out.splitlines()

    *first, sheet = image()
    tree = json.loads((root / first[0]).with_suffix(".json").read_text())
    assert tree["prompt"] == (
        "frontal portrait of one character, purple hair, neutral expression, mouth closed, "
        "looking at the camera, plain white background, photorealistic"
    )
    assert (tree["seed"], tree["side"], tree["picture"]) == (1, 64, digest_bytes((root / first[0]).read_bytes()))
    with Image.open(root / first[1]) as picture, Image.open(root / sheet) as visible:
        assert picture.size == (64, 64)
        assert (visible.format, visible.width > 3 * 320) == ("JPEG", True)  # The portrait and both.
    assert image("--seed", "1")[:2] == [f"{one}  was there" for one in first]
    elsewhere = image("--refine", "0.5", "--prompt", "a woman", "--seed", "3", "--to", "other")
    assert elsewhere[0].startswith("other/candidate_")
    refined = json.loads((root / elsewhere[0]).with_suffix(".json").read_text())
    assert (refined["seed"], refined["again"]["strength"], refined["prompt"]) == (3, 0.5, "a woman")
    nowhere = ["character", "image", "alpha", "--prompt", "a woman", "--to", "episodes/series.yaml"]
    assert run(nowhere, base=base) == 1
    assert "the folder for candidates cannot be created" in capsys.readouterr().err
    assert (root / FOLDER / ".gitignore").read_text() == "*\n"
    there = {path.name for path in (root / "other").iterdir()}
    assert there == {Path(one).name for one in elsewhere} | {Path(one).stem + ".json" for one in elsewhere[:2]}
    assert episodec(root, "plan").stdout == before


def test_another_model_draws_whoever_has_the_face_and_its_words_go_to_a_log(
    root: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    prepare(root, monkeypatch)
    settings = json.dumps(pulid(root))
    (root / "episodec.local.yaml").write_text(f"episodec: 1\nbackends: {{pulid: {settings}}}\n")
    monkeypatch.chdir(root)
    words = ["character", "image", "alpha", "--backend", "pulid", "--prompt", "a woman", "--count", "2"]

    def image(*more: str) -> list[str]:
        assert run([*words, *more, "--size", "256"], base=Request(environment=environment(root))) == 0
        return capfd.readouterr().out.splitlines()

    first, second, sheet = image("--steps", "10")
    tree = json.loads((root / second).with_suffix(".json").read_text())
    assert (tree["seed"], tree["side"], tree["steps"], tree["strength"]) == (2, 256, 10, None)
    assert tree["portrait"] == digest_bytes((root / PORTRAIT).read_bytes())
    with Image.open(root / first) as picture:
        assert picture.size == (256, 256)
    assert image("--steps", "10", "--seed", "1")[:2] == [f"{first}  was there", f"{second}  was there"]
    assert len(calls(root, "pulid")) == 2
    image("--refine", "0.5")
    assert [json.loads(one["program"].partition(" ")[2])["start"] for one in calls(root, "pulid")] == [1, 1, 0.5, 0.5]
    assert (root / sheet).is_file()
    assert (root / "cache/runs/character-image.log").is_file()
    with_lora = run([*words, "--lora-scale", "1"], base=Request(environment=environment(root)))
    assert (with_lora, "PuLID does not use a LoRA" in capfd.readouterr().err) == (2, True)


@pytest.mark.parametrize(
    ("words", "code", "given"),
    [
        (("alpha",), 1, "the model for `--backend flux` is not set up"),
        (("alpha", "--backend", "pulid"), 1, "settings  python, repo, checkpoints, hub"),
        (("alpa", "--prompt", "x"), 2, "did you mean `alpha`?"),
        (("../alpha", "--prompt", "x"), 2, "there is no such character"),
        (("alpha", "--prompt", "x"), 1, "checkpoint"),
        (("alpha", "--prompt", "x", "--count", "1000"), 2, "at most 64"),
    ],
)
def test_what_cannot_be_drawn_is_told(root: Path, words: tuple[str, ...], code: int, given: str) -> None:
    ended = episodec(root, "character", "image", *words)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert given in ended.stderr


def test_a_model_that_is_not_set_up_is_described_before_a_prompt_is_asked_for(root: Path) -> None:
    process = episodec(root, "character", "image", "alpha")
    facts = dict(re.findall(r"^  ([a-z]+) +(.*)$", process.stderr, re.MULTILINE))
    assert "FLUX.1-dev" in facts["get"]
    assert facts["get"].endswith("about 34 GB")
    assert "Non-Commercial" in facts["licence"]
    assert facts["command"].startswith("hf download black-forest-labs/FLUX.1-dev ")


def test_without_a_prompt_a_model_that_is_set_up_asks_for_it(root: Path, tmp_path: Path) -> None:
    from tests.tiny.flux import save_flux

    settings = f"flux-img2img: {{checkpoint: {save_flux(tmp_path / 'flux')}, device: cpu}}"
    (root / "episodec.local.yaml").write_text(f"episodec: 1\nbackends:\n  {settings}\n")
    ended = episodec(root, "character", "image", "alpha")
    assert (ended.returncode, "no prompt for this character" in ended.stderr) == (2, True)


def test_a_pick_shows_what_hangs_on_the_portrait_and_keeps_the_old_one(root: Path) -> None:
    old, new = (root / PORTRAIT).read_bytes(), candidate(root, "one")
    done = episodec(root, "character", "pick", str(new), "--yes")
    assert done.returncode == 0
    assert "80 x 80 pixels" in done.stderr
    assert f"{PORTRAIT}: when it changes, 5 actions run, 7 may follow in 2 episodes" in done.stderr
    assert "drift  " in done.stderr
    kept = f"{FOLDER}/alpha-ref.{digest_bytes(old).rpartition(':')[2][:8]}.png"
    assert done.stdout == f"{PORTRAIT} is now one.png\nthe old one is kept as {kept}\n"
    assert (root / PORTRAIT).read_bytes() == new.read_bytes()
    assert (root / PORTRAIT).with_suffix(".json").read_bytes() == new.with_suffix(".json").read_bytes()
    back = episodec(root, "character", "pick", kept, "--yes")
    assert (back.returncode, (root / PORTRAIT).read_bytes()) == (0, old)
    assert not (root / PORTRAIT).with_suffix(".json").exists()  # Nobody knows what the first one was made from.


def test_what_a_portrait_was_made_from_goes_into_no_action(root: Path) -> None:
    episodec(root, "character", "pick", str(candidate(root, "one")), "--yes")
    beside = PORTRAIT.replace(".png", ".json")
    assert episodec(root, "lineage", beside).stdout.startswith(f"{beside}: nothing uses it\n")
    assert episodec(root, "lineage", f"{FOLDER}/one.png").stdout.startswith(f"{FOLDER}/one.png: nothing uses it\n")


def test_nothing_is_replaced_where_nobody_can_be_asked(root: Path) -> None:
    new, before = candidate(root, "one"), files(root)
    refused = episodec_process(root, "character", "pick", str(new))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "when it changes" in refused.stderr
    assert "pass --yes" in refused.stderr
    assert files(root) == before


@pytest.mark.parametrize(("answer", "code", "ends"), [("y", 0, "is now one.png"), ("", 1, "nothing was changed")])
def test_on_a_terminal_it_asks_and_only_a_yes_replaces(root: Path, answer: str, code: int, ends: str) -> None:
    new, before = candidate(root, "one"), (root / PORTRAIT).read_bytes()
    command = [sys.executable, "-m", "episodec", "character", "pick", str(new)]
    with on_a_terminal(command, root) as terminal:
        assert b"5 actions run" in terminal.until(b"[y/N] ")
        assert (root / PORTRAIT).read_bytes() == before
        terminal.type(f"{answer}\n")
        terminal.until(ends.encode())
    assert terminal.process.returncode == code
    assert (root / PORTRAIT).read_bytes() == (new.read_bytes() if code == 0 else before)


def test_the_portrait_itself_is_picked_without_a_question(root: Path) -> None:
    same = candidate(root, "same", "red")
    Image.new("RGB", (64, 64), "red").save(same)
    same.with_suffix(".json").unlink()
    assert same.read_bytes() == (root / PORTRAIT).read_bytes()
    done = episodec(root, "character", "pick", str(same))
    assert (done.returncode, done.stdout) == (0, f"{PORTRAIT} already is this picture\n")
    assert not list((root / FOLDER).glob("alpha-ref*"))


def test_a_first_portrait_needs_no_question(root: Path) -> None:
    (root / PORTRAIT).unlink()
    done = episodec(root, "character", "pick", str(candidate(root, "one")))
    assert (done.returncode, done.stdout) == (0, f"{PORTRAIT} is now one.png\n")


def test_what_is_no_portrait_is_not_picked(root: Path) -> None:
    candidate(root, "cut").write_bytes(candidate(root, "cut").read_bytes()[:-20])
    candidate(root, "tiny", expected=False)
    Image.new("RGB", (8, 8)).save(root / FOLDER / "tiny.png")
    Image.new("RGB", (80, 80)).save(root / FOLDER / "sheet.jpg")
    Image.new("RGB", (80, 80), "green").save(candidate(root, "changed"))
    candidate(root, "garbled").with_suffix(".json").write_bytes(b"\xff{")
    before = files(root)
    sentences = {
        "cut.png": "cut short",
        "tiny.png": "portrait",
        "sheet.jpg": "must both be PNG files",
        "changed.png": "belong to another picture",
        "garbled.png": "belong to another picture",
        "missing.png": "cannot be read",
    }
    for name, sentence in sentences.items():
        refused = episodec(root, "character", "pick", f"{FOLDER}/{name}", "--yes")
        assert (refused.returncode, refused.stdout) == (1, ""), name
        assert sentence in refused.stderr
    assert files(root) == before


def test_a_picture_from_elsewhere_needs_the_character_where_there_are_several(root: Path) -> None:
    candidate(root, "one").rename(root / "mine.png")
    Studio(root).write("episodes/characters/beta/character.yaml", "episodec: 1\ntitle: Beta\n")
    refused = episodec(root, "character", "pick", "mine.png", "--yes")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "alpha, beta" in refused.stderr
    assert episodec(root, "character", "pick", "mine.png", "--character", "beta").returncode == 0
    assert (root / "episodes/characters/beta/beta-ref.png").read_bytes() == (root / "mine.png").read_bytes()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_neither_is_picked_nor_replaced(root: Path, make: Callable[[Path], None]) -> None:
    make(root / "pipe.png")
    refused = episodec(root, "character", "pick", "pipe.png", "--yes")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "the portrait is not a regular file" in refused.stderr
    (root / PORTRAIT).unlink()
    make(root / PORTRAIT)
    refused = episodec(root, "character", "pick", str(candidate(root, "one")), "--yes")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "the portrait is not a regular file" in refused.stderr
    assert not (root / PORTRAIT).is_file()


@pytest.mark.timeout(60)
def test_a_pipe_beside_a_picture_is_not_waited_for(root: Path) -> None:
    new = candidate(root, "one", expected=False)
    os.mkfifo(new.with_suffix(".json"))
    refused = episodec(root, "character", "pick", str(new), "--yes")
    assert refused.returncode == 1
    assert "not a plain file" in refused.stderr


def test_a_portrait_that_is_a_link_is_left_to_who_made_it(root: Path) -> None:
    (root / PORTRAIT).rename(root / "shared.png")
    (root / PORTRAIT).symlink_to(root / "shared.png")
    refused = episodec(root, "character", "pick", str(candidate(root, "one")), "--yes")
    assert (refused.returncode, (root / PORTRAIT).is_symlink()) == (1, True)
    assert "is a link" in refused.stderr
