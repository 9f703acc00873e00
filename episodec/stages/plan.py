"""Stages `plan` and `plan-picture`: the frame plan as plan.json, with the camera, scene time and samples of every
frame, and as a chart.
"""

from episodec.digest import Canonical
from episodec.engine.action import Artifact, Deliverable, Input, Literal
from episodec.film.plan import FramePlan
from episodec.film.rows import pack
from episodec.stages.lowering import Lowered, Lowering, clock, step


def lower_plan(context: Lowering, plan: FramePlan, rows: Literal) -> Lowered:
    """One action, to `plan.json`. The rows are passed as numbers; the backend turns them into text."""
    choice = context.choose("plan", None)
    action = step(
        context,
        "plan",
        choice,
        _segments(plan),
        clock(context.episode),
        outputs=("plan.json",),
        inputs={"frames.rows": (rows,)},
    )
    return Lowered((action,), (Deliverable(f"plan/{context.episode.name}.json", action.artifact()),))


def lower_plan_picture(context: Lowering, plan: FramePlan, rows: Literal, narration: Artifact | None) -> Lowered:
    """One action, to `plan.png`, with the waveform and the sentences of the joined voice if there is one."""
    choice = context.choose("plan-picture", None)
    inputs: dict[str, tuple[Input, ...]] = {"frames.rows": (rows,)}
    if narration is not None:
        inputs |= {name: (Artifact(narration.action, name),) for name in ("voice.wav", "words.json")}
    action = step(
        context,
        "plan-picture",
        choice,
        _segments(plan),
        clock(context.episode),
        {"language": context.episode.language},
        outputs=("plan.png",),
        inputs=inputs,
    )
    return Lowered((action,), (Deliverable(f"plan/{context.episode.name}.png", action.artifact()),))


def _segments(plan: FramePlan) -> dict[str, Canonical]:
    segments: list[Canonical] = [
        {"track": one.track, "kind": one.kind, "start_frame": one.start_frame, "end_frame": one.end_frame}
        for one in plan.stretches
    ]
    return {"segments": segments}


def rows_of(plan: FramePlan) -> Literal:
    """All rows of a plan, in one value: those of a film of hours exist only once in memory."""
    return Literal(pack(plan.size, plan.camera_to_world, plan.intrinsics, plan.scene_time, plan.period))
