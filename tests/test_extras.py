"""Without an extra: what does not need it works as before, and what does says which line to type, before anything runs.

The environments without are real ones (see `lesser`), in processes of their own.
"""

import ast
import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from episodec.backends import BUILTIN
from episodec.engine.executor import Failed
from episodec.errors import EpisodecError
from episodec.extras import EXTRAS, missing_extra_error
from episodec.runner.perform import performer
from episodec.store.blobs import Blobs
from episodec.store.layout import open_layout
from tests.cli.command import environment
from tests.cli.test_lineage import PORTRAIT, root
from tests.lesser import LIGHT, lesser
from tests.toys.orders import TOYS, sent

__all__ = ["root"]  # The fixture.

ROOT = Path(__file__).parents[1]
PROJECT: Mapping[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DECLARED = {name: [Requirement(text) for text in lines] for name, lines in PROJECT["optional-dependencies"].items()}
BASE = {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]}
OURS = {name for name in DECLARED if name not in {"all", "dev"}}
BROUGHT = {module: extra for extra, one in EXTRAS.items() for module in one.brings}

FOREIGN = ROOT / "episodec" / "media" / "drivers"  # Programs of other environments.

HYBRID = "scene: {kind: hybrid, views: {count: 3}, training: {size: 48, iterations: 9}}\n"


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lesser(tmp_path_factory.mktemp("light"))


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the draft voice, without torch."""
    return lesser(tmp_path_factory.mktemp("untrained"), set(LIGHT) - {"espeakng-loader"})


def ran(python: Path, root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command, nobody = [str(python), "-m", "episodec", *words], subprocess.DEVNULL
    its = environment(root)
    return subprocess.run(command, cwd=root, env=its, stdin=nobody, capture_output=True, text=True, check=False)


def answered(python: Path, script: str, *words: str) -> Any:
    command = [str(python), "-c", script, *words]
    return json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


# What pyproject.toml declares, and what the code imports.


def test_the_table_and_the_project_name_the_same_extras_and_what_they_bring() -> None:
    brought = {
        name: ({canonicalize_name(it) for it in one.brings.values()}, set(one.implies)) for name, one in EXTRAS.items()
    }
    assert brought == {
        name: (
            {canonicalize_name(it.name) for it in DECLARED[name] if it.name != "episodec"},
            {extra for it in DECLARED[name] if it.name == "episodec" for extra in it.extras},
        )
        for name in OURS
    }


def test_the_extra_all_is_all_of_them() -> None:
    (everything,) = DECLARED["all"]
    assert (everything.name, everything.extras) == ("episodec", OURS)


def sources() -> Iterator[tuple[str, ast.Module]]:
    """Our modules by their dotted names."""
    for path in sorted((ROOT / "episodec").rglob("*.py")):
        if not path.is_relative_to(FOREIGN):
            yield (
                ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"),
                ast.parse(path.read_text()),
            )


def named(node: ast.AST) -> list[str]:
    """The modules that a statement imports; of `from a import b`, a and a.b, whichever b is."""
    match node:
        case ast.Import(names=names):
            return [it.name for it in names]
        case ast.ImportFrom(module=str(module), names=names):
            return [module, *(f"{module}.{it.name}" for it in names)]
        case _:
            return []


def at_once(body: list[ast.stmt]) -> Iterator[str]:
    """The modules that a module imports while it is imported itself: statements outside of functions."""
    for node in body:
        yield from named(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for block in ("body", "orelse", "finalbody"):
                yield from at_once(getattr(node, block, []))
            for handler in getattr(node, "handlers", []):
                yield from at_once(handler.body)


def test_every_import_is_of_the_base_or_of_an_extra_that_is_known() -> None:
    owners = packages_distributions()
    unknown = {}
    for module, tree in sources():
        tops = {name.partition(".")[0] for node in ast.walk(tree) for name in named(node)}
        for top in tops - sys.stdlib_module_names - set(BROUGHT) - {"episodec"}:
            if not {canonicalize_name(it) for it in owners.get(top, [])} & BASE:
                unknown[module] = top
    assert unknown == {}


def test_only_scenes_and_what_is_made_of_them_import_an_extra_at_once() -> None:
    """Backends, commands and all that chooses them must be importable without."""
    imports = {module: set(at_once(tree.body)) for module, tree in sources()}
    needing = {module for module, names in imports.items() if {it.partition(".")[0] for it in names} & set(BROUGHT)}
    assert needing
    while more := {module for module, names in imports.items() if names & needing} - needing:
        needing |= more
    # The shared cache is opened by `series.shared`, within a function.
    assert {module.split(".")[1] for module in needing} <= {"splat", "scenes", "remote"}
    assert {"episodec.remote.settings", "episodec.remote.layout", "episodec.remote.signing"}.isdisjoint(needing)
    # What brings numba but no torch is for everybody.
    assert {"episodec.splat.rasterise", "episodec.splat.relief.body", "episodec.splat.dataset"}.isdisjoint(needing)


# Fingerprints.

PRINTS = """
import json
from pathlib import Path
import tempfile
from episodec.backends import BUILTIN
from episodec.errors import EpisodecError
from episodec.project.backends import Backends
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.layout import open_layout
root = tempfile.mkdtemp()
index = Index(open_layout(root))
backends = Backends(index, FileDigests(index, root), {}, "")
found = {}
for name in BUILTIN:
    try:
        found[name] = dict(backends.fingerprint("", name))
    except EpisodecError as error:
        found[name] = error.facts.get("extra") or error.facts.get("extras") or error.sentence
print(json.dumps(found, default=str))
"""


def test_without_extras_the_fingerprints_of_drafts_are_the_same_and_others_name_theirs(light: Path) -> None:
    full, less = answered(Path(sys.executable), PRINTS), answered(light, PRINTS)
    assert {name: one for name, one in less.items() if one != full[name]} == {
        "4dgaussians": "train",
        "4dgs-checkpoint": "train",
        "align": "draft-voice",
        "espeak": "draft-voice",
        "flux-img2img": "models, train",
        "hybrid": "train",
        "piper": "piper",
        "stable-audio": "models, train",
        "wan": "models, train",
    }
    assert set(less) == set(BUILTIN)


# At the edge of a backend.


def failure(root: Path, module: str) -> tuple[str, dict[str, str], str | None]:
    perform = performer(TOYS, Blobs(open_layout(root / "store")))
    failed = perform(sent(root, "imports", params={"text": module}))
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, EpisodecError)
    return failed.error.sentence, failed.error.facts, failed.error.hint


def test_an_import_that_an_extra_brings_is_told_with_the_line_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    sentence, facts, hint = failure(tmp_path, "torch")
    assert sentence == "torch is not installed"
    assert facts == {"backend": "imports", "stage": "toy", "extra": "train"}
    assert hint == "pip install 'episodec[train]'"


@pytest.mark.parametrize("module", ["nonesuch", "torch.nonesuch"])
def test_other_imports_that_fail_stay_what_they_are(tmp_path: Path, module: str) -> None:
    sentence, facts, _ = failure(tmp_path, module)
    assert sentence == "the backend raised an unexpected error"
    assert facts["error"] == f"ModuleNotFoundError: No module named '{module}'"


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("torch", "pip install 'episodec[train]'"),
        ("diffusers", "pip install 'episodec[models]'"),
        ("gsplat", "pip install 'episodec[cuda]'"),
        ("espeakng_loader", "pip install 'episodec[draft-voice]'"),
    ],
)
def test_each_extra_has_its_line(module: str, line: str) -> None:
    error = missing_extra_error(ModuleNotFoundError(f"No module named {module!r}", name=module))
    assert error is not None
    assert error.hint == line


# Commands.


@pytest.mark.parametrize("command", ["plan", "build"])
def test_a_build_tells_all_that_is_not_installed_before_it_makes_anything(
    root: Path, light: Path, command: str
) -> None:
    with (root / "episodes/characters/alpha/character.yaml").open("a") as file:
        file.write(HYBRID)
    series = root / "episodes/series.yaml"
    more = "scene: relief, views: relief, motion: sway, train: hybrid}}\n  production"
    series.write_text(series.read_text().replace("scene: relief}}\n  production", more))
    shutil.copy(ROOT / PORTRAIT, root / PORTRAIT)
    output = ran(light, root, command)
    assert (output.returncode, output.stdout) == (1, "")
    assert output.stderr == (
        "error: 2 backends of these episodes cannot run on this machine\n"
        "  espeak  espeakng-loader is not installed (extra: draft-voice)\n"
        "  hybrid  torch is not installed (extra: train)\n"
        "  help: pip install 'episodec[draft-voice]'; pip install 'episodec[train]'\n"
    )


def test_an_action_that_waits_for_others_is_told_of_at_once(root: Path, untrained: Path) -> None:
    """Training comes after views and motion: nobody shall hear of it after these."""
    with (root / "episodes/characters/alpha/character.yaml").open("a") as file:
        file.write(HYBRID)
    series = root / "episodes/series.yaml"
    more = "scene: relief, views: relief, motion: sway, train: hybrid}}\n  production"
    series.write_text(series.read_text().replace("scene: relief}}\n  production", more))
    shutil.copy(ROOT / PORTRAIT, root / PORTRAIT)
    output = ran(untrained, root, "build")
    assert (output.returncode, output.stdout) == (1, "")
    assert output.stderr == (
        "error: torch is not installed\n  backend  hybrid\n  extra    train\n  help: pip install 'episodec[train]'\n"
    )


def test_specs_are_checked_without_any_extra(root: Path, light: Path) -> None:
    checked = ran(light, root, "validate")
    assert checked.returncode == 0
    assert checked.stdout.startswith("warning[F414]")  # Of the toy portrait, which has no face.
    assert checked.stdout.endswith("Found 1 warning in 1 file.\n")


def test_doctor_tells_of_each_extra(root: Path, light: Path) -> None:
    lines = [" ".join(line.split()) for line in ran(light, root, "doctor").stdout.splitlines()]
    purpose = "the draft voice espeak-ng, and alignment for voices without phonemes"
    start = lines.index(f"note extra draft-voice {purpose}; not installed: espeakng-loader")
    assert lines[start + 1] == "help: pip install 'episodec[draft-voice]'"
    assert "help: pip install 'episodec[models]'" in lines
    assert [line for line in lines if line.startswith("wrong")] == [
        next(line for line in lines if line.startswith("wrong profile draft 1 of ")),
        "wrong backend espeak espeakng-loader is not installed (backend: espeak; extra: draft-voice)",
    ]
    assert any(line.startswith("note profile production ") and line.endswith(" not set up") for line in lines)
    here = [" ".join(line.split()) for line in ran(Path(sys.executable), root, "doctor").stdout.splitlines()]
    assert "ok extra train training scenes, and reading scenes trained by 4DGaussians" in here


def test_candidates_of_a_portrait_tell_what_they_need(root: Path, light: Path) -> None:
    output = ran(light, root, "character", "image", "alpha", "--prompt", "x")
    assert output.returncode == 1
    assert "  extras   models, train\n" in output.stderr
    assert "  help: pip install 'episodec[models]'" in output.stderr


def test_a_command_that_needs_an_extra_at_last_tells_it_likewise(root: Path) -> None:
    folder = root / "flux"
    folder.mkdir()
    (folder / "model_index.json").write_text('{"_class_name": "FluxPipeline", "vae": ["diffusers", "AutoencoderKL"]}')
    for name in ("vae", "transformer"):
        (folder / name).mkdir()
        (folder / name / "config.json").write_text('{"block_out_channels": [8, 8]}')
        (folder / name / "model.safetensors").write_text("weights")
    settings = f"flux-img2img: {{checkpoint: {folder}, device: cpu}}"
    (root / "episodec.local.yaml").write_text(f"episodec: 1\nbackends: {{{settings}}}\n")
    script = "import sys; sys.modules['diffusers'] = None; from episodec.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", script, "character", "image", "alpha", "--prompt", "x", "--size", "64"]
    process = subprocess.run(command, cwd=root, env=environment(root), capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert "pip install 'episodec[models]'" in process.stderr
    assert "mistake" not in process.stderr
