"""Other people's systems on this machine, each with its own Python environment and source tree.

Local settings name them. They are identified by their files: no foreign code runs to find a version.
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

_GRAIN_NS = 2_000_000_000  # FAT stores modification times in steps of two seconds.


def setting(settings: Settings, name: str, what: str) -> str:
    """A required setting. `what` completes the sentence "NAME names …".

    Raises:
        SettingsError: it is missing.
    """
    value = settings.get(name, "").strip()
    if not value:
        hint = f"in episodec.local.yaml: `backends: {{BACKEND: {{{name}: …}}}}`"
        raise SettingsError("a setting of this machine is missing", facts={"setting": name, "names": what}, hint=hint)
    return value


def path_setting(settings: Settings, name: str, what: str, *, folder: bool) -> Path:
    """The absolute path in a setting, of an existing folder or file.

    Raises:
        SettingsError: it is missing, relative or does not exist.
    """
    path = Path(setting(settings, name, what)).expanduser()
    facts = {"setting": name, "names": what, "found": path}
    if not path.is_absolute():
        hint = "tools run in folders of their own: give an absolute path"
        raise SettingsError("a setting of this machine is a relative path", facts=facts, hint=hint)
    if not (path.is_dir() if folder else path.is_file()):
        kind = "folder" if folder else "file"
        raise SettingsError(f"a setting of this machine is not an existing {kind}", facts=facts)
    if not folder:
        check_fetched(path)
    return path


def check_fetched(path: Path) -> None:
    """Check that a file is not a placeholder for content that has not been fetched (Git LFS and the like).

    Raises:
        SettingsError: it is a placeholder.
    """
    if (pointer := stand_in(str(path))) is not None:
        raise SettingsError(
            f"a file of a model is {pointer[0]}", facts={"file": path}, hint=f"`{pointer[1]}` fetches it"
        )


def python_and_repo(settings: Settings, system: str) -> tuple[Path, Path]:
    """The interpreter of a system's environment and its source tree.

    Raises:
        SettingsError: see `path_setting`.
    """
    python = path_setting(settings, "python", f"the interpreter of {system}'s environment", folder=False)
    return python, path_setting(settings, "repo", f"{system}'s source tree", folder=True)


def yes_or_no(settings: Settings, name: str) -> bool:
    """A setting that is `yes` or `no`; False when it is missing.

    Raises:
        SettingsError: it is another word.
    """
    value = settings.get(name, "no").strip().lower()
    if value not in {"yes", "true", "no", "false"}:
        facts = {"setting": name, "found": value}
        raise SettingsError("a setting of this machine must be yes or no", facts=facts)
    return value in {"yes", "true"}


def device(settings: Settings, offered: Iterable[str] = DEVICES) -> str:
    """The type of device that a system runs on: the setting `device`, by default `cuda`.

    It never names one GPU of several: the executor chooses that with CUDA_VISIBLE_DEVICES.

    Raises:
        SettingsError: it is not in `offered`.
    """
    asked = settings.get("device", "cuda").strip()
    if asked not in offered:
        hint = f"one of: {', '.join(offered)}; the build chooses among several GPUs"
        raise SettingsError("the setting `device` is not a type of device", facts={"found": asked}, hint=hint)
    return asked


def installed_version(python: Path, package: str) -> tuple[str, str]:
    """The version of a package in this interpreter's environment, and the metadata file it was read from.

    Raises:
        SettingsError: the package is not in that environment.
    """
    # The path is not resolved: a virtual environment's interpreter is a link to a file outside it.
    stem = package.replace("-", "_")
    for metadata_file in sorted(python.parent.parent.glob(f"lib*/python3*/*-packages/{stem}-*.dist-info/METADATA")):
        for line in metadata_file.read_text("utf-8", "replace").splitlines():
            name, _, value = line.partition(":")
            if name == "Version":
                return value.strip(), str(metadata_file)
    facts = {"python": python, "package": package}
    hint = "give the interpreter of the environment that the system was installed into: ENVIRONMENT/bin/python"
    raise SettingsError("the environment of an installed system lacks a required package", facts=facts, hint=hint)


def one_of(python: Path, *packages: str) -> None:
    """Check that this interpreter's environment holds one of these packages.

    Raises:
        SettingsError: it holds none of them.
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
    """All packages in this interpreter's environment, by the names of their metadata folders, which contain name and
    version; those in `needed` must be there.

    Raises:
        SettingsError: one of them is missing.
    """
    for package in needed:
        installed_version(python, package)
    folders = sorted(python.parent.parent.glob("lib*/python3*/*-packages"))
    names: list[Canonical] = [name for folder in folders for name in metadata_folders(str(folder))]
    return Fingerprint({"environment": names}, tuple(map(str, folders)))


def files_and_folders(folder: Path) -> list[str]:
    """All files and folders below a folder, and the folder: watching these notices every change in it."""
    return [str(folder), *map(str, sorted(folder.rglob("*")))]


def sources(repo: Path, patterns: Iterable[str]) -> list[Path]:
    """The source files of a system, in a fixed order.

    Raises:
        SettingsError: no file matches one of the patterns.
    """
    paths: list[Path] = []
    for pattern in patterns:
        matched = sorted((path for path in repo.glob(pattern) if path.is_file()), key=lambda path: path.as_posix())
        if not matched:
            facts = {"repo": repo, "missing": pattern}
            raise SettingsError("a source tree lacks files that the system needs", facts=facts)
        paths += matched
    return list(dict.fromkeys(paths))


def code_digest(repo: Path, files: Iterable[Path], digests: Digester) -> Canonical:
    """One digest of source files and their paths in the tree: the version of a system that runs from a checkout."""
    return digest_value("source-tree", {path.relative_to(repo).as_posix(): digests.of(str(path)) for path in files})


def file_digests(folder: Path, names: Iterable[str], digests: Digester) -> dict[str, Canonical]:
    """Digests of model files by name.

    Raises:
        SettingsError: a file cannot be read.
    """
    by_name: dict[str, Canonical] = {}
    for name in names:
        try:
            by_name[name] = digests.of(str(folder / name))
        except OSError as error:
            facts = {"file": folder / name, "error": error.strerror or error}
            raise SettingsError("cannot read a model file", facts=facts, hint="is the download complete?") from error
    return by_name


def tool_environment(repo: Path) -> dict[str, str]:
    """The environment for a system's own Python: this process's, with its source tree importable and downloads off."""
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


def require_fresh_output(path: Path, started_ns: int, system: str) -> Path:
    """The path, if the run since `started_ns` (of `time.time_ns`) wrote a non-empty file there.

    Raises:
        BackendError: the file is missing, empty or older, whatever the exit code was.
    """
    facts = {"system": system, "file": path.name}
    hint = "see its output in the action's log"
    if not path.is_file():
        raise BackendError("a system succeeded without writing its file", facts=facts, hint=hint)
    status = path.stat()
    if status.st_size == 0:
        raise BackendError("a system succeeded but wrote an empty file", facts=facts, hint=hint)
    if status.st_mtime_ns < started_ns - _GRAIN_NS:
        raise BackendError("a system succeeded but left an older file in place", facts=facts, hint=hint)
    return path


def run_folder(name: str) -> Path:
    """A new folder for one run of a tool, in the action's folder for temporary files."""
    import tempfile

    return Path(tempfile.mkdtemp(prefix=f"{name}-"))


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Put all run folders into one that is removed at the end: for runs outside an action, which has its own."""
    import tempfile

    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="episodec-") as folder:
        tempfile.tempdir = folder
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = before


def now_ns() -> int:
    """The current time, for `new_file`."""
    return time.time_ns()
