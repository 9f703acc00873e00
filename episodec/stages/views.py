"""Stage `views`: the character from all around, standing still, and points to start a scene from."""

from episodec.engine.action import Action
from episodec.spec.structure import section
from episodec.stages.character import shared_id, views_rows
from episodec.stages.lowering import Lowering, portrait_inputs, role, step


def lower_views(context: Lowering) -> Action:
    """One action, to one `view_000.png` per camera and `cloud.ply`."""
    views = context.modelling.scene.views
    choice = context.choose("views", "mesh" if views.model else "images" if views.images else None)
    inputs = {**portrait_inputs(context), "cameras.rows": (views_rows(context),)}
    if views.model:
        inputs[role("model", views.model)] = (context.modelling.files[views.model],)
    if views.images:
        inputs["image.png"] = context.modelling.pictures[views.images]
    return step(
        context,
        "views",
        choice,
        section(views),
        outputs=(*(f"view_{index:03}.png" for index in range(views.count)), "cloud.ply"),
        inputs=inputs,
        name=shared_id(context, "views", choice),
    )
