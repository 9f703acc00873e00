"""The claims on files in dist/: which paths episodec owns, the spec each is from, and the content that was put there.

A claim is recorded before its file is written, and kept after its spec has released it until the file is removed or
another spec claims it. Knows no file in dist/ itself.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from episodec.digest import Digest
from episodec.store.index import Index
from episodec.store.sealed import decoded, digest_of


@dataclass(frozen=True, slots=True)
class Claim:
    """A path in dist/ that episodec owns, the spec it is from, and the content that was put there."""

    path: str
    folder: str  # The profile's folder: one spec claims paths in several.
    spec: str
    digest: Digest
    live: bool = True  # False: its spec has released it, and the file may still be there.


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of one series in an index."""

    index: Index
    series: str  # The series' folder, relative to the root.

    def of_path(self, path: str) -> list[Claim]:
        """All claims of a path, of any series."""
        return self._where("path = ?", path)

    def of_spec(self, spec: str) -> list[Claim]:
        """All claims of a spec, released ones too."""
        return self._where("spec = ?", spec)

    def live_of_spec(self, spec: str) -> list[Claim]:
        """The claims that a spec has not released."""
        return self._where("spec = ? AND live = 1", spec)

    def released(self) -> list[Claim]:
        """The claims that specs of this series released in this build, or in one that was killed."""
        return self._where("live = 0 AND spec IN (SELECT spec FROM delivered WHERE series = ?)", self.series)

    def is_claimed(self, path: str) -> bool:
        """Whether a spec claims this path now."""
        return any(claim.live for claim in self.of_path(path))

    def record(self, spec: str, folder: str, files: Mapping[str, Digest]) -> None:
        """Record these files as a spec's before they are written."""
        with self.index.transaction():
            values = (self.series, spec)
            self.index.write("INSERT OR IGNORE INTO delivered (series, spec) VALUES (?, ?)", values)
            self.add(Claim(path, folder, spec, digest) for path, digest in files.items())

    def add(self, claims: Iterable[Claim]) -> None:
        """Record these claims."""
        self.index.write_many(
            "INSERT OR REPLACE INTO published_files (path, folder, spec, digest, live) VALUES (?, ?, ?, ?, 1)",
            [(one.path, one.folder, one.spec, one.digest) for one in claims],
        )

    def replace(self, dropped: Iterable[Claim], released: Iterable[Claim]) -> None:
        """Drop claims of contents that were overwritten, and release others, whose files may still be there."""
        where = "WHERE path = ? AND spec = ? AND folder = ? AND digest = ?"
        acts = (("DELETE FROM published_files", dropped), ("UPDATE published_files SET live = 0", released))
        for act, some in acts:
            rows = [(one.path, one.spec, one.folder, one.digest) for one in some]
            self.index.write_many(f"{act} {where}", rows)

    def release_all(self, specs: Collection[str]) -> None:
        """Release all claims of specs that are gone; every index page is outdated by that."""
        with self.index.transaction():
            self.index.write_many("UPDATE published_files SET live = 0 WHERE spec = ?", [(spec,) for spec in specs])
            self.index.write("UPDATE pages SET generation = generation + 1")
            self.index.write("DELETE FROM page_bindings")

    def drop_released(self, claims: Iterable[Claim]) -> None:
        """Forget released claims whose files are settled."""
        self.index.write_many(
            "DELETE FROM published_files WHERE path = ? AND spec = ? AND folder = ? AND live = 0",
            [(one.path, one.spec, one.folder) for one in claims],
        )

    def invalidate_page(self, folder: str) -> None:
        """Mark the index page of this folder as outdated. Invariant: called after the files are written and before the
        episode is traced: a kill in between leaves something that is not current.
        """
        sql = "INSERT INTO pages (folder, generation, ours) VALUES (?, 1, 0)"
        self.index.write(f"{sql} ON CONFLICT (folder) DO UPDATE SET generation = generation + 1", (folder,))
        self.index.write("DELETE FROM page_bindings WHERE folder = ?", (folder,))

    def are_imported(self) -> bool:
        """Whether the claims of existing manifests were imported into this index."""
        return bool(self.index.rows("SELECT 1 FROM learnt"))

    def import_all(self, claims: Iterable[Claim], series: Mapping[str, str]) -> None:
        """Import the claims of all manifests. `series`: the series of each spec."""
        with self.index.transaction():
            sql = "INSERT OR IGNORE INTO delivered (series, spec) VALUES (?, ?)"
            self.index.write_many(sql, [(its, spec) for spec, its in series.items()])
            self.add(claims)
            self.index.write("INSERT INTO learnt (format) VALUES (1)")

    def delivered_specs(self) -> set[str]:
        """The specs of this series that delivered something."""
        rows = self.index.rows("SELECT spec FROM delivered WHERE series = ?", (self.series,))
        return {row["spec"] for row in rows}

    def other_series(self) -> list[str]:
        """The other series in this index."""
        rows = self.index.rows("SELECT DISTINCT series FROM delivered WHERE series <> ?", (self.series,))
        return [row["series"] for row in rows]

    def other_series_of(self, spec: str) -> list[str]:
        """The other series that this spec delivered for."""
        sql = "SELECT series FROM delivered WHERE spec = ? AND series <> ?"
        return [row["series"] for row in self.index.rows(sql, (spec, self.series))]

    def adopt(self, series: str) -> None:
        """Make the deliveries of a series that is gone this series' own."""
        with self.index.transaction():
            self.index.write("UPDATE OR IGNORE delivered SET series = ? WHERE series = ?", (self.series, series))
            self.index.write("DELETE FROM delivered WHERE series = ?", (series,))

    def forget_delivered(self, specs: Iterable[str]) -> None:
        """Forget deliveries of specs that have nothing left in dist/."""
        self.index.write_many(
            "DELETE FROM delivered WHERE spec = ? AND NOT EXISTS (SELECT 1 FROM published_files p WHERE p.spec = ?)",
            [(spec, spec) for spec in specs],
        )

    def _where(self, where: str, *values: str) -> list[Claim]:
        sql = f"SELECT path, folder, spec, digest, live FROM published_files WHERE {where}"  # noqa: S608 - our own words.
        return decoded(self.index, sql, values, _claim_of_row)


def _claim_of_row(path: str, folder: str, spec: str, digest: str, live: int) -> Claim:
    """A claim from a row. Raises: ValueError, if the row is damaged."""
    return Claim(path, folder, spec, digest_of(digest), bool(live))
