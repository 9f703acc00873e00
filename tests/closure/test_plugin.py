"""Names of `episodec.plugin` are followed to their targets: keys hold our code that a backend reaches, and no more."""

from pathlib import Path

import pytest

from tests.closure.trees import Tree

BACKEND = """\
from episodec.plugin import BackendError, Fingerprint, Overrides, Whole, WorkOrder, overrides_of

class Beep:
    stages = frozenset({"voice"})
    deterministic = True
    overrides: Overrides = {"tone_hz": Whole(50, 5000, default=440, unit="Hz", meaning="How high it is.")}

    def fingerprint(self, settings, digests):
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.plugin.sound import write_wav

        write_wav(order.outputs["speech.wav"], overrides_of(order, self.overrides)["tone_hz"])
"""
INSTALLED = {
    "beep/__init__.py": "",
    "beep/voice.py": BACKEND,
    "beep-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: beep\nVersion: 1.0\n",
    "beep-1.0.dist-info/RECORD": "beep/__init__.py,,\nbeep/voice.py,,\n",
    "beep-1.0.dist-info/entry_points.txt": "[episodec.backends]\nbeep = beep.voice:Beep\n",
}
TARGET = "beep.voice:Beep"


def test_what_is_reached_is_what_the_names_stand_for(tmp_path: Path) -> None:
    symbols = set(Tree(tmp_path).write(INSTALLED).decided(TARGET).symbols)
    reached = {
        *("episodec.audio.wav.write_wav", "episodec.tools.params.overrides_of", "episodec.overrides.Whole"),
        *("episodec.overrides.taken", "episodec.engine.backend.WorkOrder", "episodec.errors.BackendError"),
        *("beep.voice.Beep",),
    }
    assert reached - symbols == set()
    rooms = {".".join(name.split(".")[:3]) for name in symbols if name.startswith("episodec.")}
    assert not {room for room in rooms if room.startswith(("episodec.tools.process", "episodec.audio.words"))}
    assert "episodec.audio.wav.read_wav" not in symbols
    assert "episodec.tools.installed.path_setting" not in symbols
    assert not any(name.startswith("episodec.plugin") for name in symbols), "a re-export is no code"


def is_another(tree: Tree, path: Path, old: str, new: str) -> bool:
    """Whether the backend's code counts as another when a file is edited."""
    before, text = tree.decided(TARGET).symbols, path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return tree.decided(TARGET).symbols != before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("audio/wav.py", "np.float32(32768)", "np.float32(32767)"),
        ("tools/params.py", "kind.default for name", "kind.meaning for name"),
        ("plugin/sound.py", "resample, write_wav\n", "resample\nfrom episodec.audio.wav import padded as write_wav\n"),
    ],
)
def test_an_edit_of_what_it_reaches_makes_its_results_anew(tmp_path: Path, file: str, old: str, new: str) -> None:
    tree = Tree(tmp_path).copy_ours().write(INSTALLED)
    assert is_another(tree, tmp_path / "episodec" / file, old, new)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("audio/words.py", "VERSION = 1", "VERSION = 2"),
        ("audio/wav.py", 'quality="VHQ"', 'quality="HQ"'),
        ("tools/process.py", "_TAIL_LINES = 5", "_TAIL_LINES = 6"),
        ("plugin/__init__.py", '    "SAMPLE_RATE",\n', ""),
        ("plugin/sound.py", "import Samples, padded, read_wav, resample, write_wav", "import Samples, write_wav"),
    ],
)
def test_an_edit_of_what_it_does_not_reach_makes_nothing_anew(tmp_path: Path, file: str, old: str, new: str) -> None:
    tree = Tree(tmp_path).copy_ours().write(INSTALLED)
    assert not is_another(tree, tmp_path / "episodec" / file, old, new)


def test_what_its_override_says_for_people_is_no_code(tmp_path: Path) -> None:
    tree = Tree(tmp_path).write(INSTALLED)
    assert not is_another(tree, tmp_path / "beep/voice.py", "How high it is.", "Its pitch.")
    assert is_another(tree, tmp_path / "beep/voice.py", "440", "441")
