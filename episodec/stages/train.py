"""Stage `train`: a moving scene of Gaussians from a dataset, with the stages before and after it.

`lower_trained` is the data flow of a character's trained scene.
"""

from episodec.engine.action import Action, Artifact, Deliverable, Input
from episodec.stages.character import clips_of, preset_of, shared_id, training_of
from episodec.stages.dataset import lower_dataset
from episodec.stages.lowering import Lowered, Lowering, step
from episodec.stages.motion import lower_motion
from episodec.stages.refine import lower_refine
from episodec.stages.scene_check import lower_scene_check
from episodec.stages.views import lower_views

OUTPUTS = ("still.scene", "point_cloud.ply", "deformation.pth", "training.json", "training.png", "turntable.webp")

DELIVERED = {"training.png": "_training.png", "turntable.webp": "_turntable.webp"}
"""The published outputs of the training, and the endings of their names under scene/."""


def lower_trained(context: Lowering) -> Lowered:
    """From the portrait to `still.scene`: views and motion, the dataset, the training and its check."""
    views = lower_views(context)
    motions = [lower_motion(context, clip) for clip in range(len(clips_of(context)))]
    refined = [lower_refine(context, _frames(motion), clip) for clip, motion in enumerate(motions)]
    last = [motion if better is None else better for motion, better in zip(motions, refined, strict=True)]
    dataset = lower_dataset(context, views, motions, [frame for one in last for frame in _frames(one)])
    train = lower_train(context, dataset.artifact())
    check = lower_scene_check(context, train.artifact("still.scene"), dataset.artifact())
    trained = (views, *motions, *(one for one in refined if one is not None), dataset, train)
    name = f"scene/{context.episode.name}"
    delivered = tuple(Deliverable(f"{name}{ending}", train.artifact(out)) for out, ending in DELIVERED.items())
    actions = (*trained, *check.actions)
    return Lowered(actions, (*delivered, *check.deliverables), train.artifact("still.scene"))


def lower_train(context: Lowering, dataset: Artifact) -> Action:
    """One action: the scene in episodec's and 4DGaussians' formats, the record and the chart of its training, and a
    turntable.

    Its params are the seed and the numbers of the training; its outputs depend on neither time nor device.
    """
    choice = context.choose("train", None)
    training, preset = training_of(context), preset_of(context)
    inputs: dict[str, tuple[Input, ...]] = {"dataset.zip": (dataset,)}
    if training.initial:
        inputs["initial.ply"] = (context.modelling.files[training.initial],)
    numbers = {
        "iterations": preset.iterations,
        "coarse_iterations": preset.coarse_iterations,
        "gaussians": preset.gaussians,
        "sh_degree": preset.sh_degree,
        "slices": context.modelling.scene.motion.frames,
        "seed": training.seed,
    }
    return step(
        context, "train", choice, numbers, outputs=OUTPUTS, inputs=inputs, name=shared_id(context, "train", choice)
    )


def _frames(of: Action) -> tuple[Artifact, ...]:
    """The pictures of a clip, in order."""
    return tuple(of.artifact(name) for name in of.outputs if name.startswith("frame_"))
