"""What is remembered of specs that were read, so that an unchanged one is never parsed again and one changed of 10 000
costs a lookup.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from episodec import canonical_json as text
from episodec.digest import Canonical, Digest
from episodec.spec.diagnostic import Diagnostic, Span
from episodec.spec.series_checks import Claim, Facts, check_facts
from episodec.spec.structure import plain
from episodec.store.index import Index
from episodec.store.sealed import decoded, seal, unseal_or_plain

QUERY_PATHS = 500  # SQLite takes at least 999 values a statement.


@dataclass(frozen=True, slots=True)
class Noted:
    """What is remembered of one spec."""

    facts: Facts
    clean_as: str | None  # The variant (profile and overrides) under which nothing at all was found wrong with it.
    files: Mapping[
        str, str
    ]  # What it hung on when it was clean, by path: a digest each; "" for a file that was only looked for.


@dataclass(frozen=True, slots=True)
class FactBook:
    """Facts of one series. `context` is what specs are checked against besides their text; other facts are not
    believed.
    """

    index: Index
    context: str

    def note(self, facts: Facts, digest: Digest, files: Mapping[str, str], clean_as: str | None) -> None:
        """Remember a spec that was read."""
        row = {"facts": plain(facts), "clean_as": clean_as, "files": dict(files)}
        with self.index.transaction():
            sql = "INSERT OR REPLACE INTO specs (path, digest, context, facts) VALUES (?, ?, ?, ?)"
            self.index.write(sql, (facts.path, digest, self.context, seal(text.dump(row), facts.path, digest)))
            self.index.write("DELETE FROM claims WHERE path = ?", (facts.path,))
            claims = [(kind, value, facts.path) for kind, value in facts.claims()]
            self.index.write_many("INSERT OR IGNORE INTO claims (kind, value, path) VALUES (?, ?, ?)", claims)

    def forget(self, specs: Iterable[str]) -> None:
        """Specs that are gone claim nothing."""
        paths = [(spec,) for spec in specs]
        self.index.write_many("DELETE FROM claims WHERE path = ?", paths)
        self.index.write_many("DELETE FROM specs WHERE path = ?", paths)

    def known(self, digests: Mapping[str, Digest]) -> dict[str, Noted]:
        """What is remembered of these specs, where their text and context are as they were."""
        return {path: noted for path, digest, noted in self._noted(list(digests)) if digests.get(path) == digest}

    def doubtful(self, present: Iterable[str]) -> list[str]:
        """Of these specs, those whose facts are missing here, or may be of another text or context: the store knows
        the digest under which a file was last read. One query, whatever the number of specs.
        """
        sql = (  # A file's digest stands behind its seal.
            "SELECT specs.path AS path FROM specs JOIN files USING (path)"
            " WHERE context = ? AND substr(files.digest, -length(specs.digest)) = specs.digest"
        )
        known = {row[0] for row in self.index.rows(sql, (self.context,))}
        return [spec for spec in present if spec not in known]

    def conflicts(self, checked: Sequence[str], present: Container[str]) -> list[Diagnostic]:
        """What these specs claim and others claim too that are still present."""

        def holders(claim: Claim) -> list[Facts]:
            rows = self.index.rows("SELECT path FROM claims WHERE kind = ? AND value = ?", claim)
            others = [row["path"] for row in rows if row["path"] not in own and row["path"] in present]
            return [facts for facts in self._facts(others) if claim in facts.claims()] if others else []

        own = frozenset(checked)  # `check_facts` knows them already.
        return check_facts(self._facts(checked), holders)

    def contested(self) -> set[str]:
        """The specs that claim what another claims, too."""
        sql = (
            "SELECT DISTINCT path FROM claims JOIN"
            " (SELECT kind, value FROM claims GROUP BY kind, value HAVING count(*) > 1) USING (kind, value)"
        )
        return {row["path"] for row in self.index.rows(sql)}

    def numbers(self, specs: Sequence[str]) -> dict[str, tuple[str, int]]:
        """Season and number of these specs, where they have one."""
        return {one.path: (one.season, one.number) for one in self._facts(specs) if one.number is not None}

    def _facts(self, paths: Sequence[str]) -> list[Facts]:
        return [noted.facts for _, _, noted in self._noted(paths)]

    def _noted(self, paths: Sequence[str]) -> Iterator[tuple[str, str, Noted]]:
        """Path, digest and what is remembered of these specs under this context, a query per 500."""
        for start in range(0, len(paths), QUERY_PATHS):
            some = paths[start : start + QUERY_PATHS]
            marks = ",".join("?" * len(some))
            sql = f"SELECT path, digest, facts FROM specs WHERE context = ? AND path IN ({marks})"  # noqa: S608 - marks only.
            yield from decoded(self.index, sql, (self.context, *some), _noted)


def _noted(path: str, digest: str, stored: str) -> tuple[str, str, Noted]:
    row: Any = text.load(unseal_or_plain(stored, path, digest))
    facts = dict(row["facts"])
    for name in ("number_span", "foley_span"):
        facts[name] = _span(facts[name])
    return path, digest, Noted(Facts(**facts), row["clean_as"], dict(row["files"]))


def _span(value: Canonical) -> Span | None:
    return Span(*value) if isinstance(value, list | tuple) else None
