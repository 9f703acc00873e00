"""Stage `dataset`: views and motion, their cameras and times, as one file to train from."""

from collections.abc import Sequence

from episodec.engine.action import Action, Artifact
from episodec.stages.character import motion_rows, shared_id, training_of, views_rows
from episodec.stages.lowering import Lowering, params


def lower_dataset(at: Lowering, views: Sequence[Artifact], cloud: Artifact, frames: Sequence[Artifact]) -> Action:
    """One action, to `dataset.zip`. Two moving frames are held out of what is learned."""
    choice = at.choose("dataset", None)
    training = training_of(at)
    return Action(
        id=shared_id(at, "dataset", choice),
        stage="dataset",
        backend=choice.backend,
        outputs=("dataset.zip",),
        params=params(at, "dataset", {"val": training.val, "test": training.test}),
        inputs={
            "view.png": tuple(views),
            "frame.png": tuple(frames),
            "views.rows": (views_rows(at),),
            "motion.rows": (motion_rows(at),),
            "cloud.ply": (cloud,),
        },
        resources=choice.resources,
    )
