"""What an episode delivers, its manifest in dist/, and what manifests that are there claim."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from episodec.digest import Canonical, Digest, digest_bytes
from episodec.engine.cache import Blob
from episodec.errors import PublishError
from episodec.publishing.places import link_on_the_way
from episodec.store.sealed import digest_of

MANIFEST_VERSION = 1
SERIES_FILE = "series.yaml"  # As in `project.tree`, which this floor does not know.
MANIFESTS = "manifest"  # The folder of manifests, in the profile's folder of dist/.


PREVIEWS = "_preview"  # The folder of previews, in the profile's folder of dist/: no profile has such a name.


def previews_of(folder: str) -> str:
    """Where the previews of the episodes lie that are published in this folder."""
    return f"{folder}/{PREVIEWS}"


@dataclass(frozen=True, slots=True)
class Parcel:
    """All that one episode delivers."""

    spec: str  # Relative to the root.
    name: str  # The episode's, unique over the series.
    folder: str  # The profile's folder, relative to the root: `dist` or `dist/production`.
    files: Mapping[str, Blob]  # By path relative to `folder`.
    facts: Mapping[
        str, Canonical
    ]  # What the manifest says besides: keys, digests, tools. Nothing that varies from run to run.


@dataclass(frozen=True, slots=True)
class Claim:
    """A path in dist/ that is ours, the spec it is from, and what we put there."""

    path: str
    folder: str  # The profile's: one spec claims in several.
    spec: str
    digest: Digest
    live: bool = True  # Else its spec has let go of it, and the file may still be there.


def wanted_of(parcel: Parcel) -> tuple[dict[str, Digest], str, bytes]:
    """Every path of a parcel with its digest, relative to the root; the manifest's path and bytes."""
    manifest = manifest_bytes(parcel)
    wanted = {f"{parcel.folder}/{path}": blob.digest for path, blob in parcel.files.items()}
    manifest_path = f"{parcel.folder}/{MANIFESTS}/{parcel.name}.json"
    wanted[manifest_path] = digest_bytes(manifest)
    return wanted, manifest_path, manifest


def manifest_bytes(parcel: Parcel) -> bytes:
    """The manifest of a parcel: the same bytes for the same parcel, readable in a review."""
    deliverables = {path: {"digest": blob.digest, "size": blob.size} for path, blob in sorted(parcel.files.items())}
    manifest = {
        "manifest": MANIFEST_VERSION,
        "name": parcel.name,
        "spec": parcel.spec,
        "deliverables": deliverables,
        **parcel.facts,
    }
    return (json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=False) + "\n").encode()


def claim_of_row(path: str, folder: str, spec: str, digest: str, live: int) -> Claim:
    """A claim as the store notes it. Raises: ValueError, when the row is none."""
    return Claim(path, folder, spec, digest_of(digest), bool(live))


def all_claims(root: Path) -> list[Claim]:
    """What all manifests in dist/ list."""
    return [claim for folder in manifest_folders(root) for claim in manifest_claims(root, folder)]


def manifest_folders(root: Path) -> Iterator[str]:
    """The folders of dist/ that hold manifests: itself, each profile's, and the previews of all of these."""
    yield "dist"
    for entry in _entries(root, "dist"):
        if entry.is_dir(follow_symlinks=False):
            for folder in (f"dist/{entry.name}", previews_of(f"dist/{entry.name}")):
                if Path(root, folder, MANIFESTS).is_dir():
                    yield folder


def _entries(root: Path, folder: str) -> list[os.DirEntry[str]]:
    """What lies in a folder, by name; nothing where it is not there."""
    try:
        with os.scandir(root / folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise PublishError(
            "a folder of dist/ cannot be read",
            facts={"folder": folder, "reason": error.strerror or error},
            hint="make it readable: what is ours there is learnt from its manifests",
        ) from error


def manifest_claims(root: Path, folder: str) -> Iterator[Claim]:
    """What the manifests of this folder list. A manifest that cannot be read claims nothing: what it listed stays."""
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
            "".join([path, spec, *(name for pair in listed for name in pair)]).encode()  # The store holds only text.
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
        if _is_plain(spec) and all(_is_plain(where) for where, _ in listed):
            yield Claim(path, folder, spec, digest_bytes(text))
            for where, what in listed:
                if link_on_the_way(root, f"{folder}/{where}") is None:
                    yield Claim(f"{folder}/{where}", folder, spec, what)


def series_of(root: Path, spec: str) -> str:
    """The folder of the series that a spec is of, relative to the root, also when the spec is gone."""
    top, sign, _ = spec.partition("/")
    if not sign or ((root / SERIES_FILE).is_file() and not (root / top / SERIES_FILE).is_file()):
        return ""
    return top


def _is_plain(path: str) -> bool:
    """Whether a path from a manifest stays below its folder."""
    parts = path.split("/")
    return bool(path) and "\\" not in path and "\0" not in path and all(part not in ("", ".", "..") for part in parts)
