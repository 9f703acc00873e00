"""Commands as real processes in a small series with toy backends."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.builds.studio import ROOT, Studio

CLEAN = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}


def environment(root: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The test's own environment, without what colours, and with no user settings."""
    return {**CLEAN, "HOME": str(root / "home"), "PYTHONPATH": ROOT, "TERM": "xterm", **(more or {})}


def toy(studio: Studio, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A command in the series' root, with toy backends."""
    command = [sys.executable, "-m", "tests.cli.toy", *words]
    return subprocess.run(
        command,
        cwd=studio.root,
        env=environment(studio.root, more),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def timeless(text: str) -> str:
    """The text without durations, which no two runs share."""
    return re.sub(r" *(?:about )?\b\d+(?:\.\d)? s\b", " T", text)
