"""Params and inputs of the stages `post` and `entry`: the facts about an episode that both show."""

from collections.abc import Collection, Mapping

from episodec.digest import Canonical
from episodec.engine.action import Action, Artifact, Input
from episodec.spec.structure import plain, section
from episodec.spec.types import Episode
from episodec.spec.types_of_tracks import CameraMove
from episodec.stages.lowering import PATH_FIELDS, Lowered, Lowering, clock, renders

READ = {"captions": "captions.vtt", "check": "check.json", "scene-check": "scene.json"}
"""Outputs with measurements that can be shown, by stage."""


def measurement_inputs(
    lowered: Lowered, narration: Artifact | None, stages: Collection[str]
) -> dict[str, tuple[Input, ...]]:
    """The words of the narration (an output of the join), and the measurements of these stages (keys of READ)."""
    inputs: dict[str, tuple[Input, ...]] = {}
    if narration is not None:
        inputs["words.json"] = (Artifact(narration.action, "words.json"),)
    for action in lowered.actions:
        if action.stage in stages and READ[action.stage] not in inputs:  # Of several films, the first.
            inputs[READ[action.stage]] = (action.artifact(READ[action.stage]),)
    return inputs


def summary_params(context: Lowering, lowered: Lowered) -> Mapping[str, Canonical]:
    """All facts but measurements. `made`: all actions of the episode, with its deliverables so far."""
    episode = context.episode
    backends = _backends(lowered.actions)
    licences = sorted({(name, licence) for _, name in backends if (licence := context.licence(name)) is not None})
    has_picture = any(action.stage == "mux" for action in lowered.actions)
    has_sound = any(action.stage == "mix" for action in lowered.actions)
    return {
        **clock(episode),
        "name": episode.name,
        "series": context.series,
        "season": episode.season,
        "number": episode.number,
        "language": episode.language,
        "title": episode.title,
        "description": episode.description,
        "tags": list(episode.tags),
        "disclosure": episode.disclosure,
        "speaks": bool(episode.voice and not episode.voice.file),
        "prompt": episode.foley.prompt if episode.foley else None,
        "size": list(context.size) if context.size and has_picture else None,
        "loudness": section(episode.loudness) if has_sound else None,
        **_tracks(episode),
        "character": _character(context),
        "backends": [list(pair) for pair in backends],
        "licences": [list(pair) for pair in licences],
        "files": [one.path for one in lowered.deliverables] + [f"manifest/{episode.name}.json"],
    }


def _tracks(episode: Episode) -> dict[str, Canonical]:
    """Camera and scene time as in the spec, without the names of the author's files."""
    if not renders(episode):
        return {}
    return {"camera": [_move(move) for move in episode.camera], "time": [plain(move) for move in episode.time]}


def _move(move: CameraMove) -> Canonical:
    return {name: value for name, value in section(move).items() if name not in PATH_FIELDS}


def _character(context: Lowering) -> dict[str, Canonical]:
    return {
        "name": context.episode.character,
        "title": context.identity.title,
        "identity": dict(context.identity.facts),
        "licence": context.identity.licence,
        "portrait": context.portrait.digest if context.portrait else None,
        "tokens": context.tokens.digest if context.tokens else None,
    }


def _backends(actions: tuple[Action, ...]) -> list[tuple[str, str]]:
    """Pairs of stage and backend, in the order of the data flow."""
    return list(dict.fromkeys((action.stage, action.backend) for action in actions))
