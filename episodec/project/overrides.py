"""Checks of an episode's `backends` and `overrides` against its stages and the declarations of their backends.

No field of a spec is ignored: a stage that the episode does not have is refused at its line, and so is an override that
none of the stage's backends in the series' profiles takes; under the other profiles it has no effect. A profile is for
many episodes: see `Choices`, and docs/spec.md.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from episodec.digest import Canonical
from episodec.engine.action import Action
from episodec.errors import BackendError
from episodec.overrides import Misfit, Overrides, misfits, of_stage
from episodec.project.backends import Backends
from episodec.project.choices import FIELDS
from episodec.spec.diagnostic import Diagnostic, diagnose
from episodec.spec.document import Document
from episodec.spec.near import nearest
from episodec.spec.types import Episode, Series
from episodec.stages import STAGES, Lowered
from episodec.stages.lowering import DEFAULT_BACKENDS

_SHOWN = 60  # Characters of a value in a message.

_ELSEWHERE = {
    "train": "training is configured in character.yaml: `scene: {training: …}`",
    "motion": "motion is configured in character.yaml: `scene: {motion: …}`",
    "refine": "refining is configured in character.yaml: `scene: {refine: …}`",
    "views": "views are configured in character.yaml: `scene: {views: …}`",
}
"""Hints for overrides of a backend that takes none: the place where its stage is configured."""


@dataclass(frozen=True, slots=True)
class Takers:
    """The backends that may take an episode's overrides: those of its stages, in this and other profiles."""

    episode: Episode
    series: Series
    backends: Backends

    def of(self, action: Action) -> Overrides:
        """The overrides that the backend of this action declares."""
        return of_stage(self.backends.backend(action.backend), action.stage)

    def others(self, action: Action) -> dict[str, Overrides | None]:
        """The overrides that backends of other profiles declare for the action's stage, by name; None for one that is
        not installed here. None of them counts if the episode names its backend itself.
        """
        stage = action.stage
        if stage in self.episode.backends or (stage, action.backend) in FIELDS:
            return {}
        profiles = self.series.profiles.values()
        named = {profile.backends.get(stage) or DEFAULT_BACKENDS.get(stage) for profile in profiles} - {
            None,
            action.backend,
        }
        return {name: self._declared(name, stage) for name in sorted(filter(None, named))}

    def taken(self, lowered: Lowered) -> dict[str, Canonical]:
        """The overrides that the chosen backends take."""
        overrides = dict(self.episode.overrides)
        for action in lowered.actions:
            given = overrides.get(action.stage)
            if action.backend and isinstance(given, Mapping):
                declared = self.of(action)
                overrides[action.stage] = {name: value for name, value in given.items() if name in declared}
        return overrides

    def _declared(self, name: str, stage: str) -> Overrides | None:
        try:
            return of_stage(self.backends.backend(name), stage)
        except (KeyError, BackendError):
            return None


def check_named(takers: Takers, lowered: Lowered, refused: Collection[str], document: Document) -> Iterator[Diagnostic]:
    """The names in the spec that have no effect, each at its line: stages that the episode does not have, and overrides
    that no backend of its stages takes under any profile. `refused`: stages whose backends are refused already.
    """
    episode = takers.episode
    actions = {action.stage: action for action in lowered.actions}
    for section, named in (("backends", episode.backends), ("overrides", episode.overrides)):
        for stage in named:
            # Whether segments are joined depends on the backend that makes them.
            if stage not in actions and not (stage == "foley-join" and "foley" in refused):
                yield _absent(section, stage, actions, document)
    for stage, given in episode.overrides.items():
        if stage in actions and actions[stage].backend and isinstance(given, Mapping):
            yield from _misfits(actions[stage], given, document, takers)


def _absent(section: str, stage: str, actions: Mapping[str, Action], document: Document) -> Diagnostic:
    known = {name: None for name in (*STAGES, *actions) if name in actions}
    sentence = f"`{section}.{stage}` would be ignored: this episode has no stage `{stage}`"
    hint = f"it has {', '.join(known)}"
    return diagnose("E244", sentence, document.path, document.key_span(section, stage), hint=hint)


def _misfits(
    action: Action, given: Mapping[str, Canonical], document: Document, takers: Takers
) -> Iterator[Diagnostic]:
    declared = takers.of(action)
    for misfit in misfits(declared, given, action.params):
        if misfit.kind is not None:
            yield _wrong(misfit, action, document)
            continue
        others = takers.others(action)
        there = [next(misfits(its or {}, {misfit.name: misfit.value}, action.params), None) for its in others.values()]
        wrong = next((misfit for misfit in there if misfit is not None and misfit.kind is not None), None)
        if None in there or (wrong is None and None in others.values()):
            continue  # It is another profile's, or may be: that is checked where its backend is installed.
        yield _unknown(misfit, action, declared, others, document) if wrong is None else _wrong(wrong, action, document)


def _unknown(
    misfit: Misfit, action: Action, declared: Overrides, others: Mapping[str, Overrides | None], document: Document
) -> Diagnostic:
    stage = action.stage
    sentence = f"the backend `{action.backend}` has no override `{misfit.name}` in stage `{stage}`"
    near = nearest(misfit.name, [*declared, *(name for its in others.values() for name in its or ())])
    takes = f"it takes {', '.join(declared) or 'none'}"
    also = [f"`{name}`, of another profile, takes {', '.join(its)}" for name, its in others.items() if its]
    elsewhere = None if declared or also else _ELSEWHERE.get(stage)
    hint = "; ".join(filter(None, (takes, *also, elsewhere)))
    hint = f"did you mean `{near}`? {hint[:1].upper()}{hint[1:]}" if near else hint
    return diagnose("E245", sentence, document.path, document.key_span("overrides", stage, misfit.name), hint=hint)


def _wrong(misfit: Misfit, action: Action, document: Document) -> Diagnostic:
    assert misfit.kind is not None
    path = ("overrides", action.stage, misfit.name)
    value_text = json.dumps(misfit.value, ensure_ascii=False)
    value_text = value_text if len(value_text) <= _SHOWN else f"{value_text[: _SHOWN - 1]}…"
    sentence = f"`{'.'.join(path)}` is {value_text}, expected {misfit.kind.expected()}"
    return diagnose("E246", sentence, document.path, document.span(*path), hint=misfit.kind.meaning)
