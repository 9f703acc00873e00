"""`episodec.plugin`: what other people's backends may import is these names, and each says what it is."""

import inspect
import subprocess
import sys
from types import ModuleType

import pytest

from episodec import plugin
from episodec.plugin import pictures, sound

NAMES = {
    plugin: {
        *("Backend", "Digester", "Duration", "Fingerprint", "Resources", "Settings", "WorkOrder"),
        *("BackendError", "SettingsError", "TransientError"),
        *("Choice", "Flag", "Number", "Overrides", "Text", "Whole", "overrides_of"),
        *("number_of", "package_versions", "path_setting", "run_tool"),
        *("SAMPLE_RATE", "samples_per_frame"),
    },
    sound: {
        *("Samples", "levelled", "padded", "read_wav", "resample", "write_wav"),
        *("Phoneme", "SpokenWord", "Words", "estimated", "read_words", "write_words"),
    },
    pictures: {
        *("check_portrait", "rgba_of", "save_picture", "Rows", "read_rows"),
        *("Cloud", "write_cloud", "motion_note", "frames_of", "laid_back", "write_refined"),
    },
}
"""The promised names. A name may be added; one that goes breaks other people's backends."""


@pytest.mark.parametrize("module", NAMES, ids=lambda module: module.__name__)
def test_the_public_names_are_exactly_these(module: ModuleType) -> None:
    visible = {name for name, one in vars(module).items() if not name.startswith("_") and not inspect.ismodule(one)}
    assert set(module.__all__) == visible == NAMES[module]


@pytest.mark.parametrize("module", NAMES, ids=lambda module: module.__name__)
def test_each_name_is_explained_where_it_is_offered_and_where_it_is_defined(module: ModuleType) -> None:
    assert module.__doc__
    for name in NAMES[module]:
        assert f"`{name}`" in module.__doc__, name
        first = getattr(module, name)
        if inspect.isclass(first) or inspect.isfunction(first):
            assert first.__doc__, name
            assert not first.__doc__.startswith(f"{first.__name__}("), f"{name}: a dataclass made it up"
            assert first.__module__ != module.__name__, f"{name}: the plugin module defines nothing itself"


def test_importing_it_brings_nothing_heavy() -> None:
    heavy = "{'numpy', 'soundfile', 'PIL', 'torch', 'scipy', 'episodec.spec', 'episodec.project', 'episodec.stages'}"
    script = f"import sys, episodec.plugin; print(*({heavy} & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout == "\n"
