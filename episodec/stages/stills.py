"""Stage `stills`: poster, contact sheet and animated preview, from the frames of the picture."""

from episodec.engine.action import Action, Artifact, Deliverable
from episodec.stages.lowering import Lowered, Lowering, action_id, clock, params

OUTPUTS = {"poster.jpg": "_poster.jpg", "contact.png": "_contact.png", "preview.webp": "_preview.webp"}
"""The outputs, and the endings of their names next to the video."""


def lower_stills(context: Lowering, picture: Artifact | None) -> Lowered:
    """One action; nothing for an episode without a picture."""
    if picture is None:
        return Lowered()
    choice = context.choose("stills", None)
    action = Action(
        id=action_id(context.episode, "stills"),
        stage="stills",
        backend=choice.backend,
        outputs=tuple(OUTPUTS),
        params=params(context, "stills", {}, clock(context.episode)),
        inputs={"picture.mp4": (picture,)},
        resources=choice.resources,
    )
    delivered = (
        Deliverable(f"video/{context.episode.name}{ending}", action.artifact(name)) for name, ending in OUTPUTS.items()
    )
    return Lowered((action,), tuple(delivered))
