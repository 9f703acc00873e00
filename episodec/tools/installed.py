"""Systems that are installed beside us, each with a Python environment and a source tree of its own.

Local settings name them. They are identified by files alone: nothing of theirs is started to learn its version.
"""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from episodec.closure.installed import metadata_folders
from episodec.digest import Canonical, digest_value
from episodec.engine.backend import Digester, Fingerprint, Settings
from episodec.errors import BackendError, SettingsError
from episodec.pointers import stand_in

DEVICES = ("cuda", "cpu", "mps")

_GRAIN_NS = 2_000_000_000  # FAT keeps the time of writing in steps of two seconds.


def setting(settings: Settings, name: str, what: str) -> str:
    """A setting that must be there. `what` completes the sentence "NAME names …".

    Raises:
        SettingsError: it is missing.
    """
    value = settings.get(name, "").strip()
    if not value:
        hint = f"in episodec.local.yaml: `backends: {{BACKEND: {{{name}: …}}}}`"
        raise SettingsError("a setting of this machine is missing", facts={"setting": name, "names": what}, hint=hint)
    return value


def path_setting(settings: Settings, name: str, what: str, *, folder: bool) -> Path:
    """The absolute path that a setting names; it exists and is a folder, or a file.

    Raises:
        SettingsError: it is missing, relative or not there.
    """
    path = Path(setting(settings, name, what)).expanduser()
    facts = {"setting": name, "names": what, "found": path}
    if not path.is_absolute():
        hint = "tools run in folders of their own: give the path from the root"
        raise SettingsError("a setting of this machine is a relative path", facts=facts, hint=hint)
    if not (path.is_dir() if folder else path.is_file()):
        kind = "folder" if folder else "file"
        raise SettingsError(f"a setting of this machine names no {kind}", facts=facts)
    if not folder:
        check_fetched(path)
    return path


def check_fetched(path: Path) -> None:
    """Nothing, unless something stands in this file's place until it is fetched.

    Raises:
        SettingsError: it does.
    """
    if (found := stand_in(str(path))) is not None:
        raise SettingsError(f"a file of a model is {found[0]}", facts={"file": path}, hint=f"`{found[1]}` fetches it")


def python_and_repo(settings: Settings, system: str) -> tuple[Path, Path]:
    """The interpreter of a system's environment, and its source tree.

    Raises:
        SettingsError: see `path_setting`.
    """
    python = path_setting(settings, "python", f"the interpreter of {system}'s environment", folder=False)
    return python, path_setting(settings, "repo", f"{system}'s source tree", folder=True)


def yes_or_no(settings: Settings, name: str) -> bool:
    """A setting that is `yes` or `no`; no when it is missing.

    Raises:
        SettingsError: it is another word.
    """
    value = settings.get(name, "no").strip().lower()
    if value not in {"yes", "true", "no", "false"}:
        facts = {"setting": name, "found": value}
        raise SettingsError("a setting of this machine must be yes or no", facts=facts)
    return value in {"yes", "true"}


def device(settings: Settings, offered: Iterable[str] = DEVICES) -> str:
    """The class of device that a system is asked to run on, `cuda` unless the setting `device` says otherwise.

    Never one of several: which GPU it is, the executor decides, through CUDA_VISIBLE_DEVICES.

    Raises:
        SettingsError: it is none of those that are offered.
    """
    asked = settings.get("device", "cuda").strip()
    if asked not in offered:
        hint = f"one of: {', '.join(offered)}; which GPU of several is chosen by the build"
        raise SettingsError("the setting `device` names no class of devices", facts={"found": asked}, hint=hint)
    return asked


def installed_version(python: Path, package: str) -> tuple[str, str]:
    """The version of a package in the environment of this interpreter, and the metadata file that says so.

    Raises:
        SettingsError: that environment does not hold the package.
    """
    # Not resolved: the interpreter of a virtual environment is a link that leads out of it.
    stem = package.replace("-", "_")
    for found in sorted(python.parent.parent.glob(f"lib*/python3*/*-packages/{stem}-*.dist-info/METADATA")):
        for line in found.read_text("utf-8", "replace").splitlines():
            name, _, value = line.partition(":")
            if name == "Version":
                return value.strip(), str(found)
    facts = {"python": python, "package": package}
    hint = "name the interpreter of the environment that the system was installed into: ENVIRONMENT/bin/python"
    raise SettingsError("the environment of an installed system lacks a package that it needs", facts=facts, hint=hint)


def one_of(python: Path, *packages: str) -> None:
    """Nothing, if the environment of this interpreter holds one of these packages.

    Raises:
        SettingsError: it holds none.
    """
    missing: SettingsError | None = None
    for package in packages:
        try:
            installed_version(python, package)
        except SettingsError as error:
            missing = error
        else:
            return
    assert missing is not None
    missing.facts["package"] = " or ".join(packages)
    raise missing


def environment(python: Path, *needed: str) -> Fingerprint:
    """All that is installed in the environment of this interpreter, by the names of its metadata folders, which hold
    name and version; `needed` are packages that must be there.

    Raises:
        SettingsError: it does not hold one of them.
    """
    for package in needed:
        installed_version(python, package)
    folders = sorted(python.parent.parent.glob("lib*/python3*/*-packages"))
    names: list[Canonical] = [name for folder in folders for name in metadata_folders(str(folder))]
    return Fingerprint({"environment": names}, tuple(map(str, folders)))


def files_and_folders(folder: Path) -> list[str]:
    """All files below a folder, and the folders: what tells of every change in it."""
    return [str(folder), *map(str, sorted(folder.rglob("*")))]


def sources(repo: Path, patterns: Iterable[str]) -> list[Path]:
    """The source files of a system, in an order that is the same everywhere.

    Raises:
        SettingsError: there is none for a pattern.
    """
    found: list[Path] = []
    for pattern in patterns:
        matched = sorted((path for path in repo.glob(pattern) if path.is_file()), key=lambda path: path.as_posix())
        if not matched:
            facts = {"repo": repo, "missing": pattern}
            raise SettingsError("a source tree lacks files that its system needs", facts=facts)
        found += matched
    return list(dict.fromkeys(found))


def code_digest(repo: Path, files: Iterable[Path], digests: Digester) -> Canonical:
    """One digest of source files by their names in the tree: the version of a system that is run from a checkout."""
    return digest_value("source-tree", {path.relative_to(repo).as_posix(): digests.of(str(path)) for path in files})


def file_digests(folder: Path, names: Iterable[str], digests: Digester) -> dict[str, Canonical]:
    """Digests of model files by name.

    Raises:
        SettingsError: one cannot be read.
    """
    found: dict[str, Canonical] = {}
    for name in names:
        try:
            found[name] = digests.of(str(folder / name))
        except OSError as error:
            facts = {"file": folder / name, "error": error.strerror or error}
            raise SettingsError("a model file cannot be read", facts=facts, hint="is the download complete?") from error
    return found


def tool_environment(repo: Path) -> dict[str, str]:
    """The environment for a system's own Python: ours, with its source tree to import from and nothing to download."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {
        **kept,
        "PYTHONPATH": str(repo),
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
    }


def new_file(path: Path, started_ns: int, system: str) -> Path:
    """The path, once it is sure that the run since `started_ns` (of `time.time_ns`) wrote a file with content there.

    Raises:
        BackendError: there is none, or an empty or an older one, whatever the exit code said.
    """
    facts = {"system": system, "file": path.name}
    hint = "its own words are in the action's log"
    if not path.is_file():
        raise BackendError("a system ended well without writing its file", facts=facts, hint=hint)
    found = path.stat()
    if found.st_size == 0:
        raise BackendError("a system ended well and left an empty file", facts=facts, hint=hint)
    if found.st_mtime_ns < started_ns - _GRAIN_NS:
        raise BackendError("a system ended well and left an older file in place", facts=facts, hint=hint)
    return path


def run_folder(name: str) -> Path:
    """A new folder for one run of a tool, in the action's folder for temporary files."""
    import tempfile

    return Path(tempfile.mkdtemp(prefix=f"{name}-"))


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """All run folders go into this one, which is removed at the end: for runs outside an action, which has its own."""
    import tempfile

    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="episodec-") as folder:
        tempfile.tempdir = folder
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = before


def now_ns() -> int:
    """The moment that `new_file` compares with."""
    return time.time_ns()
