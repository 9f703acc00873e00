"""Stage `check`: measures every frame and checks the episode's gates; a failed gate of severity `error` fails it."""

from collections.abc import Mapping

from episodec.digest import Canonical
from episodec.engine.action import Artifact, Deliverable, Input
from episodec.spec.structure import plain
from episodec.spec.types_of_delivery import LIP_SYNC, Gate
from episodec.stages.background import background_of
from episodec.stages.lowering import (
    Lowered,
    Lowering,
    LoweringError,
    clock,
    performance_of,
    performs,
    renders,
    step,
)

OUTPUTS = {"check.json": ".json", "check.png": ".png"}
"""The outputs, and the endings of their names under check/."""


def lower_check(context: Lowering, picture: Artifact | None, references: Mapping[int, Input] | None = None) -> Lowered:
    """One action, to the report and its chart; nothing for an episode without a picture.

    `references`: pictures to compare frames with, by frame number.

    Raises:
        LoweringError: there are gates but no picture.
    """
    episode = context.episode
    if picture is None:
        if episode.checks:
            hint = "give it a picture, or remove the checks"
            raise LoweringError(("checks",), "`checks` measure a picture, and this episode has none", hint)
        return Lowered()
    choice = context.choose("check", None)
    compared = sorted((references or {}).items())
    inputs: dict[str, tuple[Input, ...]] = {"picture.mp4": (picture,)}
    inputs |= {"reference.png": tuple(one for _, one in compared)} if compared else {}
    inputs |= {"performance.json": (performance_of(context),)} if performs(context) else {}
    measured: dict[str, Canonical] = {"gates": plain(_gates(context)), "references": [frame for frame, _ in compared]}
    if renders(episode):
        measured["background"], behind = background_of(context)
        inputs |= behind
    action = step(context, "check", choice, measured, clock(episode), outputs=tuple(OUTPUTS), inputs=inputs)
    delivered = (Deliverable(f"check/{episode.name}{ending}", action.artifact(out)) for out, ending in OUTPUTS.items())
    return Lowered((action,), tuple(delivered))


def _gates(context: Lowering) -> Mapping[str, Gate]:
    """The episode's gates, plus the one for lip sync if a face speaks."""
    asked, voice = context.episode.performance, context.episode.voice
    speaks = performs(context) and asked is not None and (voice is not None or asked.file is not None)
    return {"lip_sync": LIP_SYNC, **context.episode.checks} if speaks else context.episode.checks
