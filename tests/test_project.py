"""The project's own files: what they promise each other. Floors that exist are held by import-linter itself."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import episodec

ROOT = Path(__file__).parents[1]
PROJECT: Mapping[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS: Mapping[str, Mapping[str, Any]] = {it["id"]: it for it in PROJECT["tool"]["importlinter"]["contracts"]}
PURE = "spec engine stages canonical_json digest glyphs overrides pacing placeholders text timebase"


FULL = {"dev", "draft-voice", "piper", "train", "models"}
"""The extras of `make env`."""


def pins() -> dict[str, Version]:
    """Distribution to the one version that constraints.txt allows."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def declared() -> Iterator[Requirement]:
    """Every requirement in pyproject.toml, the extras' included, without those that are extras of our own."""
    project = PROJECT["project"]
    for group in [project["dependencies"], *project["optional-dependencies"].values()]:
        yield from (it for it in map(Requirement, group) if it.name != "episodec")


def required_here(extras: set[str]) -> set[str]:
    """The distributions that episodec with these extras draws on this machine, through any number of steps."""
    actual: set[tuple[str, str]] = set()  # Each with one of its extras, or with none: "".
    waiting = [("episodec", extra) for extra in extras | {""}]
    while waiting:
        name, expected = waiting.pop()
        for text in distribution(name).requires or []:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": expected}):
                drawn = {(canonicalize_name(requirement.name), extra) for extra in requirement.extras | {""}}
                waiting += drawn - actual
                actual |= drawn
    return {name for name, _ in actual} - {"episodec"}


def exists(module: str) -> bool:
    """Whether episodec has this module or package."""
    path = ROOT.joinpath("episodec", *module.split("."))
    return (path / "__init__.py").exists() or path.with_suffix(".py").exists()


def test_the_package_and_the_project_have_one_version() -> None:
    assert PROJECT["project"]["version"] == episodec.__version__


def test_the_licence_is_the_whole_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in text
    assert all(f"\n   {section}. " in text for section in range(1, 10))
    assert "END OF TERMS AND CONDITIONS" in text


def test_every_declared_requirement_is_pinned_within_its_bounds() -> None:
    pinned = pins()
    assert pinned["torch"] == Version("2.13.0")
    assert [
        str(it)
        for it in declared()
        if not it.specifier.contains(pinned.get(canonicalize_name(it.name), Version("0.dev0")), prereleases=False)
    ] == []


def test_everything_that_make_env_draws_is_pinned_and_installed_so() -> None:
    pinned = pins()
    installed = {name: Version(distribution(name).version) for name in required_here(FULL)}
    # A local build, such as torch 2.13.0+cpu, satisfies the pin of its public version.
    public = {name: Version(version.public) for name, version in installed.items()}
    assert public == {name: pinned.get(name) for name in installed}


@pytest.mark.parametrize(
    ("target", "steps"),
    [("episodes", ["draft-voice,train"]), ("env", ["draft-voice,train", "dev,draft-voice,piper,models"])],
)
def test_make_installs_what_the_target_needs(target: str, steps: list[str], tmp_path: Path) -> None:
    for file in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / file, tmp_path)
    process = subprocess.run(["make", "-n", target], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"-e '\.\[(.*?)\]'", process) == steps


def test_make_tells_each_step_in_a_line_and_shows_what_pip_said_where_one_fails(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "constraints.txt").write_text("hatchling ==== 1\n")
    (tmp_path / "pyproject.toml").touch()
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    ran = subprocess.run(["make", "env"], cwd=tmp_path, env=alone, capture_output=True, text=True, check=False)
    first, second = ran.stdout.splitlines()
    assert re.fullmatch(r"making \.venv with Python 3\.\d+\.\d+ … \d+ s", first)
    assert second == "installing what builds the package (hatchling) … failed"
    assert "hatchling ==== 1" in ran.stderr
    assert ran.returncode != 0
    assert not list(tmp_path.glob(".venv/.installed*"))


def test_what_is_made_of_the_gpl_and_what_weighs_is_never_a_hard_dependency() -> None:
    heavy = {"espeakng-loader", "piper-tts", "torch", "diffusers", "transformers", "pyloudnorm"}
    assert required_here(set()).isdisjoint(heavy)


@pytest.mark.parametrize("target", ["env", "episodes", "test", "campaign", "check", "bench", "clean", "help"])
def test_make_alone_lists_the_target(target: str) -> None:
    listed = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.search(rf"^{target} +\S", listed.stdout, re.MULTILINE)


def test_make_episodes_builds_the_shipped_series() -> None:
    process = subprocess.run(["make", "-n", "episodes"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "episodec build episodes/" in process.stdout


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("cache/blobs/ab", True),
        ("dist/index.html", True),
        ("episodec.local.yaml", True),
        ("episodes/episodec.local.yaml", True),
        ("bench/results/noop.md", False),
        ("episodes/characters/alpha/ref_alpha.npy", False),
        ("tests/golden/plan/cache/index", False),
    ],
)
def test_git_keeps_what_authors_write_and_ignores_what_is_made(path: str, ignored: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a column of the table.
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    shutil.copy(ROOT / ".gitignore", tmp_path)
    asked = subprocess.run(["git", "check-ignore", "-q", path], cwd=tmp_path, check=False)
    assert (asked.returncode == 0) == ignored


def test_the_wheel_carries_the_whole_package_with_the_schemas_and_alphas_portrait(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    schemas = {f"episodec/schema/{it.name}" for it in (ROOT / "schema").glob("*.json")}
    assert schemas
    assert {it for it in names if it.startswith("episodec/schema/")} == schemas
    there = (it for it in (ROOT / "episodec").rglob("*") if it.is_file() and it.parent.name != "__pycache__")
    package = {it.relative_to(ROOT).as_posix() for it in there}
    assert package >= {"episodec/py.typed", "episodec/page/index.css", "episodec/page/index.js"}
    assert {it for it in names if it.startswith("episodec/")} - schemas - package == {"episodec/alpha/alpha-ref.png"}
    assert package <= set(names)
    assert not [it for it in names if it.startswith(("tests/", "bench/", "schema/"))]


def test_the_no_op_path_imports_the_standard_library_only() -> None:
    script = (
        "import sys; before = set(sys.modules); import episodec.series.noop; "
        "print(*{it.split('.')[0] for it in set(sys.modules) - before})"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(ran.stdout.split()) - sys.stdlib_module_names == {"episodec"}


# import-linter refuses a contract that names a module which does not exist. So a floor joins its contracts when it
# comes, and this table, which names them all, tells when one was forgotten.
@pytest.mark.parametrize(
    ("contract", "key", "floors"),
    [
        (
            "pure",
            "source_modules",
            f"film performance {PURE}",
        ),
        (
            "numpy",
            "source_modules",
            PURE,
        ),
        ("orders", "source_modules", "backends executors plugin remote runner store"),
        ("orders", "forbidden_modules", "spec stages"),
        ("language", "protected_modules", "spec stages"),
        ("language", "allowed_importers", "building project stages"),
        ("backends", "modules", "backends.*"),
        ("noop", "source_modules", "series.noop"),
    ],
)
def test_every_floor_that_exists_stands_in_its_contracts(contract: str, key: str, floors: str) -> None:
    existing = [f"episodec.{it}" for it in floors.split() if exists(it.removesuffix(".*"))]
    assert sorted(CONTRACTS.get(contract, {}).get(key, [])) == sorted(existing)


def test_modules_that_docstrings_name_are_there() -> None:
    """As `audio.words` or `splat.training.train`: the first word is a room, the second lies in it."""
    rooms = {it.name for it in (ROOT / "episodec").iterdir() if (it / "__init__.py").exists()}
    named = re.compile(r"`((?:[a-z_0-9]+\.)+)[A-Za-z_0-9]+[`(]")
    wrong = set()
    for path in (ROOT / "episodec").rglob("*.py"):
        for dotted in named.findall(path.read_text(encoding="utf-8")):
            room, *rest = dotted.removesuffix(".").split(".")
            if room in rooms and rest and not exists(f"{room}.{rest[0]}"):
                wrong.add(f"{path.relative_to(ROOT)}: {dotted}")
    assert sorted(wrong) == []
