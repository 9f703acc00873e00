"""Whole builds of small series: what runs, what is published, what is removed, and what is left alone."""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from episodec.digest import Digest
from episodec.engine.events import (
    ActionMade,
    ActionStarted,
    BlobDamaged,
    EpisodePublished,
    Event,
    FileKept,
    FilesRemoved,
    PublishFailed,
)
from episodec.errors import UsageError
from episodec.project import tree
from episodec.project.command_overrides import CommandOverrides
from episodec.report.lines import Narrator
from episodec.series import noop
from episodec.store.blobs import Blobs
from episodec.store.signature import Signature
from tests.builds.studio import BACKENDS, SERIES, Studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "project").start()


@pytest.fixture
def with_workers(studio: Studio) -> Studio:
    """The same, made by worker processes."""
    studio.executor = None
    return studio


def test_a_first_build_makes_everything_and_a_second_one_looks_at_nothing(with_workers: Studio) -> None:
    studio = with_workers
    first = studio.build()
    assert (first.exit_code, first.made_count, first.published) == (0, 6, 2)
    assert sorted(studio.dist()) == [
        "manifest/alpha_d13_episode1.json",
        "manifest/alpha_d13_episode2.json",
        "static/audio/alpha_d13_episode1_foley.wav",
        "static/audio/alpha_d13_episode1_voice.wav",
        "static/audio/alpha_d13_episode2_foley.wav",
        "static/audio/alpha_d13_episode2_voice.wav",
        "video/alpha_d13_episode1.mp4",
        "video/alpha_d13_episode2.mp4",
    ]
    second = studio.build()
    assert (second.exit_code, second.made_count, second.published, second.current) == (0, 0, 0, 2)


@pytest.mark.parametrize(
    ("edit", "runs"),
    [
        (lambda studio: studio.episode(1, title="Another"), set()),
        (lambda studio: studio.episode(1, more="description: Words.\ntags: [x]\n"), set()),
        (lambda studio: studio.episode(1, more="# a comment\n"), set()),
        (lambda studio: studio.episode(1, text="Other words."), {"d13-001/voice"}),
        (lambda studio: studio.episode(1, prompt="rain"), {"d13-001/foley"}),
        (lambda studio: studio.write("episodes/media/001.mp4", "retaken"), {"d13-001/video"}),
        (lambda studio: studio.episode(1, more="frames: 450\n"), {"d13-001/voice", "d13-001/foley", "d13-001/video"}),
        (lambda studio: studio.episode(1, more="foley_: 1\n") and studio.episode(1), set()),
        (lambda studio: os.utime(studio.root / "episodes/media/001.mp4"), set()),
        (lambda studio: studio.write("episodes/series.yaml", SERIES + "# note\n"), set()),
        (lambda studio: studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\ntitle: A.\n"), set()),
    ],
    ids=[
        "title",
        "tags",
        "comment",
        "text",
        "prompt",
        "video",
        "frames",
        "put-back",
        "touch",
        "series-comment",
        "character",
    ],
)
def test_an_edit_runs_exactly_what_hangs_on_it_and_equals_a_clean_build(
    studio: Studio, tmp_path: Path, edit: object, runs: set[str]
) -> None:
    studio.build()
    edit(studio)  # type: ignore[operator]
    assert studio.build().exit_code == 0
    assert studio.ran() == runs
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")
    assert studio.build().current == 2


def test_renaming_a_spec_runs_nothing_and_moving_the_checkout_runs_nothing(studio: Studio, tmp_path: Path) -> None:
    studio.build()
    (studio.root / "episodes/002.episode.yaml").rename(studio.root / "episodes/two.episode.yaml")
    assert studio.build().made_count == 0
    moved = tmp_path / "moved elsewhere"
    studio.root.rename(moved)
    there = Studio(moved)
    outcome = there.build()
    assert (outcome.made_count, outcome.current) == (0, 2)
    copied = Studio(tmp_path / "copied")
    shutil.copytree(moved, copied.root)
    outcome = copied.build()
    assert (outcome.made_count, outcome.current) == (0, 2)


def test_a_renumbered_episode_leaves_nothing_of_its_old_name(studio: Studio, tmp_path: Path) -> None:
    studio.build()
    spec = studio.root / "episodes/002.episode.yaml"
    spec.write_text(spec.read_text().replace("number: 2", "number: 20"))
    assert studio.build().made_count == 0
    assert not [name for name in studio.dist() if "episode2." in name or "episode2_" in name]
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


def test_two_episodes_can_swap_their_numbers(studio: Studio, tmp_path: Path) -> None:
    studio.build()
    first, two = (studio.root / f"episodes/00{number}.episode.yaml" for number in (1, 2))
    first.write_text(first.read_text().replace("number: 1", "number: 2"))
    two.write_text(two.read_text().replace("number: 2", "number: 1"))
    assert studio.build().exit_code == 0
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


def test_a_deleted_episode_goes_from_dist_and_foreign_files_never(studio: Studio, tmp_path: Path) -> None:
    studio.build()
    foreign = studio.write("dist/video/holiday.mp4", "mine")
    (studio.root / "episodes/002.episode.yaml").unlink()
    studio.build()
    assert any(isinstance(event, FilesRemoved) for event in studio.events)
    assert foreign.read_text() == "mine"
    foreign.unlink()
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


def test_a_deleted_cache_is_learnt_again_from_the_manifests(studio: Studio, tmp_path: Path) -> None:
    studio.build()
    shutil.rmtree(studio.root / "cache")
    (studio.root / "episodes/002.episode.yaml").unlink()
    studio.build()
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


def test_a_deliverable_that_somebody_took_over_is_kept_when_its_episode_goes(studio: Studio) -> None:
    studio.build()
    taken = studio.write("dist/video/alpha_d13_episode2.mp4", "my own cut")
    (studio.root / "episodes/002.episode.yaml").unlink()
    studio.build()
    assert FileKept("dist/video/alpha_d13_episode2.mp4") in studio.events
    assert taken.read_text() == "my own cut"


def test_a_foreign_file_where_a_deliverable_belongs_is_never_overwritten(studio: Studio) -> None:
    foreign = studio.write("dist/video/alpha_d13_episode1.mp4", "not yours")
    outcome = studio.build()
    assert (outcome.exit_code, outcome.unpublished) == (1, ("episodes/001.episode.yaml",))
    assert foreign.read_text() == "not yours"
    foreign.unlink()
    assert studio.build().exit_code == 0


def test_a_deliverable_overwritten_or_deleted_by_hand_is_repaired_without_running_anything(
    studio: Studio, tmp_path: Path
) -> None:
    studio.build()
    studio.write("dist/video/alpha_d13_episode1.mp4", "scribble")
    (studio.root / "dist/static/audio/alpha_d13_episode2_voice.wav").unlink()
    outcome = studio.build()
    assert (outcome.made_count, outcome.published) == (0, 2)
    written = [path for event in studio.events if isinstance(event, EpisodePublished) for path in event.written]
    assert sorted(written) == ["dist/static/audio/alpha_d13_episode2_voice.wav", "dist/video/alpha_d13_episode1.mp4"]
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


def damage(studio: Studio) -> None:
    """Overwrite the stored video of episode 1."""
    for blob in (studio.root / "cache/blobs").rglob("*"):
        if blob.is_file() and b"video 1" in blob.read_bytes():
            blob.chmod(0o644)
            blob.write_bytes(b"damaged")


def test_a_damaged_result_never_reaches_dist_and_is_made_again(with_workers: Studio, tmp_path: Path) -> None:
    studio = with_workers
    studio.build()
    damage(studio)
    (studio.root / "dist/video/alpha_d13_episode1.mp4").unlink()
    outcome = studio.build()
    assert (outcome.exit_code, studio.ran()) == (0, {"d13-001/video"})
    assert not any(isinstance(event, BlobDamaged) for event in studio.events)  # The judge saw it: it is a miss.
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


class Damaging(list[Event]):
    """Events, and a disk that damages the video of episode 1 as soon as it is made."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.studio = studio

    def append(self, event: Event) -> None:
        super().append(event)
        if isinstance(event, ActionMade) and event.id == "d13-001/video":
            damage(self.studio)


def test_damage_that_stays_is_told_with_its_file_and_reason(with_workers: Studio) -> None:
    studio = with_workers
    studio.events = Damaging(studio)
    outcome = studio.build()
    assert (outcome.exit_code, outcome.unpublished, outcome.published) == (1, ("episodes/001.episode.yaml",), 1)
    assert [event.id for event in studio.events if isinstance(event, BlobDamaged)] == ["d13-001/video"] * 2
    (failure,) = [event for event in studio.events if isinstance(event, PublishFailed)]
    assert failure.spec == "episodes/001.episode.yaml"
    messages = "\n".join(Narrator().lines(failure))
    assert "damaged each time it was made" in messages
    assert "dist/video/alpha_d13_episode1.mp4" in messages
    assert "d13-001/video" in messages
    assert "does not match" in messages


def test_profiles_are_published_side_by_side(studio: Studio) -> None:
    studio.build()
    outcome = studio.build(asked=CommandOverrides("production"))
    assert (outcome.made_count, outcome.published) == (0, 2)
    assert "production/video/alpha_d13_episode1.mp4" in studio.dist()
    assert studio.build(asked=CommandOverrides("production")).current == 2
    assert studio.build().current == 2
    (studio.root / "episodes/002.episode.yaml").unlink()
    studio.build()
    assert not [name for name in studio.dist() if "episode2" in name], "of every profile"


def test_an_error_in_one_spec_stops_the_build_and_keep_going_builds_the_others(studio: Studio) -> None:
    studio.write("episodes/001.episode.yaml", "episodec: 1\nnumber: 1\n")
    outcome = studio.build()
    assert (outcome.exit_code, outcome.made_count) == (1, 0)
    assert "S102" in studio.codes(outcome)
    outcome = studio.build(keep_going=True)
    assert (outcome.exit_code, outcome.published) == (3, 1)


def test_a_broken_series_builds_nothing_even_when_keeping_going(studio: Studio) -> None:
    studio.build()
    before = studio.dist()
    studio.write("episodes/series.yaml", "episodec: 1\ntitel: Alpha\n")
    outcome = studio.build(keep_going=True)
    assert (outcome.exit_code, outcome.published) == (1, 0)
    assert "S101" in studio.codes(outcome)
    assert studio.dist() == before


def test_what_must_be_unique_is_checked_against_episodes_that_are_not_looked_at(studio: Studio) -> None:
    studio.build()
    studio.episode(3, prompt="ROOM 1!")
    assert studio.codes(studio.build()) == ["X303"]
    studio.episode(3, more="season: d13\n")
    spec = studio.root / "episodes/003.episode.yaml"
    spec.write_text(spec.read_text().replace("number: 3", "number: 2"))
    assert set(studio.codes(studio.build("episodes/003.episode.yaml"))) == {"X301"}
    (studio.root / "episodes/002.episode.yaml").unlink()
    assert studio.build().exit_code == 0


def test_episodes_are_chosen_by_path_number_and_range(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.episode(3)
    monkeypatch.chdir(studio.root)
    assert studio.build("episodes/002.episode.yaml").published == 1
    assert studio.build("3").published == 1
    assert studio.build("d13/1-2").published == 1
    assert studio.build("1-3").current == 3
    with pytest.raises(UsageError, match="no episode matches"):
        studio.build("7")


def test_an_episode_that_asks_for_nothing_is_refused(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "real", lower=None).start(0)
    studio.write("episodes/001.episode.yaml", "episodec: 1\nnumber: 1\ntitle: T\n")
    assert studio.codes(studio.build()) == ["E222"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("../../outside.wav", "F402"),
        ("/etc/hostname", "F403"),
        ("media/link.wav", "F404"),
        ("media/missing.wav", "F401"),
        ("media", "F406"),
    ],
)
def test_a_spec_reaches_nothing_outside_its_project(studio: Studio, given: str, code: str) -> None:
    (studio.root / "episodes/media/link.wav").symlink_to("/etc/hostname")
    (studio.root.parent / "outside.wav").write_text("secret")
    studio.write("episodes/001.episode.yaml", f"episodec: 1\nnumber: 1\ntitle: T\nvoice: {{file: {given}}}\n")
    assert studio.codes(studio.build()) == [code]


def test_settings_of_a_machine_that_git_tracks_are_refused(studio: Studio) -> None:
    import subprocess

    studio.write("episodec.local.yaml", "episodec: 1\njobs: 1\n")
    assert studio.build().exit_code == 0
    for command in (["init", "-q"], ["add", "episodec.local.yaml"]):
        subprocess.run(["git", "-C", str(studio.root), *command], check=True)
    studio.episode(1, title="changed")
    assert studio.codes(studio.build()) == ["P501"]


def test_an_episode_that_fails_keeps_what_it_delivered_before(with_workers: Studio) -> None:
    studio = with_workers
    studio.build()
    before = studio.dist()
    broken = Studio(studio.root, {**studio.backends, "say": "tests.toys.backends:Fail"})
    broken.episode(1, text="New words.")
    outcome = broken.build()
    assert outcome.exit_code == 1
    assert broken.dist() == before


def test_a_spec_that_is_gone_is_forgotten_and_the_rest_stands(studio: Studio) -> None:
    studio.build()
    (studio.root / "episodes/002.episode.yaml").unlink()
    studio.build()
    place = tree.locate(str(studio.root / "episodes"))
    assert place is not None
    actual = noop.series_state(place, CommandOverrides().variant(), studio.environment)
    assert (actual.specs, actual.stale, actual.gone) == (["episodes/001.episode.yaml"], [], [])


def test_a_spec_that_was_wrong_and_is_gone_claims_nothing(studio: Studio) -> None:
    studio.write("episodes/003.episode.yaml", "episodec: 1\nnumber: 9\ntitle: T\nvoice: {file: missing.wav}\n")
    assert studio.codes(studio.build()) == ["F401"]
    (studio.root / "episodes/003.episode.yaml").unlink()
    spec = studio.episode(4)
    spec.write_text(spec.read_text().replace("number: 4", "number: 9"))
    assert studio.build().exit_code == 0


def test_what_a_killed_build_had_put_into_dist_is_known_as_ours(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between two deliverables, with no manifest written; then the episode gets another name."""
    copied: list[str] = []
    copy_out = Blobs.copy_out

    def killed(self: Blobs, digest: Digest, destination: str | os.PathLike[str]) -> Signature:
        copied.append(os.fspath(destination))
        if len(copied) > 2:
            raise KeyboardInterrupt
        return copy_out(self, digest, destination)

    monkeypatch.setattr(Blobs, "copy_out", killed)
    with pytest.raises(KeyboardInterrupt):
        studio.build("episodes/001.episode.yaml")
    monkeypatch.undo()
    assert len(studio.dist()) == 2
    spec = studio.root / "episodes/001.episode.yaml"
    spec.write_text(spec.read_text().replace("number: 1", "number: 11"))
    assert studio.build().exit_code == 0
    assert not [name for name in studio.dist() if "episode1_" in name or "episode1." in name]


def test_a_first_build_starts_what_says_that_it_takes_longest_and_a_later_one_what_did(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "project", {**BACKENDS, "file": "tests.toys.backends:Long"}).start(1)
    studio.build()
    assert started(studio)[0] == "d13-001/video"
    with sqlite3.connect(studio.root / "cache/index.db") as index:
        index.execute("UPDATE history SET seconds = CASE stage WHEN 'foley' THEN 9 ELSE 1 END")
    studio.build(force=True)
    assert started(studio)[0] == "d13-001/foley"


def started(studio: Studio) -> list[str]:
    return [event.id for event in studio.events if isinstance(event, ActionStarted)]
