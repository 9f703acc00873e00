import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.builds.studio import Studio
from tests.cli.command import episodec, timeless, toy


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "series").start(2)


def test_status_tells_what_changed_what_is_gone_and_what_is_refused(studio: Studio) -> None:
    assert toy(studio, "status").stdout.splitlines()[-1] == "2 episodes: 2 never built"
    toy(studio, "build")
    assert toy(studio, "status").stdout.splitlines()[-1] == "2 episodes: 2 current"
    studio.episode(1, text="Other words.")
    (studio.root / "dist/video/alpha_d13_episode2.mp4").unlink()
    studio.write("episodes/003.episode.yaml", "episodec: 1\nnumber: 3\ntitel: T\n")
    studio.episode(4, prompt="x")
    ran = toy(studio, "status")
    assert ran.returncode == 1
    assert [" ".join(line.split()) for line in ran.stdout.splitlines()] == [
        "changed episodes/001.episode.yaml episodes/001.episode.yaml changed",
        "changed episodes/002.episode.yaml dist/video/alpha_d13_episode2.mp4 gone",
        "refused episodes/003.episode.yaml S101 S102",
        "new episodes/004.episode.yaml never built",
        "4 episodes: 2 changed, 1 never built, 1 refused",
    ]


def test_why_shows_the_changed_words_before_and_after(studio: Studio) -> None:
    studio.episode(1, text="The quick brown fox jumps over the lazy dog.")
    toy(studio, "build")
    studio.episode(1, text="The quick red fox jumps over the lazy dog.")
    process = toy(studio, "why", "d13-001/voice").stdout.splitlines()
    assert process[:2] == ["d13-001/voice: it would run: text changed", "  text"]
    assert "[-brown-] {+red+}" in process[2]


@pytest.mark.parametrize("target", ["d13-001/voice", "001/voice"])
def test_why_knows_actions_by_their_ids(studio: Studio, target: str) -> None:
    toy(studio, "build")
    process = toy(studio, "why", target).stdout
    assert process.startswith("d13-001/voice: its result is in the cache; it does not run\n")


def test_why_tells_many_actions_in_a_line_each_and_those_in_the_cache_by_the_stage(studio: Studio) -> None:
    toy(studio, "build")
    studio.episode(1, text="Other words.")
    process = toy(studio, "why", "d13-001")
    assert process.stdout == (
        "d13-001/voice: it would run: text changed\n"
        "1 foley, 1 video: in the cache\n"
        "`-v`, or the name of one action, shows what was compared\n"
    )
    assert len(toy(studio, "why", "d13-001", "-v").stdout.splitlines()) > 20


def test_an_action_that_ends_in_frames_is_no_episode(studio: Studio) -> None:
    toy(studio, "build")
    process = toy(studio, "why", "d13-001/render/0000-0030")
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr.startswith("error: no action has this name\n")


@pytest.mark.parametrize(
    ("target", "actions"),
    [
        ("dist/video/alpha_d13_episode1.mp4", 1),
        ("dist/manifest/alpha_d13_episode1.json", 3),
        ("episodes/001.episode.yaml", 3),
        ("d13-001", 3),
    ],
)
def test_why_knows_files_and_episodes(studio: Studio, target: str, actions: int) -> None:
    toy(studio, "build")
    answer = json.loads(toy(studio, "why", target, "--json").stdout)["why"]
    assert len(answer["actions"]) == actions
    assert (answer["file"] is not None) == target.startswith("dist/")


@pytest.mark.parametrize("question", ["lineage notes.txt", "why 1/voice", "why dist/index.html", "plan 1", "build 1-2"])
def test_of_a_series_with_errors_it_is_said_that_it_has_them(studio: Studio, question: str) -> None:
    studio.write("episodes/series.yaml", "episodec: 1\ncolour: red\n")
    studio.write("notes.txt", "x")
    refused = toy(studio, *question.split())
    output = ["error: series.yaml has errors", "  help: `episodec validate` shows them"]
    assert (refused.returncode, refused.stdout, refused.stderr.splitlines()) == (1, "", output)


def test_of_a_series_with_errors_nothing_is_planned_as_nothing_is_built(studio: Studio) -> None:
    studio.write("episodes/series.yaml", "episodec: 1\ncolour: red\n")
    planned, built = toy(studio, "plan", "-k"), toy(studio, "build", "-k")
    assert (planned.returncode, planned.stderr) == (built.returncode, built.stderr)
    assert planned.stdout == "2 episodes: nothing would be built, because specs have errors\n"


def test_why_says_that_a_deliverable_was_touched(studio: Studio) -> None:
    toy(studio, "build")
    file = studio.root / "dist/video/alpha_d13_episode1.mp4"
    file.write_text("mine")
    assert "changed since it was published" in toy(studio, "why", str(file)).stdout
    file.unlink()
    assert "missing: the next build restores it" in toy(studio, "why", str(file)).stdout


@pytest.mark.parametrize(
    ("file", "given"),
    [
        ("episodes/media/001.mp4", "when it changes, 1 action runs in 1 episode"),
        ("episodes/series.yaml", "when it changes, 6 actions may run in 2 episodes"),
        ("episodes/002.episode.yaml", "when it changes, 3 actions may run in 1 episode"),
        ("episodes/unused.txt", "nothing depends on it"),
    ],
)
def test_impact(studio: Studio, file: str, given: str) -> None:
    toy(studio, "build")
    studio.write("episodes/unused.txt", "x")
    assert toy(studio, "impact", file).stdout.startswith(f"{file}: {given}")


def test_a_portrait_is_checked_and_read_by_nothing_yet(studio: Studio) -> None:
    from PIL import Image

    portrait = studio.root / "episodes/characters/alpha/alpha-ref.png"
    Image.new("RGB", (512, 512), "red").save(portrait)
    process = toy(studio, "impact", "episodes/characters/alpha/alpha-ref.png").stdout
    assert process.splitlines()[0].endswith("2 episodes check it, and no action of this version reads it")


def test_validate_shows_the_mistakes_of_all_files_and_only_them_to_programs(studio: Studio) -> None:
    assert toy(studio, "validate").stdout == "2 files checked: no errors.\n"
    studio.write("episodes/003.episode.yaml", "episodec: 1\nnumber: 3\ntitel: T\n")
    studio.episode(2, prompt="room 1")
    full = toy(studio, "validate")
    assert full.returncode == 1
    assert "episodes/003.episode.yaml:3:1" in full.stdout
    assert "X303" in full.stdout
    assert full.stdout.splitlines()[-1].startswith("Found 3 errors in 2 files")
    github = toy(studio, "validate", "--output-format", "github").stdout.splitlines()
    assert len(github) == 3
    assert all(line.startswith("::error file=") for line in github)
    tree = json.loads(toy(studio, "validate", "--output-format", "json").stdout)
    assert {one["code"] for one in tree} == {"S101", "S102", "X303"}


def test_one_spec_is_compared_with_the_others(studio: Studio) -> None:
    studio.episode(2, prompt="room 1")
    assert "X303" in toy(studio, "validate", "2").stdout


def test_fmt_changes_only_what_differs_and_keeps_the_mode(studio: Studio) -> None:
    spec = studio.root / "episodes/001.episode.yaml"
    spec.write_text(spec.read_text().replace("number: 1", "number:   1"))
    spec.chmod(0o640)
    inode = spec.stat().st_ino
    listed = toy(studio, "fmt", "--check")
    assert listed.returncode == 1
    assert listed.stdout == "episodes/001.episode.yaml\n"
    assert spec.stat().st_ino == inode
    assert "--- episodes/001.episode.yaml" in toy(studio, "fmt", "--diff").stdout
    assert toy(studio, "fmt").returncode == 0
    assert spec.stat().st_mode & 0o777 == 0o640
    inode = spec.stat().st_ino
    assert toy(studio, "fmt", "--check").returncode == 0
    toy(studio, "fmt")
    assert spec.stat().st_ino == inode


def test_graph_names_every_action(studio: Studio) -> None:
    tree = json.loads(toy(studio, "graph", "--format", "json").stdout)
    assert [one["id"] for one in tree["actions"]] == [
        f"d13-00{number}/{stage}" for number in (1, 2) for stage in ("voice", "foley", "video")
    ]
    assert 'a0["d13-001/voice<br/>say"]' in toy(studio, "graph").stdout
    assert '"episodes/media/001.mp4" -> "d13-001/video";' in toy(studio, "graph", "--format", "dot", "1").stdout


def test_gc_keeps_what_the_present_specs_need(studio: Studio) -> None:
    toy(studio, "build")
    studio.episode(1, text="Other words.")
    toy(studio, "build")
    dry = toy(studio, "gc", "--max-size", "0", "-n").stdout
    assert dry.startswith("1 result would be removed")
    assert toy(studio, "gc", "--max-size", "0").stdout.startswith("1 result removed")
    shutil.rmtree(studio.root / "dist")
    assert "0 actions made, 6 reused" in toy(studio, "build").stdout


def test_gc_removes_compiled_kernels_whose_source_is_gone(studio: Studio) -> None:
    studio.write("home/.cache/episodec/kernels/" + 32 * "a" + "/kernel", 2000 * "x")
    line = "compiled kernels of no installation {}"
    for words, output in (
        (["-n"], line.format("would be removed: 2.0 kB")),
        (["--json"], '"kernel_bytes": 2000'),
        ([], line.format("removed: 0 B")),
    ):
        assert output in toy(studio, "gc", *words, XDG_CACHE_HOME="").stdout


def test_gc_keeps_the_results_of_a_spec_that_has_a_mistake_now(studio: Studio) -> None:
    toy(studio, "build")
    good = (studio.root / "episodes/001.episode.yaml").read_text()
    studio.write("episodes/001.episode.yaml", good + "titel: T\n")
    assert toy(studio, "gc", "--max-size", "0").stdout.startswith("0 results removed")


@pytest.mark.parametrize(("text", "code"), [("20G", 0), ("1.5 GiB", 0), ("500MB", 0), ("much", 2), ("-1", 2)])
def test_sizes_are_written_as_people_write_them(studio: Studio, text: str, code: int) -> None:
    assert toy(studio, "gc", f"--max-size={text}", "-n").returncode == code


def test_what_new_writes_is_valid_canonical_and_never_over_anything(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    first = toy(studio, "new")
    assert first.stdout.splitlines() == [
        "episodes/series.yaml",
        "episodes/characters/alpha/character.yaml",
        "episodes/characters/alpha/alpha-ref.png",
        ".gitignore",
        ".gitattributes",
        ".pre-commit-config.yaml",
        *(f"schema/{kind}.schema.json" for kind in ("episode", "series", "character", "local")),
        "episodes/001-episode-1.episode.yaml",
    ]
    assert toy(studio, "new", "episodes/074-a-title.episode.yaml").returncode == 0
    assert toy(studio, "new", "--title", "Q: why? # because").stdout == "episodes/075-q-why-because.episode.yaml\n"
    text = (tmp_path / "episodes/074-a-title.episode.yaml").read_text()
    assert "number: 74\ntitle: A title\n" in text
    checked = episodec(tmp_path, "validate")
    assert checked.returncode == 0
    assert not re.findall(r"\w+\[(\w+)\]", checked.stdout)  # The shipped portrait is there.
    assert toy(studio, "fmt", "--check").returncode == 0
    again = toy(studio, "new", "episodes/074-a-title.episode.yaml")
    assert again.returncode == 1
    assert "the file already exists" in again.stderr


def test_the_schema_is_the_one_that_editors_read(studio: Studio) -> None:
    assert json.loads(toy(studio, "schema").stdout)["$schema"].startswith("http://json-schema.org/draft-07")
    toy(studio, "schema", "--write", "there")
    assert sorted(path.name for path in (studio.root / "there").iterdir()) == [
        f"{kind}.schema.json" for kind in ("character", "episode", "local", "series")
    ]


def test_programs_of_an_archive_run_once_they_are_accepted(studio: Studio) -> None:
    studio.write("episodec.local.yaml", "episodec: 1\nbackends: {espeak: {program: /bin/true}}\n")
    nobody = {"EPISODEC_ACCEPT_SETTINGS": ""}
    ran = toy(studio, "validate", **nobody)
    assert ran.returncode == 1
    assert "P508" in ran.stdout + ran.stderr
    assert "episodec doctor --accept-settings" in ran.stdout + ran.stderr
    assert "is accepted as it is" in toy(studio, "doctor", "--accept-settings", **nobody).stderr
    ran = toy(studio, "validate", **nobody)
    assert "P508" not in ran.stdout + ran.stderr


def test_doctor_names_what_is_wrong_and_how_to_mend_it(studio: Studio) -> None:
    assert toy(studio, "doctor").returncode == 0
    subprocess.run(["git", "init", "-q", "."], cwd=studio.root, check=True)
    studio.write("episodec.local.yaml", "backends: {}\n")
    subprocess.run(["git", "add", "-f", "episodec.local.yaml"], cwd=studio.root, check=True)
    series = studio.root / "episodes/series.yaml"
    series.write_text(series.read_text().replace("voice: say", "voice: nobody"))
    ran = toy(studio, "doctor")
    assert ran.returncode == 1
    assert "P501: git tracks the settings of this machine" in ran.stdout
    assert "backend nobody" in ran.stdout
    assert "git rm --cached" in ran.stdout


def test_doctor_tells_by_profile_and_ends_as_the_one_that_is_built_does(studio: Studio) -> None:
    series = studio.root / "episodes/series.yaml"
    series.write_text(
        series.read_text().replace("production: {backends: {voice: say", "production: {backends: {voice: fish-speech")
    )
    ran = toy(studio, "doctor")
    lines = [" ".join(line.split()) for line in ran.stdout.splitlines()]
    assert ran.returncode == 0
    assert "ok profile draft ready" in lines
    assert "note profile production 1 of 3 systems not set up" in lines
    assert not any("backend fish-speech" in line for line in lines)
    asked = toy(studio, "doctor", "--profile", "production")
    lines = [" ".join(line.split()) for line in asked.stdout.splitlines()]
    assert asked.returncode == 1
    assert "wrong profile production 1 of 3 systems not set up" in lines
    assert any(line.startswith("wrong backend fish-speech ") for line in lines)


def test_doctor_notes_what_is_wrong_with_a_system_that_somebody_began_to_set_up(studio: Studio) -> None:
    studio.write("episodec.local.yaml", "episodec: 1\nbackends: {sharp: {python: /nowhere}}\n")
    ran = toy(studio, "doctor", EPISODEC_ACCEPT_SETTINGS="1")
    assert ran.returncode == 0
    assert re.search(r"^note +backend sharp ", ran.stdout, re.MULTILINE)


def test_explain_and_version_answer(studio: Studio) -> None:
    assert toy(studio, "explain", "E201").stdout.startswith("E201 frames-do-not-add-up (error)")
    assert len(toy(studio, "explain").stdout.splitlines()) > 50
    assert json.loads(toy(studio, "version", "--json").stdout)["packages"]["xxhash"]


@pytest.mark.parametrize("code", ["E230", "E264"])
def test_explain_prints_the_words_that_ambience_is_made_of_grouped(studio: Studio, code: str) -> None:
    lines = toy(studio, "explain", code).stdout.splitlines()
    assert lines[0].startswith(f"{code} foley-")
    assert "Places, hours and seasons, with their sounds:" in lines
    assert any(line.startswith("  kitchen (fridge, drip, cup): kitchen, кухн…") for line in lines)
    assert any(line.startswith("  clock: clock,") for line in lines)
    assert max(map(len, lines)) <= 100


def test_explain_lists_the_codes_in_order(studio: Studio) -> None:
    listed = re.findall(r"^([A-Z]\d{3})  ", toy(studio, "explain").stdout, re.MULTILINE)
    assert len(listed) > 50
    assert listed == sorted(listed)


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("explain frames-do-not-ad-up", "frames-do-not-add-up"),
        ("explain face-not-foun", "face-not-found"),
        ("why d13-001/foleyy", "d13-001/foley"),
        ("why 001/foleyy", "001/foley"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_one_that_is_near(words: str, near: str, studio: Studio) -> None:
    given = words.split()
    process = toy(studio, *given) if given[0] == "why" else episodec(studio.root, *given)
    assert (process.returncode, process.stdout) == (2, "")
    assert f"help: did you mean `{near}`?" in process.stderr


@pytest.mark.parametrize("words", ["explain qqq", "why d13-001/qqqqqqqqqqqq"])
def test_a_name_that_is_near_none_is_answered_with_where_they_are_listed(words: str, studio: Studio) -> None:
    process = toy(studio, *words.split())
    assert process.returncode == 2
    assert "did you mean" not in process.stderr
    assert "there are" in process.stderr or "lists them" in process.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_ones_their_shells_can_read(studio: Studio, shell: str, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(toy(studio, "completion", shell).stdout)
    assert "keep-going" in script.read_text()
    if shutil.which(shell):
        subprocess.run([shell, "-n", script], check=True)


def test_plan_predicts_the_time_of_what_ran_before(studio: Studio) -> None:
    toy(studio, "build")
    studio.episode(1, text="Other words.")
    planned = json.loads(toy(studio, "plan", "--json").stdout)["plan"]
    ((only,),) = [[one for plan in series["plans"] for one in plan["actions"]] for series in planned]
    assert only["id"] == "d13-001/voice"
    assert only["reason"] == {"kind": "changed", "parts": ["params.text"]}
    assert only["seconds"] > 0
    assert (
        timeless(toy(studio, "plan").stdout).splitlines()[-1]
        == "2 episodes: 1 to build, 1 current · 1 action to make · T"
    )


def test_fmt_keeps_the_line_ends_of_a_checkout_on_windows(studio: Studio) -> None:
    toy(studio, "fmt")
    specs = list((studio.root / "episodes").rglob("*.yaml"))
    for path in specs:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    checked = toy(studio, "fmt", "--check")
    assert (checked.returncode, checked.stdout) == (0, "")
    spec = studio.root / "episodes/001.episode.yaml"
    spec.write_bytes(spec.read_bytes().replace(b"number: 1", b"number:   1"))
    before = {path: path.read_bytes() for path in specs}
    toy(studio, "fmt")
    assert spec.read_bytes() == before[spec].replace(b"number:   1", b"number: 1")
    mixed = spec.read_bytes().replace(b"\r\n", b"\n", 1)
    spec.write_bytes(mixed)
    toy(studio, "fmt")
    assert b"\r" not in spec.read_bytes()
