"""Why an action would run or not: its verdict, what changed since it was made, its inputs, and when it was made."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from episodec.closure.code import changed_symbols, symbols_of
from episodec.digest import Canonical
from episodec.engine.action import Action, ActionId
from episodec.engine.key import ActionKey, changed_parts
from episodec.engine.plan import Hit, Miss, Pending, Plan, Reason, Verdict, judge_all
from episodec.project.loaded import LoadedEpisode
from episodec.questions.ancestry import Ancestry, ancestry_of
from episodec.questions.fetching import SharedPart, shared_part
from episodec.questions.inputs import InputShown, inputs_shown
from episodec.questions.named import FileStanding, named
from episodec.series.request import Request
from episodec.series.session import Session


@dataclass(frozen=True, slots=True)
class Change:
    """One part of a key, before and after."""

    part: str
    before: Canonical
    after: Canonical


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict on one action and its circumstances."""

    id: ActionId
    spec: str
    stage: str
    backend: str
    verdict: str  # "hit", "miss" or "pending".
    reason: Reason | None
    waits_for: tuple[ActionId, ...]
    changes: tuple[Change, ...]
    inputs: tuple[InputShown, ...]
    outputs: Mapping[str, str | None]  # Digests by name; None: unknown.
    delivers: tuple[str, ...]  # Paths in dist/, relative to the root.
    key: str | None
    fingerprint: Mapping[str, Canonical]
    made_at_s: float | None  # Seconds since 1970: when the result under this key, or else the last one, was recorded.
    seconds: float | None  # How long that took.
    is_older: bool = False  # An adapter made it with older code.
    is_locked: bool = False  # It is an approved take.
    shared: SharedPart = SharedPart()  # Of a hit: the part that is in a shared cache.
    refusal: str | None = None  # Of a miss: why a record in the shared cache was not trusted.
    code: tuple[str, ...] = ()  # The functions, classes, constants and files of episodec that changed since.


@dataclass(frozen=True, slots=True)
class Why:
    """The answer to one question."""

    target: str
    file: FileStanding | None
    actions: tuple[Answer, ...]
    made_of: Ancestry | None = None  # The ancestry of a file.


def why(request: Request, target: str, notice: Callable[[str], None] = lambda _: None) -> Why:
    """The verdicts behind the action, file in dist/ or spec of this name.

    Raises:
        UsageError: nothing has this name.
        RejectedSpecs: its spec has errors.
    """
    with named(request, target, notice) as meant:
        judged = judge_all(meant.graph, meant.session.knowledge())
        asked = _WhyQuestion(meant.session, judged)
        answers = tuple(asked.answer(one, meant.graph.actions[name]) for name, one in meant.actions.items())
        return Why(target, meant.file, answers, None if meant.file is None else ancestry_of(meant, judged))


class _WhyQuestion:
    """Answers questions about actions of an open series."""

    def __init__(self, session: Session, judged: Plan) -> None:
        self._session = session
        self._judged = judged

    def answer(self, loaded: LoadedEpisode, action: Action) -> Answer:
        """The answer for one action."""
        session, judged, verdict = self._session, self._judged, self._judged[action.id]
        reason = verdict.reason if isinstance(verdict, Miss) else None
        is_locked = isinstance(verdict, Hit) and verdict.is_locked
        key = None if isinstance(verdict, Pending) else verdict.key
        before = session.cache.last(action.id)
        changes = (
            tuple(differences(before, verdict.parts.plain()))
            if before is not None and isinstance(verdict, Miss)
            else ()
        )
        made_at_s, seconds = self._made_at(action, key)
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
            fingerprint=session.fingerprint(action.stage, action.backend),
            made_at_s=made_at_s,
            seconds=seconds,
            shared=shared_part([action], judged, {action.artifact(name) for name in action.outputs}),
            refusal=self._refusal(action, verdict),
            is_older=bool(session.older_adapters(judged, [action])),
            is_locked=is_locked,
            code=() if is_locked else tuple(self._code(action, changes, key)),
        )

    def _refusal(self, action: Action, verdict: Verdict) -> str | None:
        shared = self._session.shared
        if shared is None or not isinstance(verdict, Miss):
            return None
        hits = {name: own.record for name in action.needs() if isinstance(own := self._judged[name], Hit)}
        return shared.refusal(action, verdict.key, verdict.parts, hits)

    def _code(self, action: Action, changes: Sequence[Change], key: ActionKey | None) -> list[str]:
        """The names of the code of episodec that changed since the last result was made."""
        index, backends = self._session.cache.index, self._session.project.backends
        before, after = next(
            ((one.before, one.after) for one in changes if one.part == "fingerprint.functions"),
            (self._session.cache.code_of(key) if key else None, backends.adapter(action.backend)),
        )
        states = [symbols_of(index, str(one)) for one in (before, after)]
        return changed_symbols(*(one for one in states if one is not None)) if None not in states else []

    def _made_at(self, action: Action, key: str | None) -> tuple[float | None, float | None]:
        index = self._session.cache.index
        sql = "SELECT made_at_ns, seconds FROM records WHERE key = ?"
        rows = index.rows(sql, (key,)) if key else []
        rows = rows or index.rows(
            "SELECT made_at_ns, records.seconds AS seconds FROM history JOIN records USING (key) WHERE action = ?",
            (action.id,),
        )
        return (rows[0]["made_at_ns"] / 1e9, rows[0]["seconds"]) if rows else (None, None)


def differences(before: Mapping[str, Canonical], after: Mapping[str, Canonical]) -> Iterator[Change]:
    """The parts that differ between two plain KeyParts, each with both values; None for a missing part."""
    for part in changed_parts(before, after):
        yield Change(part, _at(before, part), _at(after, part))


def _at(parts: Mapping[str, Canonical], part: str) -> Canonical:
    """The value at a dotted name; its components may contain dots: `inputs.recording.wav`."""
    if part in parts:
        return parts[part]
    for name, value in parts.items():
        if isinstance(value, Mapping) and part.startswith(name + "."):
            return _at(value, part.removeprefix(name + "."))
    return None
