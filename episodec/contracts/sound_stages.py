"""Contracts of the stages from the script to the sound: voice, ambience, mix, captions."""

from episodec.contracts.contract import Contract, InputFiles, Output, Param
from episodec.contracts.kinds import FLAG, NUMBER, TEXT, Among, Integer, ListOf, Maybe, Table
from episodec.contracts.sound_files import (
    AAC,
    NARRATION,
    RECORDING,
    SPEECH,
    STEREO,
    SUBRIP,
    TIMINGS,
    TOKENS,
    WEBVTT,
    WORD_TIMES,
)
from episodec.contracts.text_files import ENCODED_SOUND, MIXED, UNDERSTOOD

FRAMES = Param("frames", Integer(1), "the length", unit="frames")
RATE = Param("rate", Integer(1), "24, 25, 30, 48, 50 or 60", unit="frames/s")
TARGET = Param("target_lufs", NUMBER, "the integrated loudness of the programme (EBU R 128)", unit="LUFS")
CEILING = Param("true_peak_dbtp", NUMBER, "what no true peak may exceed", unit="dBTP")

_SPOKEN, _RECORDED = "for a sentence", "for a recording"
_PAIRS = ListOf("list of pairs of texts", ListOf("two texts", TEXT, length=2))

VOICE = Contract(
    stage="voice",
    makes="One sentence of the narration, spoken, and when each of its words sounds; or the author's recording of all"
    " of it, and its words. Each sentence is an order of its own and knows no other; `join` puts pauses between them.",
    inputs=(
        InputFiles("tokens.npy", TOKENS, "the character's voice", only=f"{_SPOKEN}, where the character has some"),
        InputFiles(
            "reference.*",
            RECORDING,
            "the recording that the tokens are made of",
            only=f"{_SPOKEN}, where the character has one",
        ),
        InputFiles("recording.*", RECORDING, "the whole narration", only=_RECORDED),
        InputFiles(
            "timings.vtt", TIMINGS, "when its words sound", only="for a recording whose word times the author gives"
        ),
    ),
    params=(
        Param("text", TEXT, "the sentence as it is spoken", only=_SPOKEN),
        Param(
            "words",
            _PAIRS,
            "the words of the text in order, each as it is written and as it is spoken",
            only=_SPOKEN,
        ),
        Param("language", TEXT, "what is spoken, as a BCP 47 tag: `ru`", only=_SPOKEN),
        Param("transcript", Maybe(TEXT), "what the reference says", only=_SPOKEN),
        Param("characters_per_second", NUMBER, "the character's pace", unit="letters and digits/s", only=_SPOKEN),
        Param(
            "register",
            ListOf("two numbers", NUMBER, length=2),
            "the least and the greatest median pitch that suits the character",
            unit="Hz",
            only=f"{_SPOKEN}, where the character has a register",
        ),
        Param(
            "faster_percent",
            Integer(0),
            "how much faster than that the voice speaks, so that the narration fits its episode: 0, 5, 10 or 15",
            only="for a sentence, from a backend that has `paces`",
        ),
        Param("take", Integer(), "another number asks for another reading of the same words", only=_SPOKEN),
        Param(
            "sentences",
            ListOf("list of lists of texts", ListOf("list of texts", TEXT)),
            "the words that captions show, by sentence; empty where the author gives no text",
            only=_RECORDED,
        ),
    ),
    outputs=(
        Output("speech.wav", SPEECH, "the sentence, without a pause before or after it that is not part of it"),
        Output(
            "words.json",
            WORD_TIMES,
            "each word as it is written, with its samples in `speech.wav`; of a sentence exactly those of"
            " `words`, all of sentence 0",
        ),
    ),
)

ALIGN = Contract(
    stage="align",
    makes="When words and sounds are spoken by a voice that tells no phonemes (`lacks_phonemes` of its backend), found"
    " by a reading of the same text. Where they are not found, its words stay as they are, and a note says why.",
    inputs=(
        InputFiles("speech.wav", SPEECH, "what was spoken: a sentence, or the whole narration"),
        InputFiles("words.json", WORD_TIMES, "its words"),
    ),
    params=(
        Param(
            "sentences",
            ListOf("list of lists of pairs of texts", _PAIRS),
            "the words by sentence, each as it is written and as it is spoken; a word that is spoken along with the one"
            " before it says nothing; empty where the author gives no text, only word times",
        ),
        Param("language", TEXT, "what is spoken, as a BCP 47 tag: `ru`"),
    ),
    outputs=(
        Output(
            "words.json",
            WORD_TIMES,
            "the same words with their phonemes; with new times, too, but for those that were measured",
        ),
    ),
)

JOIN = Contract(
    stage="join",
    makes="The narration of the whole episode from its sentences, with pauses between them, held to its length.",
    inputs=(
        InputFiles("speech.wav", SPEECH, "what was spoken", many="one per sentence, in order"),
        InputFiles("words.json", WORD_TIMES, "its words", many="one per sentence, in order"),
    ),
    params=(
        FRAMES,
        RATE,
        Param("fit", Among(("stretch", "none")), "whether a narration that is too long may be played a little faster"),
        Param("pause_s", NUMBER, "how long the pause between two sentences is at least", unit="s"),
        Param("lead_s", NUMBER, "where the grid begins that sentences start on", unit="s"),
        Param("tail_s", NUMBER, "how long the silence after the last sentence is at least", unit="s"),
        Param(
            "marked_s",
            ListOf("list of numbers", NUMBER),
            "the least pause that the text asks for before each sentence; before the first one from the start",
            unit="s",
        ),
        Param("marked_after_s", NUMBER, "the least pause that it asks for after the last one", unit="s"),
        Param("paragraphs", ListOf("list of whole numbers", Integer(1)), "which sentences begin a paragraph, from 0"),
        Param("is_short", FLAG, "whether pauses shrink, and paragraphs take no step more, whatever was spoken"),
    ),
    outputs=(
        Output("voice.wav", NARRATION, "the narration, with silence after it"),
        Output("words.json", WORD_TIMES, "all words with their samples in `voice.wav`; sentences are counted through"),
    ),
)

_PROMPT = Param("prompt", Maybe(TEXT), "what is to be heard; none for a recording")
_TAKE = Param("take", Integer(), "another number asks for another ambience of the same words")
_SEGMENT = "for a segment, which a backend is asked for that has a `window_s`"

FOLEY = Contract(
    stage="foley",
    makes="The ambience of an episode by a prompt or from a recording; or one segment of it, where a backend says how "
    "much it makes at once. `foley-join` joins segments.",
    inputs=(InputFiles("recording.*", RECORDING, "the author's ambience", only="for a recording"),),
    params=(
        _PROMPT,
        _TAKE,
        FRAMES,
        RATE,
        Param("variation", Integer(0), "which of the segments it is: each must sound otherwise", only=_SEGMENT),
    ),
    outputs=(
        Output("foley.wav", STEREO, "the whole ambience", only="where no segment is asked for"),
        Output("segment.wav", STEREO, "one segment of the ambience", only=_SEGMENT),
        Output("foley.json", UNDERSTOOD, "which words of the prompt are heard", only="from the backend `procedural`"),
    ),
)

FOLEY_JOIN = Contract(
    stage="foley-join",
    makes="The ambience of an episode from segments that overlap.",
    inputs=(InputFiles("segment.wav", STEREO, "segments of one length", many="in order"),),
    params=(FRAMES, RATE, Param("overlap_frames", Integer(0), "how long two neighbours sound together", unit="frames")),
    outputs=(Output("foley.wav", STEREO, "the ambience"),),
)

MIX = Contract(
    stage="mix",
    makes="Voice and ambience as one programme, at the asked loudness, the ambience giving way to the voice.",
    inputs=(
        InputFiles("voice.wav", NARRATION, "the narration", only="in an episode with a voice"),
        InputFiles("foley.wav", STEREO, "the ambience", only="in an episode with ambience"),
    ),
    params=(
        FRAMES,
        RATE,
        TARGET,
        CEILING,
        Param("ambience_db", NUMBER, "how loud the ambience is in pauses, from the voice's loudness", unit="LU"),
        Param(
            "duck",
            Table({"depth_db": NUMBER, "attack_ms": NUMBER, "release_ms": NUMBER}),
            "by how much the ambience gives way to speech, and how fast it goes and comes back",
            unit="dB, ms, ms",
        ),
    ),
    outputs=(
        Output("mix.wav", STEREO, "the programme"),
        Output("mix.json", MIXED, "its loudness and its true peak"),
    ),
)

AUDIO = Contract(
    stage="audio",
    makes="The programme encoded, once and whole; `mux` copies it.",
    inputs=(InputFiles("mix.wav", STEREO, "the programme"),),
    params=(FRAMES, RATE, TARGET, CEILING),
    outputs=(
        Output("audio.m4a", AAC, "the programme, at its loudness and its true peaks under the ceiling once decoded"),
        Output("audio.json", ENCODED_SOUND, "its bit rate, its loudness and its true peak"),
    ),
)

CAPTIONS = Contract(
    stage="captions",
    makes="Captions of the narration, and a note of the ambience in a cue of its own: in the lead-in or the first pause"
    " of 5/6 s; else in a short pause, where the next cue waits for it, at most 1/2 s; else behind the"
    " speech. Where none has room it stands above the first words, in SubRip alone.",
    inputs=(InputFiles("words.json", WORD_TIMES, "all words of the narration"),),
    params=(
        FRAMES,
        RATE,
        Param("ambience", Maybe(TEXT), "what captions say of the ambience; none: nothing"),
        Param("ambience_language", Maybe(TEXT), "the language of that, where it is not the episode's, as a BCP 47 tag"),
    ),
    outputs=(
        Output("captions.vtt", WEBVTT, "the captions"),
        Output(
            "captions.srt", SUBRIP, "the same captions; the ambience is among the words where it has no other place"
        ),
    ),
)
