"""Stage `entry`: an episode's part of the index page, an action of its own, so that others' parts stay as they are."""

from episodec.engine.action import Action, Artifact, Deliverable, Input
from episodec.stages.lowering import Lowered, Lowering, action_id, params
from episodec.stages.telling import telling


def lower_entry(at: Lowering, made: Lowered, narration: Artifact | None) -> Lowered:
    """One action, to `entry.html`. `made`: all that the episode consists of; `narration`: an output of the join."""
    choice = at.choose("entry", None)
    inputs: dict[str, tuple[Input, ...]] = {}
    if narration is not None:
        inputs["words.json"] = (Artifact(narration.action, "words.json"),)
    for action in made.actions:
        for stage, output in (("captions", "captions.vtt"), ("check", "check.json"), ("scene-check", "scene.json")):
            if action.stage == stage:
                inputs[output] = (action.artifact(output),)
    action = Action(
        id=action_id(at.episode, "entry"),
        stage="entry",
        backend=choice.backend,
        outputs=("entry.html",),
        params=params(at, "entry", telling(at, made)),
        inputs=inputs,
        resources=choice.resources,
    )
    return Lowered((action,), (Deliverable(f"page/{at.episode.name}.html", action.artifact()),))
