"""Other people's code changes under finished episodes: what it decided is made again, and nothing else is."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from episodec.backends import BUILTIN
from episodec.building.build import build
from episodec.building.outcome import Outcome
from episodec.building.run_context import Stop
from episodec.digest import digest_bytes
from episodec.engine.events import ActionFailed
from episodec.engine.plan import Changed
from episodec.errors import InputMoved, UsageError
from episodec.project.backend_checks import check_stages
from episodec.questions.plan import plan
from episodec.questions.why import why
from episodec.report.answers import plan_lines
from episodec.report.paint import plain
from episodec.report.reasons import verdict_text, why_lines
from episodec.series.request import Request
from episodec.store.cache import open_cache
from episodec.store.layout import open_layout
from tests.builds import short
from tests.builds.studio import ROOT, Studio

VOICE = """\
from pathlib import Path

from episodec.engine.backend import Fingerprint
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
            "toy_voice/data-v1.0/deep/sounds.bin": "1",
            "toy_voice-2.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: toy-voice\nVersion: 2.0\n",
            "toy_voice-2.0.dist-info/RECORD": "toy_voice/__init__.py,,\ntoy_voice/voice.py,,\ntoy_voice/sounds.py,,\n",
            "toy_voice-2.0.dist-info/entry_points.txt": "[episodec.backends]\nsay = toy_voice.voice:Voice\n",
        }.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder

    def built(self, *, remake: tuple[str, ...] = ()) -> Outcome:
        self.events.clear()
        (outcome,) = build(replace(self.request(), remake=remake), self.events.append, Stop())
        return outcome

    def request(self) -> Request:
        folder = str(self.root.parent / "installed")
        target = "toy_voice.voice:Voice"
        return Request(
            targets=(str(self.root / "episodes"),),
            environment={"HOME": "/nonexistent"},
            backends={"say": target, "noise": target, "file": BUILTIN["file"]},
            worker_path=(folder, ROOT),
            lower=short.lower,
        )


def imported() -> list[str]:
    """The modules of the installed package that this process knows; a new one would know none."""
    return [name for name in sys.modules if name.partition(".")[0] == "toy_voice"]


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plugged:
    studio = Plugged(tmp_path / "project")
    monkeypatch.syspath_prepend(studio.install())
    for name in imported():
        monkeypatch.delitem(sys.modules, name)
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
        ("toy_voice/data-v1.0/deep/sounds.bin", "2"),
        ("toy_voice/data-v1.0/more.bin", "1"),
    ],
)
def test_a_change_of_an_installed_backend_is_seen_by_the_next_build(plugged: Plugged, name: str, text: str) -> None:
    assert plugged.built().exit_code == 0
    assert plugged.built().current == 1
    path = plugged.root.parent / "installed" / name
    path.write_text(text)
    outcome = plugged.built()
    assert (outcome.current, outcome.made_count > 0) == (0, True)
    assert plugged.built().current == 1


def test_another_version_of_an_installed_backend_is_seen(plugged: Plugged) -> None:
    assert plugged.built().exit_code == 0
    folder = plugged.root.parent / "installed"
    (folder / "toy_voice-2.0.dist-info").rename(folder / "toy_voice-2.1.dist-info")
    assert plugged.built().made_count > 0


def test_a_comment_in_an_installed_backend_makes_nothing_anew(plugged: Plugged) -> None:
    assert plugged.built().exit_code == 0
    path = plugged.root.parent / "installed/toy_voice/sounds.py"
    path.write_text("# Of the house.\n" + path.read_text())
    assert plugged.built().made_count == 0
    assert plugged.built().current == 1


def test_why_names_the_function_that_changed(plugged: Plugged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(plugged.root)
    assert plugged.built().exit_code == 0
    path = plugged.root.parent / "installed/toy_voice/sounds.py"
    path.write_text("def sound(): return 'lo'\n")
    (answer,) = why(plugged.request(), "d13-001/voice").actions
    assert answer.reason == Changed(("fingerprint.functions",))
    assert answer.code == ("toy_voice.sounds.sound",)
    assert "    toy_voice.sounds.sound" in why_lines(why(plugged.request(), "d13-001/voice"), plain)


def test_code_that_changes_while_it_runs_has_its_result_thrown_away(plugged: Plugged) -> None:
    sounds = plugged.root.parent / "installed/toy_voice/sounds.py"
    sounds.write_text(
        "from pathlib import Path\ndef sound():\n"
        "    with Path(__file__).open('a') as own: own.write('# Changed meanwhile.\\n')\n    return 'la'\n"
    )
    assert plugged.built().exit_code == 1
    errors = [event.error for event in plugged.events if isinstance(event, ActionFailed)]
    assert errors
    assert all(isinstance(error, InputMoved) and error.facts["input"] == str(sounds) for error in errors)


# Adapters: results made by a program or weights that are not ours.


def adapt(plugged: Plugged) -> None:
    path = plugged.root.parent / "installed/toy_voice/voice.py"
    path.write_text(VOICE.replace("    deterministic = True", "    deterministic = False\n    is_adapter = True"))


def older(plugged: Plugged) -> None:
    """As if other code of our own had made the results of the adapter."""
    cache = open_cache(open_layout(plugged.root / "cache"))
    for row in cache.index.rows("SELECT key FROM adapted"):
        cache.note_code(row["key"], digest_bytes(b"another state of our code"))
    cache.index.close()
    comment(plugged)


def comment(plugged: Plugged) -> None:
    """So that the episode is looked at again."""
    with (plugged.root / "episodes/001.episode.yaml").open("a") as spec:
        spec.write("# Looked at.\n")


def test_what_an_older_adapter_made_is_kept_and_told(plugged: Plugged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(plugged.root)
    adapt(plugged)
    assert plugged.built().exit_code == 0
    (now,) = plan(plugged.request())
    assert [one.older for one in now.plans] == []
    older(plugged)
    (now,) = plan(plugged.request())
    (episode,) = now.plans
    assert set(episode.older) == {"d13-001/voice", "d13-001/foley"}
    assert episode.actions == ()
    lines = "\n".join(plan_lines([now], plain))
    assert "keep     d13-001/voice" in lines
    assert "made by an older adapter" in lines
    (answer,) = why(plugged.request(), "d13-001/voice").actions
    assert (answer.verdict, answer.is_older) == ("hit", True)
    assert "made by an older adapter" in verdict_text(answer)


def test_a_stage_is_made_anew_when_it_is_asked_for(plugged: Plugged) -> None:
    adapt(plugged)
    path = plugged.root.parent / "installed/toy_voice/sounds.py"
    path.write_text("from os import urandom\ndef sound(): return urandom(8).hex()\n")
    assert plugged.built().exit_code == 0
    before = plugged.dist()
    assert plugged.built(remake=("voice",)).made_count == 1
    after = plugged.dist()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"static/audio/alpha_d13_episode1_voice.wav", "manifest/alpha_d13_episode1.json"}
    assert plugged.built().current == 1
    older(plugged)
    assert plugged.built(remake=("voice", "foley")).made_count >= 2
    comment(plugged)
    (now,) = plan(plugged.request())
    assert [one.older for one in now.plans] == [()]


def test_a_stage_that_is_none_cannot_be_made_anew() -> None:
    with pytest.raises(UsageError, match="no stage `vioce`"):
        check_stages(["voice", "vioce"])


@pytest.mark.parametrize(("upgraded", "built", "made_by_an_adapter"), [("wide", True, True), ("deep", True, False)])
def test_an_upgrade_of_what_others_need_remakes_nothing_of_an_adapter(
    plugged: Plugged, upgraded: str, *, built: bool, made_by_an_adapter: bool
) -> None:
    folder = plugged.root.parent / "installed"
    for name, needs in (
        ("toy_voice-2.0", "Requires-Dist: wide\n"),
        ("wide-1.0", "Requires-Dist: deep\n"),
        ("deep-1.0", ""),
    ):
        info = folder / f"{name}.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: x\nVersion: 1\n{needs}")
    for is_expected, prepare in ((built, lambda _: None), (made_by_an_adapter, adapt)):
        prepare(plugged)
        for name in imported():
            del sys.modules[name]
        assert plugged.built().exit_code == 0
        assert plugged.built().current == 1
        (old,) = folder.glob(f"{upgraded}-*.dist-info")
        old.rename(folder / f"{upgraded}-1.{int(old.name.partition('.')[2][0]) + 1}.dist-info")
        assert (plugged.built().made_count > 0) is is_expected
