"""Contracts of the stages that train a scene of a character: pictures, refinement, training, check."""

from episodec.contracts.contract import Contract, InputFiles, Output, Param
from episodec.contracts.kinds import NUMBER, TEXT, Among, Integer, ListOf, Maybe
from episodec.contracts.picture_files import (
    ANIMATION,
    IMAGE,
    LANDMARKS,
    PICTURE,
    PNG,
    PORTRAIT,
    REFINED,
    SHOT,
    SHOTS,
    VIDEO,
)
from episodec.contracts.scene_files import GAUSSIANS, INITIAL, MODEL, POINTS, ROWS, SCENE, TENSORS, TRAINING_SET
from episodec.contracts.sound_stages import FRAMES, RATE
from episodec.contracts.text_files import DRIFT, FIDELITY, MOTION_NOTE, TRAINED

_PORTRAIT = InputFiles("portrait.png", PORTRAIT, "the character")
_LANDMARKS = InputFiles(
    "landmarks.json", LANDMARKS, "where the face's landmarks are", only="where the author has set them"
)
_CAMERAS = InputFiles(
    "cameras.rows", ROWS, "from where each picture is taken, at which scene time, and the size in pixels"
)
_A_CAMERA = "one a camera, in the order of `cameras.rows`"
_IMAGES = InputFiles(
    "image.png", IMAGE, "the author's own pictures", many=_A_CAMERA, only="where the author gives them"
)

_FOV = Param("fov_y_deg", NUMBER, "the vertical field of view of all pictures", unit="degrees")
_SEED = Param("seed", Integer(), "what random numbers begin with")
_PROMPT = Param("prompt", Maybe(TEXT), "words for a model that takes some; none: the backend's own")
_NEGATIVE = Param("negative_prompt", Maybe(TEXT), "what is not to be seen; none: the backend's own")
_STEPS = Param("steps", Maybe(Integer(1)), "how many steps a model's sampler takes; none: the backend's own")

VIEWS = Contract(
    stage="views",
    makes="The character from around, standing still, and points on its surface. Params say once more what the cameras "
    "in `cameras.rows` follow from.",
    inputs=(
        _PORTRAIT,
        _LANDMARKS,
        _CAMERAS,
        InputFiles("model.*", MODEL, "the author's mesh", only="where the author gives one"),
        _IMAGES,
    ),
    params=(
        Param("count", Integer(1), "how many pictures there are"),
        Param("radius", NUMBER, "how far the cameras are from what they look at", unit="m"),
        Param("elevation_deg", NUMBER, "how far above it they stand", unit="degrees"),
        Param(
            "from_deg",
            NUMBER,
            "the first camera's azimuth: 0 in front, growing to the character's left",
            unit="degrees",
        ),
        Param("to_deg", NUMBER, "where the circle or the arc ends", unit="degrees"),
        Param("look_at", ListOf("three numbers", NUMBER, length=3), "what the cameras look at", unit="m"),
        _FOV,
        Param("take", Integer(), "another number asks for other pictures of the same character"),
    ),
    outputs=(
        Output("view_000.png", SHOT, "the character", many=_A_CAMERA),
        Output("cloud.ply", POINTS, "points that a training starts from; they enclose all that moves"),
    ),
)

MOTION = Contract(
    stage="motion",
    makes="The character moving: picture k of F shows scene time k / (F - 1).",
    inputs=(
        _PORTRAIT,
        _LANDMARKS,
        _CAMERAS,
        InputFiles("video.*", VIDEO, "the author's video of the character", only="where the author gives one"),
        _IMAGES,
    ),
    params=(
        Param("frames", Integer(2), "how many pictures there are"),
        _PROMPT,
        _NEGATIVE,
        _SEED,
        _STEPS,
        Param("camera", Among(("fixed", "orbit")), "whether the camera stands in front or comes around"),
        Param("arc_deg", NUMBER, "how far it comes around, half of it to each side", unit="degrees"),
    ),
    outputs=(
        Output("frame_000.png", SHOT, "the character", many=_A_CAMERA),
        Output("motion.json", MOTION_NOTE, "what each picture was taken from"),
    ),
)

REFINE = Contract(
    stage="refine",
    makes="The moving pictures, brought back to the likeness of the portrait.",
    inputs=(_PORTRAIT, InputFiles("frame.png", SHOTS, "the moving pictures", many="in order")),
    params=(
        _PROMPT,
        _NEGATIVE,
        Param("strength", NUMBER, "how much is drawn anew: 0 leaves a picture as it is, 1 keeps nothing of it"),
        _SEED,
        _STEPS,
    ),
    outputs=(
        Output("frame_000.png", REFINED, "the same pictures", many="in the order of the pictures that come in"),
        Output("drift.json", DRIFT, "how far each is from the portrait, before and after"),
    ),
)

DATASET = Contract(
    stage="dataset",
    makes="All that a scene is trained from in one file: pictures, cameras, times and points.",
    inputs=(
        InputFiles("view.png", SHOTS, "the character from around", many="in the order of `views.rows`"),
        InputFiles("frame.png", SHOTS, "the character moving", many="in the order of `motion.rows`"),
        InputFiles("cloud.ply", POINTS, "the points to start from"),
        InputFiles("views.rows", ROWS, "the cameras of `view.png`"),
        InputFiles("motion.rows", ROWS, "the cameras of `frame.png`", many="one a clip, in order"),
    ),
    params=(
        Param("val", Integer(1), "the moving picture that is looked at while training, and not learned from"),
        Param("test", Integer(1), "the one that is looked at last"),
    ),
    outputs=(Output("dataset.zip", TRAINING_SET, "the dataset"),),
)

TRAIN = Contract(
    stage="train",
    makes="A moving scene of Gaussians, learned from a dataset, and what people look at to see how it went.",
    inputs=(
        InputFiles("dataset.zip", TRAINING_SET, "what is learned from"),
        InputFiles(
            "initial.ply",
            INITIAL,
            "what it starts from in place of the dataset's points",
            only="where the author gives it",
        ),
    ),
    params=(
        Param("iterations", Integer(1), "how many steps are trained with the motion"),
        Param("coarse_iterations", Integer(0), "how many before them, as if nothing moved"),
        Param("gaussians", Integer(1), "how many Gaussians there may be"),
        Param("sh_degree", Integer(0), "the degree of the spherical harmonics of their colours, at most 3"),
        Param("slices", Integer(2), "how many samples of the movement the scene holds"),
        _SEED,
    ),
    outputs=(
        Output("still.scene", SCENE, "the scene, with its movement"),
        Output("point_cloud.ply", GAUSSIANS, "its Gaussians as the field moves them from"),
        Output("deformation.pth", TENSORS, "the field that moves them"),
        Output("training.json", TRAINED, "how it went, without clocks and hosts"),
        Output("training.png", PNG, "the same, drawn"),
        Output("turntable.webp", ANIMATION, "the scene, turning once around"),
    ),
)

SCENE_CHECK = Contract(
    stage="scene-check",
    makes="A trained scene held against the pictures that it was trained from, and those that it never saw.",
    inputs=(InputFiles("still.scene", SCENE, "the scene"), InputFiles("dataset.zip", TRAINING_SET, "the pictures")),
    params=(FRAMES, RATE),
    outputs=(
        Output("scene.json", FIDELITY, "how near they are"),
        Output("scene.png", PNG, "some of them, beside what is rendered"),
        Output("scene.mp4", PICTURE, "the scene's own film: once around while scene time runs once"),
    ),
)
