"""Stage `motion`: the character moving, a picture a slice of the scene that is trained from it."""

from episodec.engine.action import Action
from episodec.spec.structure import section
from episodec.stages.character import clips_of, motion_rows, shared_id
from episodec.stages.lowering import Lowering, params, portrait_inputs, role


def frame_names(frames: int) -> tuple[str, ...]:
    """The outputs of the stages that make moving pictures, in order."""
    return tuple(f"frame_{index:03}.png" for index in range(frames))


def lower_motion(at: Lowering, clip: int = 0) -> Action:
    """One action a clip, to a `frame_000.png` a slice and `motion.json`, which tells where each came from."""
    motion = clips_of(at)[clip]
    choice = at.choose("motion", "video" if motion.video else "images" if motion.images else None)
    inputs = {**portrait_inputs(at), "cameras.rows": (motion_rows(at, motion),)}
    if motion.video:
        inputs[role("video", motion.video)] = (at.modelling.files[motion.video],)
    if motion.images:
        inputs["image.png"] = at.modelling.pictures[motion.images]
    return Action(
        id=shared_id(at, "motion", choice, clip),
        stage="motion",
        backend=choice.backend,
        outputs=(*frame_names(motion.frames), "motion.json"),
        params=params(at, "motion", section(motion)),
        inputs=inputs,
        resources=choice.resources,
    )
