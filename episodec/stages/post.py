"""Stage `post`: the text that goes with an episode, beside its files."""

from episodec.engine.action import Action, Artifact, Deliverable, Input
from episodec.stages.lowering import Lowered, Lowering, action_id, params
from episodec.stages.telling import telling


def lower_post(at: Lowering, made: Lowered, narration: Artifact | None) -> Lowered:
    """One action, to `post.md`. `made`: all that the episode consists of; `narration`: an output of the join."""
    choice = at.choose("post", None)
    inputs: dict[str, tuple[Input, ...]] = {}
    if narration is not None:
        inputs["words.json"] = (Artifact(narration.action, "words.json"),)
    for action in made.actions:
        if action.stage == "scene-check":
            inputs["scene.json"] = (action.artifact("scene.json"),)
    action = Action(
        id=action_id(at.episode, "post"),
        stage="post",
        backend=choice.backend,
        outputs=("post.md",),
        params=params(at, "post", telling(at, made)),
        inputs=inputs,
        resources=choice.resources,
    )
    return Lowered((action,), (Deliverable(f"post/{at.episode.name}.md", action.artifact()),))
