"""Params and inputs of the stages `post` and `entry`: the facts about an episode that both show."""

from collections.abc import Collection, Mapping

from episodec.digest import Canonical
from episodec.engine.action import Action, Artifact, Input
from episodec.spec.structure import plain, section
from episodec.spec.types import CameraMove, Episode
from episodec.stages.lowering import PATH_FIELDS, Lowered, Lowering, clock, renders

READ = {"captions": "captions.vtt", "check": "check.json", "scene-check": "scene.json"}
"""Outputs with measurements that can be shown, by stage."""


def readings(made: Lowered, narration: Artifact | None, stages: Collection[str]) -> dict[str, tuple[Input, ...]]:
    """The words of the narration (an output of the join), and the measurements of these stages (keys of READ)."""
    inputs: dict[str, tuple[Input, ...]] = {}
    if narration is not None:
        inputs["words.json"] = (Artifact(narration.action, "words.json"),)
    for action in made.actions:
        if action.stage in stages and READ[action.stage] not in inputs:  # Of several films, the first.
            inputs[READ[action.stage]] = (action.artifact(READ[action.stage]),)
    return inputs


def telling(at: Lowering, made: Lowered) -> Mapping[str, Canonical]:
    """All facts but measurements. `made`: all actions of the episode, with its deliverables so far."""
    episode = at.episode
    backends = _backends(made.actions)
    licences = sorted({(name, said) for _, name in backends if (said := at.licence(name)) is not None})
    has_picture = any(action.stage == "mux" for action in made.actions)
    has_sound = any(action.stage == "mix" for action in made.actions)
    return {
        **clock(episode),
        "name": episode.name,
        "series": at.series,
        "season": episode.season,
        "number": episode.number,
        "language": episode.language,
        "title": episode.title,
        "description": episode.description,
        "tags": list(episode.tags),
        "disclosure": episode.disclosure,
        "speaks": bool(episode.voice and not episode.voice.file),
        "prompt": episode.foley.prompt if episode.foley else None,
        "size": list(at.size) if at.size and has_picture else None,
        "loudness": section(episode.loudness) if has_sound else None,
        **_tracks(episode),
        "character": _character(at),
        "backends": [list(pair) for pair in backends],
        "licences": [list(pair) for pair in licences],
        "files": [one.path for one in made.deliverables] + [f"manifest/{episode.name}.json"],
    }


def _tracks(episode: Episode) -> dict[str, Canonical]:
    """Camera and scene time as in the spec, without the names of the author's files."""
    if not renders(episode):
        return {}
    return {"camera": [_move(move) for move in episode.camera], "time": [plain(move) for move in episode.time]}


def _move(move: CameraMove) -> Canonical:
    return {name: value for name, value in section(move).items() if name not in PATH_FIELDS}


def _character(at: Lowering) -> dict[str, Canonical]:
    return {
        "name": at.episode.character,
        "title": at.identity.title,
        "identity": dict(at.identity.facts),
        "licence": at.identity.licence,
        "portrait": at.portrait.digest if at.portrait else None,
        "tokens": at.tokens.digest if at.tokens else None,
    }


def _backends(actions: tuple[Action, ...]) -> list[tuple[str, str]]:
    """Pairs of stage and backend, in the order of the data flow."""
    return list(dict.fromkeys((action.stage, action.backend) for action in actions))
