"""docs/shared-cache.md, word for word: its settings are valid, and its commands do what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from episodec.project.settings import read_settings
from episodec.remote.settings import SCHEMES
from tests.builds.studio import ROOT, Studio

PAGE = Path(ROOT, "docs/shared-cache.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh|yaml)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


class Reader:
    """Someone who does what the page says, on one machine after the other. Backends are toys."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.public = ""
        (root / "srv").mkdir()
        program = root / "bin/episodec"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m tests.cli.toy "$@"\n')
        program.chmod(0o755)

    def use(self, machine: str) -> None:
        self.home = self.root / machine
        Studio(self.home / "series").start(1)

    def sh(self, text: str) -> str:
        environment = {"HOME": str(self.home), "PATH": f"{self.root}/bin:/usr/bin:/bin", "PYTHONPATH": ROOT}
        ended = subprocess.run(
            ["sh", "-e"],
            input=text,
            cwd=self.home / "series/episodes",
            env={**environment, "EPISODEC_ACCEPT_SETTINGS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout + ended.stderr

    def settle(self, text: str) -> None:
        """Write settings as on the page."""
        file = self.home / ".config/episodec/local.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("/srv/episodec-cache", f"{self.root}/srv").replace("ed25519:PUBLIC", self.public))


def test_the_first_two_machines(tmp_path: Path) -> None:
    (_, keygen), (_, writing), (_, building), (_, reading), (_, taking), *_ = BLOCKS
    page = Reader(tmp_path)
    page.use("first")
    page.public = page.sh(keygen).splitlines()[0]
    page.settle(writing)
    text = page.sh(building)
    assert re.search(r"shared  file://.*: \d+ results written to it", text)
    assert "0 not trusted or incomplete" in text
    page.use("second")
    page.settle(reading)
    text = page.sh(taking)
    assert re.search(r"\d+ results in the shared cache, .* to fetch", text)
    assert re.search(r"shared  file://.*: .* fetched", text)
    assert not re.search(r"^made ", text, re.MULTILINE)


@pytest.mark.parametrize("number", [one for one, (kind, _) in enumerate(BLOCKS) if kind == "yaml"])
def test_settings_on_the_page_are_valid(tmp_path: Path, number: int) -> None:
    folder = tmp_path / "config/episodec"
    folder.mkdir(parents=True)
    text = BLOCKS[number][1].replace("ed25519:PUBLIC", f"ed25519:{'a1' * 32}")
    (folder / "local.yaml").write_text(text)
    settings, problems, _ = read_settings(str(tmp_path), {"XDG_CONFIG_HOME": str(tmp_path / "config")})
    assert problems == []
    assert settings.shared_cache is not None or settings.trusted_caches


def test_every_variable_and_scheme_is_on_the_page() -> None:
    from episodec.remote import settings

    for name in (settings.URL, settings.TRUST, settings.READ, settings.WRITE, settings.KEY, settings.CREDENTIALS):
        assert f"`{name}`" in PAGE
    assert all(f"{scheme}://" in PAGE for scheme in SCHEMES if scheme != "http")
