"""The judge: whether each action's result is in the cache, and if not, why.

`plan` and `build` share one judge, so they cannot disagree. It reads the cache and changes nothing.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from episodec.digest import Canonical, Digest, digest_bytes
from episodec.engine.action import Action, ActionId, Artifact, Input, Literal, Notes, Role, Source
from episodec.engine.cache import Record
from episodec.engine.graph import ActionGraph
from episodec.engine.key import ActionKey, KeyParts, action_key, changed_parts, key_parts
from episodec.engine.notes import notes_text
from episodec.engine.shared import AskShared, shared_lookup


@dataclass(frozen=True, slots=True)
class NeverMade:
    """No action with this id was made before, and the cache has no equal result."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The action was made before; these parts of its key differ now."""

    parts: tuple[str, ...]  # Dotted names of KeyParts leaves: `inputs.ref.npy`, `params.text`, `fingerprint.tool`.


@dataclass(frozen=True, slots=True)
class Lost:
    """The action was made before with these very parts, but its result is no longer in the store (gc, deletion,
    damage).
    """


@dataclass(frozen=True, slots=True)
class Forced:
    """The user asked to make it again."""


@dataclass(frozen=True, slots=True)
class Remade:
    """The user asked for a result other than the existing one."""


@dataclass(frozen=True, slots=True)
class NotApproved:
    """It must not be made: the result has to be an approved one, and that cannot be used. A build fails there."""

    sentence: str
    facts: Mapping[str, str]
    hint: str


Reason = NeverMade | Changed | Lost | Forced | Remade | NotApproved


@dataclass(frozen=True, slots=True)
class Hit:
    """The result is in the cache. A hit never runs."""

    key: ActionKey
    parts: KeyParts
    record: Record
    is_locked: bool = False  # Whether it is an approved take, which wins over any record.


@dataclass(frozen=True, slots=True)
class Miss:
    """The result is not in the cache. A miss always runs, unless its reason is that it is not approved."""

    key: ActionKey
    parts: KeyParts
    reason: Reason


@dataclass(frozen=True, slots=True)
class Pending:
    """Unknown until these actions have run: an unchanged upstream result can still make it a hit.

    Also an action whose very key another miss of the same plan will make: it waits for that twin.
    """

    waits_for: tuple[ActionId, ...]


Verdict = Hit | Miss | Pending
Plan = Mapping[ActionId, Verdict]


class Approval(Protocol):
    """The approved takes of a series."""

    def taken(self, action: Action, parts: KeyParts) -> Record | NotApproved | None:
        """The approved result of this action; why it cannot be used; None if the action is free."""
        ...

    def refusal(self, action: Action) -> NotApproved | None:
        """Why an action without a result must not be made, if only approved results of adapters are wanted."""
        ...


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The questions that the judge asks of its surroundings; each only reads."""

    lookup: Callable[[ActionKey], Record | None]
    last_parts: Callable[[ActionId], Mapping[str, Canonical] | None]  # Plain KeyParts of this id's last result.
    fingerprint: Callable[[str, str], Mapping[str, Canonical]]  # (stage, backend) to its part of keys.
    force: Callable[[ActionId], bool] = lambda _: False
    remake: Callable[[Action], bool] = lambda _: False
    ask_shared: AskShared | None = None  # Looks up misses that are not forced; None: there is no shared cache.
    approval: Approval | None = None  # None: nothing is locked.


def judge(action: Action, records: Mapping[ActionId, Record], known: Knowledge) -> Verdict:
    """The verdict on one action, given the results of the actions that it needs."""
    return judge_wave([action], records, known)[0]


def judge_wave(actions: Sequence[Action], records: Mapping[ActionId, Record], known: Knowledge) -> list[Verdict]:
    """The verdicts on actions that do not need each other; a shared cache is asked about all of them at once."""
    verdicts = [_judge_here(action, records, known) for action in actions]
    if known.ask_shared is not None:
        lookups = [
            shared_lookup(action, verdict.key, verdict.parts, records)
            for action, verdict in zip(actions, verdicts, strict=True)
            if isinstance(verdict, Miss) and not isinstance(verdict.reason, Forced | Remade | NotApproved)
        ]
        shared = known.ask_shared(lookups) if lookups else {}
        verdicts = [
            Hit(one.key, one.parts, shared[one.key]) if isinstance(one, Miss) and one.key in shared else one
            for one in verdicts
        ]
    if known.approval is None:
        return verdicts
    return [_allowed(*each, known.approval) for each in zip(actions, verdicts, strict=True)]


def _allowed(action: Action, verdict: Verdict, approval: Approval) -> Verdict:
    if not isinstance(verdict, Miss) or isinstance(verdict.reason, NotApproved):
        return verdict
    refusal = approval.refusal(action)
    return verdict if refusal is None else Miss(verdict.key, verdict.parts, refusal)


def _judge_here(action: Action, records: Mapping[ActionId, Record], known: Knowledge) -> Verdict:
    waits_for = tuple(sorted(name for name in action.needs() if name not in records))
    if waits_for:
        return Pending(waits_for)
    parts = key_parts(action, known.fingerprint(action.stage, action.backend), input_digests(action, records))
    key = action_key(parts)
    wish = Forced() if known.force(action.id) else Remade() if known.remake(action) else None
    if wish is not None:
        return Miss(key, parts, wish)
    taken = None if known.approval is None else known.approval.taken(action, parts)
    if isinstance(taken, NotApproved):
        return Miss(key, parts, taken)
    record = taken or known.lookup(key)
    if record is not None:
        return Hit(key, parts, record, is_locked=taken is not None)
    return Miss(key, parts, _reason(parts, known.last_parts(action.id)))


def judge_again(action: Action, miss: Miss, known: Knowledge) -> Miss | Hit:
    """The new verdict on a miss whose inputs are unchanged: another build may have made it meanwhile."""
    if known.force(action.id) or known.remake(action):
        return miss
    record = known.lookup(miss.key)
    return miss if record is None else Hit(miss.key, miss.parts, record)


def judge_all(graph: ActionGraph, known: Knowledge) -> dict[ActionId, Verdict]:
    """The plan: what a build of this graph would do now, in dependency order."""
    plan: dict[ActionId, Verdict] = {}
    records: dict[ActionId, Record] = {}
    first: dict[ActionKey, ActionId] = {}
    for wave in _waves(graph) if known.ask_shared is not None else ([action] for action in graph):
        for action, verdict in zip(wave, judge_wave(wave, records, known), strict=True):
            if isinstance(verdict, Miss) and (twin := first.setdefault(verdict.key, action.id)) != action.id:
                plan[action.id] = Pending((twin,))
                continue
            if isinstance(verdict, Hit):
                records[action.id] = verdict.record
            plan[action.id] = verdict
    return {action.id: plan[action.id] for action in graph}


def _waves(graph: ActionGraph) -> Iterable[list[Action]]:
    """The actions by depth: each wave needs only earlier ones."""
    depth: dict[ActionId, int] = {}
    for action in graph:
        depth[action.id] = 1 + max((depth[name] for name in action.needs()), default=0)
    by_depth = sorted(graph, key=lambda action: depth[action.id])  # Stable: in graph order within a wave.
    return (list(wave) for _, wave in groupby(by_depth, key=lambda action: depth[action.id]))


def input_digests(action: Action, records: Mapping[ActionId, Record]) -> dict[Role, tuple[Digest, ...]]:
    """The contents of an action's inputs, by role, once all of them are made."""
    return {role: tuple(input_digest(one, records) for one in group) for role, group in action.inputs.items()}


def input_digest(input_: Input, records: Mapping[ActionId, Record]) -> Digest:
    """The content of one input, once it is made."""
    match input_:
        case Artifact(action=name, output=output):
            return records[name].outputs[output].digest
        case Source(digest=known):
            return known
        case Literal(content=content):
            return digest_bytes(content)
        case Notes():
            return digest_bytes(notes_of(input_, records))


def notes_of(notes: Notes, records: Mapping[ActionId, Record]) -> bytes:
    """The text of an input of notes, once the actions that may have written them are made."""
    return notes_text((stage, records[name].notes) for stage, name in notes.of)


def must_run(plan: Plan) -> Collection[ActionId]:
    """The actions that a build is certain to make."""
    return [name for name, verdict in plan.items() if isinstance(verdict, Miss)]


def _reason(parts: KeyParts, before: Mapping[str, Canonical] | None) -> Reason:
    if before is None:
        return NeverMade()
    changed = tuple(changed_parts(before, parts.plain()))
    return Changed(changed) if changed else Lost()
