"""The comparisons of `diff`, its forms of answers, and that it changes nothing."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.test_golden_diffs import EPISODE, SPEC, diff, replaced, series
from tests.project.test_git import git
from tests.questions.edited import Edited

ONE_WORD = ("reads it aloud", "reads it softly")


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "More")


def states(root: Path) -> dict[str, tuple[int, int]]:
    """Every file with its size and time."""
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def test_the_working_tree_is_compared_with_the_last_commit_or_another(tmp_path: Path) -> None:
    root = series(tmp_path / "series")
    replaced(root, EPISODE, ONE_WORD)
    assert "[-aloud.-] {+softly.+}" in diff(root).stdout
    commit(root)
    assert diff(root).stdout == "3 episodes: as they were\n"
    assert "[-aloud.-] {+softly.+}" in diff(root, "HEAD~1").stdout


def test_before_the_first_commit_everything_is_added(tmp_path: Path) -> None:
    root = series(tmp_path / "series")
    kept = {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and ".git" not in path.parts}
    git(root, "update-ref", "-d", "HEAD")
    ran = diff(root)
    assert ran.returncode == 0
    assert re.search(r"^3 episodes: 3 added · ", ran.stdout, re.MULTILINE)
    assert {path: path.read_bytes() for path in kept} == kept
    assert diff(root, "HEAD").stderr.startswith("error: git knows no such commit\n")


def test_two_commits_are_compared_whatever_the_working_tree_has(tmp_path: Path) -> None:
    root = series(tmp_path / "series")
    replaced(root, EPISODE, ONE_WORD)
    commit(root)
    replaced(root, EPISODE, ("reads it softly", "sings it"))
    assert "[-aloud.-] {+softly.+}" in diff(root, "HEAD~1..HEAD").stdout
    assert "[-softly.-] {+aloud.+}" in diff(root, "HEAD..HEAD~1").stdout


def test_three_dots_compare_with_where_two_branches_parted(tmp_path: Path) -> None:
    root = series(tmp_path / "series")
    git(root, "branch", "-m", "main")
    git(root, "switch", "-q", "-c", "mine")
    replaced(root, EPISODE, ONE_WORD)
    commit(root)
    git(root, "switch", "-q", "main")
    replaced(root, "episodes/002.episode.yaml", ONE_WORD)
    commit(root)
    assert diff(root, "main..mine").stdout.count("sentence 2") == 2
    assert diff(root, "main...mine").stdout.count("sentence 2") == 1


@pytest.mark.parametrize(("target", "which"), [("1", "001"), ("episodes/002.episode.yaml", "002"), ("2-3", "002")])
def test_targets_choose_episodes_of_both_sides(target: str, which: str, tmp_path: Path) -> None:
    root = series(tmp_path / "series")
    for number in ("001", "002"):
        replaced(root, f"episodes/{number}.episode.yaml", ONE_WORD)
    for words in ((target,), ("HEAD", target)):
        assert re.findall(r"^episodes/(\d+)", diff(root, *words).stdout, re.MULTILINE) == [which]


def test_a_deleted_episode_is_found_by_its_number(tmp_path: Path) -> None:
    root = series(tmp_path / "series")
    (root / EPISODE).unlink()
    assert "001.episode.yaml · alpha_d13_episode1 · deleted" in diff(root, "1").stdout
    assert diff(root, "9").returncode == 2


def test_what_cannot_be_compared_is_said(tmp_path: Path) -> None:
    root = series(tmp_path / "series")
    process = diff(root, "no-such-branch")
    assert (process.returncode, "git knows no such commit" in process.stderr) == (2, True)
    (root / ".git").rename(tmp_path / "elsewhere")
    process = diff(root)
    assert (process.returncode, "not in a git checkout" in process.stderr) == (2, True)


def test_a_base_without_the_series_has_all_episodes_added(tmp_path: Path) -> None:
    root = series(tmp_path / "series")
    (root / "episodes").rename(root / "shows")
    assert diff(root).stdout.count("· added\n") == 3


def test_a_series_that_a_commit_makes_a_link_is_not_looked_into(tmp_path: Path) -> None:
    root = series(tmp_path / "series")
    outside = tmp_path / "outside"
    (root / "episodes").rename(outside)
    (root / "episodes").symlink_to(outside)
    commit(root)
    (root / "episodes").unlink()
    git(root, "checkout", "-q", "HEAD~1", "--", "episodes")
    process = diff(root)
    assert process.stdout.count("· added\n") == 3
    assert "outside" not in process.stdout + process.stderr


def test_json_has_every_value(tmp_path: Path) -> None:
    root = series(tmp_path / "series")
    replaced(root, EPISODE, ONE_WORD)
    (answer,) = json.loads(diff(root, "--json").stdout)["diff"]
    (episode,) = answer["episodes"]
    (sentence,) = episode["changes"]["sentences"]
    assert sentence["before"]["text"] == "Then somebody reads it aloud."
    assert answer["changed"] == ["d13-001/voice/0002"]
    assert answer["making"]["hits"] is None


def test_a_comment_of_seventy_changed_episodes_fits_and_is_inert(tmp_path: Path) -> None:
    root = series(tmp_path / "series")
    words = "@octocat <img src=x> ```` [a](http://b) \u202e " * 12
    for number in range(4, 74):
        text = SPEC.replace("NUMBER", str(number))
        (root / f"episodes/{number:03}.episode.yaml").write_text(text)
    commit(root)
    for number in range(4, 74):
        path = f"episodes/{number:03}.episode.yaml"
        lines = "".join(f"    {words}{index}.\n" for index in range(3)).replace("\u202e", "")
        replaced(root, path, ("    First of all there is a plan.\n", lines), ("frames: 300", "frames: 3000"))
    text = diff(root, "--markdown").stdout
    assert 20_000 < len(text.encode()) < 60_000
    assert text.count("episode.yaml`") >= 70
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    assert not re.search(r"[@<\[](?!!--)", outside)


def test_neither_checkout_nor_index_nor_cache_is_touched(tmp_path: Path) -> None:
    edited = Edited(tmp_path / "series", 1)
    assert edited.studio.build().exit_code == 0
    edited.texts[1]["text"] = "Something else.|Nothing else."
    edited.write()
    before = states(tmp_path)
    series_diff = edited.diff()
    assert series_diff.changed
    assert states(tmp_path) == before


def test_a_damaged_cache_is_left_as_it_is(tmp_path: Path) -> None:
    edited = Edited(tmp_path / "series", 1)
    assert edited.studio.build().exit_code == 0
    for blob in (tmp_path / "series/cache/blobs").rglob("*"):
        if blob.is_file():
            blob.chmod(0o644)
            blob.write_bytes(b"x" * blob.stat().st_size)
    before = states(tmp_path)
    edited.diff()
    assert states(tmp_path) == before


def test_with_a_cache_what_is_there_is_said(tmp_path: Path) -> None:
    edited = Edited(tmp_path / "series", 1)
    assert edited.studio.build().exit_code == 0
    title, edited.texts[1]["title"] = edited.texts[1]["title"], "Another"
    edited.write()
    edited.commit()
    series_diff = edited.diff()
    assert (series_diff.making.unmade, series_diff.making.hits) == (3, ())  # Of this commit nothing was built.
    edited.texts[1]["title"] = title
    edited.write()
    series_diff = edited.diff()
    assert series_diff.making.hits == series_diff.changed
    assert series_diff.making.seconds is None
