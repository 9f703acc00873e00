"""Contracts of the stages that tell of an episode: its post, and its entry on the index page."""

from episodec.contracts.contract import Contract, Output, Param, Role
from episodec.contracts.kinds import Anything, Flag, ListOf, Maybe, Real, Table, Text, Whole
from episodec.contracts.sound_files import WEBVTT, WORD_TIMES
from episodec.contracts.sound_stages import FRAMES, RATE
from episodec.contracts.text_files import CHECK, ENTRY, FIDELITY, POST

_PAIRS = ListOf("list of pairs of texts", ListOf("two texts", Text(), length=2))
_MOVES = ListOf("list of segments, as the spec has them", Table({"frames": Whole(1)}, rest=Anything()))
_RENDERED = "where a scene is rendered"

_WORDS = Role("words.json", WORD_TIMES, "all words of the narration", only="in an episode with a voice")
_SCENE = Role("scene.json", FIDELITY, "what was measured of a trained scene", only="where there is one")

_EPISODE = (
    FRAMES,
    RATE,
    Param("name", Text(), "the episode's name, which its files have"),
    Param("series", Text(), "the title of the series"),
    Param("season", Maybe(Text()), "the season's name"),
    Param("number", Whole(), "which episode of the season it is"),
    Param("language", Text(), "of the episode, as a BCP 47 tag: texts are in it"),
    Param("title", Text(), "the episode's title"),
    Param("description", Text(), "what it is about"),
    Param("tags", ListOf("list of texts", Text()), "words to find it by"),
    Param("disclosure", Text(), "how synthetic media in it is disclosed"),
    Param("speaks", Flag(), "whether its voice is synthetic"),
    Param("prompt", Maybe(Text()), "the prompt of its ambience"),
    Param(
        "size", Maybe(ListOf("two whole numbers", Whole(1), length=2)), "width and height of its picture", unit="pixels"
    ),
    Param(
        "loudness",
        Maybe(Table({"target_lufs": Real(), "true_peak_dbtp": Real()})),
        "what its programme was brought to",
        unit="LUFS, dBTP",
    ),
    Param("camera", _MOVES, "the camera track", only=_RENDERED),
    Param("time", _MOVES, "the track of scene time", only=_RENDERED),
    Param(
        "character",
        Table(
            {
                "name": Text(),
                "title": Maybe(Text()),
                "identity": Table({}, rest=Text()),
                "licence": Maybe(Text()),
                "portrait": Maybe(Text()),
                "tokens": Maybe(Text()),
            }
        ),
        "the character; portrait and tokens by their digests",
    ),
    Param("backends", _PAIRS, "stages and who did them, in the order of the data flow"),
    Param("licences", _PAIRS, "backends and the terms of their models"),
    Param("files", ListOf("list of texts", Text()), "all that is delivered, by its path in dist/"),
)

POSTED = Contract(
    stage="post",
    makes="The text that goes with an episode.",
    inputs=(_WORDS, _SCENE),
    params=_EPISODE,
    outputs=(Output("post.md", POST, "the text"),),
)

ENTERED = Contract(
    stage="entry",
    makes="The episode's part of the index page.",
    inputs=(
        _WORDS,
        Role("captions.vtt", WEBVTT, "the captions", only="where words are known"),
        Role("check.json", CHECK, "what was measured of the picture", only="in an episode with a picture"),
        _SCENE,
    ),
    params=_EPISODE,
    outputs=(Output("entry.html", ENTRY, "the episode, with links to its files"),),
)
