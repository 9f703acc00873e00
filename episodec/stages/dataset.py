"""Stage `dataset`: views and motion with their cameras and times, as one training file."""

from collections.abc import Sequence

from episodec.engine.action import Action, Artifact
from episodec.stages.character import shared_id, training_of
from episodec.stages.lowering import Lowering, step


def lower_dataset(context: Lowering, views: Action, motions: Sequence[Action], frames: Sequence[Artifact]) -> Action:
    """One action, to `dataset.zip`. Two frames of the first clip are held out of training.

    `frames`: those of the clips or their refined versions; their cameras are the clips'.
    """
    choice = context.choose("dataset", None)
    training = training_of(context)
    return step(
        context,
        "dataset",
        choice,
        {"val": training.val, "test": training.test},
        outputs=("dataset.zip",),
        inputs={
            "view.png": tuple(views.artifact(name) for name in views.outputs if name != "cloud.ply"),
            "frame.png": tuple(frames),
            "views.rows": views.inputs["cameras.rows"],
            "motion.rows": tuple(rows for motion in motions for rows in motion.inputs["cameras.rows"]),
            "cloud.ply": (views.artifact("cloud.ply"),),
        },
        name=shared_id(context, "dataset", choice),
    )
