"""The approved takes of a series: locked results, those that could be locked, locks that no longer fit; and edits of
takes files.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from episodec.digest import ALGORITHM, Digest, digest_bytes, is_digest
from episodec.engine.action import Action, ActionId
from episodec.engine.graph import ActionGraph
from episodec.engine.plan import Hit, Knowledge, Miss, NotApproved, Pending, Verdict, judge_all
from episodec.engine.takes import ApprovedTake, LockedOutput, made_under, take_key
from episodec.errors import UsageError
from episodec.project import tree
from episodec.project.command_overrides import CommandOverrides
from episodec.project.loaded import LoadedEpisode
from episodec.project.references import leads_out
from episodec.project.takes import authored, file_of, read_takes, takes_of_character, takes_text
from episodec.project.tree import takes_of
from episodec.series.request import Request
from episodec.series.session import Session, linked, opened, places
from episodec.store.sha256 import Sha256Digests
from episodec.wholefile import write_whole

State = Literal["locked", "unlocked", "missing", "other inputs", "not made"]

IN_GIT_BYTES = 1 << 21  # A sentence has 0.2 MB; git is no place for scenes.


@dataclass(frozen=True, slots=True)
class Take:
    """An action of an adapter, and whether its result is approved."""

    action: ActionId
    stage: str
    backend: str
    state: State
    outputs: Mapping[str, Digest]
    size: int  # bytes
    is_older: bool = False  # Whether it was made by another installation of its system than there is now.


@dataclass(frozen=True, slots=True)
class TakesAnswer:
    """The takes of one series."""

    root: str
    takes: tuple[Take, ...]
    unread: tuple[ApprovedTake, ...] = ()  # Approved takes of these episodes that no action of the series has.
    # Specs with results of one stage from several installations, so that sentences may sound different.
    mixed: tuple[str, ...] = ()
    written: tuple[str, ...] = ()  # Files that were written, relative to the root.
    errors: int = 0  # In specs and takes files.


@contextmanager
def _series(request: Request, notice: Callable[[str], None], *, is_all: bool = False) -> Iterator[Session]:
    """The open series of the targets, with these chosen, or all of its episodes."""
    chosen = places(request.targets)
    if len(chosen) > 1:
        raise UsageError("the targets belong to several series", hint="name one, or change to its folder with -C")
    ((place, targets),) = chosen
    with opened(place, [place.folder()] if is_all else targets, request, notice) as session:
        yield session


def takes(request: Request, notice: Callable[[str], None] = lambda _: None) -> TakesAnswer:
    """The takes of the chosen episodes."""
    with _series(request, notice) as session:
        answer = _answer(session, session.load_selected())
        place, profiles = session.place, _profiles(session)
    return replace(answer, unread=_read_by_none(place, request, profiles, answer.unread, notice))


def _profiles(session: Session) -> tuple[str, ...]:
    return () if session.project.series is None else tuple(session.project.series.profiles)


def _read_by_none(
    place: tree.Place,
    request: Request,
    profiles: Iterable[str],
    unread: tuple[ApprovedTake, ...],
    notice: Callable[[str], None],
) -> tuple[ApprovedTake, ...]:
    """Those of these approvals that no episode of the series has under any profile; none while that is unknown."""
    for name in profiles:
        if not unread:
            break
        other = replace(request, asked=CommandOverrides(profile=name))
        with opened(place, [place.folder()], other, notice) as session:
            loaded = session.load_selected()
            if session.project.has_errors():
                return ()
            still = {one.take_key for one in _answer(session, loaded).unread}
        unread = tuple(one for one in unread if one.take_key in still)
    return unread


def lock(
    request: Request, names: Collection[str], notice: Callable[[str], None] = lambda _: None, *, in_git: bool = False
) -> TakesAnswer:
    """Approve the results that these episodes have now; `names`: of actions, or of stages; none: all.

    in_git: also write their bytes, up to `IN_GIT_BYTES` each, beside the takes files.

    Raises:
        UsageError: a name is none of theirs, or one of these actions has no result to approve.
    """
    with _series(request, notice) as session:
        loaded = session.load_selected()
        graph, judged = _judged(session, loaded)
        chosen = _chosen(graph, _adapters(session, graph), names)
        lacking = [action.id for action in chosen if not isinstance(judged[action.id], Hit)]
        if lacking and names:
            hint = "build it first, listen to it, then lock it"
            raise UsageError("there is no result to approve", facts={"action": ", ".join(lacking[:5])}, hint=hint)
        hits = [verdict for action in chosen if isinstance(verdict := judged[action.id], Hit)]
        written = [path for verdict in _fit_for_git(hits) for path in _bytes_in_git(session, verdict)] if in_git else []
        edits: dict[str, list[ApprovedTake]] = {}
        for action in chosen:
            verdict = judged[action.id]
            if not isinstance(verdict, Hit):
                continue
            locked = _lock_of(session, action, verdict)
            for path in _files_of(session, loaded, action):
                edits.setdefault(path, []).append(locked)
        written += [path for path, locks in sorted(edits.items()) if edit_takes(session, path, add=locks)]
    return replace(takes(request, notice), written=tuple(dict.fromkeys(written)))


def unlock(request: Request, names: Collection[str], notice: Callable[[str], None] = lambda _: None) -> TakesAnswer:
    """Remove the approvals of these actions or stages; none: all of the chosen episodes."""
    with _series(request, notice) as session:
        loaded = session.load_selected()
        graph, judged = _judged(session, loaded)
        chosen = _chosen(graph, _adapters(session, graph), names)
        keys: dict[str, set[Digest]] = {}
        for episode in loaded:
            gone = {one.take_key for action in chosen for one in _locks_of(session, episode, action, judged[action.id])}
            for path in episode.takes_files:
                keys.setdefault(path, set()).update(gone)
        written = [path for path, gone in sorted(keys.items()) if edit_takes(session, path, remove=gone)]
    return replace(takes(request, notice), written=tuple(written))


def accept(request: Request, names: Collection[str], notice: Callable[[str], None] = lambda _: None) -> TakesAnswer:
    """Keep the approved takes of these actions although their inputs are made differently now.

    Raises:
        UsageError: an action has no take that was approved from other inputs.
    """
    with _series(request, notice) as session:
        loaded = session.load_selected()
        graph, judged = _judged(session, loaded)
        written: set[str] = set()
        for action in _chosen(graph, _adapters(session, graph), names):
            verdict, old = judged[action.id], session.takes.lock_asked(action.id)
            if not isinstance(verdict, Miss) or not isinstance(verdict.reason, NotApproved) or old is None:
                if names:
                    facts = {"action": action.id}
                    raise UsageError("no take of it was approved from other inputs", facts=facts)
                continue
            kept = replace(old, label=action.id, take_key=take_key(verdict.parts, authored))
            for path in _files_of(session, loaded, action):
                if edit_takes(session, path, add=[kept], remove={old.take_key}):
                    written.add(path)
    return replace(takes(request, notice), written=tuple(sorted(written)))


def prune(request: Request, notice: Callable[[str], None] = lambda _: None) -> TakesAnswer:
    """Remove approvals that no action of the series has any more, under any profile, and bytes in git that none names.

    Raises:
        UsageError: some specs have errors, so what they need is unknown.
    """
    with _series(request, notice, is_all=True) as session:
        loaded = session.load_selected()
        if session.project.has_errors():
            raise UsageError(
                "some specs have errors, so their takes are unknown", hint="`episodec validate` lists them"
            )
        place, profiles, unread = session.place, _profiles(session), _answer(session, loaded).unread
    keys = {one.take_key for one in _read_by_none(place, request, profiles, unread, notice)}
    with _series(request, notice, is_all=True) as session:
        files: list[str] = []
        tree.spec_files(session.place, takes=files)
        written = [path for path in files if edit_takes(session, path, remove=keys)]
        written += _unnamed_bytes(session)
    return replace(takes(request, notice), written=tuple(written))


def _answer(session: Session, loaded: Sequence[LoadedEpisode]) -> TakesAnswer:
    graph, judged = _judged(session, loaded)
    rows = [_take(session, action, judged[action.id]) for action in _adapters(session, graph)]
    used = {
        approved.take_key
        for action in _adapters(session, graph)
        if isinstance(verdict := judged[action.id], Hit | Miss)
        if (approved := session.takes.lock_of(action.id, verdict.parts)) is not None
    }
    pending = {one.asked for action in _adapters(session, graph) for one in _asked_lock(session, loaded, action)}
    unread = {
        one.take_key: one
        for episode in loaded
        for one in episode.takes
        if one.take_key not in used and one.asked not in pending
    }
    return TakesAnswer(
        session.place.root,
        tuple(rows),
        tuple(unread.values()),
        tuple(_mixed(loaded, rows, judged, session)),
        errors=sum(one.severity == "error" for one in session.project.diagnostics),
    )


def _asked_lock(session: Session, loaded: Sequence[LoadedEpisode], action: Action) -> Iterable[ApprovedTake]:
    asked = session.takes.asked(action.id)
    return (one for episode in loaded for one in episode.takes if one.asked == asked)


def _take(session: Session, action: Action, verdict: Verdict) -> Take:
    outputs: Mapping[str, Digest] = {}
    size, state, is_older = 0, "not made", False
    if isinstance(verdict, Hit):
        outputs = {name: blob.digest for name, blob in sorted(verdict.record.outputs.items())}
        size = sum(blob.size for blob in verdict.record.outputs.values())
        state = "locked" if verdict.is_locked else "unlocked"
        locked = session.takes.lock_of(action.id, verdict.parts)
        is_older = locked is not None and locked.made_under != made_under(verdict.parts.fingerprint)
    elif isinstance(verdict, Miss) and isinstance(verdict.reason, NotApproved):
        state = "missing" if session.takes.lock_of(action.id, verdict.parts) is not None else "other inputs"
    return Take(action.id, action.stage, action.backend, state, outputs, size, is_older)  # type: ignore[arg-type]


def _mixed(
    loaded: Iterable[LoadedEpisode], rows: Iterable[Take], judged: Mapping[ActionId, Verdict], session: Session
) -> Iterator[str]:
    """The specs in which results of one stage come from several installations of its system."""
    known = {one.action for one in rows}
    for episode in loaded:
        under: dict[str, set[Digest]] = {}
        for action in episode.lowered.actions:
            verdict = judged[action.id]
            if action.id in known and isinstance(verdict, Hit):
                approved = session.takes.lock_of(action.id, verdict.parts) if verdict.is_locked else None
                under.setdefault(action.stage, set()).add(
                    approved.made_under if approved is not None else made_under(verdict.parts.fingerprint)
                )
        if any(len(some) > 1 for some in under.values()):
            yield episode.spec


def _judged(session: Session, loaded: Sequence[LoadedEpisode]) -> tuple[ActionGraph, Mapping[ActionId, Verdict]]:
    graph = linked(loaded)
    known = session.knowledge()
    return graph, judge_all(
        graph, Knowledge(known.lookup, known.last_parts, known.fingerprint, approval=known.approval)
    )


def _adapters(session: Session, graph: ActionGraph) -> list[Action]:
    return [action for action in graph if session.project.backends.is_adapter(action.backend)]


def _chosen(graph: ActionGraph, adapters: Sequence[Action], names: Collection[str]) -> list[Action]:
    """The named actions of adapters, by id or stage; without names, all of them.

    Raises:
        UsageError: a name is neither.
    """
    known = {action.id for action in adapters} | {action.stage for action in adapters}
    for name in names:
        if name not in known:
            theirs = name in graph.actions
            sentence = "only results of adapters are approved" if theirs else "there is no such action or stage here"
            raise UsageError(sentence, facts={"name": name, "stages": ", ".join(sorted({a.stage for a in adapters}))})
    return [action for action in adapters if not names or action.id in names or action.stage in names]


def _locks_of(session: Session, episode: LoadedEpisode, action: Action, verdict: Verdict) -> Iterator[ApprovedTake]:
    """The locks of an episode for one of its actions, also those from other inputs. Labels may be of an earlier order
    of sentences.
    """
    if all(action.id != own.id for own in episode.lowered.actions):
        return
    key = None if isinstance(verdict, Pending) else take_key(verdict.parts, authored)
    asked = session.takes.asked(action.id)
    yield from (one for one in episode.takes if one.take_key == key or one.asked == asked)


def _lock_of(session: Session, action: Action, verdict: Hit) -> ApprovedTake:
    older = session.takes.lock_of(action.id, verdict.parts) if verdict.is_locked else None
    if older is not None:
        return older
    outputs = {}
    for name, blob in verdict.record.outputs.items():
        sha256 = None
        if session.shared is not None and blob.place is None:
            sha256 = Sha256Digests(session.cache.index, session.place.root).of_blob(session.cache.blobs, blob.digest)
        outputs[name] = LockedOutput(blob.digest, blob.size, sha256)
    under = made_under(verdict.parts.fingerprint)
    take, asked = take_key(verdict.parts, authored), session.takes.asked(action.id)
    return ApprovedTake(action.id, take, asked, action.backend, under, outputs)


def _files_of(session: Session, loaded: Sequence[LoadedEpisode], action: Action) -> list[str]:
    """The takes file that an approval of this action goes to: its spec's, or its character's."""
    users = [one for one in loaded if any(own.id == action.id for own in one.lowered.actions)]
    own = [takes_of(one.spec) for one in users if action.id.startswith(one.prefix)]
    return own[:1] or [takes_of_character(session.place.series, users[0].episode.character)]


def paths_of_takes(loaded: Iterable[LoadedEpisode]) -> list[str]:
    """The takes files of these episodes."""
    return sorted({path for episode in loaded for path in episode.takes_files})


def edit_takes(
    session: Session, path: str, *, add: Iterable[ApprovedTake] = (), remove: Collection[Digest] = ()
) -> bool:
    """Write a takes file with these changes; whether it differs. The last approval removes the file.

    Raises:
        UsageError: the file has errors: they are the author's to solve first.
    """
    reading, locks, diagnostics = read_takes(session.place.root, path)
    if diagnostics:
        facts = {"file": path, "error": diagnostics[0].message}
        raise UsageError("a takes file has errors", facts=facts, hint="`episodec validate` shows the lines")
    added = {one.take_key: one for one in add}
    after = [one for one in locks if one.take_key not in remove and one.take_key not in added] + list(added.values())
    text = takes_text(after)
    if (not after and reading.document is None) or text == reading.text:
        return False
    file = _inside(session, path)
    if not after:
        file.unlink(missing_ok=True)
        return True
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, text.encode())
    return True


def _inside(session: Session, path: str) -> Path:
    """The file at a path that is to be written.

    Raises:
        UsageError: a link leads out of the project.
    """
    file = Path(session.place.root, path)
    if leads_out(str(file.parent), session.place.root):
        sentence = "the folder of the approved takes is a link that leads out of the project"
        raise UsageError(sentence, facts={"file": path}, hint="replace the link by a folder")
    return file


def _fit_for_git(hits: Iterable[Hit]) -> list[Hit]:
    """These results, before any is written.

    Raises:
        UsageError: one is too large.
    """
    results = list(hits)
    for name, blob in (output for hit in results for output in hit.record.outputs.items()):
        if blob.size > IN_GIT_BYTES:
            facts = {"output": name, "size": f"{blob.size} bytes", "limit": f"{IN_GIT_BYTES} bytes"}
            raise UsageError("this result is too large for git", facts=facts, hint="use a shared cache for it")
    return results


def _bytes_in_git(session: Session, hit: Hit) -> Iterator[str]:
    for blob in hit.record.outputs.values():
        path = file_of(session.place.series, blob.digest)
        file = _inside(session, path)
        if file.is_symlink() or not file.is_file() or digest_bytes(file.read_bytes()) != blob.digest:
            file.parent.mkdir(parents=True, exist_ok=True)
            if session.shared is not None:
                session.shared.bring([blob])
            write_whole(file, session.cache.open_blob(blob.digest).read_bytes())
            yield path


def _unnamed_bytes(session: Session) -> Iterator[str]:
    """Remove bytes in git that no takes file names any more."""
    named = {file_of(session.place.series, digest) for digest in session.locked_contents()}
    folder = _inside(session, file_of(session.place.series, Digest("x:x"))).parent
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        path = os.path.relpath(entry, session.place.root)
        if path not in named and is_digest(f"{ALGORITHM}:{entry.name}") and entry.is_file():
            entry.unlink()
            yield path
