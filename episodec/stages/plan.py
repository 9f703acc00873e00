"""Stage `plan`: the frame plan as plan.json, which says of every frame what it shows and sounds."""

from episodec.digest import Canonical
from episodec.engine.action import Action, Deliverable, Literal
from episodec.film.plan import FramePlan
from episodec.film.rows import pack
from episodec.stages.lowering import Lowered, Lowering, action_id, clock, params


def lower_plan(at: Lowering, plan: FramePlan) -> Lowered:
    """One action, to `plan.json`. The rows travel as numbers; that they become text is the backend's version."""
    choice = at.choose("plan", "plan")
    segments: list[Canonical] = [
        {"track": one.track, "kind": one.kind, "start_frame": one.start_frame, "end_frame": one.end_frame}
        for one in plan.stretches
    ]
    rows = Literal(pack(plan.size, plan.camera_to_world, plan.intrinsics, plan.scene_time))
    action = Action(
        id=action_id(at.episode, "plan"),
        stage="plan",
        backend=choice.backend,
        outputs=("plan.json",),
        params=params(at, "plan", {"segments": segments}, clock(at.episode)),
        inputs={"frames.rows": (rows,)},
        resources=choice.resources,
    )
    return Lowered((action,), (Deliverable(f"plan/{at.episode.name}.json", action.artifact()),))
