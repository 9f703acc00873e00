"""Stage `rig`: the parts of a scene that move with a face, and how: one action per scene, shared by its episodes."""

from episodec.engine.action import ActionId, Artifact
from episodec.stages.lowering import Lowered, Lowering, action_id, performs, step


def lower_rig(context: Lowering, scene: Artifact) -> Lowered:
    """One action, to `mouth.rig` and the position of the face; nothing if no face performs."""
    if not performs(context):
        return Lowered()
    choice = context.choose("rig", None)
    action = step(
        context,
        "rig",
        choice,
        outputs=("mouth.rig", "face.json"),
        inputs={"still.scene": (scene,)},
        name=_id(context, scene),
    )
    return Lowered((action,), result=action.artifact("mouth.rig"))


def _id(context: Lowering, scene: Artifact) -> ActionId:
    """`alpha/rig/scene/relief`, after the scene's id; `d13-072/rig` if the scene or its rig is the episode's own."""
    owner, _, of = scene.action.partition("/")
    is_own = "rig" in context.episode.overrides or "rig" in context.episode.backends
    if is_own or scene.action == action_id(context.episode, of):
        return action_id(context.episode, "rig")
    return ActionId(f"{owner}/rig/{of}")
