"""Why an action would run or not: its verdict, what changed since it was made, its inputs, when it was last made."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from episodec.closure.code import changed_symbols, symbols_of
from episodec.digest import Canonical
from episodec.engine.action import Action, ActionId
from episodec.engine.graph import ActionGraph
from episodec.engine.key import ActionKey, changed_parts
from episodec.engine.plan import Hit, Miss, Pending, Plan, Reason, judge_all
from episodec.errors import RejectedSpecs, UsageError
from episodec.project.authoring import nearest
from episodec.project.loaded import Loaded
from episodec.project.portraits import characters
from episodec.publishing.index_page import ENTRIES, PAGE
from episodec.questions.inputs import InputShown, inputs_shown
from episodec.series.goals import goes_on
from episodec.series.request import Request
from episodec.series.session import Session, delivered, linked, opened, places

_ID = re.compile(r"(?:(?P<season>[^/]+)-)?(?P<number>\d+)")


@dataclass(frozen=True, slots=True)
class Change:
    """One part of a key, as it was and as it is."""

    part: str
    before: Canonical
    after: Canonical


@dataclass(frozen=True, slots=True)
class Answer:
    """All that is known of one action."""

    id: ActionId
    spec: str
    stage: str
    backend: str
    verdict: str  # "hit", "miss" or "pending".
    reason: Reason | None
    waits_for: tuple[ActionId, ...]
    changes: tuple[Change, ...]
    inputs: tuple[InputShown, ...]
    outputs: Mapping[str, str | None]  # Name to digest, where it is known.
    delivers: tuple[str, ...]  # Paths in dist/, relative to the root.
    key: str | None
    fingerprint: Mapping[str, Canonical]
    made_at_s: float | None  # Seconds since 1970: when the result under this key, or else the last one, was recorded.
    seconds: float | None  # How long that took.
    is_older: bool = False  # An adapter made it by other code than it has now.
    code: tuple[str, ...] = ()  # The functions, classes, constants and files of ours that differ from then.


@dataclass(frozen=True, slots=True)
class FileStanding:
    """What is known of one file in dist/."""

    path: str
    specs: tuple[str, ...]  # Who published it.
    state: str  # "as published", "changed", "missing" or "unknown".


@dataclass(frozen=True, slots=True)
class Why:
    """The answer to one question."""

    target: str
    file: FileStanding | None
    actions: tuple[Answer, ...]


def why(request: Request, target: str, notice: Callable[[str], None] = lambda _: None) -> Why:
    """Why the action, file in dist/ or spec of this name stands as it does.

    Raises:
        UsageError: nothing has this name.
        RejectedSpecs: its spec has errors.
    """
    (place, targets), *others = places(_around(target))
    if others:
        raise UsageError("there are several series here", hint="name one with -C, or ask for a file")
    folder, name = os.path.split(os.path.abspath(target))
    path = os.path.relpath(
        os.path.join(os.path.realpath(folder), name), place.root
    )  # Before the working folder changes.
    with opened(place, targets, request, notice) as session:
        return _Asked(session, target, path).answer()


def _around(target: str) -> tuple[str, ...]:
    """A place from which the series of this target is found: a file in dist/ may be missing."""
    place = os.path.abspath(target) if "/dist/" in os.path.abspath(target) or os.path.lexists(target) else os.getcwd()
    before, mark, _ = place.partition("/dist/")
    return (before,) if mark else (os.path.dirname(place) if os.path.isfile(place) else place,)


class _Asked:
    """One question about an open series."""

    def __init__(self, session: Session, target: str, path: str) -> None:
        self._session = session
        self._target = target
        self._path = path  # The target as a path from where the user stands, relative to the root.

    def answer(self) -> Why:
        """The answer, by what the target can be: a spec, a file in dist/, an action."""
        specs, file = self._specs()
        loaded = self._session.project.load(specs, set(self._session.specs))
        if not loaded:
            raise RejectedSpecs(
                "the spec behind this has errors",
                facts={"spec": ", ".join(specs)},
                hint="`episodec validate` shows them",
            )
        graph = linked(loaded)
        judged = judge_all(graph, self._session.knowledge())
        meant: dict[ActionId, Loaded] = {}  # Of what episodes share, the first.
        for one in loaded:
            for action in one.lowered.actions:
                if self._meant(one, action):
                    meant.setdefault(action.id, one)
        answers = [self._action(one, graph.actions[name], graph, judged) for name, one in meant.items()]
        if not answers:
            near = nearest(self._target, [name for one in loaded for name in _names(one)])
            raise UsageError(
                "no action has this name",
                facts={"target": self._target, "there are": ", ".join(list(graph.actions)[:20])},
                hint=f"did you mean `{near}`?" if near else None,
            )
        return Why(self._target, file, tuple(answers))

    def _specs(self) -> tuple[list[str], FileStanding | None]:
        """The specs that the target is about, and its standing when it is a file."""
        session = self._session
        for path in (self._path, self._target):
            if path in session.specs:
                return [path], None
            rows = session.cache.index.rows("SELECT DISTINCT spec, digest FROM published_files WHERE path = ?", (path,))
            if rows:
                self._path = path
                specs = tuple(sorted({row["spec"] for row in rows}))
                present = [spec for spec in specs if spec in session.specs]
                if not present:
                    raise UsageError(
                        "its spec is gone: the next build removes it", facts={"file": path, "spec": specs[0]}
                    )
                return present, FileStanding(path, specs, self._state(path, {row["digest"] for row in rows}))
        return self._numbered(), None

    def _numbered(self) -> list[str]:
        """The specs whose actions have ids that begin as the target does; ids name season and number, or a character
        whose episodes share the action.
        """
        session = self._session
        folder = session.project.series_file.folder()
        if self._path == f"{folder}/{PAGE}":
            hint = f"ask for an entry: `episodec why {folder}/{ENTRIES}/NAME.html`"
            raise UsageError("the index page is of all episodes", facts={"file": self._path}, hint=hint)
        if os.path.exists(os.path.join(session.place.root, self._path)) or self._path.startswith("dist/"):
            raise UsageError(
                "episodec did not make this file and no spec is in it",
                facts={"file": self._path},
                hint="`episodec impact` says what hangs on an author's file",
            )
        first, slash, _ = self._target.partition("/")
        matched = _ID.fullmatch(first)
        numbers = session.project.numbers(session.specs)
        found = [
            spec
            for spec, (season, number) in numbers.items()
            if matched and number == int(matched["number"]) and matched["season"] in (None, season)
        ]
        if not found and slash and first in characters(session.place):
            found = list(session.specs)
        if not found:
            raise UsageError(
                "there is no such action, file or spec",
                facts={"target": self._target},
                hint="name an action, d13-072/voice/0001 or alpha/train/hybrid; a file in dist/; or a spec",
            )
        return found

    def _state(self, path: str, digests: set[str]) -> str:
        try:
            return "as published" if self._session.digests.of(path) in digests else "changed"
        except OSError:
            return "missing"

    def _meant(self, loaded: Loaded, action: Action) -> bool:
        if loaded.spec in (self._path, self._target) or _ID.fullmatch(self._target):
            return True
        if self._path in delivered(loaded):
            made_by = {f"{loaded.folder}/{one.path}": one.artifact.action for one in loaded.lowered.deliverables}
            return made_by.get(self._path, action.id) == action.id  # A manifest hangs on every action.
        return any(goes_on(name, self._target) for name in _names_of(loaded, action))

    def _action(self, loaded: Loaded, action: Action, graph: ActionGraph, judged: Plan) -> Answer:
        session, verdict = self._session, judged[action.id]
        reason = verdict.reason if isinstance(verdict, Miss) else None
        key = None if isinstance(verdict, Pending) else verdict.key
        before = session.cache.last(action.id)
        changes = (
            tuple(differences(before, verdict.parts.plain()))
            if before is not None and isinstance(verdict, Miss)
            else ()
        )
        made_at_s, seconds = self._made(action, key)
        delivers = [
            f"{loaded.folder}/{one.path}" for one in loaded.lowered.deliverables if one.artifact.action == action.id
        ]
        digests = (
            {name: blob.digest for name, blob in verdict.record.outputs.items()} if isinstance(verdict, Hit) else {}
        )
        return Answer(
            id=action.id,
            spec=loaded.spec,
            stage=action.stage,
            backend=action.backend,
            verdict=type(verdict).__name__.lower(),
            reason=reason,
            waits_for=verdict.waits_for if isinstance(verdict, Pending) else (),
            changes=changes,
            inputs=tuple(inputs_shown(action, judged)),
            outputs={name: digests.get(name) for name in action.outputs},
            delivers=tuple(delivers),
            key=key,
            fingerprint=session.project.backends.fingerprint(action.stage, action.backend),
            made_at_s=made_at_s,
            seconds=seconds,
            is_older=bool(session.older_adapters(judged, [action])),
            code=tuple(self._code(action, changes, key)),
        )

    def _code(self, action: Action, changes: Sequence[Change], key: ActionKey | None) -> list[str]:
        """What of our code differs from that which made the last result, by name."""
        index, backends = self._session.cache.index, self._session.project.backends
        before, after = next(
            ((one.before, one.after) for one in changes if one.part == "fingerprint.functions"),
            (self._session.cache.code_of(key) if key else None, backends.adapter(action.backend)),
        )
        states = [symbols_of(index, str(one)) for one in (before, after)]
        return changed_symbols(*(one for one in states if one is not None)) if None not in states else []

    def _made(self, action: Action, key: str | None) -> tuple[float | None, float | None]:
        index = self._session.cache.index
        sql = "SELECT made_at_ns, seconds FROM records WHERE key = ?"
        rows = index.rows(sql, (key,)) if key else []
        rows = rows or index.rows(
            "SELECT made_at_ns, records.seconds AS seconds FROM history JOIN records USING (key) WHERE action = ?",
            (action.id,),
        )
        return (rows[0]["made_at_ns"] / 1e9, rows[0]["seconds"]) if rows else (None, None)


def _names(loaded: Loaded) -> Iterator[str]:
    """What the actions of an episode may be called."""
    for action in loaded.lowered.actions:
        yield from _names_of(loaded, action)


def _names_of(loaded: Loaded, action: Action) -> tuple[str, str]:
    """An action's id, and the same without its season."""
    return action.id, action.id.removeprefix(f"{loaded.episode.season}-")


def differences(before: Mapping[str, Canonical], after: Mapping[str, Canonical]) -> Iterator[Change]:
    """The parts that differ between two plain KeyParts, each with both values; None for what is not there."""
    for part in changed_parts(before, after):
        yield Change(part, _at(before, part), _at(after, part))


def _at(parts: Mapping[str, Canonical], part: str) -> Canonical:
    """The value at a dotted name, whose parts may hold dots themselves: `inputs.recording.wav`."""
    if part in parts:
        return parts[part]
    for name, value in parts.items():
        if isinstance(value, Mapping) and part.startswith(name + "."):
            return _at(value, part.removeprefix(name + "."))
    return None
