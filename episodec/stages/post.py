"""Stage `post`: the text published with an episode."""

from episodec.engine.action import Artifact, Deliverable
from episodec.spec.structure import section
from episodec.stages.lowering import Lowered, Lowering, step
from episodec.stages.summary import measurement_inputs, summary_params


def lower_post(context: Lowering, lowered: Lowered, narration: Artifact | None) -> Lowered:
    """One action, to `post.md`. `made`: all actions of the episode; `narration`: an output of the join."""
    choice = context.choose("post", None)
    action = step(
        context,
        "post",
        choice,
        summary_params(context, lowered),
        {"post": section(context.episode.post)},
        outputs=("post.md",),
        inputs=measurement_inputs(lowered, narration, ("scene-check",)),
    )
    return Lowered((action,), (Deliverable(f"post/{context.episode.name}.md", action.artifact()),))
