"""The folders that stand-ins of other people's programs need; for the test files that ask for it."""

from pathlib import Path

import pytest

from tests.standins.checks import prepare


@pytest.fixture
def standins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path, monkeypatch)
