"""Every benchmark runs at the smallest size and answers in the form that is agreed on; how fast it was is not asked."""

import io
import json
import runpy
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

FIELDS = {"name", "value", "unit", "peer", "peer_value", "ratio"}


def figures(name: str, *options: str) -> dict[str, dict[str, Any]]:
    command = [sys.executable, f"bench/{name}.py", "--json", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return _read(done.stdout)


def figures_here(name: str, *options: str) -> dict[str, dict[str, Any]]:
    """Of a benchmark that measures no process, run in this one, which may have imported what it needs already."""
    before, out = sys.argv, io.StringIO()
    sys.argv = [f"bench/{name}.py", "--json", *options]
    try:
        with redirect_stdout(out):
            runpy.run_path(str(ROOT / f"bench/{name}.py"), run_name="__main__")
    finally:
        sys.argv = before
    return _read(out.getvalue())


def _read(text: str) -> dict[str, dict[str, Any]]:
    answer = json.loads(text)
    assert answer.keys() == {"figures"}
    return {figure["name"]: figure for figure in answer["figures"]}


def check_form(figure: dict[str, Any]) -> None:
    assert figure.keys() in ({"name", "value", "unit"}, FIELDS)
    assert figure["value"] > 0
    if "peer" in figure:
        assert figure["ratio"] == pytest.approx(figure["value"] / figure["peer_value"])


def test_noop_measures_builds_of_an_unchanged_and_of_a_changed_series(tmp_path: Path) -> None:
    actual = figures("noop", "--sizes", "3", "--rounds", "1", "--folder", str(tmp_path / "series"))
    assert list(actual) == ["noop-3", "noop-3-memory", "one-changed-3", "one-changed-3-over-work"]
    for figure in actual.values():
        check_form(figure)
    assert actual["noop-3"]["peer"] == "ninja"
    deliverables = [path for path in (tmp_path / "series/3/episodec/dist").rglob("*") if path.is_file()]
    assert len(deliverables) == 3 * 9
    tree = json.loads((tmp_path / "series/3/told.json").read_text())
    assert (tree["episodes"], tree["made"]) == (1, 12)
    # Each spec and its nine deliverables, the four shared files and the place of the character's approved takes, two
    # places for settings of the machine, and the bench's own backend, which is a stranger to the compiler.
    assert tree["looks_at"] == 3 * 10 + 5 + 2 + 1


def test_start_measures_commands_that_make_nothing() -> None:
    actual = figures("start", "--episodes", "2", "--rounds", "1")
    assert list(actual) == ["start-help", "start-version", "start-build", "start-plan", "start-status"]
    for figure in actual.values():
        check_form(figure)
        assert figure["peer"] == "python -c pass"


def test_farm_measures_the_driver_on_a_disk_and_in_memory(tmp_path: Path) -> None:
    actual = figures("farm", "--actions", "30", "--slots", "4", "--rounds", "1", "--disk", str(tmp_path))
    ways = [f"{place}-{way}" for place in ("disk", "memory") for way in ("together", "one-at-a-time")]
    assert list(actual) == [f"{way}-{kind}" for way in ways for kind in ("rate", "cpu")]
    for figure in actual.values():
        check_form(figure)
    assert actual["disk-together-rate"]["peer"] == "ninja"


def test_limits_measure_hostile_specs_and_a_long_plan() -> None:
    actual = figures("limits", "--only", "marks", "--bytes", "20000", "--frames", "300")
    assert list(actual) == ["hostile-slowest", "long-plan-memory", "long-plan-memory-last"]
    for figure in actual.values():
        check_form(figure)


def test_validate_measures_a_cold_and_a_warm_check() -> None:
    actual = figures("validate", "--specs", "3", "--rounds", "1")
    assert list(actual) == ["validate-3-cold", "validate-3-warm"]
    for figure in actual.values():
        check_form(figure)
        assert figure["unit"] == "ms a spec"


# In `make test` bench/hybrid.py, whose subject, data and measures it takes, is run, and its types are checked.
@pytest.mark.campaign
def test_clips_measures_what_other_cameras_add() -> None:
    small = ("--side", "40", "--iterations", "12", "--coarse-iterations", "8", "--gaussians", "300")
    actual = figures("clips", *small, "--clips", "fixed", "orbit")
    assert [name for name in actual if "held" in name] == ["fixed-held-15-psnr", "orbit-held-15-psnr"]
    for figure in actual.values():
        check_form(figure)


def test_hybrid_measures_three_ways_to_train_a_moving_scene() -> None:
    small = ["--side", "16", "--iterations", "2", "--coarse-iterations", "2", "--gaussians", "100"]
    actual = figures_here("hybrid", *small)
    kinds = "fixed-psnr orbit-psnr unseen-psnr seconds gaussians frame-diff front-diff mean deviation render"
    rows = [f"{name}-{kind}" for name in ("hybrid", "orbit", "motion") for kind in kinds.split()]
    assert list(actual) == [*rows, "truth-frame-diff", "truth-front-diff"]
    for name, figure in actual.items():
        if name.endswith("front-diff"):
            assert figure["value"] >= 0  # In so few steps nothing may have begun to move.
        else:
            check_form(figure)


def test_voice_measures_pitch_and_pace_of_each_narration(tmp_path: Path) -> None:
    actual = figures_here("voice", "--series", str(one_sentence(tmp_path)))
    assert list(actual) == ["alpha_d13_episode1-median", "alpha_d13_episode1-spread", "alpha_d13_episode1-pace"]
    for figure in actual.values():
        check_form(figure)


def one_sentence(root: Path) -> Path:
    """A series of one episode that says a sentence."""
    character = root / "episodes/characters/alpha"
    character.mkdir(parents=True)
    (character / "character.yaml").write_text("episodec: 1\nvoice: {register: low}\n")
    head = "episodec: 1\ntitle: A\nseason: d13\ncharacter: alpha\ndisclosure: D.\n"
    (root / "episodes/series.yaml").write_text(f"{head}profiles: {{draft: {{backends: {{voice: espeak}}}}}}\n")
    text = "episodec: 1\nnumber: 1\ntitle: T\nvoice: {text: Every episode is compiled.}\n"
    (root / "episodes/001.episode.yaml").write_text(text)
    return root / "episodes"


def test_captions_measures_how_they_stand() -> None:
    actual = figures_here("captions")
    assert list(actual) == ["captions-shortest", "captions-fastest", "captions-latest"]
    for figure in actual.values():
        check_form(figure)


def test_align_measures_word_times_beside_letters() -> None:
    figures_by_name = figures_here("align", "--sentences", "1", "--cases", "1")
    assert list(figures_by_name) == [
        f"{language}-m3-quick-and-low-{kind}"
        for language in ("ru", "en")
        for kind in ("words", "words-p90", "lips", "cpu")
    ]
    for name, figure in figures_by_name.items():
        check_form(figure)
        assert figure.get("peer") == ("letters" if "words" in name else None)
