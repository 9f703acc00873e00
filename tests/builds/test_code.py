"""Other people's code changes under finished episodes: what it decided is made again, and nothing else is."""

from pathlib import Path

import pytest

from episodec.backends import BUILTIN
from episodec.building.build import build
from episodec.building.series_build import Outcome
from episodec.building.world import Stop
from episodec.series.session import Request
from tests.builds import short
from tests.builds.studio import ROOT, Studio

VOICE = """\
from pathlib import Path

from episodec.engine.protocols import Fingerprint
from toy_voice.sounds import sound

class Voice:
    stages = frozenset({"voice", "foley", "video", "mix", "mux"})
    deterministic = True

    def fingerprint(self, settings, digests):
        return Fingerprint({"version": 2})

    def run(self, order):
        for path in order.outputs.values():
            path.write_text(sound() + str(order.params.get("text")))
"""


class Plugged(Studio):
    """A series whose backends are of an installed package."""

    def install(self) -> Path:
        folder = self.root.parent / "installed"
        for name, text in {
            "toy_voice/__init__.py": "",
            "toy_voice/voice.py": VOICE,
            "toy_voice/sounds.py": "def sound(): return 'la'\n",
            "toy_voice/tables.txt": "1",
            "toy_voice-2.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: toy-voice\nVersion: 2.0\n",
            "toy_voice-2.0.dist-info/RECORD": "toy_voice/__init__.py,,\ntoy_voice/voice.py,,\ntoy_voice/sounds.py,,\n",
            "toy_voice-2.0.dist-info/entry_points.txt": "[episodec.backends]\nsay = toy_voice.voice:Voice\n",
        }.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder

    def built(self) -> Outcome:
        self.events.clear()
        folder = str(self.root.parent / "installed")
        target = "toy_voice.voice:Voice"
        request = Request(
            targets=(str(self.root / "episodes"),),
            environment={"HOME": "/nonexistent"},
            backends={"say": target, "noise": target, "file": BUILTIN["file"]},
            worker_path=(folder, ROOT),
            lower=short.lower,
        )
        (outcome,) = build(request, self.events.append, Stop())
        return outcome


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plugged:
    studio = Plugged(tmp_path / "project")
    monkeypatch.syspath_prepend(studio.install())
    studio.start(1)
    video = studio.root / "episodes/001.episode.yaml"
    video.write_text("".join(line for line in video.read_text().splitlines(keepends=True) if "video" not in line))
    return studio


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("toy_voice/sounds.py", "def sound(): return 'lo'\n"),
        ("toy_voice/voice.py", VOICE.replace('"version": 2', '"version": 3')),
        ("toy_voice/tables.txt", "2"),
        ("toy_voice/more.py", "NEW = 1\n"),
    ],
)
def test_a_change_of_an_installed_backend_is_seen_by_the_next_build(plugged: Plugged, name: str, text: str) -> None:
    assert plugged.built().exit_code == 0
    assert plugged.built().current == 1
    path = plugged.root.parent / "installed" / name
    path.write_text(text)
    outcome = plugged.built()
    assert (outcome.current, outcome.made > 0) == (0, True)
    assert plugged.built().current == 1


def test_another_version_of_an_installed_backend_is_seen(plugged: Plugged) -> None:
    assert plugged.built().exit_code == 0
    folder = plugged.root.parent / "installed"
    (folder / "toy_voice-2.0.dist-info").rename(folder / "toy_voice-2.1.dist-info")
    assert plugged.built().made > 0


def test_a_comment_in_an_installed_backend_makes_nothing_anew(plugged: Plugged) -> None:
    assert plugged.built().exit_code == 0
    path = plugged.root.parent / "installed/toy_voice/sounds.py"
    path.write_text("# Of the house.\n" + path.read_text())
    assert plugged.built().made == 0
    assert plugged.built().current == 1
