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
_LANDMARKS = InputFiles("landmarks.json", LANDMARKS, "the landmarks of the face", only="where the author has set them")
_CAMERAS = InputFiles("cameras.rows", ROWS, "the camera, the scene time and the size in pixels of each picture")
_A_CAMERA = "one per camera, in the order of `cameras.rows`"
_IMAGES = InputFiles(
    "image.png", IMAGE, "the author's own pictures", many=_A_CAMERA, only="where the author gives them"
)

_FOV = Param("fov_y_deg", NUMBER, "the vertical field of view of all pictures", unit="degrees")
_SEED = Param("seed", Integer(), "the seed of random numbers")
_PROMPT = Param("prompt", Maybe(TEXT), "the prompt of a model that takes one; none: the backend's own")
_NEGATIVE = Param("negative_prompt", Maybe(TEXT), "the negative prompt; none: the backend's own")
_STEPS = Param("steps", Maybe(Integer(1)), "the number of sampler steps; none: the backend's own")

VIEWS = Contract(
    stage="views",
    makes="The character from all around, standing still, and points on its surface. The params are the numbers that "
    "`cameras.rows` was computed from.",
    inputs=(
        _PORTRAIT,
        _LANDMARKS,
        _CAMERAS,
        InputFiles("model.*", MODEL, "the author's mesh", only="where the author gives one"),
        _IMAGES,
    ),
    params=(
        Param("count", Integer(1), "the number of pictures"),
        Param("radius", NUMBER, "the distance of the cameras from `look_at`", unit="m"),
        Param("elevation_deg", NUMBER, "the elevation of the cameras above it", unit="degrees"),
        Param(
            "from_deg",
            NUMBER,
            "the first camera's azimuth: 0 in front, growing to the character's left",
            unit="degrees",
        ),
        Param("to_deg", NUMBER, "the azimuth at which the circle or arc ends", unit="degrees"),
        Param("look_at", ListOf("three numbers", NUMBER, length=3), "the point that the cameras look at", unit="m"),
        _FOV,
        Param("take", Integer(), "another number gives other pictures of the same character"),
    ),
    outputs=(
        Output("view_000.png", SHOT, "the character", many=_A_CAMERA),
        Output("cloud.ply", POINTS, "points to start a training from; they enclose everything that moves"),
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
        Param("frames", Integer(2), "the number of pictures"),
        _PROMPT,
        _NEGATIVE,
        _SEED,
        _STEPS,
        Param("camera", Among(("fixed", "orbit")), "whether the camera stays in front or moves around the character"),
        Param("arc_deg", NUMBER, "the arc that it covers, half of it to each side", unit="degrees"),
    ),
    outputs=(
        Output("frame_000.png", SHOT, "the character", many=_A_CAMERA),
        Output("motion.json", MOTION_NOTE, "the source of each picture"),
    ),
)

REFINE = Contract(
    stage="refine",
    makes="The moving pictures, made more like the portrait.",
    inputs=(_PORTRAIT, InputFiles("frame.png", SHOTS, "the moving pictures", many="in order")),
    params=(
        _PROMPT,
        _NEGATIVE,
        Param("strength", NUMBER, "how much is redrawn: 0 leaves a picture unchanged, 1 keeps nothing of it"),
        _SEED,
        _STEPS,
    ),
    outputs=(
        Output("frame_000.png", REFINED, "the same pictures", many="in the order of the input"),
        Output("drift.json", DRIFT, "the distance of each picture from the portrait, before and after"),
    ),
)

DATASET = Contract(
    stage="dataset",
    makes="All training data of a scene in one file: pictures, cameras, times and points.",
    inputs=(
        InputFiles("view.png", SHOTS, "the character from all around", many="in the order of `views.rows`"),
        InputFiles("frame.png", SHOTS, "the character moving", many="in the order of `motion.rows`"),
        InputFiles("cloud.ply", POINTS, "the points to start from"),
        InputFiles("views.rows", ROWS, "the cameras of `view.png`"),
        InputFiles("motion.rows", ROWS, "the cameras of `frame.png`", many="one per clip, in order"),
    ),
    params=(
        Param("val", Integer(1), "the moving picture used for validation while training"),
        Param("test", Integer(1), "the moving picture used for the final test"),
    ),
    outputs=(Output("dataset.zip", TRAINING_SET, "the dataset"),),
)

TRAIN = Contract(
    stage="train",
    makes="A moving scene of Gaussians trained from a dataset, and a report of the training for people.",
    inputs=(
        InputFiles("dataset.zip", TRAINING_SET, "the training data"),
        InputFiles(
            "initial.ply",
            INITIAL,
            "the initial Gaussians, instead of the dataset's points",
            only="where the author gives it",
        ),
    ),
    params=(
        Param("iterations", Integer(1), "the number of training steps with motion"),
        Param("coarse_iterations", Integer(0), "the number of steps before them, without motion"),
        Param("gaussians", Integer(1), "the maximum number of Gaussians"),
        Param("sh_degree", Integer(0), "the degree of the spherical harmonics of their colours, at most 3"),
        Param("slices", Integer(2), "the number of samples of the motion in the scene"),
        _SEED,
    ),
    outputs=(
        Output("still.scene", SCENE, "the scene, with its motion"),
        Output("point_cloud.ply", GAUSSIANS, "its Gaussians in the canonical pose, before the field deforms them"),
        Output("deformation.pth", TENSORS, "the field that deforms them"),
        Output("training.json", TRAINED, "the course of the training, without times and host names"),
        Output("training.png", PNG, "the same as a chart"),
        Output("turntable.webp", ANIMATION, "one turn around the scene"),
    ),
)

SCENE_CHECK = Contract(
    stage="scene-check",
    makes="A trained scene compared with the pictures that it was trained on and with held-out ones.",
    inputs=(InputFiles("still.scene", SCENE, "the scene"), InputFiles("dataset.zip", TRAINING_SET, "the pictures")),
    params=(FRAMES, RATE),
    outputs=(
        Output("scene.json", FIDELITY, "how close they are"),
        Output("scene.png", PNG, "some of them next to their renders"),
        Output("scene.mp4", PICTURE, "a film of the scene: one orbit while scene time runs once"),
    ),
)
