"""Stage `motion`: the character moving, one picture per slice of the scene trained from it."""

from episodec.engine.action import Action
from episodec.spec.structure import section
from episodec.stages.character import clips_of, motion_rows, shared_id
from episodec.stages.lowering import Lowering, portrait_inputs, role, step


def frame_names(frames: int) -> tuple[str, ...]:
    """The output names of the stages that make moving pictures, in order."""
    return tuple(f"frame_{index:03}.png" for index in range(frames))


def lower_motion(context: Lowering, clip: int = 0) -> Action:
    """One action per clip, to one `frame_000.png` per slice and `motion.json`, which holds the source of each."""
    motion = clips_of(context)[clip]
    choice = context.choose("motion", "video" if motion.video else "images" if motion.images else None)
    inputs = {**portrait_inputs(context), "cameras.rows": (motion_rows(context, motion),)}
    if motion.video:
        inputs[role("video", motion.video)] = (context.modelling.files[motion.video],)
    if motion.images:
        inputs["image.png"] = context.modelling.pictures[motion.images]
    return step(
        context,
        "motion",
        choice,
        section(motion),
        outputs=(*frame_names(motion.frames), "motion.json"),
        inputs=inputs,
        name=shared_id(context, "motion", choice, clip),
    )
