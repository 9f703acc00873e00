"""Tiny checkpoints that are made once for all runs of the tests: importing the libraries that make them takes seconds.

python -m tests.tiny.kept NAME FOLDER makes one.
"""

import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from episodec.digest import digest_bytes

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".pytest_cache" / "tiny"  # `make clean` removes it.
_LIBRARIES = ("torch", "diffusers", "transformers", "tokenizers", "safetensors")


def checkpoint(name: str, folder: Path) -> Path:
    """The folder, holding a copy of its own of a checkpoint."""
    sources = sorted([*Path(__file__).parent.glob("*.py"), ROOT / "tests/standins/tiny_stable_audio.py"])
    parts = [*(path.read_bytes() for path in sources), *(version(library).encode() for library in _LIBRARIES)]
    kept = KEPT / f"{name}-{digest_bytes(b'|'.join(parts)).rpartition(':')[2]}"
    if not kept.is_dir():
        KEPT.mkdir(parents=True, exist_ok=True)
        built = Path(tempfile.mkdtemp(dir=KEPT)) / name
        command = [sys.executable, "-m", "tests.tiny.kept", name, str(built)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        with suppress(OSError):  # Another process was quicker.
            built.rename(kept)
        shutil.rmtree(built.parent)
    return Path(shutil.copytree(kept, folder))


def make(name: str, folder: Path) -> None:
    match name:
        case "flux":
            from tests.tiny.flux import save_flux

            save_flux(folder)
        case "wan":
            from tests.tiny.wan import save_wan

            save_wan(folder, experts=2)
        case "stable-audio":
            program = ROOT / "tests/standins/tiny_stable_audio.py"
            subprocess.run([sys.executable, program, folder], check=True)
        case _:
            raise ValueError(name)


if __name__ == "__main__":
    make(sys.argv[1], Path(sys.argv[2]))
