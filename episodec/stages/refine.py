"""Stage `refine`: makes moving pictures more like the portrait, if a backend is named for it."""

from collections.abc import Sequence

from episodec.engine.action import Action, Artifact
from episodec.spec.structure import section
from episodec.stages.character import shared_id
from episodec.stages.lowering import Lowering, step
from episodec.stages.motion import frame_names


def lower_refine(context: Lowering, frames: Sequence[Artifact], clip: int = 0) -> Action | None:
    """One action per clip, to the same number of frames and `drift.json`, the distance of each from the portrait before
    and after.

    None if neither the command line nor the episode nor the profile names a backend: frames are used as they are.
    """
    if not context.has_backend("refine"):
        return None
    assert context.portrait is not None
    choice = context.choose("refine", None)
    return step(
        context,
        "refine",
        choice,
        section(context.modelling.scene.refine),
        outputs=(*frame_names(len(frames)), "drift.json"),
        inputs={"portrait.png": (context.portrait,), "frame.png": tuple(frames)},
        name=shared_id(context, "refine", choice, clip),
    )
