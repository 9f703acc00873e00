"""Shared caches that fail or lie: exit code and bytes are those of a build without one, and one line says so."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builds.studio import Studio
from tests.remote.machines import Laboratory, key
from tests.remote.servers import black_hole, free_port, serving


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """A shared cache with the results of two episodes."""
    laboratory = Laboratory(tmp_path_factory.mktemp("filled"))
    assert laboratory.machine("first", write="main").build().exit_code == 0
    return laboratory


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    alone = Studio(tmp_path_factory.mktemp("alone")).start()
    assert alone.build().exit_code == 0
    return alone.dist()


def reader(filled: Laboratory, tmp_path: Path, url: str, *, trust: list[str] | None = None) -> Studio:
    laboratory = Laboratory(tmp_path, url)
    return laboratory.machine("reader", trust=[filled.key.public] if trust is None else trust)


def check(studio: Studio, expected: dict[str, bytes], word: str) -> None:
    assert studio.build().exit_code == 0
    assert studio.dist() == expected
    (notice,) = studio.notices
    assert word in notice
    assert "\n" not in notice


def test_refused_connections_are_reported_once(tmp_path: Path, filled: Laboratory, expected: dict[str, bytes]) -> None:
    check(reader(filled, tmp_path, f"http://127.0.0.1:{free_port()}/series"), expected, "is not used from here on")


def test_a_black_hole_is_asked_once(tmp_path: Path, filled: Laboratory, expected: dict[str, bytes]) -> None:
    with black_hole() as (url, taken):
        check(reader(filled, tmp_path, url), expected, "is not used from here on")
    assert 1 <= len(taken) <= 6, "one wave of six questions, and nothing after it"


def test_a_writer_gives_up_on_a_black_hole_too(tmp_path: Path, expected: dict[str, bytes]) -> None:
    with black_hole() as (url, taken):
        check(Laboratory(tmp_path, url).machine("writer", write="main"), expected, "is not used from here on")
    assert len(taken) <= 6


@pytest.mark.parametrize("fault", ["errors", "truncated"])
def test_a_server_that_fails_is_left_out(
    tmp_path: Path, filled: Laboratory, expected: dict[str, bytes], fault: str
) -> None:
    with serving(filled.root / "remote", fault) as server:
        check(reader(filled, tmp_path, server.url), expected, "is not used from here on")
        assert len(server.requests) <= 6


def test_wrong_bytes_are_dropped(tmp_path: Path, filled: Laboratory, expected: dict[str, bytes]) -> None:
    with serving(filled.root / "remote", "wrong bytes") as server:
        studio = reader(filled, tmp_path, f"{server.url}")
        assert studio.build().exit_code == 0
        assert studio.dist() == expected
        assert studio.notices == []
        fetched = [one for one in server.requests if "/cas/" in one]
        assert len(fetched) == len(set(fetched)), "what failed once is not asked for again"


def test_records_without_contents_are_misses(tmp_path: Path, filled: Laboratory, expected: dict[str, bytes]) -> None:
    shutil.copytree(filled.root / "remote/ac", tmp_path / "half/ac")
    with serving(tmp_path / "half") as server:
        studio = reader(filled, tmp_path, server.url)
        assert studio.build().exit_code == 0
        assert studio.dist() == expected


def swapped(records: list[Path]) -> None:
    contents = [path.read_bytes() for path in records]
    for path, content in zip(records, [*contents[1:], contents[0]], strict=True):
        path.write_bytes(content)


def unsigned(records: list[Path]) -> None:
    for path in records:
        plain = json.loads(path.read_bytes())
        plain["signature"] = "00" * 64
        path.write_text(json.dumps(plain))


def nonsense(records: list[Path]) -> None:
    for number, path in enumerate(records):
        path.write_bytes([b"", b"{", b"[" * 100_000, b"null", b'{"version": NaN}', b"\xff" * 100][number])


@pytest.mark.parametrize(
    ("spoil", "word"),
    [(swapped, "the record of another action"), (unsigned, "its signature is wrong"), (nonsense, "it is not a record")],
)
def test_records_that_are_not_what_they_should_be_are_misses(
    tmp_path: Path, filled: Laboratory, expected: dict[str, bytes], spoil: Callable[[list[Path]], None], word: str
) -> None:
    shutil.copytree(filled.root / "remote", tmp_path / "spoilt")
    spoil(sorted((tmp_path / "spoilt/ac/main").iterdir()))
    with serving(tmp_path / "spoilt") as server:
        check(reader(filled, tmp_path, server.url), expected, word)
        assert [one for one in server.requests if "/cas/" in one] == []


def test_records_of_a_stranger_are_misses(tmp_path: Path, filled: Laboratory, expected: dict[str, bytes]) -> None:
    with serving(filled.root / "remote") as server:
        check(reader(filled, tmp_path, server.url, trust=[key(tmp_path, "mine").public]), expected, "is not trusted")


def test_a_good_server_gives_everything(tmp_path: Path, filled: Laboratory, expected: dict[str, bytes]) -> None:
    with serving(filled.root / "remote") as server:
        studio = reader(filled, tmp_path, server.url)
        assert studio.build().exit_code == 0
        assert studio.ran() == set()
        assert studio.dist() == expected
        records = [one for one in server.requests if "/ac/" in one]
        assert len(records) == 6
        assert len(server.requests) <= 6 + 6
