"""Contracts of the stages from the tracks to the finished video: plan, scene, frames, mux, and what is looked at."""

from episodec.contracts.contract import Contract, InputFiles, Output, Param
from episodec.contracts.kinds import NUMBER, TEXT, Among, Integer, ListOf, Maybe, Table
from episodec.contracts.performance_files import PERFORMED, PERFORMED_ROWS
from episodec.contracts.picture_files import (
    ANIMATION,
    AUTHORS_PICTURE,
    CHUNK,
    ENCODED,
    EPISODE,
    FRAME,
    IMAGE,
    JPEG,
    LANDMARKS,
    LOSSLESS,
    PICTURE,
    PNG,
    PORTRAIT,
    READY_VIDEO,
    RENDERED,
    SHOWN,
    VIDEO,
)
from episodec.contracts.scene_files import CHECKPOINT_CLOUD, CHECKPOINT_FIELD, MODEL_OF_GAUSSIANS, RIG, ROWS, SCENE
from episodec.contracts.sound_files import AAC, NARRATION, WEBVTT, WORD_TIMES
from episodec.contracts.sound_stages import FRAMES, RATE
from episodec.contracts.text_files import CHECK, OVERLAID, PLAN_JSON

_SIZE = ListOf("two whole numbers, at least 1", Integer(1), length=2)
EVERY_FRAME = InputFiles("frames.rows", ROWS, "what each frame of the episode shows")
_SEGMENTS = Param(
    "segments",
    ListOf(
        "list of segments: `track` (`camera` or `time`), `kind` (text), `start_frame` and `end_frame` (whole numbers)",
        Table({"track": Among(("camera", "time")), "kind": TEXT, "start_frame": Integer(0), "end_frame": Integer(1)}),
    ),
    "the segments of both tracks, half-open",
    unit="frames",
)
CHUNK_FRAMES = Param("chunk_frames", Integer(1), "the length of a chunk; the last one may be shorter", unit="frames")
POINT = ListOf("three numbers", NUMBER, length=3)
_BEHIND = InputFiles("background.*", AUTHORS_PICTURE, "what is seen where nothing stands", only="where it is a picture")
_BACKGROUND = (
    "background",
    Table({"colours": ListOf("list of colours as `#202028`", TEXT), "falloff": NUMBER}),
    (
        "what is seen where nothing stands, still in the frame: `colours` from its top to its bottom, none where it is"
        " a picture, and how much of the light is gone far from the head, 0 to 1"
    ),
)
_PICTURE = InputFiles("picture.mp4", SHOWN, "the frames of the episode")

PLAN = Contract(
    stage="plan",
    makes="The frame plan as a file: of every frame what it shows and which samples sound with it.",
    inputs=(EVERY_FRAME,),
    params=(FRAMES, RATE, _SEGMENTS),
    outputs=(Output("plan.json", PLAN_JSON, "the plan"),),
)

PLAN_PICTURE = Contract(
    stage="plan-picture",
    makes="The frame plan as a picture, with the narration where there is one.",
    inputs=(
        EVERY_FRAME,
        InputFiles("voice.wav", NARRATION, "the narration", only="in an episode with a voice"),
        InputFiles("words.json", WORD_TIMES, "its words", only="in an episode with a voice"),
    ),
    params=(FRAMES, RATE, _SEGMENTS),
    outputs=(Output("plan.png", PNG, "the plan"),),
)

READY = Contract(
    stage="video",
    makes="The author's ready video, held to the episode, in place of a scene that is rendered.",
    inputs=(InputFiles("video.*", VIDEO, "the author's video"),),
    params=(FRAMES, RATE, Param("size", Maybe(_SIZE), "width and height; none: whatever it has", unit="pixels")),
    outputs=(Output("video.mp4", READY_VIDEO, "the same video"),),
)

STILL_SCENE = Contract(
    stage="scene",
    makes="What stands before the camera, as Gaussians: out of the character's portrait, or of a file of the author's.",
    inputs=(
        InputFiles("portrait.png", PORTRAIT, "the character", only="where the author gives no file"),
        InputFiles("landmarks.json", LANDMARKS, "where its face's landmarks are", only="where the author has set them"),
        InputFiles("model.*", MODEL_OF_GAUSSIANS, "the author's scene", only="where the author gives one"),
        InputFiles("point_cloud.*", CHECKPOINT_CLOUD, "its points", only="where the author gives a checkpoint"),
        InputFiles("deformation.*", CHECKPOINT_FIELD, "how they move", only="where the author gives a checkpoint"),
    ),
    params=(),
    outputs=(
        Output("still.scene", SCENE, "the scene: y up, the face looks along +z, metres, the body around 0, 0, 0"),
    ),
)

_PERFORMS = "where a face performs"

RENDER = Contract(
    stage="render",
    makes="The frames of one chunk of a scene, encoded. A frame follows from the scene and its rows alone: never from"
    " the frame before it, and never from where in the episode it stands.",
    inputs=(
        InputFiles("still.scene", SCENE, "what is filmed"),
        InputFiles("frames.rows", ROWS, "what each frame of the chunk shows, and the size in pixels"),
        InputFiles("mouth.rig", RIG, "how the scene performs", only=_PERFORMS),
        InputFiles("performance.rows", PERFORMED_ROWS, "what the face of each frame does", only=_PERFORMS),
        _BEHIND,
    ),
    params=(
        FRAMES,
        RATE,
        Param(*_BACKGROUND, unit="sRGB"),
        Param(
            "step",
            Integer(2),
            "how many frames the face stays as it is",
            unit="frames",
            only="for a preview of a face that performs",
        ),
        Param(
            "frame",
            Integer(0),
            "which of the performance's rows is its own",
            unit="frames",
            only="for a single frame of a face that performs",
        ),
    ),
    outputs=(
        Output("chunk.mp4", RENDERED, "the frames", only="for a chunk of the film that no later stage changes"),
        Output("frames.mkv", LOSSLESS, "the frames", only="where captions are burnt in"),
        Output("frame.png", FRAME, "the frame before it is encoded", only="for a single frame: `episodec still`"),
    ),
)

OVERLAY = Contract(
    stage="overlay",
    makes="What is drawn onto the frames of each chunk where captions are burnt in: the words of the narration, each"
    " while it is spoken. A chunk's overlay knows nothing of the others, so that only those whose words move are drawn"
    " anew.",
    inputs=(InputFiles("words.json", WORD_TIMES, "all words of the narration"), EVERY_FRAME),
    params=(
        FRAMES,
        RATE,
        CHUNK_FRAMES,
        Param(
            "face",
            Maybe(POINT),
            "the middle of the face in the world, which no word covers; none: nobody knows",
            unit="metres",
        ),
    ),
    outputs=(
        Output("overlay_000.json", OVERLAID, "what stands on the frames of a chunk", many="one a chunk, in order"),
    ),
)

ENCODE = Contract(
    stage="encode",
    makes="The frames of one chunk encoded, with what is drawn onto them.",
    inputs=(
        InputFiles("frames.mkv", LOSSLESS, "the frames", only="for a chunk of the film"),
        InputFiles("frame.png", FRAME, "the frame", only="for a single frame: `episodec still`"),
        InputFiles("overlay.json", OVERLAID, "what is drawn onto them", only="where captions are burnt in"),
    ),
    params=(
        FRAMES,
        RATE,
        Param("size", _SIZE, "width and height", unit="pixels"),
        Param("frame", Integer(0), "which frame of the chunk it is", unit="frames", only="for a single frame"),
    ),
    outputs=(
        Output("chunk.mp4", ENCODED, "the frames", only="for a chunk of the film"),
        Output("frame.png", FRAME, "the frame, drawn onto and not encoded", only="for a single frame"),
    ),
)

JOINED_PICTURE = Contract(
    stage="picture",
    makes="The picture of the episode from its chunks, copied and not encoded again.",
    inputs=(InputFiles("chunk.mp4", CHUNK, "the chunks", many="in order"),),
    params=(FRAMES, RATE),
    outputs=(Output("picture.mp4", PICTURE, "the frames of the episode"),),
)

MUX = Contract(
    stage="mux",
    makes="The finished episode: picture, sound and captions in one file, which tells what it is.",
    inputs=(
        _PICTURE,
        InputFiles(
            "audio.m4a", AAC, "the sound", only="in an episode with sound; a ready video without it keeps its own"
        ),
        InputFiles("captions.vtt", WEBVTT, "the captions", only="where words are known and not burnt in"),
    ),
    params=(
        FRAMES,
        RATE,
        Param("title", TEXT, "the episode's title"),
        Param("description", TEXT, "what it is about"),
        Param("tags", ListOf("list of texts", TEXT), "words to find it by"),
        Param("character", TEXT, "the character's name"),
        Param("season", Maybe(TEXT), "the season's name"),
        Param("number", Integer(), "which episode of the season it is"),
        Param("language", TEXT, "of sound and captions, as a BCP 47 tag"),
        Param("disclosure", TEXT, "how synthetic media in it is disclosed"),
    ),
    outputs=(Output("episode.mp4", EPISODE, "the episode, its index before its content"),),
)

STILLS = Contract(
    stage="stills",
    makes="Pictures that show the episode where no video is played.",
    inputs=(_PICTURE,),
    params=(FRAMES, RATE),
    outputs=(
        Output("poster.jpg", JPEG, "one frame, in its own size"),
        Output("contact.png", PNG, "frames from all over the episode"),
        Output("preview.webp", ANIMATION, "the episode in a few seconds"),
    ),
)

CHECKED_PICTURE = Contract(
    stage="check",
    makes="Measurements of every frame, held against the episode's gates. A gate of severity `error` that is failed"
    " fails the action.",
    inputs=(
        _PICTURE,
        InputFiles(
            "reference.png",
            IMAGE,
            "what frames are compared with",
            many="one per number in `references`",
            only="where frames are compared",
        ),
        _BEHIND,
        InputFiles("performance.json", PERFORMED, "what its face is held against", only=_PERFORMS),
    ),
    params=(
        FRAMES,
        RATE,
        Param(
            "gates",
            Table({}, rest=Table({"min": Maybe(NUMBER), "max": Maybe(NUMBER), "severity": Among(("warn", "error"))})),
            "the gates, by the measurement that each is on",
        ),
        Param("references", ListOf("list of whole numbers", Integer(0)), "the numbers of the frames that are compared"),
        Param(
            *_BACKGROUND, unit="sRGB", only="in an episode that renders: a note tells where its character is cut off"
        ),
    ),
    outputs=(
        Output("check.json", CHECK, "the measurements and the verdicts"),
        Output("check.png", PNG, "the measurements, drawn"),
    ),
)
