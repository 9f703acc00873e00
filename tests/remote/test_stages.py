"""The real stages on machines that share a cache: results that are inputs are fetched, the rest stay there."""

from pathlib import Path

from tests.builds.studio import Studio
from tests.builds.test_machines import studio
from tests.remote.machines import Laboratory


def test_an_edit_on_another_machine_fetches_what_it_reads_and_gives_the_same_bytes(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path)
    laboratory.settings("first", write="main")
    laboratory.settings("second")
    first, second = (machine(laboratory, name) for name in ("first", "second"))
    assert first.build().exit_code == 0
    edited = (first.root / "episodes/001.episode.yaml").read_text().replace("soft rain", "wind")
    for each in (first, second):
        each.write("episodes/001.episode.yaml", edited)
    laboratory.settings("first", url=f"file://{tmp_path}/second")
    assert first.build().exit_code == 0
    assert second.build().exit_code == 0
    assert second.ran() == first.ran(), "what the edit does not change comes from the cache"
    assert second.dist() == first.dist()
    assert second.notices == []
    here = len(list((second.root / "cache/blobs").glob("*/*")))
    assert here < len(list((first.root / "cache/blobs").glob("*/*"))), "what nobody reads here is not fetched"


def machine(laboratory: Laboratory, name: str) -> Studio:
    built = studio(laboratory.root / name)
    built.environment = laboratory.environment(name)
    return built
