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
CEILING = Param("true_peak_dbtp", NUMBER, "the maximum true peak", unit="dBTP")

_SPOKEN, _RECORDED = "for a sentence", "for a recording"
_PAIRS = ListOf("list of pairs of texts", ListOf("two texts", TEXT, length=2))

VOICE = Contract(
    stage="voice",
    makes="One sentence of the narration as speech, with the time of each word; or the author's recording of the whole"
    " narration, with its words. Each sentence is an independent order; `join` puts pauses between them.",
    inputs=(
        InputFiles("tokens.npy", TOKENS, "the character's voice", only=f"{_SPOKEN}, where the character has some"),
        InputFiles(
            "reference.*",
            RECORDING,
            "the recording that the tokens were made from",
            only=f"{_SPOKEN}, where the character has one",
        ),
        InputFiles("recording.*", RECORDING, "the whole narration", only=_RECORDED),
        InputFiles(
            "timings.vtt", TIMINGS, "the times of its words", only="for a recording whose word times the author gives"
        ),
    ),
    params=(
        Param("text", TEXT, "the sentence as it is spoken", only=_SPOKEN),
        Param(
            "words",
            _PAIRS,
            "the words of the text in order, each in its written and its spoken form",
            only=_SPOKEN,
        ),
        Param("language", TEXT, "the language of the speech, as a BCP 47 tag: `ru`", only=_SPOKEN),
        Param("transcript", Maybe(TEXT), "the text of the reference", only=_SPOKEN),
        Param("characters_per_second", NUMBER, "the character's pace", unit="letters and digits/s", only=_SPOKEN),
        Param(
            "register",
            ListOf("two numbers", NUMBER, length=2),
            "the minimum and maximum median pitch that suit the character",
            unit="Hz",
            only=f"{_SPOKEN}, where the character has a register",
        ),
        Param(
            "faster_percent",
            Integer(0),
            "how much faster the voice speaks to fit the narration into its episode: 0, 5, 10 or 15",
            only="for a sentence, from a backend that has `paces`",
        ),
        Param("take", Integer(), "another number gives another reading of the same words", only=_SPOKEN),
        Param(
            "sentences",
            ListOf("list of lists of texts", ListOf("list of texts", TEXT)),
            "the words shown by captions, by sentence; empty where the author gives no text",
            only=_RECORDED,
        ),
    ),
    outputs=(
        Output("speech.wav", SPEECH, "the sentence, without added silence before or after it"),
        Output(
            "words.json",
            WORD_TIMES,
            "each word as written, with its samples in `speech.wav`; for a sentence exactly those of `words`, all with"
            " sentence 0",
        ),
    ),
)

ALIGN = Contract(
    stage="align",
    makes="The times of words and sounds in speech of a backend without phonemes (`lacks_phonemes`), found by comparing"
    " it with a synthetic reading of the same text. If that fails, its words are unchanged and a note says why.",
    inputs=(
        InputFiles("speech.wav", SPEECH, "the speech: a sentence, or the whole narration"),
        InputFiles("words.json", WORD_TIMES, "its words"),
    ),
    params=(
        Param(
            "sentences",
            ListOf("list of lists of pairs of texts", _PAIRS),
            "the words by sentence, each in its written and its spoken form, which is empty for a word spoken as part"
            " of the one before it; empty where the author gives only word times and no text",
        ),
        Param("language", TEXT, "the language of the speech, as a BCP 47 tag: `ru`"),
    ),
    outputs=(
        Output(
            "words.json",
            WORD_TIMES,
            "the same words with their phonemes, and with new times unless theirs were measured",
        ),
    ),
)

JOIN = Contract(
    stage="join",
    makes="The narration of the whole episode: its sentences with pauses between them, as long as the episode.",
    inputs=(
        InputFiles("speech.wav", SPEECH, "the speech", many="one per sentence, in order"),
        InputFiles("words.json", WORD_TIMES, "its words", many="one per sentence, in order"),
    ),
    params=(
        FRAMES,
        RATE,
        Param("fit", Among(("stretch", "none")), "whether a narration that is too long may be sped up a little"),
        Param("pause_s", NUMBER, "the minimum pause between two sentences", unit="s"),
        Param("lead_s", NUMBER, "the origin of the time grid on which sentences start", unit="s"),
        Param("tail_s", NUMBER, "the minimum silence after the last sentence", unit="s"),
        Param(
            "marked_s",
            ListOf("list of numbers", NUMBER),
            "the minimum pause that the text requests before each sentence; for the first one, from the start",
            unit="s",
        ),
        Param("marked_after_s", NUMBER, "the minimum pause that it requests after the last one", unit="s"),
        Param("paragraphs", ListOf("list of whole numbers", Integer(1)), "sentences that begin a paragraph, from 0"),
        Param("is_short", FLAG, "whether pauses shrink and paragraphs add no pause, whatever the length of the speech"),
    ),
    outputs=(
        Output("voice.wav", NARRATION, "the narration, with silence after it"),
        Output("words.json", WORD_TIMES, "all words with their samples in `voice.wav`, and consecutive sentences"),
    ),
)

_PROMPT = Param("prompt", Maybe(TEXT), "a description of the sound; none for a recording")
_TAKE = Param("take", Integer(), "another number gives another ambience for the same prompt")
_SEGMENT = "for a segment, from a backend that has a `window_s`"

FOLEY = Contract(
    stage="foley",
    makes="The ambience of an episode from a prompt or a recording; or one segment of it, if the backend limits the "
    "length of a run. `foley-join` joins segments.",
    inputs=(InputFiles("recording.*", RECORDING, "the author's ambience", only="for a recording"),),
    params=(
        _PROMPT,
        _TAKE,
        FRAMES,
        RATE,
        Param("variation", Integer(0), "the index of the segment; each must sound different", only=_SEGMENT),
    ),
    outputs=(
        Output("foley.wav", STEREO, "the whole ambience", only="where there are no segments"),
        Output("segment.wav", STEREO, "one segment of the ambience", only=_SEGMENT),
        Output(
            "foley.json", UNDERSTOOD, "the words of the prompt that were used", only="from the backend `procedural`"
        ),
    ),
)

FOLEY_JOIN = Contract(
    stage="foley-join",
    makes="The ambience of an episode from segments that overlap.",
    inputs=(InputFiles("segment.wav", STEREO, "segments of one length", many="in order"),),
    params=(FRAMES, RATE, Param("overlap_frames", Integer(0), "the overlap of neighbouring segments", unit="frames")),
    outputs=(Output("foley.wav", STEREO, "the ambience"),),
)

MIX = Contract(
    stage="mix",
    makes="Voice and ambience as one programme at the target loudness, with the ambience ducked under the voice.",
    inputs=(
        InputFiles("voice.wav", NARRATION, "the narration", only="in an episode with a voice"),
        InputFiles("foley.wav", STEREO, "the ambience", only="in an episode with ambience"),
    ),
    params=(
        FRAMES,
        RATE,
        TARGET,
        CEILING,
        Param("ambience_db", NUMBER, "the loudness of the ambience in pauses, relative to the voice", unit="LU"),
        Param(
            "duck",
            Table({"depth_db": NUMBER, "attack_ms": NUMBER, "release_ms": NUMBER}),
            "how far the ambience is ducked under speech, and how fast it falls and returns",
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
    makes="The programme, encoded once as a whole; `mux` copies it.",
    inputs=(InputFiles("mix.wav", STEREO, "the programme"),),
    params=(FRAMES, RATE, TARGET, CEILING),
    outputs=(
        Output("audio.m4a", AAC, "the programme; when decoded, at its loudness and with true peaks under the ceiling"),
        Output("audio.json", ENCODED_SOUND, "its bit rate, its loudness and its true peak"),
    ),
)

CAPTIONS = Contract(
    stage="captions",
    makes="Captions of the narration, and a note about the ambience in a separate cue: in the lead-in or the first "
    "pause of at least 5/6 s; else in a shorter pause, if delaying the next cue by at most 1/2 s makes room; else "
    "after the speech. Without any such room it is put above the first words, in SubRip only.",
    inputs=(InputFiles("words.json", WORD_TIMES, "all words of the narration"),),
    params=(
        FRAMES,
        RATE,
        Param("ambience", Maybe(TEXT), "the note about the ambience; none: no note"),
        Param("ambience_language", Maybe(TEXT), "its language, if not the episode's, as a BCP 47 tag"),
    ),
    outputs=(
        Output("captions.vtt", WEBVTT, "the captions"),
        Output("captions.srt", SUBRIP, "the same captions; the note shares a cue with words if it has no other place"),
    ),
)
