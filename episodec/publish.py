"""Putting deliverables into dist/ and taking out what no spec claims any more. It touches no file that is not ours.

A file is ours when a manifest in dist/ lists it, or the store noted it before it was put there (a kill may come
between).
Knows nothing of stages; what an episode delivers comes in as digests under names.
"""

import json
import os
import stat
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from episodec.digest import Canonical, Digest, digest_bytes
from episodec.engine.protocols import Blob
from episodec.errors import PublishError
from episodec.store.blobs import Blobs
from episodec.store.digests import FileDigests
from episodec.store.index import Index

MANIFEST_VERSION = 1
MANIFESTS = "manifest"  # The folder of manifests, in the profile's folder of dist/.


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
class Published:
    """What publishing changed: paths relative to the root."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]  # Unclaimed, but not as we left them: somebody else's now.


@dataclass(frozen=True, slots=True)
class Press:
    """What publishing works with."""

    root: Path
    index: Index
    blobs: Blobs
    digests: FileDigests

    def publish(self, parcel: Parcel) -> Published:
        """Bring dist/ to what the parcel says: write what differs, remove what the episode delivered before, manifest
        last.

        Raises:
            PublishError: a foreign file, a folder or a link stands where a deliverable belongs; nothing of it was
            touched.
            CorruptBlob: a blob's bytes do not match; its file was not written.
        """
        wanted, manifest_path, manifest = _wanted(parcel)
        for path, digest in wanted.items():
            self._check_place(path, digest)
        stale = [path for path in wanted if not self._is(path, wanted[path])]
        self._note(parcel.spec, {path: wanted[path] for path in stale})
        self.blobs.put_bytes(manifest)
        for path in stale:
            if path != manifest_path:
                self._write(path, wanted[path])
        removed, kept = self._remove(parcel.spec, parcel.folder, wanted)
        if manifest_path in stale:  # Last: until then the earlier manifest lists what it put there.
            self._write(manifest_path, wanted[manifest_path])
        self._settle(parcel.spec, parcel.folder, wanted)
        return Published(tuple(stale), removed, kept)

    def retire(self, specs: Iterable[str]) -> Published:
        """Remove what these specs delivered, which are gone."""
        removed: list[str] = []
        kept: list[str] = []
        for spec in specs:
            gone, left = self._remove(spec, "dist", {})
            removed += gone
            kept += left
            self._settle(spec, "dist", {})
        return Published((), tuple(removed), tuple(kept))

    def learn(self, folder: str) -> list[str]:
        """Learn from the manifests what is ours, where the store does not know it (it was deleted): the specs they
        name.
        """
        if self.index.rows("SELECT 1 FROM published WHERE path = ? AND spec = ''", (folder,)):
            return []
        claims = [(claim.path, claim.spec, claim.digest) for claim in _manifest_claims(self.root, folder, self.digests)]
        self.index.write_many(
            "INSERT OR IGNORE INTO published (path, spec, digest) VALUES (?, ?, ?)", [*claims, (folder, "", "")]
        )
        return sorted({spec for _, spec, _ in claims})

    def wanted(self, parcel: Parcel) -> dict[str, Digest]:
        """Every path that the parcel puts into dist/, relative to the root, with its digest; the manifest among
        them.
        """
        return _wanted(parcel)[0]

    def differing(self, parcel: Parcel) -> list[str]:
        """The deliverables, relative to the root, that publishing would write."""
        return [path for path, digest in _wanted(parcel)[0].items() if not self._is(path, digest)]

    def _note(self, spec: str, files: Mapping[str, Digest]) -> None:
        """Say that these are ours before they are there."""
        self.index.write_many(
            "INSERT OR IGNORE INTO published (path, spec, digest) VALUES (?, ?, ?)",
            [(path, spec, digest) for path, digest in files.items()],
        )

    def _settle(self, spec: str, folder: str, wanted: Mapping[str, Digest]) -> None:
        """This spec has put exactly these into this folder."""
        rows = self.index.rows("SELECT path, digest FROM published WHERE spec = ?", (spec,))
        over = [
            (row["path"], spec, row["digest"])
            for row in rows
            if _in_folder(row["path"], folder) and wanted.get(row["path"]) != row["digest"]
        ]
        with self.index.transaction():
            self.index.write_many("DELETE FROM published WHERE path = ? AND spec = ? AND digest = ?", over)
            self._note(spec, wanted)

    def _check_place(self, path: str, digest: Digest) -> None:
        _check_folders(self.root, path)
        try:
            mode = (self.root / path).lstat().st_mode
        except FileNotFoundError:
            return
        except NotADirectoryError as error:
            raise PublishError(
                "a file stands where a folder of dist/ belongs", facts={"path": path}, hint="move it away"
            ) from error
        if not stat.S_ISREG(mode):
            what = (
                "a link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "something that is not a file"
            )
            raise PublishError(
                f"{what} stands where a deliverable belongs",
                facts={"path": path},
                hint="move it away, then build again",
            )
        if not self.index.rows("SELECT 1 FROM published WHERE path = ? LIMIT 1", (path,)) and not self._is(
            path, digest
        ):
            hint = (
                "move it away, or give the episode another name; episodec never overwrites a file that it did not make"
            )
            raise PublishError(
                "a file that episodec did not make stands where a deliverable belongs", facts={"path": path}, hint=hint
            )

    def _write(self, path: str, digest: Digest) -> None:
        try:
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            facts = {"folder": (self.root / path).parent, "reason": error.strerror or error}
            raise PublishError("a folder of dist/ cannot be made", facts=facts) from error
        self.blobs.copy_out(digest, self.root / path)

    def _is(self, path: str, digest: Digest) -> bool:
        try:
            return self.digests.of(path) == digest
        except (FileNotFoundError, NotADirectoryError):
            return False

    def leaving(self, spec: str, folder: str, wanted: Container[str]) -> tuple[list[str], list[str]]:
        """What of this spec's files nobody claims now: those as we left them, and those that somebody changed since.

        `wanted`: paths that stay whoever claims them. Manifests come last.
        """
        rows = self.index.rows("SELECT path, digest FROM published WHERE spec = ?", (spec,))
        digests: dict[str, set[Digest]] = {}
        for row in rows:
            if _in_folder(row["path"], folder) and row["path"] not in wanted:
                digests.setdefault(row["path"], set()).add(Digest(row["digest"]))
        ours, changed = [], []
        for path in sorted(digests, key=lambda path: (PurePosixPath(path).parent.name == MANIFESTS, path)):
            if self.index.rows("SELECT 1 FROM published WHERE path = ? AND spec <> ?", (path, spec)):
                continue
            _check_folders(self.root, path)
            if any(self._is(path, digest) for digest in digests[path]):
                ours.append(path)
            elif os.path.lexists(self.root / path):
                changed.append(path)
        return ours, changed

    def _remove(self, spec: str, folder: str, wanted: Mapping[str, Digest]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Remove what this spec put there, nobody claims now, and nobody changed since; its manifest last."""
        ours, changed = self.leaving(spec, folder, wanted)
        for path in ours:
            (self.root / path).unlink()
        return tuple(ours), tuple(changed)


@dataclass(frozen=True, slots=True)
class Claim:
    """A path in dist/ that is ours, the spec it is from, and what we put there."""

    path: str
    spec: str
    digest: Digest


def _wanted(parcel: Parcel) -> tuple[dict[str, Digest], str, bytes]:
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


def _manifest_claims(root: Path, folder: str, digests: FileDigests) -> Iterable[Claim]:
    """What the manifests of this folder list. A manifest that cannot be read claims nothing: what it listed stays."""
    try:
        names = sorted(
            entry.name for entry in os.scandir(root / folder / MANIFESTS) if entry.is_file(follow_symlinks=False)
        )
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        if not name.endswith(".json"):
            continue
        path = f"{folder}/{MANIFESTS}/{name}"
        try:
            manifest = json.loads((root / path).read_bytes())
            spec, deliverables = str(manifest["spec"]), dict(manifest["deliverables"])
            listed = [(str(where), Digest(str(what["digest"]))) for where, what in deliverables.items()]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        if all(_is_plain(where) for where, _ in listed):
            yield Claim(path, spec, digests.of(path))
            yield from (Claim(f"{folder}/{where}", spec, what) for where, what in listed)


def _is_plain(path: str) -> bool:
    """Whether a path from a manifest stays below its folder."""
    parts = path.split("/")
    return bool(path) and "\\" not in path and "\0" not in path and all(part not in ("", ".", "..") for part in parts)


def _in_folder(path: str, folder: str) -> bool:
    return path.startswith(folder + "/")


def _check_folders(root: Path, path: str) -> None:
    """Refuse a way through a link: it could lead out of dist/."""
    place = root
    for part in PurePosixPath(path).parts[:-1]:
        place = place / part
        if place.is_symlink() and place != root / "dist":  # dist/ itself may be a link to a larger disk.
            raise PublishError(
                "a folder of dist/ is a link", facts={"path": place.relative_to(root)}, hint="make it a folder"
            )
