"""Stage `stills`: poster, contact sheet and animated preview, from the frames of the picture."""

from episodec.engine.action import Artifact, Deliverable
from episodec.stages.lowering import Lowered, Lowering, clock, step

OUTPUTS = {"poster.jpg": "_poster.jpg", "contact.png": "_contact.png", "preview.webp": "_preview.webp"}
"""The outputs, and the endings of their names next to the video."""


def lower_stills(context: Lowering, picture: Artifact | None) -> Lowered:
    """One action; nothing for an episode without a picture."""
    if picture is None:
        return Lowered()
    choice = context.choose("stills", None)
    action = step(
        context,
        "stills",
        choice,
        {},
        clock(context.episode),
        outputs=tuple(OUTPUTS),
        inputs={"picture.mp4": (picture,)},
    )
    delivered = (
        Deliverable(f"video/{context.episode.name}{ending}", action.artifact(name)) for name, ending in OUTPUTS.items()
    )
    return Lowered((action,), tuple(delivered))
