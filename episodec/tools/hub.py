"""Models in a Hugging Face cache that other systems load by name, without the network, as files for a fingerprint."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from episodec.digest import Canonical
from episodec.engine.backend import Digester, Settings
from episodec.errors import SettingsError
from episodec.tools.installed import path_setting


def hub_setting(settings: Settings, holds: str) -> Path:
    """The cache that the setting `hub` names; `holds` says which models are to be in it.

    Raises:
        SettingsError: it is missing, relative or not there.
    """
    return path_setting(settings, "hub", f"the Hugging Face cache with {holds}: …/huggingface/hub", folder=True)


def hub_models(
    hub: Path, names: Iterable[str], digests: Digester, pattern: str = "**/*"
) -> tuple[dict[str, Canonical], tuple[str, ...]]:
    """Digests of the models' files, by names that tell no revision, and the files that these were read from.

    pattern: which of a model's files count, where a system loads but a part of it.

    Raises:
        SettingsError: a model is not in the cache.
    """
    parts: dict[str, Canonical] = {}
    watches: list[str] = []
    for name in names:
        for path in _files(hub, name, pattern):
            parts[_told(hub, path)] = digests.of(str(path))
            watches.append(str(path))
        watches.append(str(_ref(hub, name)))  # Another revision is another folder.
    return parts, tuple(watches)


def _files(hub: Path, name: str, pattern: str) -> Iterator[Path]:
    """The files of a model, of the revision that loading by name takes."""
    ref = _ref(hub, name)
    try:
        snapshot = ref.parents[1] / "snapshots" / ref.read_text("utf-8").strip()
        found = sorted(path for path in snapshot.glob(pattern) if path.is_file())
    except OSError:
        found = []
    if not found:
        hint = f"nothing is downloaded during a build: fetch {name} once beforehand"
        raise SettingsError("a model is not in the Hugging Face cache", facts={"model": name, "cache": hub}, hint=hint)
    yield from found


def _ref(hub: Path, name: str) -> Path:
    """The file that tells the revision."""
    return hub / f"models--{name.replace('/', '--')}" / "refs" / "main"


def _told(hub: Path, path: Path) -> str:
    """A name without the revision, which says nothing about contents."""
    parts = path.relative_to(hub).parts
    return "/".join((parts[0], *parts[3:]))  # models--…/snapshots/REVISION/…
