"""How the actions of two graphs differ, both lowered by the same compiler. Nothing is run and no cache is read.

A key follows from an action's own parts and the contents of its inputs. The contents of made files are not known here,
so each counts as what it is made of: where all of that is equal, so is the key.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from episodec.digest import Canonical, Digest, digest_bytes, digest_value
from episodec.engine.action import Action, ActionId, Artifact, Input, Notes, Source
from episodec.engine.action import Literal as Bytes
from episodec.engine.graph import ActionGraph
from episodec.engine.key import changed_parts

Standing = Literal["changed", "follows", "stays", "unknown"]
"""The relation of an action of the later graph to the earlier graph.

changed: its own parts differ.
follows: its own parts are equal, but an input differs.
stays: its key equals a key of the earlier graph.
unknown: its key depends on a file of unknown content, and is equal if that file did not change.
"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The relation of each action of the later graph to the earlier one."""

    standing: Mapping[ActionId, Standing]
    parts: Mapping[ActionId, tuple[str, ...]]  # For those that changed and have a counterpart: see `changed_parts`.
    twins: Mapping[ActionId, ActionId]  # Those whose key equals that of an earlier action of the same graph.
    gone: tuple[ActionId, ...]  # Actions of the earlier graph that are no longer made, under any id.


def compare(
    before: ActionGraph,
    after: ActionGraph,
    unknown: Collection[str] = (),
    renamed: Mapping[ActionId, ActionId] | None = None,
) -> Comparison:
    """The relation of the later graph to the earlier one.

    unknown: paths of authors' files whose content is unknown on one side; renamed: ids of the later graph, each with
    the id that the earlier graph used.
    """
    old = _Whole(before, unknown)
    new = _Whole(after, unknown, old)
    known = set(old.whole.values())
    standing: dict[ActionId, Standing] = {}
    parts: dict[ActionId, tuple[str, ...]] = {}
    twins: dict[ActionId, ActionId] = {}
    first: dict[Digest, ActionId] = {}
    for name in after.actions:
        whole, counterpart = new.whole[name], (renamed or {}).get(name, name)
        if (twin := first.setdefault(whole, name)) != name:
            twins[name] = twin
        if whole in known:
            standing[name] = "unknown" if name in new.tainted else "stays"
        elif counterpart in old.own and digest_value("own", old.own[counterpart]) == digest_value("own", new.own[name]):
            standing[name] = "follows"
        else:
            standing[name] = "changed"
            if counterpart in old.own:
                parts[name] = tuple(changed_parts(old.own[counterpart], new.own[name]))
    there = {*new.whole.values()}
    renamed_away = {(renamed or {}).get(name, name) for name in after.actions}
    gone = tuple(name for name in before.actions if old.whole[name] not in there and name not in renamed_away)
    return Comparison(standing, parts, twins, gone)


class _Whole:
    """The actions of one graph: each one's own parts, the digest of these with everything upstream, and those that
    depend on a file whose content is unknown.
    """

    def __init__(self, graph: ActionGraph, unknown: Collection[str], earlier: "_Whole | None" = None) -> None:
        """`earlier`: another graph, which may hold some of the same actions; what is known of them is not computed
        again.
        """
        self._graph = graph
        self._unknown = unknown
        sources = (one for action in graph for one in action.sources()) if unknown else ()
        self._digests = {one.digest: one.path for one in sources if one.path in unknown}
        self.own: dict[ActionId, Mapping[str, Canonical]] = {}
        self.whole: dict[ActionId, Digest] = {}
        self.tainted: set[ActionId] = set()
        for action in graph:
            if earlier is not None and self._is_same(action, earlier):
                self.own[action.id], self.whole[action.id] = earlier.own[action.id], earlier.whole[action.id]
                continue
            self.own[action.id] = own = self._own(action)
            inputs: dict[str, Canonical] = {
                role: [self._behind(one) for one in group] for role, group in action.inputs.items()
            }
            self.whole[action.id] = digest_value("whole", [own, inputs])
            reads = {one.path for one in action.sources()}.intersection(unknown)
            if reads or own["params"] != action.params or self.tainted.intersection(action.needs()):
                self.tainted.add(action.id)

    def _is_same(self, action: Action, earlier: "_Whole") -> bool:
        """Whether the earlier graph has this very action, upon the same actions."""
        if self._unknown or earlier._graph.actions.get(action.id) is not action:  # noqa: SLF001 - its own class.
            return False
        return all(self.whole[name] == earlier.whole[name] for name in action.needs())

    def _own(self, action: Action) -> dict[str, Canonical]:
        """The own parts in the form of plain `KeyParts`, made inputs by name only."""
        return {
            "stage": action.stage,
            "backend": action.backend,
            "params": self._blurred(action.params) if self._digests else action.params,
            "inputs": {role: [self._own_input(one) for one in group] for role, group in action.inputs.items()},
            "outputs": sorted(action.outputs),
        }

    def _blurred(self, value: Canonical) -> Canonical:
        """A param without the digests of unknown files: some stages pass them on."""
        if isinstance(value, str):
            path = self._digests.get(Digest(value))
            return value if path is None else f"unknown {path}"
        if isinstance(value, Mapping):
            return {name: self._blurred(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._blurred(one) for one in value]
        return value

    def _own_input(self, input_: Input) -> Canonical:
        match input_:
            case Source(path=path, digest=digest):
                return f"unknown {path}" if path in self._unknown else digest
            case Bytes(content=content):
                return digest_bytes(content)
            case Artifact(output=output):
                return f"made {output}"
            case Notes(of=pairs):
                return [f"noted {stage}" for stage, _ in pairs]

    def _behind(self, action: Input) -> Canonical:
        match action:
            case Artifact(action=name):
                return self.whole[name]
            case Notes(of=pairs):
                return [self.whole[name] for _, name in pairs]
            case Source() | Bytes():
                return None
