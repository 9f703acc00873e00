"""The dependencies of every trace besides files: when one changes, episodes are checked again."""

import os
import sys
from pathlib import Path
from types import ModuleType

import grimp
import pytest

from episodec.series.noop import LOWERING
from episodec.store.traces import compiler_signature, packages_signature
from tests.builds.studio import Studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = Studio(tmp_path / "project").start(1)
    assert studio.build().exit_code == 0
    assert studio.build().current == 1
    return studio


def test_all_packages_that_specs_are_lowered_with_are_listed() -> None:
    graph = grimp.build_graph("episodec", include_external_packages=True)
    actual = graph.find_upstream_modules("episodec.project.loading")
    others = {name for name in actual if not name.startswith("episodec")} - sys.stdlib_module_names
    assert set(LOWERING) == others


def test_another_sentence_splitter_in_front_of_the_installed_one_is_seen(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "front/sentencex").mkdir(parents=True)
    (tmp_path / "front/sentencex/__init__.py").write_text("def segment(language, text): return text.split('; ')")
    monkeypatch.syspath_prepend(tmp_path / "front")
    assert studio.build().current == 0


def test_another_place_to_look_for_modules_is_seen(studio: Studio) -> None:
    studio.environment = {**studio.environment, "PYTHONPATH": "/elsewhere"}
    assert studio.build().current == 0


def test_what_python_runs_when_it_starts_is_seen(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    customised = ModuleType("sitecustomize")
    customised.__file__ = str(tmp_path / "sitecustomize.py")
    (tmp_path / "sitecustomize.py").write_text("import sentencex")
    monkeypatch.setitem(sys.modules, "sitecustomize", customised)
    assert studio.build().current == 0
    assert studio.build().current == 1
    (tmp_path / "sitecustomize.py").write_text("import soundfile")
    assert studio.build().current == 0


def test_an_installed_package_is_its_version_and_its_files(tmp_path: Path) -> None:
    (tmp_path / "site/yaml").mkdir(parents=True)
    (tmp_path / "site/PyYAML-6.0.dist-info").mkdir()
    source = tmp_path / "site/yaml/__init__.py"
    source.write_text("1")
    path = ["", "/nowhere", str(tmp_path / "site")]
    messages = [packages_signature(["yaml", "razdel"], path)]
    assert messages[0] == packages_signature(["yaml", "razdel"], path)
    (tmp_path / "site/PyYAML-6.0.dist-info").rename(tmp_path / "site/PyYAML-6.1.dist-info")
    messages.append(packages_signature(["yaml", "razdel"], path))
    stat = source.stat()
    source.write_text("2")
    os.utime(source, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    messages.append(packages_signature(["yaml", "razdel"], path))
    (tmp_path / "site/razdel.py").write_text("")
    messages.append(packages_signature(["yaml", "razdel"], path))
    for text in ("/elsewhere", "import yaml"):
        (tmp_path / "site/more.pth").write_text(text)
        messages.append(packages_signature(["yaml", "razdel"], path))
    assert len(set(messages)) == 6


def test_a_command_beside_the_one_that_was_started_is_no_package(tmp_path: Path) -> None:
    """As `bin/jsonschema`: `episodec` and `python -m episodec` see the same packages."""
    (tmp_path / "site/yaml").mkdir(parents=True)
    (tmp_path / "site/yaml/__init__.py").touch()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/yaml").touch()
    path = [str(tmp_path / "bin"), str(tmp_path / "site")]
    assert packages_signature(["yaml"], path) == packages_signature(["yaml"], path[1:])


def test_an_edit_of_our_own_code_is_seen_under_an_installers_constant_times(tmp_path: Path) -> None:
    (tmp_path / "package/inner").mkdir(parents=True)
    source = tmp_path / "package/inner/module.py"
    source.write_text("1")
    os.utime(source, ns=(0, 0))
    before = compiler_signature(str(tmp_path / "package"))
    source.write_text("2")
    os.utime(source, ns=(0, 0))
    assert compiler_signature(str(tmp_path / "package")) != before


def test_an_edit_of_the_schemas_beside_a_checkout_is_seen(tmp_path: Path) -> None:
    for name in ("package", "schema"):
        (tmp_path / name).mkdir()
    (tmp_path / "schema/episode.schema.json").write_text("{}")
    before = compiler_signature(str(tmp_path / "package"))
    (tmp_path / "schema/episode.schema.json").write_text("[]")
    assert compiler_signature(str(tmp_path / "package")) != before
