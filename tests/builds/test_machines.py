"""A series built on two machines that share no folder: the bytes of a build on this one, also when one is lost."""

from collections import Counter
from pathlib import Path

import pytest

from episodec.backends import BUILTIN
from episodec.engine.events import ActionMade, ActionRetried
from episodec.errors import MachineLost
from tests.builds.studio import Studio
from tests.builds.test_matrix import scene
from tests.executors.machines import Network, TwoMachines

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
language: en
disclosure: Voice and pictures are synthetic.
profiles:
  draft: {size: [32, 32], backends: {voice: espeak, foley: procedural}}
"""

SPEC = """\
episodec: 1
number: 1
title: One
frames: 60
voice: {text: "One. Two."}
foley: {prompt: soft rain}
scene: {file: media/one.scene}
camera:
  - {move: orbit, frames: 60}
time:
  - {map: linear, frames: 60, end: 1}
"""


def studio(root: Path) -> Studio:
    built = Studio(root, BUILTIN, lower=None)
    built.write("episodes/series.yaml", SERIES)
    built.write("episodes/001.episode.yaml", SPEC)
    built.write("episodes/characters/alpha/character.yaml", "episodec: 1\ntitle: Alpha\n")
    built.write("episodes/media/one.scene", scene(1))
    return built


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The result of a build on this machine."""
    here = studio(tmp_path_factory.mktemp("here"))
    assert here.build().exit_code == 0
    return here.dist()


def on(network: Network, root: Path) -> Studio:
    built = studio(root)
    built.executor, built.fetch = network.executor, network.fetch
    return built


def blobs_in(store: Path) -> set[str]:
    return {f"xxh3-128:{path.parent.name}{path.name}" for path in (store / "blobs").glob("*/*")}


def test_two_machines_give_the_bytes_of_one(tmp_path: Path, expected: dict[str, bytes]) -> None:
    network = Network(tmp_path / "network")
    there = on(network, tmp_path / "project")
    assert there.build().exit_code == 0
    assert there.dist() == expected
    first, two = network.machines["one"], network.machines["two"]
    assert first.finished
    assert two.finished
    own = blobs_in(there.root / "cache")
    by_name = {blob for machine in (first, two) for blob in blobs_in(machine.root)}
    assert len(by_name - own) >= 5, "what only machines read never comes here"
    assert len(network.carried) == len(set(network.carried)), "nothing is carried twice to the same place"
    assert there.build().made_count == 0
    for machine in (first, two):
        assert list((machine.root / "work").iterdir()) == []
        assert list((machine.root / "scratch").iterdir()) == []


@pytest.mark.parametrize("lost_in", [2, 8])
def test_a_machine_that_is_lost_midway_changes_no_byte(
    tmp_path: Path, expected: dict[str, bytes], lost_in: int
) -> None:
    network = Network(tmp_path / "network", lose=("one", lost_in))
    there = on(network, tmp_path / "project")
    assert there.build().exit_code == 0
    assert there.dist() == expected
    assert set(network.machines) == {"two"}
    errors = [event.error for event in there.events if isinstance(event, ActionRetried)]
    assert [type(error) for error in errors] == [MachineLost]
    built = Counter(event.id for event in there.events if isinstance(event, ActionMade))
    assert max(built.values()) <= 2, "what the lost machine kept is made again once"


def test_without_a_machine_left_each_action_says_so(tmp_path: Path) -> None:
    network = Network(tmp_path / "network", lose=("one", 2))
    there = on(network, tmp_path / "project")
    there.executor = lambda targets, store: first_alone(network, network.executor(targets, store))
    outcome = there.build(keep_going=True)
    assert outcome.exit_code == 1
    assert outcome.failed
    assert there.dist() == {}


def first_alone(network: Network, executor: TwoMachines) -> TwoMachines:
    del network.machines["two"]
    return executor


def test_results_on_machines_that_are_gone_are_made_again(tmp_path: Path, expected: dict[str, bytes]) -> None:
    network = Network(tmp_path / "network")
    there = on(network, tmp_path / "project")
    assert there.build().exit_code == 0
    there.executor, there.fetch = Studio(tmp_path).executor, None
    for name in ("dist", "network"):
        rename_away(tmp_path / ("project/dist" if name == "dist" else name))
    assert there.build().exit_code == 0
    assert there.dist() == expected
    assert there.ran()


def rename_away(folder: Path) -> None:
    folder.rename(folder.with_name(f"{folder.name}-gone"))
