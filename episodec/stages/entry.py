"""Stage `entry`: an episode's part of the index page, a separate action, so other episodes' parts are unaffected."""

from episodec.engine.action import Action, Artifact, Deliverable, Notes
from episodec.spec.codes import CODES
from episodec.stages.lowering import Lowered, Lowering, action_id, params
from episodec.stages.telling import READ, readings, telling


def lower_entry(at: Lowering, made: Lowered, narration: Artifact | None) -> Lowered:
    """One action, to `entry.html`. `made`: all actions of the episode; `narration`: an output of the join."""
    choice = at.choose("entry", None)
    told = tuple((action.stage, action.id) for action in made.actions if at.tells(action.backend))
    action = Action(
        id=action_id(at.episode, "entry"),
        stage="entry",
        backend=choice.backend,
        outputs=("entry.html",),
        params=params(at, "entry", telling(at, made), {"allow": sorted(set(at.episode.allow) - CODES.keys())}),
        inputs={**readings(made, narration, READ), **({"notes.json": (Notes(told),)} if told else {})},
        resources=choice.resources,
    )
    return Lowered((action,), (Deliverable(f"page/{at.episode.name}.html", action.artifact()),))
