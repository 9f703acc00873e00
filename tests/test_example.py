"""examples/voice-backend: as a stranger would install it, and as docs/howto-backend.md tells of it."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from episodec.backends import BUILTIN
from episodec.building.build import build
from episodec.building.run_context import Stop
from episodec.digest import digest_bytes
from episodec.engine.plan import Changed, Reason
from episodec.errors import SettingsError
from episodec.plugin import Fingerprint
from episodec.questions.plan import plan
from episodec.series.request import Request
from tests.builds.studio import ROOT, SERIES, Studio
from tests.standins.checks import Digests

EXAMPLE = Path(ROOT, "examples/voice-backend")
HOWTO = Path(ROOT, "docs/howto-backend.md")
TARGET = "episodec_beep.voice:Beep"
PROJECT = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]


def info(version: str) -> str:
    return f"episodec_beep-{version}.dist-info"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the example is installed in, with what its installer writes beside it."""
    folder = tmp_path / "installed"
    shutil.copytree(EXAMPLE / "episodec_beep", folder / "episodec_beep")
    (folder / info("1.0")).mkdir()
    files = sorted(f"episodec_beep/{path.name},,\n" for path in (folder / "episodec_beep").glob("*.py"))
    points = "".join(f"{name} = {target}\n" for name, target in PROJECT["entry-points"]["episodec.backends"].items())
    for name, text in {
        "METADATA": f"Metadata-Version: 2.1\nName: {PROJECT['name']}\nVersion: 1.0\n",
        "RECORD": "".join(files),
        "entry_points.txt": f"[episodec.backends]\n{points}",
    }.items():
        (folder / info("1.0") / name).write_text(text)
    monkeypatch.syspath_prepend(folder)
    for module in [one for one in sys.modules if one.partition(".")[0] == "episodec_beep"]:
        monkeypatch.delitem(sys.modules, module)  # As a new process has it.
    return folder


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """An episode that the example speaks."""
    actual = Studio(tmp_path / "project", {**BUILTIN, "beep": TARGET}, lower=None)
    actual.write(
        "episodes/series.yaml", f"{SERIES.partition('profiles')[0]}profiles: {{draft: {{backends: {{voice: beep}}}}}}\n"
    )
    actual.write("episodes/characters/alpha/character.yaml", "episodec: 1\n")
    spec = "episodec: 1\nnumber: 1\ntitle: One\nframes: 60\nallow: [E280]\nvoice: {text: Here I am.}\n"
    actual.write("episodes/001.episode.yaml", spec + "overrides: {voice: {wave: square}}\n")
    return actual


def request(studio: Studio, installed: Path) -> Request:
    return Request(
        targets=(str(studio.root / "episodes"),),
        environment=studio.environment,
        backends=studio.backends,
        worker_path=(str(installed), ROOT),
        executor=studio.executor,
    )


def voice(studio: Studio, installed: Path) -> Reason | None:
    """Why a build would speak again now; None where it would not."""
    (series,) = plan(request(studio, installed))
    assert not series.diagnostics
    by_name = {one.stage: one.reason for episode in series.plans for one in episode.actions}
    return by_name.get("voice")


def edit(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_its_own_tests_pass() -> None:
    clean = {**os.environ, "PYTHONPATH": str(EXAMPLE), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        "--rootdir",
        str(EXAMPLE),
    ]
    ran = subprocess.run([*command, str(EXAMPLE / "tests")], env=clean, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_an_episode_is_spoken_and_a_change_of_code_or_version_is_seen(studio: Studio, installed: Path) -> None:
    (outcome,) = build(request(studio, installed), studio.events.append, Stop())
    assert (outcome.exit_code, outcome.diagnostics) == (0, ())
    assert "d13-001/voice/0001" in studio.ran()
    assert voice(studio, installed) is None
    edit(installed / "episodec_beep/voice.py", "How high the lowest letter is.", "The pitch of the lowest letter.")
    assert voice(studio, installed) is None, "what an override says for people is no code"
    edit(installed / "episodec_beep/voice.py", 'default="triangle"', 'default="square"')
    assert voice(studio, installed) == Changed(("fingerprint.functions",)), (
        "a default counts where it is overridden, too"
    )
    edit(installed / "episodec_beep/voice.py", 'default="square"', 'default="triangle"')
    edit(installed / "episodec_beep/tones.py", "STEP_HZ = 20", "STEP_HZ = 30")
    assert voice(studio, installed) == Changed(("fingerprint.functions",))
    edit(installed / "episodec_beep/tones.py", "STEP_HZ = 30", "STEP_HZ = 20")
    assert voice(studio, installed) is None
    (installed / info("1.0")).rename(installed / info("1.1"))
    assert voice(studio, installed) == Changed(("fingerprint.packages.episodec-beep",))


def test_what_its_package_says_of_it_holds() -> None:
    assert PROJECT["version"] == "1.0"
    assert PROJECT["entry-points"] == {"episodec.backends": {"beep": TARGET}}
    text = (EXAMPLE / "README.md").read_text()
    assert len(text.splitlines()) < 50, "one screen"
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (EXAMPLE / target).is_file()
    for file in re.findall(r"^\| `(.+?)` \|", text, flags=re.MULTILINE):
        assert (EXAMPLE / file).is_file()


# The page that tells how.


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", HOWTO.read_text(), flags=re.DOTALL)


def test_what_the_page_shows_stands_in_the_example_or_runs() -> None:
    sources = "\n".join(path.read_text() for path in sorted(EXAMPLE.rglob("*")) if path.suffix in {".py", ".toml"})
    assert blocks("toml")
    assert [block for block in blocks("toml") if block not in sources] == []
    alone = [block for block in blocks("python") if block not in sources]
    assert len(alone) == 1
    assert len(blocks("python")) == 5


def test_the_fingerprint_that_the_page_shows_says_what_it_promises(tmp_path: Path) -> None:
    (block,) = [one for one in blocks("python") if one.startswith("from episodec.plugin")]
    namespace = vars(ModuleType("shown"))
    exec(compile(block, str(HOWTO), "exec"), namespace)
    (tmp_path / "beep.bin").write_bytes(b"a model")
    settings = {"model": str(tmp_path / "beep.bin")}
    actual = namespace["Model"]().fingerprint(settings, Digests())
    assert actual == Fingerprint({"model": digest_bytes(b"a model")}, (settings["model"],))
    with pytest.raises(SettingsError, match="the voice's model"):
        namespace["Model"]().fingerprint({}, Digests())


def test_the_page_names_all_attributes_that_a_backend_may_have() -> None:
    named = set(re.findall(r"^\| `(\w+)", HOWTO.read_text(), flags=re.MULTILINE))
    optional = {"overrides", "resources", "window_s", "paces", "is_adapter", "licence"}
    assert {"stages", "deterministic", "fingerprint", "run"} | optional <= named
