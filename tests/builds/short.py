"""A short lowering for tests of the engine and of its commands: an action for the voice, the Foley and the video.

What the real stages make of a section changes with them; these tests ask what becomes of three actions.
"""

from episodec.digest import Canonical
from episodec.engine.action import Action, Deliverable, Input
from episodec.spec.structure import section
from episodec.stages.lowering import (
    PATH_FIELDS,
    Lowered,
    Lowering,
    action_id,
    clock,
    joined,
    params,
    require_content,
    role,
)


def lower(at: Lowering) -> Lowered:
    """One action a section, and each one's output delivered."""
    video = f"video/{at.episode.name}.mp4"
    built = joined(
        _section(at, "voice", f"static/audio/{at.episode.name}_voice.wav"),
        _section(at, "foley", f"static/audio/{at.episode.name}_foley.wav"),
        _section(at, "video", video),
    )
    require_content(at.episode)
    return built


def _section(at: Lowering, stage: str, delivered: str) -> Lowered:
    output = getattr(at.episode, stage)
    if output is None:
        return Lowered()
    fields = section(output)
    files = [(name, fields[name]) for name in PATH_FIELDS if fields.get(name)]
    choice = at.choose(stage, "file" if fields.get("file") else None)
    inputs: dict[str, tuple[Input, ...]] = {role(name, str(file)): (at.files[str(file)],) for name, file in files}
    if stage == "voice" and at.tokens is not None and not fields["file"]:
        inputs["tokens.npy"] = (at.tokens,)
    more: dict[str, Canonical] = {"language": at.episode.language, "lexicon": at.episode.lexicon}
    action = Action(
        id=action_id(at.episode, stage),
        stage=stage,
        backend=choice.backend,
        outputs=(f"{stage}.{delivered[-3:]}",),
        params=params(at, stage, fields, clock(at.episode), more if stage == "voice" else {}),
        inputs=inputs,
        resources=choice.resources,
    )
    return Lowered((action,), (Deliverable(delivered, action.artifact()),))
