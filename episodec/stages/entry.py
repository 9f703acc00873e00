"""Stage `entry`: an episode's part of the index page, a separate action, so other episodes' parts are unaffected."""

from episodec.engine.action import Action, Artifact, Deliverable, Notes
from episodec.spec.codes import CODES
from episodec.stages.lowering import Lowered, Lowering, action_id, params
from episodec.stages.summary import READ, measurement_inputs, summary_params


def lower_entry(context: Lowering, lowered: Lowered, narration: Artifact | None) -> Lowered:
    """One action, to `entry.html`. `made`: all actions of the episode; `narration`: an output of the join."""
    choice = context.choose("entry", None)
    note_origins = tuple((action.stage, action.id) for action in lowered.actions if context.tells(action.backend))
    action = Action(
        id=action_id(context.episode, "entry"),
        stage="entry",
        backend=choice.backend,
        outputs=("entry.html",),
        params=params(
            context,
            "entry",
            summary_params(context, lowered),
            {"allow": sorted(set(context.episode.allow) - CODES.keys())},
        ),
        inputs={
            **measurement_inputs(lowered, narration, READ),
            **({"notes.json": (Notes(note_origins),)} if note_origins else {}),
        },
        resources=choice.resources,
    )
    return Lowered((action,), (Deliverable(f"page/{context.episode.name}.html", action.artifact()),))
