"""dist/ holds what a clean build would put there: what no spec claims goes, whoever made it and however that build
ended.
"""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from episodec.digest import Digest, digest_bytes
from episodec.engine.events import FileKept, FilesRemoved, PublishFailed
from episodec.errors import PublishError
from episodec.project import tree
from episodec.project.command_overrides import CommandOverrides
from episodec.publishing.publish import Publisher
from episodec.publishing.release import Release
from episodec.questions.plan import SeriesPlan, plan
from episodec.series import noop
from episodec.series.request import Request
from episodec.store.blobs import Blobs
from episodec.store.claims import Claim, Claims
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.layout import open_layout
from episodec.store.signature import Signature
from tests.builds import short
from tests.builds.studio import ROOT, SERIES, Studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "project", lower=short.lower).start()


def renumber(studio: Studio, spec: int, number: int, more: str = "") -> None:
    path = studio.root / f"episodes/{spec:03}.episode.yaml"
    path.write_text(path.read_text().replace(f"number: {spec}\n", f"number: {number}\n") + more)


def drop(studio: Studio, number: int) -> None:
    (studio.root / f"episodes/{number:03}.episode.yaml").unlink()


def plan_of(studio: Studio, *, keep_going: bool = False) -> SeriesPlan:
    request = Request(
        targets=(str(studio.root / "episodes"),),
        environment=studio.environment,
        backends=studio.backends,
        worker_path=(ROOT,),
        lower=studio.lower,
        keep_going=keep_going,
    )
    (first,) = plan(request)
    return first


def planned_removals(studio: Studio) -> set[str]:
    output = plan_of(studio)
    return {*output.removes, *(path for one in output.plans for path in one.removes)}


def removals(studio: Studio) -> set[str]:
    return {path for event in studio.events if isinstance(event, FilesRemoved) for path in event.paths}


def standing(studio: Studio, variant: str = "", folder: str = "episodes") -> tuple[list[str], list[str], list[str]]:
    place = tree.locate(str(studio.root / folder))
    assert place is not None
    actual = noop.series_state(place, variant, studio.environment)
    return actual.specs, actual.stale, actual.gone


def names(studio: Studio) -> set[str]:
    return {Path(name).stem for name in studio.dist() if name.startswith("video/")}


def second_series(studio: Studio, season: str) -> None:
    shutil.copytree(studio.root / "episodes", studio.root / "other")
    (studio.root / "other/series.yaml").write_text(SERIES.replace("d13", season))


def test_building_one_profile_leaves_what_another_delivered(studio: Studio) -> None:
    studio.build()
    studio.build(asked=CommandOverrides("production"))
    both = studio.dist()
    studio.episode(1, text="Other words.")
    studio.build()
    assert removals(studio) == set()
    assert studio.dist().keys() == both.keys()
    assert plan_of(studio).removes == ()
    renumber(studio, 1, 7)
    studio.build()
    assert removals(studio)
    assert not any("production" in path for path in removals(studio))


def test_of_several_specs_that_let_go_of_a_file_the_first_one_is_told(tmp_path: Path) -> None:
    layout = open_layout(tmp_path / "cache")
    index = Index(layout)
    digests = FileDigests(index, tmp_path)
    press = Publisher(tmp_path, Claims(index, "episodes"), Blobs(layout), digests)
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/a.txt").touch()
    specs = [f"episodes/{number:03}.episode.yaml" for number in range(64)]
    rows = [("dist/a.txt", "dist", spec, digests.of("dist/a.txt"), 1) for spec in specs]
    index.write_many("INSERT INTO published_files (path, folder, spec, digest, live) VALUES (?, ?, ?, ?, ?)", rows)
    assert press.removals(Release(gone=specs)).removable == {"dist/a.txt": specs[0]}
    index.close()


@pytest.fixture
def press(tmp_path: Path) -> Iterator[Publisher]:
    """Publishing into an empty dist/ of a project that builds nothing."""
    layout = open_layout(tmp_path / "cache")
    index = Index(layout)
    yield Publisher(tmp_path, Claims(index, "episodes"), Blobs(layout), FileDigests(index, tmp_path))
    index.close()


def claim(press: Publisher, path: str, digest: Digest) -> None:
    row = (path, "dist", "episodes/001.episode.yaml", digest)
    press.claims.add([Claim(*row)])


def delivered(press: Publisher, path: str, content: bytes) -> Digest:
    file = press.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return digest_bytes(content)


@pytest.mark.parametrize("there", [b"earlier", b"later"])
def test_a_file_of_which_two_contents_are_noted_is_ours_with_either(press: Publisher, there: bytes) -> None:
    path = "dist/video/a.mp4"
    for content in (b"earlier", b"later"):
        claim(press, path, delivered(press, path, content))
    delivered(press, path, there)
    left = press.removals(Release(gone=["episodes/001.episode.yaml"]))
    assert (set(left.removable), set(left.modified)) == ({path}, set())
    delivered(press, path, b"somebody's")
    left = press.removals(Release(gone=["episodes/001.episode.yaml"]))
    assert (set(left.removable), set(left.modified)) == (set(), {path})


def test_a_manifest_leaves_after_what_it_lists(press: Publisher) -> None:
    paths = ["dist/manifest/a.json", "dist/captions/a.vtt", "dist/video/a.mp4"]
    for path in paths:
        claim(press, path, delivered(press, path, b"content"))
    assert list(press.removals(Release(gone=["episodes/001.episode.yaml"])).removable) == [*paths[1:], paths[0]]


def test_an_edit_after_the_cache_was_deleted_is_published_over_our_own_files(studio: Studio, tmp_path: Path) -> None:
    studio.build()
    shutil.rmtree(studio.root / "cache")
    studio.episode(1, text="Other words.", title="New")
    assert studio.build().exit_code == 0
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


def test_a_plan_asked_after_the_cache_was_deleted_hides_nothing_from_the_build(studio: Studio, tmp_path: Path) -> None:
    studio.build()
    shutil.rmtree(studio.root / "cache")
    drop(studio, 2)
    output = planned_removals(studio)
    assert output == planned_removals(studio)
    studio.build()
    assert removals(studio) == output != set()
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


def test_a_series_takes_out_its_own_though_another_one_learnt_of_it_first(studio: Studio) -> None:
    second_series(studio, "d14")
    studio.build()
    studio.build("other")
    shutil.rmtree(studio.root / "cache")
    (studio.root / "other/002.episode.yaml").unlink()
    studio.build()
    assert "alpha_d14_episode2" in names(studio)
    studio.build("other")
    assert names(studio) == {"alpha_d13_episode1", "alpha_d13_episode2", "alpha_d14_episode1"}


def test_what_a_series_delivered_goes_when_the_series_has_another_folder(studio: Studio) -> None:
    studio.build()
    (studio.root / "episodes").rename(studio.root / "shows")
    (studio.root / "shows/002.episode.yaml").unlink()
    studio.build("shows")
    assert names(studio) == {"alpha_d13_episode1"}


def test_a_spec_that_was_built_under_another_variant_only_is_missed_when_it_is_gone(
    studio: Studio, tmp_path: Path
) -> None:
    studio.build(asked=CommandOverrides(backends={"foley": "say"}))
    drop(studio, 2)
    studio.build("episodes/001.episode.yaml")
    assert names(studio) == {"alpha_d13_episode1"}
    studio.episode(3)
    studio.build()
    studio.episode(4)
    studio.build(asked=CommandOverrides(backends={"foley": "say"}))
    drop(studio, 4)
    studio.build()
    assert standing(studio)[1:] == ([], [])
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


def test_a_no_op_look_sees_a_gone_spec_of_another_variant(studio: Studio) -> None:
    studio.build()
    studio.episode(3)
    studio.build("episodes/003.episode.yaml", asked=CommandOverrides("production"))
    drop(studio, 3)
    assert standing(studio) == (
        ["episodes/001.episode.yaml", "episodes/002.episode.yaml"],
        [],
        ["episodes/003.episode.yaml"],
    )


def test_what_a_killed_build_published_goes_with_its_spec(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.build()
    studio.episode(3)
    kill_copying(monkeypatch, after=2)
    with pytest.raises(KeyboardInterrupt):
        studio.build("episodes/003.episode.yaml")
    monkeypatch.undo()
    assert any("episode3" in name for name in studio.dist())
    drop(studio, 3)
    assert standing(studio)[2] == ["episodes/003.episode.yaml"]
    studio.build()
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")


def kill_copying(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    copied: list[str] = []
    copy_out = Blobs.copy_out

    def killed(self: Blobs, digest: Digest, destination: str | os.PathLike[str]) -> Signature:
        copied.append(os.fspath(destination))
        if len(copied) > after:
            raise KeyboardInterrupt
        return copy_out(self, digest, destination)

    monkeypatch.setattr(Blobs, "copy_out", killed)


def test_a_build_killed_before_it_took_anything_out_is_finished_by_the_next(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.build()
    renumber(studio, 2, 20)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("episodec.publishing.publish.Publisher.sweep", killed)
        with pytest.raises(KeyboardInterrupt):
            studio.build()
    assert {"alpha_d13_episode2", "alpha_d13_episode20"} < names(studio)
    assert studio.build().exit_code == 0
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")
    assert standing(studio)[1:] == ([], [])


def test_swapped_numbers_remove_nothing(studio: Studio, tmp_path: Path) -> None:
    studio.build()
    renumber(studio, 1, 2)
    renumber(studio, 2, 1)
    assert planned_removals(studio) == set()
    studio.build()
    assert removals(studio) == set()
    assert studio.dist() == studio.clean_dist(tmp_path / "clean")
    drop(studio, 1)
    studio.build()
    assert studio.dist() == studio.clean_dist(tmp_path / "clean2")


def test_a_file_stays_until_the_episode_that_wants_it_can_be_made(studio: Studio, tmp_path: Path) -> None:
    studio.build()
    broken = Studio(studio.root, {**studio.backends, "fail": "tests.toys.backends:Fail"}, lower=studio.lower)
    renumber(broken, 1, 2)
    renumber(broken, 2, 1, "backends: {voice: fail}\n")
    assert planned_removals(broken) == set()
    assert broken.build(keep_going=True).exit_code == 3
    assert removals(broken) == set()
    assert names(broken) == {"alpha_d13_episode1", "alpha_d13_episode2"}
    path = broken.root / "episodes/002.episode.yaml"
    path.write_text(path.read_text().replace("backends: {voice: fail}\n", "").replace("number: 1", "number: 5"))
    assert broken.build().exit_code == 0
    assert broken.dist() == broken.clean_dist(tmp_path / "clean")


def test_two_series_never_overwrite_each_others_files(studio: Studio) -> None:
    studio.build()
    before = studio.dist()
    second_series(studio, "d13")
    (studio.root / "other/001.episode.yaml").write_text(
        (studio.root / "episodes/001.episode.yaml").read_text().replace("Words of", "Other words of")
    )
    outcome = studio.build("other")
    assert outcome.exit_code == 1
    (error, *_) = [event.error for event in studio.events if isinstance(event, PublishFailed)]
    assert isinstance(error, PublishError)
    assert error.facts["episode"] in ("episodes/001.episode.yaml", "episodes/002.episode.yaml")
    assert studio.dist() == before
    (studio.root / "other/series.yaml").write_text(SERIES.replace("d13", "d14"))
    assert studio.build("other").exit_code == 0


@pytest.mark.parametrize("how", ["folder", "unreadable"])
def test_a_deliverable_that_cannot_be_read_breaks_no_plan_and_no_build(studio: Studio, how: str) -> None:
    studio.build()
    path = studio.root / "dist/video/alpha_d13_episode1.mp4"
    path.unlink()
    if how == "folder":
        path.mkdir()
    else:
        path.symlink_to(path.name)  # A loop: it can be read by nobody, root neither.
    assert plan_of(studio).plans[0].writes == ("dist/video/alpha_d13_episode1.mp4",)
    assert studio.build().exit_code == 1
    drop(studio, 1)
    assert planned_removals(studio)
    assert studio.build().exit_code == 0
    assert FileKept("dist/video/alpha_d13_episode1.mp4") in studio.events
    assert studio.build().exit_code == 0


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"spec": "episodes/\\ud800.episode.yaml", "deliverables": {"a": {"digest": "x"}}}',
        '{"spec": "episodes/zz.episode.yaml", "deliverables": {"\\ud800": {"digest": "x"}}}',
        '{"spec": "episodes/zz.episode.yaml", "deliverables": {"../x": {"digest": "x"}}}',
        '{"spec": "episodes/zz.episode.yaml", "deliverables": {"link/file": {"digest": "x"}}}',
        '{"spec": "../../zz.episode.yaml", "deliverables": {}}',
        '{"spec": 1, "deliverables": []}',
        "\0",
    ],
)
def test_a_hostile_manifest_takes_nothing_and_breaks_nothing(studio: Studio, tmp_path: Path, text: str) -> None:
    studio.build()
    shutil.rmtree(studio.root / "cache")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("mine")
    (studio.root / "dist/link").symlink_to(outside)
    studio.write("dist/manifest/evil.json", text)
    assert plan_of(studio).blocked is False
    assert studio.build().exit_code == 0
    assert studio.build().current == 2
    assert (outside / "file").read_text() == "mine"


@pytest.mark.parametrize("where", ["../../outside/file", "captions/../../../outside/file"])
def test_a_manifest_that_lists_files_outside_of_dist_takes_none_of_them(
    studio: Studio, tmp_path: Path, where: str
) -> None:
    studio.build()
    shutil.rmtree(studio.root / "cache")
    outside = tmp_path / "outside/file"
    outside.parent.mkdir()
    outside.write_text("mine")
    listed = {where: {"digest": digest_bytes(b"mine")}}
    studio.write("dist/manifest/evil.json", json.dumps({"spec": "episodes/zz.episode.yaml", "deliverables": listed}))
    assert studio.build().exit_code == 0
    assert removals(studio) == set()
    assert outside.read_text() == "mine"
