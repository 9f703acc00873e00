"""How backends are found by name, ours and those of installed packages."""

import sys
from pathlib import Path

import pytest

from episodec.backends import BUILTIN, registry, targets
from episodec.errors import BackendError
from episodec.runner.loading import accepts, load


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages; `publish` puts one with an entry point there."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def publish(folder: Path, package: str, name: str, target: str) -> None:
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[episodec.backends]\n{name} = {target}\n")


def test_our_backends_are_backends() -> None:
    for target in BUILTIN.values():
        assert load(target).stages


def test_an_installed_package_joins_by_its_entry_point(install: Path) -> None:
    publish(install, "stranger", "strange", "tests.toys.backends:Concat")
    assert registry() == {**BUILTIN, "strange": "tests.toys.backends:Concat"}
    assert accepts(load(targets(["file", "strange"])["strange"]), "toy")


def test_two_packages_of_one_name_are_an_error_by_name(install: Path) -> None:
    publish(install, "stranger", "file", "stranger.x:Y")
    with pytest.raises(BackendError) as caught:
        registry()
    assert caught.value.facts == {"name": "file", "one": BUILTIN["file"], "other": "stranger.x:Y"}


def test_a_broken_package_harms_only_who_uses_it(install: Path) -> None:
    (install / "broken_package.py").write_text("raise RuntimeError('half installed')")
    publish(install, "broken", "broken", "broken_package:Backend")
    assert load(targets(["file"])["file"]).stages
    with pytest.raises(BackendError) as caught:
        load(registry()["broken"])
    assert caught.value.facts["package"] == "broken_package"
    assert caught.value.facts["error"] == "RuntimeError: half installed"


def test_looking_up_ours_does_not_search_installed_packages(install: Path) -> None:
    publish(install, "stranger", "file", "stranger.x:Y")
    assert targets(["file"]) == {"file": BUILTIN["file"]}


def test_an_unknown_name_is_an_error_that_lists_the_known() -> None:
    with pytest.raises(BackendError) as caught:
        targets(["fiel"])
    assert "file" in caught.value.facts["there are"]


@pytest.mark.parametrize(
    "target",
    [
        "no_such_module:X",
        "tests.toys.backends:Missing",
        "tests.toys.backends",
        "tests.toys.backends:Path",
        "tests.toys.orders:task",
        "",
    ],
)
def test_what_is_not_a_backend_is_refused(target: str) -> None:
    with pytest.raises(BackendError) as caught:
        load(target)
    assert caught.value.facts["target"] == target


def test_finding_backends_imports_nothing_heavy() -> None:
    import subprocess

    script = (
        "import sys; from episodec.backends import targets; from episodec.runner.loading import load;"
        "load(targets(['file'])['file']);"
        "print(*{'numpy', 'soundfile', 'av', 'PIL', 'torch', 'importlib.metadata'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout == "\n"
