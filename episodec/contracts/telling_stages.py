"""Contracts of the stages for texts and pages about an episode: its viewer, its post, its entry on the index page."""

from dataclasses import replace

from episodec.contracts.contract import Contract, InputFiles, Output, Param
from episodec.contracts.kinds import ANYTHING, FLAG, NUMBER, TEXT, Integer, ListOf, Maybe, Table
from episodec.contracts.performance_files import PERFORMED_ROWS
from episodec.contracts.picture_stages import BACKGROUND, BEHIND, EVERY_FRAME
from episodec.contracts.scene_files import RIG, SCENE
from episodec.contracts.sound_files import AAC, WEBVTT, WORD_TIMES
from episodec.contracts.sound_stages import FRAMES, RATE
from episodec.contracts.text_files import CHECK, ENTRY, FIDELITY, NOTES, POST, VIEWER_PAGE

_PAIRS = ListOf("list of pairs of texts", ListOf("two texts", TEXT, length=2))
_MOVES = ListOf("list of segments, as in the spec", Table({"frames": Integer(1)}, rest=ANYTHING))
_PERFORMS = "where a face performs"
_RENDERED = "where a scene is rendered"

_WORDS = InputFiles("words.json", WORD_TIMES, "all words of the narration", only="in an episode with a voice")
_SCENE = InputFiles("scene.json", FIDELITY, "the measurements of a trained scene", only="where there is one")

_EPISODE = (
    FRAMES,
    RATE,
    Param("name", TEXT, "the episode's name, used in file names"),
    Param("series", TEXT, "the title of the series"),
    Param("season", Maybe(TEXT), "the season's name"),
    Param("number", Integer(), "the number of the episode in the season"),
    Param("language", TEXT, "the language of the episode and of texts about it, as a BCP 47 tag"),
    Param("title", TEXT, "the episode's title"),
    Param("description", TEXT, "the episode's description"),
    Param("tags", ListOf("list of texts", TEXT), "words to find it by"),
    Param("disclosure", TEXT, "how synthetic media in it is disclosed"),
    Param("speaks", FLAG, "whether its voice is synthetic"),
    Param("prompt", Maybe(TEXT), "the prompt of its ambience"),
    Param(
        "size",
        Maybe(ListOf("two whole numbers", Integer(1), length=2)),
        "width and height of its picture",
        unit="pixels",
    ),
    Param(
        "loudness",
        Maybe(Table({"target_lufs": NUMBER, "true_peak_dbtp": NUMBER})),
        "the target of its programme",
        unit="LUFS, dBTP",
    ),
    Param("camera", _MOVES, "the camera track", only=_RENDERED),
    Param("time", _MOVES, "the track of scene time", only=_RENDERED),
    Param(
        "character",
        Table(
            {
                "name": TEXT,
                "title": Maybe(TEXT),
                "identity": Table({}, rest=TEXT),
                "licence": Maybe(TEXT),
                "portrait": Maybe(TEXT),
                "tokens": Maybe(TEXT),
            }
        ),
        "the character; portrait and tokens as digests",
    ),
    Param("backends", _PAIRS, "stages and their backends, in the order of the data flow"),
    Param("licences", _PAIRS, "backends and the terms of their models"),
    Param("files", ListOf("list of texts", TEXT), "all delivered files, as paths in dist/"),
)

VIEWER = Contract(
    stage="viewer",
    makes="One page on which the episode plays in its scene, seen by the film's camera or by the visitor's own: without"
    " other files and without a network. docs/viewer-pack.md describes the scene in it.",
    inputs=(
        InputFiles("still.scene", SCENE, "the scene"),
        EVERY_FRAME,
        InputFiles("mouth.rig", RIG, "the rig of the scene", only=_PERFORMS),
        InputFiles(
            "performance.rows", PERFORMED_ROWS, "the face in each frame", many="one per chunk, in order", only=_PERFORMS
        ),
        BEHIND,
        InputFiles("audio.m4a", AAC, "the sound", only="in an episode with sound"),
        InputFiles("captions.vtt", WEBVTT, "the captions", only="where words are known"),
        _SCENE,
    ),
    params=(*(replace(param, only="") for param in _EPISODE if param.name != "files"), Param(*BACKGROUND, unit="sRGB")),
    outputs=(Output("viewer.html", VIEWER_PAGE, "the page"),),
)

POSTED = Contract(
    stage="post",
    makes="The text published with an episode.",
    inputs=(_WORDS, _SCENE),
    params=(
        *_EPISODE,
        Param(
            "post",
            Table(dict.fromkeys(("header", "body", "footer", "cost", "signature"), Maybe(TEXT))),
            "the author's own text, and the form of the series' posts",
        ),
    ),
    outputs=(Output("post.md", POST, "the text"),),
)

ENTERED = Contract(
    stage="entry",
    makes="The episode's part of the index page.",
    inputs=(
        _WORDS,
        InputFiles("captions.vtt", WEBVTT, "the captions", only="where words are known"),
        InputFiles("check.json", CHECK, "the measurements of the picture", only="in an episode with a picture"),
        _SCENE,
        InputFiles("notes.json", NOTES, "notes of backends", only="where there may be any"),
    ),
    params=(*_EPISODE, Param("allow", ListOf("list of texts", TEXT), "codes of hidden notes")),
    outputs=(Output("entry.html", ENTRY, "the episode, with links to its files"),),
)
