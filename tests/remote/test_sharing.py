"""Builds on machines that share nothing but a cache: a folder here, since what carries the bytes does not matter."""

import json
import sys
from pathlib import Path

import pytest

from episodec.engine.events import ResultsShared
from tests.builds.studio import Studio
from tests.remote.machines import Laboratory, key

NAMED = {f"d13-00{number}/{stage}" for number in (1, 2) for stage in ("voice", "video")}


@pytest.fixture
def laboratory(tmp_path: Path) -> Laboratory:
    return Laboratory(tmp_path)


def shared(studio: Studio) -> ResultsShared:
    (event,) = [one for one in studio.events if isinstance(one, ResultsShared)]
    return event


def test_a_second_machine_makes_nothing_and_has_the_same_bytes(laboratory: Laboratory) -> None:
    first = laboratory.machine("first", write="main")
    assert first.build().exit_code == 0
    assert len(first.ran()) == 6
    assert shared(first).written == 6
    second = laboratory.machine("second")
    assert second.build().exit_code == 0
    assert second.ran() == set()
    assert second.dist() == first.dist()
    assert shared(second).hits == 6
    assert second.notices == []


def test_an_edit_makes_what_depends_on_it_and_takes_the_rest(laboratory: Laboratory) -> None:
    laboratory.machine("first", write="main").build()
    second = laboratory.machine("second")
    second.episode(1, text="Other words.")
    assert second.build().exit_code == 0
    assert second.ran() == {"d13-001/voice"}
    assert second.dist() == second.clean_dist(laboratory.root / "clean")


def test_results_taken_once_are_hits_here_without_a_request(laboratory: Laboratory) -> None:
    laboratory.machine("first", write="main").build()
    second = laboratory.machine("second")
    second.build()
    for path in laboratory.objects():
        path.unlink()
    assert second.build(force=False).exit_code == 0
    second.write("episodes/series.yaml", (second.root / "episodes/series.yaml").read_text() + "# Touched.\n")
    assert second.build().exit_code == 0
    assert second.ran() == set()
    assert [one for one in second.events if isinstance(one, ResultsShared)] == []


def test_records_by_strangers_are_not_believed(laboratory: Laboratory) -> None:
    stranger = key(laboratory.root, "stranger")
    laboratory.machine("first", write="main", signs=stranger, trust=[]).build()
    second = laboratory.machine("second")
    assert second.build().exit_code == 0
    assert len(second.ran()) == 6
    assert shared(second).disbelieved == 6
    (notice,) = second.notices
    assert "is not trusted" in notice


def test_a_namespace_of_ones_own_is_read_by_who_trusts_it_and_leaves_main_alone(laboratory: Laboratory) -> None:
    own = key(laboratory.root, "alice")
    alice = laboratory.machine("alice", write="u-alice", signs=own, read=("main", "u-alice"))
    alice.build()
    assert [path.parent.name for path in laboratory.objects("ac")] == ["u-alice"] * 6
    assert laboratory.objects("cas") == []
    assert laboratory.objects("own/u-alice") != []
    other = laboratory.machine("other")
    other.build()
    assert len(other.ran()) == 6
    friend = laboratory.machine("friend", read=("main", "u-alice"), trust=[own.public])
    friend.build()
    assert friend.ran() == set()
    assert friend.dist() == alice.dist()


def test_a_content_that_is_gone_is_made_here(laboratory: Laboratory) -> None:
    first = laboratory.machine("first", write="main")
    first.build()
    for path in laboratory.objects("cas"):
        path.unlink()
    second = laboratory.machine("second")
    assert second.build().exit_code == 0
    assert second.ran() >= NAMED, "the two sounds have the same bytes"
    assert second.dist() == first.dist()


def test_other_bytes_than_the_record_says_are_made_here(laboratory: Laboratory) -> None:
    first = laboratory.machine("first", write="main")
    first.build()
    for path in laboratory.objects("cas"):
        path.write_bytes(b"x" * path.stat().st_size)
    second = laboratory.machine("second")
    assert second.build().exit_code == 0
    assert second.dist() == first.dist()
    assert second.ran() >= NAMED
    second.build()
    assert second.build().made_count == 0


def test_a_record_of_another_action_is_not_believed(laboratory: Laboratory) -> None:
    laboratory.machine("first", write="main").build()
    records = laboratory.objects("ac")
    contents = [path.read_bytes() for path in records]
    for path, content in zip(records, [*contents[1:], contents[0]], strict=True):
        path.write_bytes(content)
    second = laboratory.machine("second")
    assert second.build().exit_code == 0
    assert len(second.ran()) == 6
    assert shared(second).disbelieved == 6


def test_a_record_with_another_output_is_not_believed(laboratory: Laboratory) -> None:
    laboratory.machine("first", write="main").build()
    for path in laboratory.objects("ac"):
        plain = json.loads(path.read_bytes())
        (name,) = plain["outputs"]
        plain["outputs"][name][0] = "0" * 64
        path.write_text(json.dumps(plain))
    second = laboratory.machine("second")
    assert second.build().exit_code == 0
    assert len(second.ran()) == 6
    assert "signature is wrong" in second.notices[0]


def test_the_first_of_two_writers_counts_where_a_result_is_made_once(laboratory: Laboratory) -> None:
    chance = {
        "say": "tests.toys.backends:Random",
        "noise": "tests.toys.backends:Upper",
        "file": "tests.toys.backends:Concat",
    }
    first, second = (laboratory.machine(name, write="main", episodes=1) for name in ("first", "second"))
    first.backends = second.backends = chance
    laboratory.settings("second", write="main", read=("other",))  # It does not see the first one's.
    first.build()
    second.build()
    assert second.dist() != first.dist()
    assert shared(second).earlier == 1
    laboratory.settings("second", write="main")
    assert second.build().exit_code == 0
    assert second.ran() == set()
    assert second.dist() == first.dist()


def test_a_machine_without_the_extra_builds_and_says_so_once(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("shared_cache", "reading", "writing", "objects"):
        monkeypatch.delitem(sys.modules, f"episodec.remote.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "obstore", None)
    alone = laboratory.machine("alone", write="main")
    assert alone.build().exit_code == 0
    assert len(alone.ran()) == 6
    (notice,) = alone.notices
    assert "pip install 'episodec[cache]'" in notice
