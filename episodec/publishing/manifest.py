"""An episode's delivery, its manifest in dist/, and the claims that existing manifests make."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from episodec.digest import Canonical, Digest, digest_bytes
from episodec.engine.cache import Blob
from episodec.errors import PublishError
from episodec.publishing.places import link_on_the_way
from episodec.store.claims import Claim

MANIFEST_VERSION = 1
SERIES_FILE = "series.yaml"  # As in `project.tree`, which this layer does not know.
MANIFESTS = "manifest"  # The folder of manifests, in the profile's folder of dist/.


PREVIEWS = "_preview"  # The folder of previews, in the profile's folder of dist/: no profile has such a name.


def previews_of(folder: str) -> str:
    """The folder for previews of episodes that are published in this folder."""
    return f"{folder}/{PREVIEWS}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Everything that one episode delivers."""

    spec: str  # Relative to the root.
    name: str  # The episode's name, unique within the series.
    folder: str  # The profile's folder, relative to the root: `dist` or `dist/production`.
    files: Mapping[str, Blob]  # By path relative to `folder`.
    # The rest of the manifest: keys, digests, tools. Nothing that varies from run to run.
    facts: Mapping[str, Canonical]


def digests_of(delivery: Delivery) -> tuple[dict[str, Digest], str, bytes]:
    """Every path of a delivery with its digest, relative to the root; the manifest's path; the manifest's bytes."""
    manifest = manifest_bytes(delivery)
    digests = {f"{delivery.folder}/{path}": blob.digest for path, blob in delivery.files.items()}
    manifest_path = f"{delivery.folder}/{MANIFESTS}/{delivery.name}.json"
    digests[manifest_path] = digest_bytes(manifest)
    return digests, manifest_path, manifest


def manifest_bytes(delivery: Delivery) -> bytes:
    """The manifest of a delivery: deterministic, and readable in a review."""
    deliverables = {path: {"digest": blob.digest, "size": blob.size} for path, blob in sorted(delivery.files.items())}
    manifest = {
        "manifest": MANIFEST_VERSION,
        "name": delivery.name,
        "spec": delivery.spec,
        "deliverables": deliverables,
        **delivery.facts,
    }
    return (json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=False) + "\n").encode()


def all_claims(root: Path) -> list[Claim]:
    """The claims of all manifests in dist/."""
    return [claim for folder in manifest_folders(root) for claim in manifest_claims(root, folder)]


def manifest_folders(root: Path) -> Iterator[str]:
    """The folders of dist/ that hold manifests: itself, each profile's, and the preview folders of these."""
    yield "dist"
    for entry in _entries(root, "dist"):
        if entry.is_dir(follow_symlinks=False):
            for folder in (f"dist/{entry.name}", previews_of(f"dist/{entry.name}")):
                if Path(root, folder, MANIFESTS).is_dir():
                    yield folder


def _entries(root: Path, folder: str) -> list[os.DirEntry[str]]:
    """The entries of a folder, by name; none if the folder does not exist."""
    try:
        with os.scandir(root / folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise PublishError(
            "a folder in dist/ cannot be read",
            facts={"folder": folder, "reason": error.strerror or error},
            hint="make it readable: its manifests say which files are episodec's",
        ) from error


def manifest_claims(root: Path, folder: str) -> Iterator[Claim]:
    """The claims of the manifests in this folder. An unreadable manifest claims nothing: its files stay."""
    if link_on_the_way(root, f"{folder}/{MANIFESTS}/x") is not None:
        return
    for entry in _entries(root, f"{folder}/{MANIFESTS}"):
        if not entry.name.endswith(".json") or not entry.is_file(follow_symlinks=False):
            continue
        path = f"{folder}/{MANIFESTS}/{entry.name}"
        try:
            text = (root / path).read_bytes()
            manifest = json.loads(text)
            spec, deliverables = str(manifest["spec"]), dict(manifest["deliverables"])
            listed = [(str(where), Digest(str(what["digest"]))) for where, what in deliverables.items()]
            # The store holds only valid text.
            "".join([path, spec, *(name for pair in listed for name in pair)]).encode()
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
        if _is_plain(spec) and all(_is_plain(where) for where, _ in listed):
            yield Claim(path, folder, spec, digest_bytes(text))
            for where, what in listed:
                if link_on_the_way(root, f"{folder}/{where}") is None:
                    yield Claim(f"{folder}/{where}", folder, spec, what)


def series_of(root: Path, spec: str) -> str:
    """The folder of the series that a spec belongs to, relative to the root, even if the spec is gone."""
    top, sign, _ = spec.partition("/")
    if not sign or ((root / SERIES_FILE).is_file() and not (root / top / SERIES_FILE).is_file()):
        return ""
    return top


def _is_plain(path: str) -> bool:
    """Whether a path from a manifest stays below its folder."""
    parts = path.split("/")
    return bool(path) and "\\" not in path and "\0" not in path and all(part not in ("", ".", "..") for part in parts)
