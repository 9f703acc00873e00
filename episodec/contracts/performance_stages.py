"""Contracts of the stages for a performing face: its motion in each frame, and the parts of a scene that follow it."""

from episodec.contracts.contract import Contract, InputFiles, Output, Param
from episodec.contracts.kinds import ANYTHING, FLAG, NUMBER, TEXT, Integer, ListOf, Maybe
from episodec.contracts.performance_files import CAPTURE, PERFORMED, PERFORMED_ROWS
from episodec.contracts.picture_files import LOSSLESS
from episodec.contracts.picture_stages import CHUNK_FRAMES, POINT, SIZE
from episodec.contracts.scene_files import RIG, ROWS, SCENE
from episodec.contracts.sound_files import NARRATION, SPEECH, WORD_TIMES
from episodec.contracts.sound_stages import FRAMES, RATE
from episodec.contracts.text_files import FACE

_MARKS = ListOf("list of pairs of a whole number and `neutral`, `smile` or `sad`", ANYTHING)
_DRAWN = "where another stage draws the lips of some frames"
_MADE, _CAPTURED = "where it is generated from the narration", "where the author gives a capture"

PERFORMANCE = Contract(
    stage="performance",
    makes="The motion of the face in each frame: the weights of ARKit's shapes, the turn of the head and the breath."
    " A row depends only on its frame, the seed, the camera there and the words within 0.6 s, so a chunk's rows change"
    " only with its own words.",
    inputs=(
        InputFiles("frames.rows", ROWS, "the camera and scene time of each frame of the episode", only=_MADE),
        InputFiles(
            "words.json", WORD_TIMES, "all words of the narration, with sounds", only="in an episode with a voice"
        ),
        InputFiles("capture.*", CAPTURE, "the author's capture", only=_CAPTURED),
    ),
    params=(
        FRAMES,
        RATE,
        CHUNK_FRAMES,
        Param("breath", NUMBER, "the depth of the breath; 1: as generated"),
        Param("file_rate", Maybe(Integer(1)), "of the capture, if it does not state one", "frames/s", _CAPTURED),
        Param("seed", TEXT, "the seed of blinks and small movements", only=_MADE),
        Param("face", Maybe(POINT), "the centre of the face in the world; none: unknown", "metres", _MADE),
        *(Param(name, NUMBER, "the strength; 1: as generated", only=_MADE) for name in ("mouth", "brows", "head")),
        *(Param(name, FLAG, "whether there are any", only=_MADE) for name in ("blinks", "gaze")),
        Param("expressions", _MARKS, "marks, each with the number of words before it", only=_MADE),
        Param("words", Integer(0), "the number of words in a text with marks", only=_MADE),
        Param(
            "rests",
            ListOf("list of two whole numbers and two booleans", ANYTHING),
            "half-open ranges of frames in which the mouth rests, and whether it fades to rest and back within them",
            "frames",
            _DRAWN,
        ),
    ),
    outputs=(
        Output("performance.json", PERFORMED, "all frames, in Audio2Face's layout"),
        Output("performance_000.rows", PERFORMED_ROWS, "the rows of a chunk", many="one per chunk, in order"),
        Output(
            "resting_000.rows",
            PERFORMED_ROWS,
            "the rows of a chunk, with the mouth at rest in `rests`",
            many="one per chunk, in order",
            only=_DRAWN,
        ),
    ),
)

RIG_OF_SCENE = Contract(
    stage="rig",
    makes="The parts of a scene that move with its face, and how. A scene without a face, or whose face is not located"
    " well enough, has an empty rig, and nothing moves.",
    inputs=(InputFiles("still.scene", SCENE, "the scene"),),
    params=(),
    outputs=(
        Output("mouth.rig", RIG, "the rig"),
        Output("face.json", FACE, "the position of the face, and how certain it is"),
    ),
)

LIP_VOICE = Contract(
    stage="lip-voice",
    makes="The sound that each window of drawn lips hears. A window's file depends only on its own part of the voice,"
    " so a changed word changes only the windows near it.",
    inputs=(InputFiles("voice.wav", NARRATION, "the narration"),),
    params=(
        FRAMES,
        RATE,
        Param("margin", Integer(0), "the sound before and after each window; silence outside the film", unit="frames"),
        Param(
            "windows",
            ListOf("list of two whole numbers", ListOf("two whole numbers", Integer(0), length=2)),
            "the half-open range of each window",
            unit="frames",
        ),
    ),
    outputs=(Output("window_000.wav", SPEECH, "the sound of a window", many="one per window, in order"),),
)

LIPSYNC = Contract(
    stage="lipsync",
    makes="The frames of one window with lips drawn to the voice. Frames without speech nearby, or without a visible"
    " face, stay as they are, bit for bit. A window knows neither its place in the film nor other windows.",
    inputs=(
        InputFiles(
            "frames.mkv",
            LOSSLESS,
            "the rendered frames",
            many="the chunk before the window if `has_before`, its own chunks, and the one after it if `has_after`",
        ),
        InputFiles("voice.wav", SPEECH, "the window's sound, and `margin` frames of sound on each side"),
    ),
    params=(
        FRAMES,
        RATE,
        CHUNK_FRAMES,
        Param("size", SIZE, "width and height", unit="pixels"),
        Param("margin", Integer(0), "of the sound on each side", unit="frames"),
        Param("context", Integer(0), "that a backend may look at on each side of the window", unit="frames"),
        Param("has_before", FLAG, "whether the film has frames before the window"),
        Param("has_after", FLAG, "whether the film has frames after it"),
        Param(
            "fades_in", FLAG, "whether the first frames fade from the scene's own lips, which the frames before show"
        ),
        Param("fades_out", FLAG, "the same for the frames after"),
    ),
    outputs=(
        Output("frames_000.mkv", LOSSLESS, "the frames of a chunk", many="one per chunk of the window, in order"),
    ),
)
