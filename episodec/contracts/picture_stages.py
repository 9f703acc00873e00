"""Contracts of the stages from the tracks to the finished video: plan, scene, frames, mux, pictures for people."""

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

SIZE = ListOf("two whole numbers, at least 1", Integer(1), length=2)
EVERY_FRAME = InputFiles("frames.rows", ROWS, "the camera and scene time of each frame of the episode")
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
BEHIND = InputFiles("background.*", AUTHORS_PICTURE, "the background", only="where it is a picture")
BACKGROUND = (
    "background",
    Table({"colours": ListOf("list of colours as `#202028`", TEXT), "falloff": NUMBER}),
    (
        "the background, fixed in the frame: `colours` from top to bottom, empty if it is a picture, and `falloff`,"
        " the share of light lost far from the head, 0 to 1"
    ),
)
_PICTURE = InputFiles("picture.mp4", SHOWN, "the frames of the episode")

PLAN = Contract(
    stage="plan",
    makes="The frame plan as a file: for every frame, its camera and scene time and the samples that sound with it.",
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
    params=(FRAMES, RATE, _SEGMENTS, Param("language", TEXT, "the language of its labels, as a BCP 47 tag")),
    outputs=(Output("plan.png", PNG, "the plan"),),
)

READY = Contract(
    stage="video",
    makes="The author's ready video, checked against the episode, instead of a rendered scene.",
    inputs=(InputFiles("video.*", VIDEO, "the author's video"),),
    params=(FRAMES, RATE, Param("size", Maybe(SIZE), "width and height; none: those of the video", unit="pixels")),
    outputs=(Output("video.mp4", READY_VIDEO, "the same video"),),
)

STILL_SCENE = Contract(
    stage="scene",
    makes="The subject of the film as Gaussians, made from the character's portrait or from a file of the author.",
    inputs=(
        InputFiles("portrait.png", PORTRAIT, "the character", only="where the author gives no file"),
        InputFiles("landmarks.json", LANDMARKS, "the landmarks of its face", only="where the author has set them"),
        InputFiles("model.*", MODEL_OF_GAUSSIANS, "the author's scene", only="where the author gives one"),
        InputFiles("point_cloud.*", CHECKPOINT_CLOUD, "its points", only="where the author gives a checkpoint"),
        InputFiles("deformation.*", CHECKPOINT_FIELD, "their motion", only="where the author gives a checkpoint"),
    ),
    params=(),
    outputs=(Output("still.scene", SCENE, "the scene: y up, the face towards +z, metres, the body around 0, 0, 0"),),
)

_PERFORMS = "where a face performs"

RENDER = Contract(
    stage="render",
    makes="The frames of one chunk of a scene, encoded. A frame depends on the scene and its rows alone, not on the"
    " frame before it nor on its place in the episode.",
    inputs=(
        InputFiles("still.scene", SCENE, "the scene"),
        InputFiles("frames.rows", ROWS, "the camera and scene time of each frame of the chunk, and the size in pixels"),
        InputFiles("mouth.rig", RIG, "how the scene performs", only=_PERFORMS),
        InputFiles("performance.rows", PERFORMED_ROWS, "the face in each frame", only=_PERFORMS),
        BEHIND,
    ),
    params=(
        FRAMES,
        RATE,
        Param(*BACKGROUND, unit="sRGB"),
        Param(
            "step",
            Integer(2),
            "the number of frames for which the face is held",
            unit="frames",
            only="for a preview of a face that performs",
        ),
        Param(
            "frame",
            Integer(0),
            "the index of its row in the performance",
            unit="frames",
            only="for a single frame of a face that performs",
        ),
    ),
    outputs=(
        Output("chunk.mp4", RENDERED, "the frames", only="for a chunk of the film that no later stage changes"),
        Output(
            "frames.mkv",
            LOSSLESS,
            "the frames",
            only="where lips are drawn or captions burnt in",
        ),
        Output("frame.png", FRAME, "the frame before it is encoded", only="for a single frame: `episodec still`"),
    ),
)

OVERLAY = Contract(
    stage="overlay",
    makes="Overlays for the frames of each chunk where captions are burnt in: the words of the narration, each while it"
    " is spoken. A chunk's overlay does not depend on the others, so only chunks whose words move are redrawn.",
    inputs=(InputFiles("words.json", WORD_TIMES, "all words of the narration"), EVERY_FRAME),
    params=(
        FRAMES,
        RATE,
        CHUNK_FRAMES,
        Param(
            "face",
            Maybe(POINT),
            "the centre of the face in the world, which no word covers; none: unknown",
            unit="metres",
        ),
    ),
    outputs=(
        Output("overlay_000.json", OVERLAID, "the captions on the frames of a chunk", many="one per chunk, in order"),
    ),
)

ENCODE = Contract(
    stage="encode",
    makes="The frames of one chunk, encoded with their overlays.",
    inputs=(
        InputFiles("frames.mkv", LOSSLESS, "the frames", only="for a chunk of the film"),
        InputFiles("frame.png", FRAME, "the frame", only="for a single frame: `episodec still`"),
        InputFiles("overlay.json", OVERLAID, "the captions on them", only="where captions are burnt in"),
    ),
    params=(
        FRAMES,
        RATE,
        Param("size", SIZE, "width and height", unit="pixels"),
        Param("frame", Integer(0), "the frame's index in the chunk", unit="frames", only="for a single frame"),
    ),
    outputs=(
        Output("chunk.mp4", ENCODED, "the frames", only="for a chunk of the film"),
        Output("frame.png", FRAME, "the frame with captions, not encoded", only="for a single frame"),
    ),
)

JOINED_PICTURE = Contract(
    stage="picture",
    makes="The picture of the episode, joined from its chunks without encoding again.",
    inputs=(InputFiles("chunk.mp4", CHUNK, "the chunks", many="in order"),),
    params=(FRAMES, RATE),
    outputs=(Output("picture.mp4", PICTURE, "the frames of the episode"),),
)

MUX = Contract(
    stage="mux",
    makes="The finished episode: picture, sound, captions and metadata in one file.",
    inputs=(
        _PICTURE,
        InputFiles(
            "audio.m4a", AAC, "the sound", only="in an episode with sound; otherwise a ready video keeps its own"
        ),
        InputFiles("captions.vtt", WEBVTT, "the captions", only="where words are known and not burnt in"),
    ),
    params=(
        FRAMES,
        RATE,
        Param("title", TEXT, "the episode's title"),
        Param("description", TEXT, "the episode's description"),
        Param("tags", ListOf("list of texts", TEXT), "words to find it by"),
        Param("character", TEXT, "the character's name"),
        Param("season", Maybe(TEXT), "the season's name"),
        Param("number", Integer(), "the number of the episode in the season"),
        Param("language", TEXT, "of sound and captions, as a BCP 47 tag"),
        Param("disclosure", TEXT, "how synthetic media in it is disclosed"),
    ),
    outputs=(Output("episode.mp4", EPISODE, "the episode, with the index before the content"),),
)

STILLS = Contract(
    stage="stills",
    makes="Pictures of the episode for places where no video is played.",
    inputs=(_PICTURE,),
    params=(FRAMES, RATE),
    outputs=(
        Output("poster.jpg", JPEG, "one frame at full size"),
        Output("contact.png", PNG, "frames from the whole episode"),
        Output("preview.webp", ANIMATION, "the episode in a few seconds"),
    ),
)

CHECKED_PICTURE = Contract(
    stage="check",
    makes="Measurements of every frame, checked against the episode's gates. A failed gate of severity `error` fails "
    "the action.",
    inputs=(
        _PICTURE,
        InputFiles(
            "reference.png",
            IMAGE,
            "the picture that frames are compared with",
            many="one per number in `references`",
            only="where frames are compared",
        ),
        BEHIND,
        InputFiles("performance.json", PERFORMED, "the performance that its face is compared with", only=_PERFORMS),
    ),
    params=(
        FRAMES,
        RATE,
        Param(
            "gates",
            Table({}, rest=Table({"min": Maybe(NUMBER), "max": Maybe(NUMBER), "severity": Among(("warn", "error"))})),
            "the gates, by the name of the measurement",
        ),
        Param("references", ListOf("list of whole numbers", Integer(0)), "the numbers of the compared frames"),
        Param(*BACKGROUND, unit="sRGB", only="in a rendered episode, to note where the character is cut off"),
    ),
    outputs=(
        Output("check.json", CHECK, "the measurements and the verdicts"),
        Output("check.png", PNG, "the measurements as a chart"),
    ),
)
