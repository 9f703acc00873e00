"""Stage `entry`: an episode's part of the index page, a separate action, so other episodes' parts are unaffected."""

from episodec.engine.action import Artifact, Deliverable, Notes
from episodec.spec.codes import CODES
from episodec.stages.lowering import Lowered, Lowering, step
from episodec.stages.summary import READ, measurement_inputs, summary_params


def lower_entry(context: Lowering, lowered: Lowered, narration: Artifact | None) -> Lowered:
    """One action, to `entry.html`. `made`: all actions of the episode; `narration`: an output of the join."""
    choice = context.choose("entry", None)
    note_origins = tuple((action.stage, action.id) for action in lowered.actions if context.tells(action.backend))
    action = step(
        context,
        "entry",
        choice,
        summary_params(context, lowered),
        {"allow": sorted(set(context.episode.allow) - CODES.keys())},
        outputs=("entry.html",),
        inputs={
            **measurement_inputs(lowered, narration, READ),
            **({"notes.json": (Notes(note_origins),)} if note_origins else {}),
        },
    )
    return Lowered((action,), (Deliverable(f"page/{context.episode.name}.html", action.artifact()),))
