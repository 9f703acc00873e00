"""Stages `plan` and `plan-picture`: the frame plan as plan.json, with the camera, scene time and samples of every
frame, and as a chart.
"""

from episodec.digest import Canonical
from episodec.engine.action import Action, Artifact, Deliverable, Input, Literal
from episodec.film.plan import FramePlan
from episodec.film.rows import pack
from episodec.stages.lowering import Lowered, Lowering, action_id, clock, params


def lower_plan(context: Lowering, plan: FramePlan, rows: Literal) -> Lowered:
    """One action, to `plan.json`. The rows are passed as numbers; the backend turns them into text."""
    choice = context.choose("plan", None)
    action = Action(
        id=action_id(context.episode, "plan"),
        stage="plan",
        backend=choice.backend,
        outputs=("plan.json",),
        params=params(context, "plan", _segments(plan), clock(context.episode)),
        inputs={"frames.rows": (rows,)},
        resources=choice.resources,
    )
    return Lowered((action,), (Deliverable(f"plan/{context.episode.name}.json", action.artifact()),))


def lower_plan_picture(context: Lowering, plan: FramePlan, rows: Literal, narration: Artifact | None) -> Lowered:
    """One action, to `plan.png`, with the waveform and the sentences of the joined voice if there is one."""
    choice = context.choose("plan-picture", None)
    inputs: dict[str, tuple[Input, ...]] = {"frames.rows": (rows,)}
    if narration is not None:
        inputs |= {name: (Artifact(narration.action, name),) for name in ("voice.wav", "words.json")}
    action = Action(
        id=action_id(context.episode, "plan-picture"),
        stage="plan-picture",
        backend=choice.backend,
        outputs=("plan.png",),
        params=params(
            context, "plan-picture", _segments(plan), clock(context.episode), {"language": context.episode.language}
        ),
        inputs=inputs,
        resources=choice.resources,
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
