"""Stage `views`: the character from all around, standing still, and points to start a scene from."""

from episodec.engine.action import Action
from episodec.spec.structure import section
from episodec.stages.character import shared_id, views_rows
from episodec.stages.lowering import Lowering, params, portrait_inputs, role


def lower_views(at: Lowering) -> Action:
    """One action, to one `view_000.png` per camera and `cloud.ply`."""
    views = at.modelling.scene.views
    choice = at.choose("views", "mesh" if views.model else "images" if views.images else None)
    inputs = {**portrait_inputs(at), "cameras.rows": (views_rows(at),)}
    if views.model:
        inputs[role("model", views.model)] = (at.modelling.files[views.model],)
    if views.images:
        inputs["image.png"] = at.modelling.pictures[views.images]
    return Action(
        id=shared_id(at, "views", choice),
        stage="views",
        backend=choice.backend,
        outputs=(*(f"view_{index:03}.png" for index in range(views.count)), "cloud.ply"),
        params=params(at, "views", section(views)),
        inputs=inputs,
        resources=choice.resources,
    )
