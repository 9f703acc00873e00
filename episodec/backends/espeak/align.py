"""Backend `align`: the times of words and sounds in speech without phonemes, from a synthetic reading of its text.

espeak-ng reads the text and gives the time of each phoneme; the speech is aligned with that reading. Captions, burnt-in
words and the mouth use the times found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from episodec.audio.words import Phoneme, SpokenWord, Words, estimated
from episodec.backends.espeak.install import installed_at, voices_in
from episodec.backends.espeak.speaking import (
    RATE,
    REACHED,
    HeardPhoneme,
    SpeechManner,
    library_in,
    phonemes_of,
    rate_of,
    spoken,
)
from episodec.engine.action import Resources
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.timebase import SAMPLE_RATE
from episodec.tools.installed import files_and_folders
from episodec.tools.notes import ESTIMATED
from episodec.tools.utterance import Utterance, utterance_of

# The highest accepted cost of an alignment. Sentences of 3 to 5 s cost 5 to 35 in a voice of espeak-ng and 70 to 80 in
# a neural one; sentences with another text cost 84 to 105, on average 97; narrations of 30 s in a room with noise cost
# 60 to 75.
WORST = 84

_STEP = SAMPLE_RATE // 100  # Times are in hundredths of a second.
_PAUSE_S = 0.25  # Between the sentences of the reading.
_EDGE_S = 0.1  # Silence before it and after it.
_PITCH, _RANGE = 50, 95


@dataclass(frozen=True, slots=True)
class _EspeakReading:
    """A text as read by espeak-ng: samples of 16 bits, and its phonemes with words counted over all sentences."""

    samples: Any  # (n,) int64, at 22 050 Hz.
    sounds: tuple[HeardPhoneme, ...]


class AlignBackend:
    """Stage align: `speech.wav` and `words.json` of a voice, with `sentences` (pairs of the written and the spoken
    form) and `language`, to `words.json` with phonemes.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"align"})
    deterministic: ClassVar[bool] = True
    resources: ClassVar[Resources] = Resources(memory_mib=512)
    notes: ClassVar[Mapping[str, str]] = {
        **ESTIMATED,
        "sounds-not-found": "The sounds of a voice are not found in its speech: the mouth does not follow them.",
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        """The library and all of its data, which produce the reading."""
        home = installed_at()
        library, data = library_in(home), home / "espeak-ng-data"
        parts = {"library": digests.of(str(library)), "data": digests.of_tree(str(data))}
        return Fingerprint(parts, (str(library), *files_and_folders(data)))

    def run(self, order: WorkOrder) -> None:
        from episodec.audio.words import read_words, write_words

        words = read_words(order.input("words.json"))
        try:
            aligned_words = _aligned(order, words)
        except _Unaligned as reason:
            _tell(order, words, str(reason))
            aligned_words = words
        write_words(order.outputs["words.json"], aligned_words)


class _Unaligned(Exception):
    """Why the words stay unchanged."""


def _aligned(order: WorkOrder, words: Words) -> Words:
    """The words with their phonemes, and with new times unless theirs were measured.

    Raises:
        _Unaligned: espeak-ng cannot read the text, or the speech does not match it.
    """
    from episodec.audio.wav import read_wav
    from episodec.sound.alignment.aligning import Piece, aligned
    from episodec.sound.alignment.features import Sound

    speech = _whole(read_wav(order.input("speech.wav"))[0][:, 0])
    if not words.words or not speech.any():
        raise _Unaligned("its text is not known")
    sentences = _sentences(order, words)
    reading = _read(sentences, str(order.params.get("language") or "en"), words.samples / SAMPLE_RATE)
    alignment = aligned(Sound(reading.samples, RATE), Sound(_third(speech), SAMPLE_RATE // 3))
    if alignment.cost > WORST:
        raise _Unaligned(f"the voice does not sound like its text (cost {alignment.cost}, limit {WORST})")
    pieces = [Piece(one.start, one.end or len(reading.samples), _lips(one.name)) for one in reading.sounds]
    return _timed(words, [row for rows in sentences for row in rows], reading.sounds, alignment.placed(pieces))


def _tell(order: WorkOrder, words: Words, reason: str) -> None:
    hint = "give `voice.timings`, a WebVTT file with a cue for each word, or another `take`; or correct the text"
    if words.timing == "estimated":
        order.note("word-times-estimated", f"the times of words are estimated from their letters: {reason}", hint=hint)
    else:
        order.note("sounds-not-found", f"the times of sounds are not known: {reason}")


def _sentences(order: WorkOrder, words: Words) -> list[list[tuple[str, str]]]:
    """The written and the spoken form of each word, by sentence; words missing in the order are spoken as written.

    Raises:
        BackendError: the order's words differ from the voice's.
    """
    rows: Any = order.params.get("sentences") or ()
    fitted = [[(str(written), str(said)) for written, said in row] for row in rows]
    if not fitted:
        return [[(one.word, one.word) for one in words.words]]
    if [written for row in fitted for written, _ in row] != [one.word for one in words.words]:
        raise BackendError("the voice's words differ from its text")
    return fitted


def _read(sentences: Sequence[Sequence[tuple[str, str]]], language: str, seconds: float) -> _EspeakReading:
    """A reading of the text, about as long as the speech.

    Raises:
        _Unaligned: espeak-ng cannot read it.
    """
    import numpy as np

    silence = [np.zeros(round(RATE * each_s), np.int64) for each_s in (_EDGE_S, _PAUSE_S)]
    letters = sum(map(str.isalnum, "".join(said for row in sentences for _, said in row)))
    pace = min(max(letters / seconds, REACHED[0]), REACHED[1])
    parts, sounds = [silence[0]], list[HeardPhoneme]()
    words, length = 0, len(silence[0])
    for row in sentences:
        utterance = _utterance(row, language)
        head, pcm = spoken(utterance, SpeechManner("", _PITCH, _RANGE, rate_of(utterance.text, pace)))
        samples = np.frombuffer(pcm, "<i2").astype(np.int64)
        for sound in phonemes_of(head["events"], utterance):
            end = len(samples) if sound.end is None else sound.end
            sounds.append(HeardPhoneme(words + sound.word, sound.name, length + sound.start, length + end))
        parts += [samples, silence[1]]
        length += len(samples) + len(silence[1])
        words += len(row)
    return _EspeakReading(np.concatenate([*parts[:-1], silence[0]]), tuple(sounds))


def _utterance(row: Sequence[tuple[str, str]], language: str) -> Utterance:
    try:
        utterance = utterance_of(list(row), "", language)
    except BackendError as error:
        raise _Unaligned(error.sentence) from error
    if not voices_in(installed_at()).intersection(utterance.languages):
        raise _Unaligned(f"espeak-ng does not read texts in `{language}`")
    return utterance


def _timed(words: Words, word_pairs: Sequence[tuple[str, str]], sounds: Sequence[HeardPhoneme], ranges: Any) -> Words:
    """The words with these sounds, each in its range of hundredths of a second.

    A word spoken as part of the one before it shares its time. Words with measured times keep them, and their sounds
    are fitted into these.
    """
    own: list[list[Phoneme]] = [[] for _ in word_pairs]
    for sound, (start, end) in zip(sounds, ranges, strict=True):
        own[sound.word].append(Phoneme(sound.name, *(min(each * _STEP, words.samples) for each in (start, end))))
    if words.timing == "measured":
        pairs = zip(words.words, own, strict=True)
        spoken_words = [
            SpokenWord(one.word, one.start, one.end, one.sentence, _fitted(each, one)) for one, each in pairs
        ]
        return Words(words.samples, "measured", tuple(spoken_words))
    return Words(words.samples, "aligned", tuple(_spread(words.words, own)))


def _fitted(sounds: Sequence[Phoneme], word: SpokenWord) -> tuple[Phoneme, ...]:
    """The sounds of a word, fitted into its measured range."""
    if not sounds:
        return ()
    first, last = sounds[0].start, max(sounds[-1].end, sounds[0].start + 1)

    def at(sample: int) -> int:
        return word.start + (sample - first) * (word.end - word.start) // (last - first)

    return tuple(Phoneme(one.name, at(one.start), at(one.end)) for one in sounds)


def _spread(words: Sequence[SpokenWord], own: Sequence[Sequence[Phoneme]]) -> list[SpokenWord]:
    """Words from their first sound to their last; those without sounds share the time of the one before them."""
    spoken_words: list[SpokenWord] = []
    end = place = 0
    while place < len(words):
        after = next((at for at in range(place + 1, len(words)) if own[at]), len(words))
        sounds = own[place]
        start, end = (max(end, sounds[0].start), max(end, sounds[-1].end)) if sounds else (end, end)
        shared = estimated([one.word for one in words[place:after]], start, end)
        for at, spoken_word in zip(range(place, after), shared, strict=True):
            spoken_words.append(
                SpokenWord(spoken_word.word, spoken_word.start, spoken_word.end, words[at].sentence, tuple(own[at]))
            )
        place = after
    return spoken_words


def _lips(name: str) -> Any:
    """The state of the lips during a sound."""
    from episodec.performance.visemes import VISEMES, is_voiceless_stop, viseme_of

    viseme = viseme_of(name)
    if viseme is None or VISEMES[viseme].kind != "closed":
        return "open"
    return "closed before" if is_voiceless_stop(name) else "closed"


def _whole(samples: Any) -> Any:
    """Samples of 16 bits at full scale: a quiet recording gets the same precision as a loud one."""
    import numpy as np

    fine = np.rint(samples.astype(np.float64) * (1 << 23)).astype(np.int64)  # 24 bits: no float that was read has more.
    peak = max(1, int(np.abs(fine).max()))
    return fine * 32_767 // peak


def _third(samples: Any) -> Any:
    """The sound at a third of its sample rate."""
    import numpy as np

    padded = np.concatenate([np.zeros(len(_HALF) - 1, np.int64), samples, np.zeros(len(_HALF) + 2, np.int64)])
    taps = (*_HALF, *_HALF[-2::-1])
    count = -(-len(samples) // 3)
    return sum(tap * padded[at : at + 3 * count : 3] for at, tap in enumerate(taps)) >> 14


# Half of the 49 taps of a low pass at 7.4 kHz for a rate of 48 kHz, by a Kaiser window, in units of 2**-14; -35 dB at 9
# kHz.
_HALF = (
    *(-2, -1, 5, 13, 10, -12, -39, -38, 15, 88, 103, 4, -159, -231, -79, 244, 461),
    *(274, -326, -907, -802, 387, 2384, 4275, 5051),
)
