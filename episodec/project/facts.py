"""The facts of specs that were read: an unchanged spec is not parsed again; one change in 10 000 costs a lookup."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from episodec import canonical_json as text
from episodec.digest import Canonical, Digest
from episodec.spec.diagnostic import Diagnostic, Span
from episodec.spec.series_checks import Claim, EpisodeFacts, check_facts
from episodec.spec.structure import plain
from episodec.store.index import Index
from episodec.store.sealed import decoded, seal, unseal_or_plain

QUERY_PATHS = 500  # SQLite allows at least 999 values per statement.


@dataclass(frozen=True, slots=True)
class RememberedFacts:
    """The stored facts of one spec."""

    facts: EpisodeFacts
    clean_as: str | None  # The variant (profile and overrides) for which nothing was wrong with it.
    # The files it depended on when it was clean: by path, a digest; "" for a file that was only looked for.
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FactBook:
    """The facts of one series. `context` identifies everything that specs are checked against besides their text; facts
    of other contexts are ignored.
    """

    index: Index
    context: str

    def note(self, facts: EpisodeFacts, digest: Digest, files: Mapping[str, str], clean_as: str | None) -> None:
        """Store the facts of a spec that was read."""
        row = {"facts": plain(facts), "clean_as": clean_as, "files": dict(files)}
        with self.index.transaction():
            sql = "INSERT OR REPLACE INTO specs (path, digest, context, facts) VALUES (?, ?, ?, ?)"
            self.index.write(sql, (facts.path, digest, self.context, seal(text.dump(row), facts.path, digest)))
            self.index.write("DELETE FROM claims WHERE path = ?", (facts.path,))
            claims = [(kind, value, facts.path) for kind, value in facts.claims()]
            self.index.write_many("INSERT OR IGNORE INTO claims (kind, value, path) VALUES (?, ?, ?)", claims)

    def forget(self, specs: Iterable[str]) -> None:
        """Remove the facts and claims of specs that are gone."""
        paths = [(spec,) for spec in specs]
        self.index.write_many("DELETE FROM claims WHERE path = ?", paths)
        self.index.write_many("DELETE FROM specs WHERE path = ?", paths)

    def known(self, digests: Mapping[str, Digest]) -> dict[str, RememberedFacts]:
        """The stored facts of these specs, if their text and context are unchanged."""
        return {path: noted for path, digest, noted in self._noted(list(digests)) if digests.get(path) == digest}

    def unverified(self, present: Iterable[str]) -> list[str]:
        """The specs whose facts are missing here, or may belong to another text or context: the store has the digest
        under which each file was last read. One query for any number of specs.
        """
        sql = (  # The stored digest of a file follows its seal.
            "SELECT specs.path AS path FROM specs JOIN files USING (path)"
            " WHERE context = ? AND substr(files.digest, -length(specs.digest)) = specs.digest"
        )
        known = {row[0] for row in self.index.rows(sql, (self.context,))}
        return [spec for spec in present if spec not in known]

    def conflicts(self, checked: Sequence[str], present: Container[str]) -> list[Diagnostic]:
        """The conflicts of these specs' claims with those of other present specs."""

        def holders(claim: Claim) -> list[EpisodeFacts]:
            rows = self.index.rows("SELECT path FROM claims WHERE kind = ? AND value = ?", claim)
            others = [row["path"] for row in rows if row["path"] not in own and row["path"] in present]
            return [facts for facts in self._facts(others) if claim in facts.claims()] if others else []

        own = frozenset(checked)  # `check_facts` has them already.
        return check_facts(self._facts(checked), holders)

    def contested(self) -> set[str]:
        """The specs with a claim that another spec makes, too."""
        sql = (
            "SELECT DISTINCT path FROM claims JOIN"
            " (SELECT kind, value FROM claims GROUP BY kind, value HAVING count(*) > 1) USING (kind, value)"
        )
        return {row["path"] for row in self.index.rows(sql)}

    def numbers(self, specs: Sequence[str]) -> dict[str, tuple[str, int]]:
        """Season and number of these specs, if they have any."""
        return {one.path: (one.season, one.number) for one in self._facts(specs) if one.number is not None}

    def _facts(self, paths: Sequence[str]) -> list[EpisodeFacts]:
        return [noted.facts for _, _, noted in self._noted(paths)]

    def _noted(self, paths: Sequence[str]) -> Iterator[tuple[str, str, RememberedFacts]]:
        """Path, digest and stored facts of these specs under this context, with one query per 500."""
        for start in range(0, len(paths), QUERY_PATHS):
            some = paths[start : start + QUERY_PATHS]
            marks = ",".join("?" * len(some))
            sql = f"SELECT path, digest, facts FROM specs WHERE context = ? AND path IN ({marks})"  # noqa: S608 - marks only.
            yield from decoded(self.index, sql, (self.context, *some), _noted)


def _noted(path: str, digest: str, stored: str) -> tuple[str, str, RememberedFacts]:
    row: Any = text.load(unseal_or_plain(stored, path, digest))
    facts = dict(row["facts"])
    for name in ("number_span", "foley_span"):
        facts[name] = _span(facts[name])
    return path, digest, RememberedFacts(EpisodeFacts(**facts), row["clean_as"], dict(row["files"]))


def _span(value: Canonical) -> Span | None:
    return Span(*value) if isinstance(value, list | tuple) else None
