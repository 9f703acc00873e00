"""The ffmpeg of this machine: here and in workers the same one."""

import sys
from pathlib import Path

import pytest

from episodec.errors import SettingsError
from episodec.tools.ffmpeg import program


def test_another_package_that_pythonpath_names_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = program({})
    other = tmp_path / "imageio_ffmpeg/__init__.py"
    other.parent.mkdir()
    other.write_text(f"def get_ffmpeg_exe(): return {str(before)!r}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "imageio_ffmpeg", raising=False)
    with pytest.raises(SettingsError, match="workers import a different imageio_ffmpeg") as error:
        program({})
    assert error.value.facts["here"] == str(other)
    assert program({"ffmpeg": str(before)}) == before
