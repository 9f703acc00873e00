"""`.ci/light.py`: what it takes for a difference."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / ".ci" / "light.py"


def light() -> Any:
    spec = spec_from_file_location("light", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_only_equal_bytes_and_equal_keys_are_the_same() -> None:
    files, keys = {"video/a.mp4": "1", "index.html": "2"}, {"s01-001/mux": "k", "s01-001/mix": "l"}
    differences = light().differences
    assert differences((files, keys), (dict(files), dict(keys))) == []
    assert differences((files, keys), (files, keys | {"s01-001/mux": "other"})) == ["action key s01-001/mux"]
    assert differences((files, keys), ({"index.html": "3"}, keys)) == ["file index.html", "file video/a.mp4"]
    assert differences((files, {}), (files, keys)) == ["action key s01-001/mix", "action key s01-001/mux"]


def test_each_python_that_the_project_names_is_looked_for_and_ours_is_there() -> None:
    assert [version for version, _ in light().pythons()] == ["3.11", "3.12", "3.13"]
    assert any(python is not None for _, python in light().pythons())
