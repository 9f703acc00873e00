"""`cache forget`: everything that was made of one file goes from the cache, the shared cache and dist/.

Found through the graph of the present specs, through the history of earlier builds, and in the shared cache through the
inputs that records name. What cannot be reached from here is listed.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from episodec import canonical_json
from episodec.digest import Digest, is_digest
from episodec.engine.action import ActionId
from episodec.engine.key import ActionKey
from episodec.engine.plan import Hit, judge_all
from episodec.engine.takes import ApprovedTake
from episodec.errors import UsageError
from episodec.project.takes import file_of
from episodec.publishing.release import Release
from episodec.questions.lineage import ways_of
from episodec.questions.reads import Readable, asked_about
from episodec.questions.takes import edit_takes, paths_of_takes
from episodec.series.request import Request
from episodec.series.session import Session
from episodec.series.shared import Forgettable
from episodec.store import work
from episodec.store.cache import outputs_of
from episodec.store.layout import digits_of
from episodec.store.sealed import decoded, unseal_or_plain
from episodec.store.sha256 import Sha256Digests

FORGETTABLE = (
    "input",
    "checked",
    "backend",
)  # How a file is used: a spec says what to make, and nothing is made of it.


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Everything that went, or would go, and what lies beyond reach. Sizes in bytes."""

    file: str
    episodes: tuple[str, ...]  # Specs that still name the file, directly or not.
    actions: tuple[ActionId, ...]
    results: int  # Records of the cache.
    bytes_here: int
    published: tuple[str, ...]  # Paths in dist/, relative to the root.
    locks: tuple[str, ...]  # The labels of approved takes.
    shared_results: int
    bytes_shared: int
    beyond: tuple[str, ...]  # Sentences.


@dataclass(frozen=True, slots=True)
class DerivedResults:
    """The results that follow from a file, as far as this machine knows."""

    actions: frozenset[ActionId]
    keys: frozenset[ActionKey]
    digests: frozenset[Digest]  # Of outputs that nothing else has.
    sizes: Mapping[Digest, int]


def forget(request: Request, file: str, notice: Callable[[str], None], *, dry_run: bool) -> Forgotten:
    """Remove everything that was made of a file; with `dry_run`, only find it. The file itself stays.

    Raises:
        UsageError: nothing is made of it, it does not exist, or it is outside the project.
        SharedCacheError: the shared cache does not answer; nothing was removed.
    """
    with asked_about(request, [file], notice) as (series, (names,)):
        direct = series.direct(names)
        if direct.how not in FORGETTABLE:
            hint = "a portrait, a recording, voice tokens: a file that actions read"
            raise UsageError("nothing is made of this file", facts={"file": direct.file}, hint=hint)
        session, path = series.session, Path(series.session.place.root, direct.file)
        ways = frozenset(ways_of(series.graph, direct))
        digest = session.digests.of(path)
        derived = _derived_results(series, ways, digest)
        specs = [one.spec for one in series.loaded if any(action.id in ways for action in one.lowered.actions)]
        shared, beyond = _shared(session, _sha256s(session, path, digest, derived))
        locks = _locks(series, derived)
        published = _published(session, specs, dry_run=dry_run)
        if not dry_run:
            if shared is not None:
                shared.remove()
            _unlock(series, locks)
            _remove(session, derived)
        return Forgotten(
            file=direct.file,
            episodes=tuple(specs),
            actions=tuple(sorted(derived.actions)),
            results=len(derived.keys),
            bytes_here=sum(derived.sizes.values()),
            published=published,
            locks=tuple(sorted({one.label for one in locks})),
            shared_results=0 if shared is None else shared.results,
            bytes_shared=0 if shared is None else shared.size,
            beyond=(*_always_beyond(direct.file), *beyond, *_unknown(session, derived)),
        )


def _derived_results(series: Readable, ways: Collection[ActionId], digest: Digest) -> DerivedResults:
    """The actions, records and contents that follow from a file: of the present graph, and of the history."""
    session = series.session
    known = session.knowledge()
    verdicts = judge_all(series.graph, replace(known, ask_shared=None))
    keys = {one.key for name, one in verdicts.items() if name in ways and isinstance(one, Hit)}
    actions, tainted = set(ways), {digest}
    rows = _history(session)
    is_growing = True
    while is_growing:
        is_growing = False
        for name, key, parts, outputs in rows:
            if key not in keys and (tainted & set(_digests(parts)) or name in ways):
                keys.add(key)
                actions.add(name)
                tainted |= outputs
                is_growing = True
    results = _results(session)
    staying = {one for key, outputs in results.items() if key not in keys for one in outputs}
    going = {one: size for key in keys for one, size in results.get(key, {}).items() if one not in staying}
    kept = frozenset(key for key in keys if key in results)
    return DerivedResults(frozenset(actions), kept, frozenset(going), going)


def _history(session: Session) -> list[tuple[ActionId, ActionKey, Any, set[Digest]]]:
    def row(action: str, key: str, parts: str, outputs: str) -> tuple[ActionId, ActionKey, Any, set[Digest]]:
        digests = {blob.digest for blob in outputs_of(outputs, action).values()}
        return ActionId(action), ActionKey(key), canonical_json.load(unseal_or_plain(parts, action)), digests

    return decoded(session.cache.index, "SELECT action, key, parts, outputs FROM history", (), row)


def _results(session: Session) -> dict[ActionKey, dict[Digest, int]]:
    """The contents that each record names, with their sizes."""

    def row(key: str, outputs: str) -> tuple[ActionKey, dict[Digest, int]]:
        return ActionKey(key), {blob.digest: blob.size for blob in outputs_of(outputs, key).values()}

    return dict(decoded(session.cache.index, "SELECT key, outputs FROM records", (), row))


def _digests(value: Any) -> Iterable[Digest]:
    """The digests anywhere in a plain value."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from _digests(part)
    elif isinstance(value, str) and is_digest(value):
        yield Digest(value)


def _sha256s(session: Session, path: Path, digest: Digest, derived: DerivedResults) -> set[str]:
    """The sha256 of the file, and of the contents here that were made of it."""
    if session.shared is None:
        return set()
    digests, store = Sha256Digests(session.cache.index, session.place.root), session.cache.blobs
    own = {digests.of_blob(store, one) for one, size in derived.sizes.items() if store.has(one, size)}
    return {digests.of_file(str(path), digest), *own}


def _shared(session: Session, sha256s: Collection[str]) -> tuple[Forgettable | None, list[str]]:
    """The results that can go from the shared cache, and sentences about those that cannot."""
    if session.shared is None:
        return None, []
    url = session.shared.settings.url
    if session.shared.settings.write is None:
        return None, [f"the shared cache {url}, which this machine does not write"]
    going = session.shared.forgettable(sha256s)
    return going, [f"{count} results in the namespace `{name}` of {url}" for name, count in going.elsewhere.items()]


def _locks(series: Readable, derived: DerivedResults) -> list[ApprovedTake]:
    """The approved takes that were made of the file."""
    locks = [one for episode in series.loaded for one in episode.takes]
    return [
        one
        for one in locks
        if one.label in derived.actions or derived.digests & {two.digest for two in one.outputs.values()}
    ]


def _unlock(series: Readable, locks: Sequence[ApprovedTake]) -> None:
    """Remove approvals, and their bytes in the checkout."""
    session, keys = series.session, {one.take_key for one in locks}
    for path in paths_of_takes(series.loaded) if keys else ():
        edit_takes(session, path, remove=keys)
    for output in (two for one in locks for two in one.outputs.values()):
        Path(session.place.root, file_of(session.place.series, output.digest)).unlink(missing_ok=True)


def _published(session: Session, specs: Collection[str], *, dry_run: bool) -> tuple[str, ...]:
    """Remove the episodes from dist/, whole: a part of one is no episode."""
    publisher = session.publisher
    publisher.import_manifests()
    if dry_run:
        return tuple(publisher.removals(Release(gone=specs)).removable)
    publisher.release(specs)
    removed, _ = publisher.sweep()
    session.log.forget(list(specs))
    session.index_page.write(session.project.series_file.folder())
    return removed


def _remove(session: Session, derived: DerivedResults) -> None:
    """Remove records before their contents, and the leftovers of the actions."""
    cache, layout = session.cache, session.cache.layout
    with cache.index.transaction():
        cache.index.write_many("DELETE FROM records WHERE key = ?", [(key,) for key in derived.keys])
        cache.index.write_many("DELETE FROM adapted WHERE key = ?", [(key,) for key in derived.keys])
        cache.index.write_many("DELETE FROM history WHERE action = ?", [(name,) for name in derived.actions])
        for table in ("blobs", "away"):
            cache.index.write_many(f"DELETE FROM {table} WHERE digest = ?", [(one,) for one in derived.digests])  # noqa: S608 - both names stand here.
    digits = {digits_of(one) for one in derived.digests}
    for path in [
        *(cache.blobs.path_of(one) for one in derived.digests),
        *(Path(layout.scratch_of(key)) for key in derived.keys),
        *(one for one in Path(layout.damaged).iterdir() if one.name.partition("-")[0] in digits),
        *Path(layout.listen).iterdir(),
        *(log for name in derived.actions for log in Path(layout.logs).glob(f"{name}.*")),
    ]:
        work.remove(str(path))


def _always_beyond(file: str) -> tuple[str, ...]:
    return (
        f"{file} itself, and its history in git",
        "copies on other machines, pages and films that were published elsewhere, backups",
    )


def _unknown(session: Session, derived: DerivedResults) -> list[str]:
    """A sentence about results whose inputs nobody noted: earlier ones of actions that were made again since."""
    noted = {key for _, key, _, _ in _history(session)} | set(derived.keys)
    others = sum(key not in noted for key in _results(session))
    if not others:
        return []
    return [f"{others} earlier results whose inputs are not noted: `episodec gc --max-size 0` removes those"]
