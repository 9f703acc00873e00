"""Models in a Hugging Face cache that other systems load by name, offline, as files for a fingerprint."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from episodec.digest import Canonical
from episodec.engine.backend import Digester, Settings
from episodec.errors import SettingsError
from episodec.tools.installed import path_setting


def hub_setting(settings: Settings, holds: str) -> Path:
    """The cache that the setting `hub` names; `holds`: the models that must be in it.

    Raises:
        SettingsError: it is missing, relative or does not exist.
    """
    return path_setting(settings, "hub", f"the Hugging Face cache with {holds}: …/huggingface/hub", folder=True)


def hub_models(
    hub: Path, names: Iterable[str], digests: Digester, pattern: str = "**/*"
) -> tuple[dict[str, Canonical], tuple[str, ...]]:
    """Digests of the models' files by names without the revision, and the files that they were read from.

    pattern: the files of a model that count, for systems that load only a part of it.

    Raises:
        SettingsError: a model is not in the cache.
    """
    parts: dict[str, Canonical] = {}
    watches: list[str] = []
    for name in names:
        for path in _files(hub, name, pattern):
            parts[_model_name(hub, path)] = digests.of(str(path))
            watches.append(str(path))
        watches.append(str(_ref(hub, name)))  # Another revision has another folder.
    return parts, tuple(watches)


def _files(hub: Path, name: str, pattern: str) -> Iterator[Path]:
    """The files of a model in the revision that is loaded by name."""
    ref = _ref(hub, name)
    try:
        snapshot = ref.parents[1] / "snapshots" / ref.read_text("utf-8").strip()
        matches = sorted(path for path in snapshot.glob(pattern) if path.is_file())
    except OSError:
        matches = []
    if not matches:
        hint = f"builds never download: fetch {name} beforehand"
        raise SettingsError("a model is not in the Hugging Face cache", facts={"model": name, "cache": hub}, hint=hint)
    yield from matches


def _ref(hub: Path, name: str) -> Path:
    """The file that holds the revision."""
    return hub / f"models--{name.replace('/', '--')}" / "refs" / "main"


def _model_name(hub: Path, path: Path) -> str:
    """A file's name without the revision, which does not determine its content."""
    parts = path.relative_to(hub).parts
    return "/".join((parts[0], *parts[3:]))  # models--…/snapshots/REVISION/…
