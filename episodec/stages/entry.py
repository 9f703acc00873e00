"""Stage `entry`: an episode's part of the index page, an action of its own, so that others' parts stay as they are."""

from episodec.engine.action import Action, Artifact, Deliverable
from episodec.stages.lowering import Lowered, Lowering, action_id, params
from episodec.stages.telling import READ, readings, telling


def lower_entry(at: Lowering, made: Lowered, narration: Artifact | None) -> Lowered:
    """One action, to `entry.html`. `made`: all that the episode consists of; `narration`: an output of the join."""
    choice = at.choose("entry", None)
    action = Action(
        id=action_id(at.episode, "entry"),
        stage="entry",
        backend=choice.backend,
        outputs=("entry.html",),
        params=params(at, "entry", telling(at, made)),
        inputs=readings(made, narration, READ),
        resources=choice.resources,
    )
    return Lowered((action,), (Deliverable(f"page/{at.episode.name}.html", action.artifact()),))
