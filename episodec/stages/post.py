"""Stage `post`: the text published with an episode."""

from episodec.engine.action import Action, Artifact, Deliverable
from episodec.stages.lowering import Lowered, Lowering, action_id, params
from episodec.stages.telling import readings, telling


def lower_post(at: Lowering, made: Lowered, narration: Artifact | None) -> Lowered:
    """One action, to `post.md`. `made`: all actions of the episode; `narration`: an output of the join."""
    choice = at.choose("post", None)
    action = Action(
        id=action_id(at.episode, "post"),
        stage="post",
        backend=choice.backend,
        outputs=("post.md",),
        params=params(at, "post", telling(at, made)),
        inputs=readings(made, narration, ("scene-check",)),
        resources=choice.resources,
    )
    return Lowered((action,), (Deliverable(f"post/{at.episode.name}.md", action.artifact()),))
