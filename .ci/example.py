"""The example package of a voice, installed beside the wheel of episodec as a stranger would install it: its tests, a
draft episode that it speaks, and that a change of its code or version is seen.

    .venv/bin/python .ci/example.py
"""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from light import PORTRAIT, ROOT, output_of, wheel_of

EXAMPLE = ROOT / "examples/voice-backend"
PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--no-compile", "-q")

SMALL = (  # A file of the first series, what stands in it, and what shall.
    ("series.yaml", "voice: espeak", "voice: beep"),
    ("series.yaml", "size: [512, 512]", "size: [128, 128]"),
    ("001-episode-1.episode.yaml", "frames: 150", "frames: 60"),
    ("001-episode-1.episode.yaml", "This is episode 1", "Here I am"),
)
CHANGES = (  # A file of the package, what stands in it, and what shall: other code, then another version.
    ("episodec_beep/tones.py", "STEP_HZ = 20", "STEP_HZ = 30"),
    ("pyproject.toml", 'version = "1.0"', 'version = "1.1"'),
)


def replace(path: Path, before: str, after: str) -> None:
    """Edit a file in which this text must stand."""
    text = path.read_text()
    if before not in text:
        sys.exit(f"{path}: `{before}` does not stand there any more; .ci/example.py must know")
    path.write_text(text.replace(before, after))


def voices(episodec: Callable[..., str]) -> list[str]:
    """The actions of the voice that a build would make now."""
    (series,) = json.loads(episodec("plan", "--json"))["plan"]
    actions: list[dict[str, Any]] = [one for plan in series["plans"] for one in plan["actions"]]
    return [one["id"] for one in actions if one["backend"] == "beep"]


def main() -> int:
    """1 where a change of the package is not seen."""
    started_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="episodec-example-") as name:
        place = Path(name)
        source, project, python = place / "source", place / "project", place / "environment/bin/python"
        shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__"))
        output_of([sys.executable, "-m", "venv", place / "environment"])
        wheels = [wheel_of(ROOT, place / "ours"), wheel_of(source, place / "1.0")]
        output_of([python, *PIP, "-c", ROOT / "constraints.txt", *wheels, "pytest"])
        output_of([python, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"], source)

        def episodec(*arguments: str) -> str:
            return output_of([python, "-P", "-m", "episodec", *arguments], project)

        project.mkdir()
        episodec("new", "--portrait", str(PORTRAIT))
        for file, before, after in SMALL:
            replace(project / "episodes" / file, before, after)
        episodec("validate")
        episodec("build")
        if left := voices(episodec):
            sys.exit(f"after a build, {', '.join(left)} would be made again")
        unseen = []
        for number, (file, before, after) in enumerate(CHANGES):
            replace(source / file, before, after)
            changed = wheel_of(source, place / f"changed-{number}")
            output_of([python, *PIP, "--no-deps", "--no-index", "--force-reinstall", changed])
            if voices(episodec) != ["s01-001/voice/0001"]:
                unseen.append(f"`{after}` in {file} is not seen")
            episodec("build")
        print(
            "example: its tests pass, its episode is built,",
            "; ".join(unseen) or "a change of its code or version is seen",
            f"· {time.monotonic() - started_s:.0f} s",
        )
    return int(bool(unseen))


if __name__ == "__main__":
    sys.exit(main())
