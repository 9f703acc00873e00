"""Contracts of the stages that make a face perform: how it moves in each frame, and what of a scene moves with it."""

from episodec.contracts.contract import Contract, InputFiles, Output, Param
from episodec.contracts.kinds import ANYTHING, FLAG, NUMBER, TEXT, Integer, ListOf, Maybe
from episodec.contracts.performance_files import CAPTURE, PERFORMED, PERFORMED_ROWS
from episodec.contracts.picture_stages import CHUNK_FRAMES, POINT
from episodec.contracts.scene_files import RIG, ROWS, SCENE
from episodec.contracts.sound_files import WORD_TIMES
from episodec.contracts.sound_stages import FRAMES, RATE
from episodec.contracts.text_files import FACE

_MARKS = ListOf("list of pairs of a whole number and `neutral`, `smile` or `sad`", ANYTHING)
_MADE, _CAPTURED = "where it is made from what is said", "where the author gives a capture"

PERFORMANCE = Contract(
    stage="performance",
    makes="How the face moves in each frame: the weights of ARKit's shapes, the turn of the head and the breath. A row"
    " follows from its frame, the seed, the camera there and the words within 0.6 s, so that a chunk's rows change only"
    " where its own words do.",
    inputs=(
        InputFiles("frames.rows", ROWS, "what each frame of the episode shows", only=_MADE),
        InputFiles(
            "words.json", WORD_TIMES, "all words of the narration, with sounds", only="in an episode with a voice"
        ),
        InputFiles("capture.*", CAPTURE, "the author's capture", only=_CAPTURED),
    ),
    params=(
        FRAMES,
        RATE,
        CHUNK_FRAMES,
        Param("breath", NUMBER, "how deep the breath is, 1 as it is made"),
        Param("file_rate", Maybe(Integer(1)), "of the capture, where it does not say it", "frames/s", _CAPTURED),
        Param("seed", TEXT, "what blinks and small shifts are hashed from", only=_MADE),
        Param("face", Maybe(POINT), "its middle in the world, none: nobody knows", "metres", _MADE),
        *(Param(name, NUMBER, "how strong it is, 1 as it is made", only=_MADE) for name in ("mouth", "brows", "head")),
        *(Param(name, FLAG, "whether there are any", only=_MADE) for name in ("blinks", "gaze")),
        Param("expressions", _MARKS, "marks, each with how many words stand before it", only=_MADE),
        Param("words", Integer(0), "how many words the text has where it has marks", only=_MADE),
    ),
    outputs=(
        Output("performance.json", PERFORMED, "all frames, in Audio2Face's layout"),
        Output("performance_000.rows", PERFORMED_ROWS, "the rows of a chunk", many="one a chunk, in order"),
    ),
)

RIG_OF_SCENE = Contract(
    stage="rig",
    makes="What of a scene moves with the face that it shows, and how. A scene without a face, or with one that is not"
    " known well enough, has an empty rig, with which nothing moves.",
    inputs=(InputFiles("still.scene", SCENE, "the scene"),),
    params=(),
    outputs=(
        Output("mouth.rig", RIG, "the rig"),
        Output("face.json", FACE, "where the face is, and how well it is known"),
    ),
)
