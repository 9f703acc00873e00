"""Logs of runs: the youngest stay."""

from pathlib import Path

from episodec.digest import digest_value
from episodec.engine.action import ActionId
from episodec.engine.events import ActionHit
from episodec.engine.key import ActionKey
from episodec.report.runlog import KEPT, RunLog


def test_a_run_keeps_its_log_and_those_of_the_runs_before_it(tmp_path: Path) -> None:
    old = [f"20200101T0000{number:02}Z-1.jsonl" for number in range(KEPT + 5)]
    for name in old:
        (tmp_path / name).touch()
    log = RunLog(tmp_path, ["build"])
    log(ActionHit(ActionId("a"), ActionKey(digest_value("test", "a"))))
    log.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [*old[6:], log.path.name]
