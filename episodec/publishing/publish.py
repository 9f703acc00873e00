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
    Delivery,
    all_claims,
    digests_of,
    previews_of,
    series_of,
)
from episodec.publishing.places import check_folders, kind_of_file, link_on_the_way
from episodec.publishing.release import Release, Removals
from episodec.store.blobs import Blobs
from episodec.store.claims import Claim, Claims
from episodec.store.digests import FileDigests


@dataclass(frozen=True, slots=True)
class Published:
    """The changes that publishing an episode made: paths relative to the root."""

    written: tuple[str, ...]
    released: tuple[str, ...]  # Delivered before and not any more; `sweep` removes them.


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes the episodes of one series."""

    root: Path
    claims: Claims
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
        self.claims.record(delivery.spec, delivery.folder, {path: digests[path] for path in stale})
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
            self.claims.release_all(specs)

    def sweep(
        self, paths: Collection[str] = frozenset(), *, folder: str | None = None
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Remove the files that specs of this series released and no spec claims. The removed files, and those that
        were kept because they have been changed.

        `paths`: those that this build was to write. Such a file stays until its new owner has replaced it. `folder`:
        sweep only this folder; None: all.

        Raises:
            PublishError: a file cannot be removed.
        """
        claims = [one for one in self.claims.released() if folder in (None, one.folder)]
        leaving = self._removals(claims, Release(kept_paths=paths))
        for path in leaving.removable:
            self._unlink(path)
        self.claims.drop_released(one for one in claims if one.path not in paths or self.claims.is_claimed(one.path))
        return tuple(leaving.removable), tuple(leaving.modified)

    def removals(self, release: Release) -> Removals:
        """The files that a build would remove from dist/, and those that it would keep because they were changed."""
        claims = self.claims.released()
        for spec in sorted({*release.folders, *release.gone}):
            claims += [claim for claim in self.claims.live_of_spec(spec) if release.covers(claim)]
        return self._removals(claims, release)

    def import_manifests(self) -> None:
        """Import the claims of all manifests, if the store does not have them because it was deleted.

        Raises:
            PublishError: a folder of manifests cannot be read.
        """
        if self.claims.are_imported():
            return
        claims = all_claims(self.root)
        specs = sorted({one.spec for one in claims})
        self.claims.import_all(claims, {spec: series_of(self.root, spec) for spec in specs})

    def gone(self, present: Collection[str]) -> list[str]:
        """Specs of this series, or of a series that is gone, that delivered something and do not exist any more."""
        for series in self.claims.other_series():
            if not (self.root / series / SERIES_FILE).is_file():
                self.claims.adopt(series)
        return sorted(self.claims.delivered_specs().difference(present))

    def drop_released(self, specs: Iterable[str]) -> None:
        """Forget deliveries of specs that are gone and have nothing left in dist/."""
        self.claims.forget_delivered(specs)

    def expected_digests(self, delivery: Delivery) -> dict[str, Digest]:
        """Every path of the delivery in dist/, relative to the root, with its digest; including the manifest."""
        return digests_of(delivery)[0]

    def differing_paths(self, delivery: Delivery) -> list[str]:
        """The deliverables, relative to the root, that publishing would write."""
        return [path for path, digest in digests_of(delivery)[0].items() if not self._has_digest(path, digest)]

    def _settle(self, delivery: Delivery, digests: Mapping[str, Digest], *, has_written: bool) -> tuple[str, ...]:
        """Make these the only claims of the spec in its folder, and drop its previews. The released paths."""
        folders = (delivery.folder, previews_of(delivery.folder))
        claims = [one for one in self.claims.of_spec(delivery.spec) if one.folder in folders]
        earlier = [one for one in claims if digests.get(one.path, one.digest) != one.digest]
        over = [one for one in claims if one.path not in digests]
        with self.claims.index.transaction():
            self.claims.replace(earlier, over)
            self.claims.record(delivery.spec, delivery.folder, digests)
            if has_written or over:
                self.claims.invalidate_page(delivery.folder)
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
        owners = self.claims.of_path(path) or self._listed(path)
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
        self.claims.add(claims)
        return claims

    def _check_series(self, path: str, owners: Iterable[str]) -> None:
        """Refuse a path that an episode of another series delivers: each build of the two would overwrite
        the other's file.
        """
        for spec in owners:
            others = [one for one in self.claims.other_series_of(spec) if (self.root / one / SERIES_FILE).is_file()]
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

    def _removals(self, claims: Sequence[Claim], release: Release) -> Removals:
        """The files of these ending claims that exist and that no other spec claims."""
        of_path: dict[str, list[Claim]] = {}
        for claim in claims:
            if claim.path not in release.kept_paths:
                of_path.setdefault(claim.path, []).append(claim)
        ours: dict[str, str] = {}
        changed: dict[str, str] = {}
        for path in sorted(of_path, key=lambda path: (PurePosixPath(path).parent.name == MANIFESTS, path)):
            if all(release.covers(claim) for claim in self.claims.of_path(path)):
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
