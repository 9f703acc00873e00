"""A draft episode from the wheel, in an empty folder, with nothing installed but what it needs and the draft voice.

Once in each Python that pyproject.toml names and this machine has, and once in the environment that runs this, which
has all that tests need. All of them must give the same action keys and the same bytes.

    .venv/bin/python .ci/light.py
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
PORTRAIT = ROOT / "episodes/characters/alpha/alpha-ref.png"
PREFIX = "Programming Language :: Python :: "
RUNS = "import ensurepip, sys, venv; print('.'.join(map(str, sys.version_info[:3])))"
HEAVY = """
from importlib.util import find_spec
from episodec.extras import EXTRAS
print(*[module for name, one in EXTRAS.items() if name != "draft-voice" for module in one.brings if find_spec(module)])
"""

SMALL = (  # A file of the first series, what stands in it, and what shall.
    ("series.yaml", "size: [512, 512]", "size: [128, 128]"),
    ("001-episode-1.episode.yaml", "frames: 150", "frames: 60"),
    ("001-episode-1.episode.yaml", "This is episode 1", "Here I am"),
)

FilesAndKeys = tuple[Mapping[str, str], Mapping[str, str]]
"""Digests of the files in dist/ by path, and action keys by id."""


def pythons() -> Iterator[tuple[str, Path | None]]:
    """The versions that pyproject.toml names, each with an interpreter that runs, where this machine has one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for version in (it.removeprefix(PREFIX) for it in project["classifiers"]):
        if version.startswith("3."):
            yield version, next((it for it in _candidates(version) if _version_of(it).startswith(f"{version}.")), None)


def _candidates(version: str) -> Iterator[Path]:
    """On PATH, and among those of pyenv, whose programs on PATH may lead to none."""
    for folder in os.environ["PATH"].split(os.pathsep):
        yield Path(folder, f"python{version}")
    if shutil.which("pyenv"):
        asked = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=True)
        yield from sorted(Path(asked.stdout.strip()).glob(f"versions/{version}.*/bin/python{version}"))


def _version_of(python: Path) -> str:
    """Empty where it does not run, or can make no environments."""
    if not python.is_file():
        return ""
    return subprocess.run([python, "-c", RUNS], capture_output=True, text=True, check=False).stdout.strip()


def installed(python: Path, wheel: Path, folder: Path) -> Path:
    """The interpreter of a new environment with the wheel, the draft voice and what they need."""
    output_of([python, "-m", "venv", folder])
    fresh = folder / "bin" / "python"
    needed: list[str | Path] = [
        f"{wheel}[draft-voice]",
        "--no-compile",
        "-c",
        ROOT / "constraints.txt",
    ]  # Little of it is imported.
    output_of([fresh, "-m", "pip", "install", "--disable-pip-version-check", *needed])
    heavy = output_of([fresh, "-c", HEAVY]).strip()
    if heavy:
        sys.exit(f"{fresh}: it has {heavy}, which a draft must do without")
    return fresh


def built(python: Path, folder: Path) -> FilesAndKeys:
    """An episode of 60 frames, made in this folder, which is made, too."""
    folder.mkdir(parents=True)
    episodec: list[str | Path] = [python, "-P", "-m", "episodec"]
    output_of([*episodec, "new", "--portrait", PORTRAIT], folder)
    for name, before, after in SMALL:
        path = folder / "episodes" / name
        text = path.read_text()
        if before not in text:
            sys.exit(f"{path}: `{before}` does not stand there any more; .ci/light.py must know")
        path.write_text(text.replace(before, after))
    output_of([*episodec, "validate"], folder)
    output_of([*episodec, "build"], folder)
    dist = folder / "dist"
    files = {
        path.relative_to(dist).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(dist.rglob("*"))
        if path.is_file()
    }
    actions: dict[str, dict[str, str]] = {}
    for manifest in dist.glob("manifest/*.json"):
        actions |= json.loads(manifest.read_text())["actions"]
    return files, {name: one["key"] for name, one in actions.items()}


def differences(base: FilesAndKeys, other: FilesAndKeys) -> list[str]:
    """The actions whose keys differ, then the files, by name."""
    return [
        f"{what} {name}"
        for what, ours, theirs in zip(("action key", "file"), reversed(base), reversed(other), strict=True)
        for name in sorted({*ours, *theirs})
        if ours.get(name) != theirs.get(name)
    ]


def output_of(command: list[str | Path], folder: Path | None = None) -> str:
    """The stdout of a command; a command that fails ends everything."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    if folder is not None:
        clean |= {"HOME": str(folder.parent), "XDG_CONFIG_HOME": str(folder.parent)}  # Nobody's own settings.
    ran = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def wheel_of(source: Path, folder: Path) -> Path:
    """The wheel of a source tree, made in a folder of its own; by the hatchling of this environment."""
    output_of([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], source)
    (wheel,) = folder.glob("*.whl")
    return wheel


def main() -> int:
    """Build everywhere and compare; 1 where something differs."""
    with tempfile.TemporaryDirectory(prefix="episodec-light-") as name:
        place = Path(name)
        wheel = wheel_of(ROOT, place)

        def build_with(version: str, python: Path) -> tuple[FilesAndKeys, float]:
            started_s = time.monotonic()
            fresh = installed(python, wheel, place / version / "environment")
            return built(fresh, place / version / "project"), time.monotonic() - started_s

        wrong = False
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            waiting = {it: None if python is None else pool.submit(build_with, it, python) for it, python in pythons()}
            if not any(waiting.values()):
                sys.exit("none of the Pythons that pyproject.toml names is here")
            ours = pool.submit(built, Path(sys.executable), place / "ours" / "project").result()
            for version, future in waiting.items():
                if future is None:
                    print(f"Python {version}: not here, so not tried")
                    continue
                (files, keys), seconds = future.result()
                different = differences(ours, (files, keys))
                wrong |= bool(different)
                verdict = "; ".join(different[:20]) if different else "all as with everything installed"
                print(f"Python {version}: {len(keys)} action keys, {len(files)} files: {verdict} · {seconds:.0f} s")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
