"""`build --check --from-cache`: some results of a shared cache are made again and compared."""

from dataclasses import replace
from pathlib import Path

import pytest

from episodec.building.recheck import Sample, recheck
from episodec.building.run_context import Stop
from episodec.cli.build import check_summary
from episodec.digest import digest_bytes
from episodec.engine.key import ActionKey
from episodec.remote.signing import read_secret, signer
from episodec.remote.wire import SharedBlob, read_record, record_bytes, sha256_of
from tests.remote.machines import Laboratory
from tests.remote.test_questions import question


@pytest.mark.parametrize(("share", "count"), [(0.01, 5), (0.1, 20), (1.0, 200)])
def test_a_sample_has_its_share_and_five_at_least(share: float, count: int) -> None:
    keys = {ActionKey(str(number)) for number in range(200)}
    chosen = Sample(share, "2026-12-01").chosen(keys)
    assert len(chosen) == count
    assert chosen == Sample(share, "2026-12-01").chosen(keys)
    assert count == 200 or chosen != Sample(share, "2026-12-02").chosen(keys)
    few = {ActionKey("a")}
    assert Sample(share, "x").chosen(few) == few


def test_results_of_the_shared_cache_are_made_again_and_others_are_not(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path)
    laboratory.machine("first", write="main").build()
    second = laboratory.machine("second")
    second.episode(1, text="Other words.")
    assert second.build().exit_code == 0
    (checked,) = recheck(question(second), second.events.append, Stop(), sample=Sample(1.0, "x"))
    assert (checked.made_count, checked.shared, checked.differences) == (5, 5, ())
    assert check_summary([checked]) == "check: 5 of 5 shared results made again, all the same"


def test_a_poisoned_result_shows(tmp_path: Path) -> None:
    """A trusted machine with a wrong tool signs what nobody else would make."""
    laboratory = Laboratory(tmp_path)
    laboratory.machine("first", write="main", episodes=1).build()
    poison = SharedBlob(sha256_of(b"poison"), digest_bytes(b"poison"), 6)
    (tmp_path / "remote/cas" / poison.sha256).write_bytes(b"poison")
    _, sign = signer(read_secret(str(laboratory.key.file)))
    for path in laboratory.objects("ac"):
        record, _, _ = read_record(path.read_bytes())
        if record.parts["stage"] == "voice":
            path.write_bytes(record_bytes(replace(record, outputs=dict.fromkeys(record.outputs, poison)), sign))
    second = laboratory.machine("second", episodes=1)
    assert second.build().exit_code == 0
    assert b"poison" in second.dist().values()
    (checked,) = recheck(question(second), second.events.append, Stop(), sample=Sample(1.0, "x"))
    assert [(one.action, one.recorded) for one in checked.differences] == [("d13-001/voice", poison.digest)]
