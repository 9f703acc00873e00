"""Publishing: puts deliverables into dist/ and removes what no spec claims any more. Foreign files are not touched.

A file is episodec's if a manifest in dist/ lists it, or if the store recorded it before it was written (a kill may come
between). A claim that its spec releases stays recorded until the file is removed or another spec claims it. Knows
nothing of stages: deliverables come in as digests by path.
"""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from episodec.digest import Digest
from episodec.errors import PublishError
from episodec.publishing.manifest import (
    MANIFESTS,
    SERIES_FILE,
    Claim,
    Delivery,
    all_claims,
    claim_of_row,
    digests_of,
    previews_of,
    series_of,
)
from episodec.publishing.places import check_folders, kind_of_file, link_on_the_way
from episodec.publishing.release import Release, Removals
from episodec.store.blobs import Blobs
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.sealed import decoded


@dataclass(frozen=True, slots=True)
class Published:
    """The changes that publishing an episode made: paths relative to the root."""

    written: tuple[str, ...]
    released: tuple[str, ...]  # Delivered before and not any more; `sweep` removes them.


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes the episodes of one series."""

    root: Path
    series: str  # The series' folder, relative to the root.
    index: Index
    blobs: Blobs
    digests: FileDigests

    def publish(self, delivery: Delivery) -> Published:
        """Bring dist/ up to date with the delivery: write the files that differ, the manifest last. Nothing is removed
        yet, because another episode of this build may claim a released path.

        Raises:
            PublishError: a foreign file, a folder or a link is where a deliverable belongs, or another series owns
            the path; nothing in dist/ was touched.
            CorruptBlob: a blob's bytes do not match; its file was not written.
        """
        digests, manifest_path, manifest = digests_of(delivery)
        for path, digest in digests.items():
            self._check_place(path, digest)
        stale = [path for path in digests if not self._has_digest(path, digests[path])]
        self._note_claims(delivery, {path: digests[path] for path in stale})
        self.blobs.put_bytes(manifest)
        for path in stale:
            if path != manifest_path:
                self._write(path, digests[path])
        if manifest_path in stale:  # Last: until then the earlier manifest lists the files that it put there.
            self._write(manifest_path, digests[manifest_path])
        return Published(tuple(stale), self._settle(delivery, digests, has_written=bool(stale)))

    def release(self, specs: Collection[str]) -> None:
        """Release all claims of specs that are gone."""
        if specs:
            with self.index.transaction():
                self.index.write_many("UPDATE published_files SET live = 0 WHERE spec = ?", [(spec,) for spec in specs])
                self.index.write("UPDATE pages SET generation = generation + 1")
                self.index.write("DELETE FROM page_bindings")

    def sweep(
        self, paths: Collection[str] = frozenset(), *, folder: str | None = None
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Remove the files that specs of this series released and no spec claims. The removed files, and those that
        were kept because they have been changed.

        `wanted`: paths that this build was to write. Such a file stays until its new owner has replaced it. `folder`:
        sweep only this folder; None: all.

        Raises:
            PublishError: a file cannot be removed.
        """
        claims = [one for one in self._released_claims() if folder in (None, one.folder)]
        leaving = self._removals(claims, Release(kept_paths=paths))
        for path in leaving.removable:
            self._unlink(path)
        done = [(one.path, one.spec, one.folder) for one in claims if one.path not in paths or self._claimed(one.path)]
        self.index.write_many(
            "DELETE FROM published_files WHERE path = ? AND spec = ? AND folder = ? AND live = 0", done
        )
        return tuple(leaving.removable), tuple(leaving.modified)

    def removals(self, letting: Release) -> Removals:
        """The files that a build would remove from dist/, and those that it would keep because they were changed."""
        claims = self._released_claims()
        for spec in sorted({*letting.folders, *letting.gone}):
            claims += [claim for claim in self._claims("spec = ? AND live = 1", spec) if letting.covers(claim)]
        return self._removals(claims, letting)

    def import_manifests(self) -> None:
        """Import the claims of all manifests, if the store does not have them because it was deleted.

        Raises:
            PublishError: a folder of manifests cannot be read.
        """
        if self.index.rows("SELECT 1 FROM learnt"):
            return
        claims = all_claims(self.root)
        series = {spec: series_of(self.root, spec) for spec in sorted({claim.spec for claim in claims})}
        with self.index.transaction():
            sql = "INSERT OR IGNORE INTO delivered (series, spec) VALUES (?, ?)"
            self.index.write_many(sql, [(its, spec) for spec, its in series.items()])
            self._insert(claims)
            self.index.write("INSERT INTO learnt (format) VALUES (1)")

    def gone(self, present: Collection[str]) -> list[str]:
        """Specs of this series, or of a series that is gone, that delivered something and do not exist any more."""
        for row in self.index.rows("SELECT DISTINCT series FROM delivered WHERE series <> ?", (self.series,)):
            if not (self.root / row["series"] / SERIES_FILE).is_file():
                with self.index.transaction():
                    values = (self.series, row["series"])
                    self.index.write("UPDATE OR IGNORE delivered SET series = ? WHERE series = ?", values)
                    self.index.write("DELETE FROM delivered WHERE series = ?", (row["series"],))
        rows = self.index.rows("SELECT spec FROM delivered WHERE series = ?", (self.series,))
        return sorted({row["spec"] for row in rows}.difference(present))

    def drop_released(self, specs: Iterable[str]) -> None:
        """Forget deliveries of specs that are gone and have nothing left in dist/."""
        self.index.write_many(
            "DELETE FROM delivered WHERE spec = ? AND NOT EXISTS (SELECT 1 FROM published_files p WHERE p.spec = ?)",
            [(spec, spec) for spec in specs],
        )

    def expected_digests(self, delivery: Delivery) -> dict[str, Digest]:
        """Every path of the delivery in dist/, relative to the root, with its digest; including the manifest."""
        return digests_of(delivery)[0]

    def differing_paths(self, delivery: Delivery) -> list[str]:
        """The deliverables, relative to the root, that publishing would write."""
        return [path for path, digest in digests_of(delivery)[0].items() if not self._has_digest(path, digest)]

    def _invalidate_page(self, folder: str) -> None:
        """Mark the index page of this folder as outdated. Invariant: called after the files are written and before the
        episode is traced: a kill in between leaves something that is not current.
        """
        sql = "INSERT INTO pages (folder, generation, ours) VALUES (?, 1, 0)"
        self.index.write(f"{sql} ON CONFLICT (folder) DO UPDATE SET generation = generation + 1", (folder,))
        self.index.write("DELETE FROM page_bindings WHERE folder = ?", (folder,))

    def _note_claims(self, delivery: Delivery, files: Mapping[str, Digest]) -> None:
        """Record these files as episodec's before they are written."""
        with self.index.transaction():
            values = (self.series, delivery.spec)
            self.index.write("INSERT OR IGNORE INTO delivered (series, spec) VALUES (?, ?)", values)
            self._insert(Claim(path, delivery.folder, delivery.spec, digest) for path, digest in files.items())

    def _insert(self, claims: Iterable[Claim]) -> None:
        self.index.write_many(
            "INSERT OR REPLACE INTO published_files (path, folder, spec, digest, live) VALUES (?, ?, ?, ?, 1)",
            [(one.path, one.folder, one.spec, one.digest) for one in claims],
        )

    def _settle(self, delivery: Delivery, digests: Mapping[str, Digest], *, has_written: bool) -> tuple[str, ...]:
        """Make these the only claims of the spec in its folder, and drop its previews. The released paths."""
        folders = (delivery.folder, previews_of(delivery.folder))
        claims = [one for one in self._claims("spec = ?", delivery.spec) if one.folder in folders]
        earlier = [one for one in claims if digests.get(one.path, one.digest) != one.digest]
        over = [one for one in claims if one.path not in digests]
        where = "WHERE path = ? AND spec = ? AND folder = ? AND digest = ?"
        with self.index.transaction():
            for act, some in (("DELETE FROM published_files", earlier), ("UPDATE published_files SET live = 0", over)):
                rows = [(one.path, one.spec, one.folder, one.digest) for one in some]
                self.index.write_many(f"{act} {where}", rows)
            self._note_claims(delivery, digests)
            if has_written or over:
                self._invalidate_page(delivery.folder)
        return tuple(sorted({one.path for one in over}))

    def _check_place(self, path: str, digest: Digest) -> None:
        check_folders(self.root, path)
        try:
            kind = kind_of_file((self.root / path).lstat().st_mode)
        except FileNotFoundError:
            return
        except NotADirectoryError as error:
            raise PublishError(
                "a file is where a folder in dist/ belongs", facts={"path": path}, hint="move it away"
            ) from error
        if kind is not None:
            raise PublishError(
                f"{kind} is where a deliverable belongs",
                facts={"path": path},
                hint="move it away, then build again",
            )
        owners = self._claims("path = ?", path) or self._listed(path)
        if not owners and not self._has_digest(path, digest):
            hint = (
                "move it away, or give the episode another name; episodec never overwrites a file that it did not make"
            )
            raise PublishError(
                "a file that episodec did not make is where a deliverable belongs", facts={"path": path}, hint=hint
            )
        self._check_series(path, [one.spec for one in owners if one.live])

    def _listed(self, path: str) -> list[Claim]:
        """The manifests' claims of a path that the store does not know: its row may be lost. They are recorded."""
        claims = [claim for claim in all_claims(self.root) if claim.path == path]
        self._insert(claims)
        return claims

    def _check_series(self, path: str, owners: Iterable[str]) -> None:
        """Refuse a path that an episode of another series delivers: each build of the two would overwrite
        the other's file.
        """
        for spec in owners:
            rows = self.index.rows("SELECT series FROM delivered WHERE spec = ? AND series <> ?", (spec, self.series))
            others = [row["series"] for row in rows if (self.root / row["series"] / SERIES_FILE).is_file()]
            if others and os.path.lexists(self.root / spec):
                raise PublishError(
                    "an episode of another series delivers a file with this path",
                    facts={"path": path, "episode": spec, "series": f"{others[0] or '.'}/{SERIES_FILE}"},
                    hint="give one of the two series another season or naming pattern",
                )

    def _write(self, path: str, digest: Digest) -> None:
        try:
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            facts = {"folder": (self.root / path).parent, "reason": error.strerror or error}
            raise PublishError("a folder in dist/ cannot be created", facts=facts) from error
        self.blobs.copy_out(digest, self.root / path)

    def _has_digest(self, path: str, digest: Digest) -> bool:
        try:
            return self.digests.of(path) == digest
        except OSError:  # Missing, a folder, or unreadable: not as episodec left it.
            return False

    def _claims(self, where: str, *values: str) -> list[Claim]:
        sql = f"SELECT path, folder, spec, digest, live FROM published_files WHERE {where}"  # noqa: S608 - our own words.
        return decoded(self.index, sql, values, claim_of_row)

    def _released_claims(self) -> list[Claim]:
        """The claims that specs of this series released in this build, or in one that was killed."""
        return self._claims("live = 0 AND spec IN (SELECT spec FROM delivered WHERE series = ?)", self.series)

    def _claimed(self, path: str) -> bool:
        return any(claim.live for claim in self._claims("path = ?", path))

    def _removals(self, claims: Sequence[Claim], letting: Release) -> Removals:
        """The files of these ending claims that exist and that no other spec claims."""
        of_path: dict[str, list[Claim]] = {}
        for claim in claims:
            if claim.path not in letting.kept_paths:
                of_path.setdefault(claim.path, []).append(claim)
        ours: dict[str, str] = {}
        changed: dict[str, str] = {}
        for path in sorted(of_path, key=lambda path: (PurePosixPath(path).parent.name == MANIFESTS, path)):
            if all(letting.covers(claim) for claim in self._claims("path = ?", path)):
                spec, is_linked = of_path[path][0].spec, link_on_the_way(self.root, path) is not None
                if not is_linked and any(self._has_digest(path, claim.digest) for claim in of_path[path]):
                    ours[path] = spec
                elif os.path.lexists(self.root / path):
                    changed[path] = spec
        return Removals(ours, changed)

    def _unlink(self, path: str) -> None:
        try:
            (self.root / path).unlink(missing_ok=True)
        except OSError as error:
            facts = {"file": path, "reason": error.strerror or error}
            raise PublishError("a file that no spec claims any more cannot be removed", facts=facts) from error
