"""Backends of strangers, whose modules may do anything while they are imported."""

from pathlib import Path

import pytest

from episodec.errors import BackendError
from episodec.runner.loading import load


@pytest.mark.parametrize("what", ["raise SystemExit(0)", "raise ValueError", "1 / 0", "import no_such_module"])
def test_a_module_that_cannot_be_imported_is_told_by_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    (tmp_path / "leaves.py").write_text(f"{what}\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BackendError, match="cannot be loaded") as caught:
        load("leaves:Voice")
    assert caught.value.facts["package"] == "leaves"
