"""Stage `viewer`: a page on which the episode plays in its scene, with the film's camera or the visitor's own."""

from episodec.engine.action import Artifact, Deliverable, Input
from episodec.stages.background import background_of
from episodec.stages.lowering import Lowered, Lowering, LoweringError, renders, step
from episodec.stages.summary import measurement_inputs, summary_params


def lower_viewer(context: Lowering, lowered: Lowered, audio: Artifact | None, captions: Artifact | None) -> Lowered:
    """One action, to `viewer.html`; nothing unless the spec asks for it. `lowered`: all actions of the episode's film.

    Raises:
        LoweringError: the episode has no scene.
    """
    if not context.episode.viewer:
        return Lowered()
    if not renders(context.episode):
        hint = "give it a `camera`, or remove `viewer`"
        raise LoweringError(("viewer",), "`viewer` needs a rendered scene, and this episode renders none", hint)
    from episodec.stages.picture import film_chunks, frame_plan_of  # They need numpy.

    choice = context.choose("viewer", None)
    filmed = film_chunks(context, frame_plan_of(context))
    background, picture = background_of(context)
    inputs: dict[str, tuple[Input, ...]] = {"still.scene": (filmed.scene,), "frames.rows": (filmed.rows,), **picture}
    if filmed.performed:
        inputs |= {"mouth.rig": (filmed.performed.rig,), "performance.rows": filmed.performed.rows}
    inputs |= {"audio.m4a": (audio,)} if audio else {}
    inputs |= {"captions.vtt": (captions,)} if captions else {}
    facts = {name: value for name, value in summary_params(context, lowered).items() if name != "files"}
    action = step(
        context,
        "viewer",
        choice,
        facts,
        {"background": background},
        outputs=("viewer.html",),
        inputs={**inputs, **measurement_inputs(lowered, None, ("scene-check",))},
    )
    return Lowered((action,), (Deliverable(f"viewer/{context.episode.name}.html", action.artifact()),))
