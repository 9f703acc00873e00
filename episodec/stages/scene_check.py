"""Stage `scene-check`: compares a trained scene with its training pictures and with held-out ones."""

from episodec.engine.action import Artifact, Deliverable
from episodec.stages.character import shared_id
from episodec.stages.lowering import Lowered, Lowering, step

OUTPUTS = {"scene.json": "_check.json", "scene.png": "_check.png", "scene.mp4": ".mp4"}
"""The outputs, and the endings of their names under scene/."""

FILM = {"frames": 160, "rate": 30}
"""The film of a scene, as in 4DGaussians: one orbit while scene time runs once."""


def lower_scene_check(context: Lowering, scene: Artifact, dataset: Artifact) -> Lowered:
    """One action, to the measurements, a picture of truth next to renders, and the film of the scene."""
    choice = context.choose("scene-check", None)
    action = step(
        context,
        "scene-check",
        choice,
        dict(FILM),
        outputs=tuple(OUTPUTS),
        inputs={"still.scene": (scene,), "dataset.zip": (dataset,)},
        name=shared_id(context, "scene-check", choice),
    )
    name = f"scene/{context.episode.name}"
    delivered = tuple(Deliverable(f"{name}{ending}", action.artifact(out)) for out, ending in OUTPUTS.items())
    return Lowered((action,), delivered)
