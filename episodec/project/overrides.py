"""What an episode's `backends` and `overrides` name, held to the stages that it has and to what their backends declare.

Nothing of a spec is ignored: a stage that the episode does not have is refused at its line, and so is an override that
its backend does not take. A profile is for many episodes: see `Choices`, and docs/spec.md.
"""

import json
from collections.abc import Collection, Iterator, Mapping

from episodec.digest import Canonical
from episodec.engine.action import Action
from episodec.overrides import Misfit, Override, misfits, of_stage
from episodec.project.backends import Backends
from episodec.spec.diagnostic import Diagnostic, diagnose
from episodec.spec.document import Document
from episodec.spec.near import nearest
from episodec.spec.types import Episode
from episodec.stages import STAGES, Lowered

_SHOWN = 60  # Characters of a value.

_ELSEWHERE = {
    "train": "what a training is asked for stands in character.yaml: `scene: {training: …}`",
    "motion": "what a motion is asked for stands in character.yaml: `scene: {motion: …}`",
    "refine": "what refining is asked for stands in character.yaml: `scene: {refine: …}`",
    "views": "what views are asked for stands in character.yaml: `scene: {views: …}`",
}
"""Where else a stage is told what to do, for who overrides a backend that takes nothing."""


def check_named(
    episode: Episode, lowered: Lowered, refused: Collection[str], document: Document, backends: Backends
) -> Iterator[Diagnostic]:
    """What the spec names in vain, each at its line: stages that the episode does not have, and overrides that the
    backends of its stages do not take. `refused`: stages whose backends are refused already.
    """
    actions = {action.stage: action for action in lowered.actions}
    for section, named in (("backends", episode.backends), ("overrides", episode.overrides)):
        for stage in named:
            # Whether segments are joined hangs on the backend that makes them.
            if stage not in actions and not (stage == "foley-join" and "foley" in refused):
                yield _absent(section, stage, actions, document)
    for stage, said in episode.overrides.items():
        if stage in actions and actions[stage].backend and isinstance(said, Mapping):
            yield from _misfits(actions[stage], said, document, backends)


def _absent(section: str, stage: str, actions: Mapping[str, Action], document: Document) -> Diagnostic:
    known = {name: None for name in (*STAGES, *actions) if name in actions}
    sentence = f"`{section}.{stage}` would be ignored: this episode has no stage `{stage}`"
    hint = f"it has {', '.join(known)}"
    return diagnose("E244", sentence, document.path, document.key_span(section, stage), hint=hint)


def _misfits(
    action: Action, said: Mapping[str, Canonical], document: Document, backends: Backends
) -> Iterator[Diagnostic]:
    declared = of_stage(backends.backend(action.backend), action.stage)
    for one in misfits(declared, said, action.params):
        yield _unknown(one, action, declared, document) if one.kind is None else _wrong(one, action, document)


def _unknown(one: Misfit, action: Action, declared: Mapping[str, Override], document: Document) -> Diagnostic:
    stage = action.stage
    sentence = f"the backend `{action.backend}` has no override `{one.name}` in stage `{stage}`"
    if near := nearest(one.name, declared):
        hint = f"did you mean `{near}`? It takes {', '.join(declared)}"
    elif declared:
        hint = f"it takes {', '.join(declared)}"
    else:
        hint = "; ".join(filter(None, ("it takes none", _ELSEWHERE.get(stage))))
    return diagnose("E245", sentence, document.path, document.key_span("overrides", stage, one.name), hint=hint)


def _wrong(one: Misfit, action: Action, document: Document) -> Diagnostic:
    assert one.kind is not None
    path = ("overrides", action.stage, one.name)
    found = json.dumps(one.value, ensure_ascii=False)
    found = found if len(found) <= _SHOWN else f"{found[: _SHOWN - 1]}…"
    sentence = f"`{'.'.join(path)}` is {found}, expected {one.kind.wanted()}"
    return diagnose("E246", sentence, document.path, document.span(*path), hint=one.kind.meaning)
