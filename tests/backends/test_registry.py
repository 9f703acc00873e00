"""How backends are found by name, ours and those of installed packages."""

import sys
from pathlib import Path

import pytest

from episodec.backends import BUILTIN, registry, targets
from episodec.errors import BackendError
from episodec.project.backends import Backends, Register
from episodec.project.overrides_manual import overrides_manual
from episodec.questions.doctor import doctor
from episodec.runner.loading import accepts, load
from episodec.series.request import Request
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.layout import open_layout


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


def used(tmp: Path) -> Backends:
    """The backends that a project in this folder has."""
    index = Index(open_layout(tmp / "cache"))
    return Backends(index, FileDigests(index, tmp), {}, "")


def test_our_backends_are_backends() -> None:
    for target in BUILTIN.values():
        assert load(target).stages


def test_an_installed_package_joins_by_its_entry_point(install: Path) -> None:
    publish(install, "stranger", "strange", "tests.toys.backends:Concat")
    assert registry() == {**BUILTIN, "strange": "tests.toys.backends:Concat"}
    assert accepts(load(targets(["file", "strange"])["strange"]), "toy")


@pytest.mark.parametrize("name", ["espeak", "strange"])
def test_a_name_that_two_packages_offer_is_refused_where_it_is_used_and_nowhere_else(install: Path, name: str) -> None:
    publish(install, "stranger", name, "stranger.x:Y")
    if name not in BUILTIN:
        publish(install, "other_one", name, "other.x:Y")
    first = f"episodec ({BUILTIN[name]})" if name in BUILTIN else "other-one (other.x:Y)"
    hint = "stranger" if name in BUILTIN else "other-one or stranger"
    actual = used(tmp=install)
    for asked in (lambda: targets(["file", name]), lambda: actual.backend(name), lambda: Register(actual)[name]):
        with pytest.raises(BackendError) as caught:
            asked()
        assert caught.value.sentence == "several installed packages offer a backend of this name"
        assert caught.value.facts == {"backend": name, "offered by": f"{first}, stranger (stranger.x:Y)"}
        assert caught.value.hint == f"uninstall {hint}, or rename the backend in its package"
    for asked in (lambda: targets(["file"])["file"], lambda: actual.target("file"), lambda: registry()["file"]):
        assert asked() == BUILTIN["file"]
    assert name in actual.targets()


def test_one_backend_that_two_packages_offer_is_one(install: Path) -> None:
    publish(install, "stranger", "file", BUILTIN["file"])
    assert targets(["file"]) == {"file": BUILTIN["file"]}


def test_the_first_of_two_installations_of_a_package_counts(install: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(install, "stranger", "strange", "old.x:Y")
    (install / "first").mkdir()
    publish(install / "first", "stranger", "strange", "new.x:Y")
    publish(install / "first", "~ranger", "strange", "half.removed:Y")
    monkeypatch.syspath_prepend(install / "first")
    assert targets(["strange"]) == {"strange": "new.x:Y"}


def test_entry_points_of_others_and_comments_are_passed_over(install: Path) -> None:
    publish(install, "stranger", "strange", "stranger.x:Y")
    points = install / "stranger-1.0.dist-info/entry_points.txt"
    points.write_text(f"[console_scripts]\nfile = a:b\n{points.read_text()}# file = c:d\n\n[other]\nfile = e:f\n")
    assert registry() == {**BUILTIN, "strange": "stranger.x:Y"}


def test_a_broken_package_harms_only_who_uses_it(install: Path) -> None:
    (install / "broken_package.py").write_text("raise RuntimeError('half installed')")
    publish(install, "broken", "broken", "broken_package:Backend")
    assert load(targets(["file"])["file"]).stages
    with pytest.raises(BackendError) as caught:
        load(registry()["broken"])
    assert caught.value.facts["package"] == "broken_package"
    assert caught.value.facts["error"] == "RuntimeError: half installed"


@pytest.fixture
def stocked(install: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without a series; installed are a good package, a broken one, and one with a name of our own."""
    (install / "broken_package.py").write_text("raise RuntimeError('half installed')")
    publish(install, "broken", "broken", "broken_package:Backend")
    publish(install, "good_one", "strange", "tests.toys.backends:Long")
    publish(install, "namesake", "espeak", "namesake.x:Y")
    (install / "empty").mkdir()
    monkeypatch.chdir(install / "empty")


@pytest.mark.usefixtures("stocked")
def test_doctor_lists_every_installed_package_and_notes_what_is_wrong_with_it() -> None:
    by_name = {one.what: one for one in doctor(Request()) if one.what.startswith("package ")}
    assert {what: one.verdict for what, one in by_name.items()} == {
        "package broken": "note",
        "package good-one": "ok",
        "package namesake": "note",
    }
    assert by_name["package good-one"].sentence.startswith("offers the backend `strange` for stages audio, captions, ")
    broken, namesake = by_name["package broken"], by_name["package namesake"]
    assert broken.sentence.startswith("offers the backend `broken`: a backend cannot be loaded (")
    assert "RuntimeError: half installed" in broken.sentence
    assert broken.hint == "repair or uninstall that package"
    assert "several installed packages offer a backend of this name" in namesake.sentence
    assert f"episodec ({BUILTIN['espeak']}), namesake (namesake.x:Y)" in namesake.sentence


@pytest.mark.usefixtures("stocked")
def test_the_manual_of_overrides_tells_of_installed_packages_and_names_the_broken_ones() -> None:
    built = overrides_manual()
    assert "### `strange`\n" in built
    assert "### `aac`\n" in built
    assert "### `espeak`\n" not in built
    broken, espeak = [line for line in built.splitlines() if "is not listed" in line]
    assert broken.startswith("`broken` is not listed: a backend cannot be loaded (target: broken_package:Backend;")
    assert "RuntimeError: half installed" in broken
    assert espeak.startswith("`espeak` is not listed: several installed packages offer a backend of this name (")


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
