"""Stage `post`: the text published with an episode."""

from episodec.engine.action import Action, Artifact, Deliverable
from episodec.spec.structure import section
from episodec.stages.lowering import Lowered, Lowering, action_id, params
from episodec.stages.summary import measurement_inputs, summary_params


def lower_post(context: Lowering, lowered: Lowered, narration: Artifact | None) -> Lowered:
    """One action, to `post.md`. `made`: all actions of the episode; `narration`: an output of the join."""
    choice = context.choose("post", None)
    action = Action(
        id=action_id(context.episode, "post"),
        stage="post",
        backend=choice.backend,
        outputs=("post.md",),
        params=params(context, "post", summary_params(context, lowered), {"post": section(context.episode.post)}),
        inputs=measurement_inputs(lowered, narration, ("scene-check",)),
        resources=choice.resources,
    )
    return Lowered((action,), (Deliverable(f"post/{context.episode.name}.md", action.artifact()),))
