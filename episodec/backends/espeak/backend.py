"""Backend `espeak`: draft speech by espeak-ng, with a new process for each utterance.

The library is GPL-3.0: neither it nor the package that contains it is imported here. Knows sentences, not episodes; the
voice is chosen by the character's reference tokens, as closely as formant synthesis allows.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from episodec.backends.espeak.install import installed_at, voices_in
from episodec.backends.espeak.speaking import REACHED, SpeechManner, library_in, phonemes_of, rate_of, spoken
from episodec.digest import Canonical
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.tools.installed import files_and_folders
from episodec.tools.notes import CLIPPED, MUTE
from episodec.tools.utterance import Utterance, primary_of, spoken_notes, utterance_of, words_of

EDGE = 0.001  # Relative to full scale: quieter sound at both ends of an utterance is silence.
MARGIN = 480  # Samples kept of it.


class EspeakBackend:
    """Stage voice: one sentence to `speech.wav` and `words.json`, at the character's pace."""

    stages: ClassVar[frozenset[str]] = frozenset({"voice"})
    deterministic: ClassVar[bool] = True
    paces: ClassVar[tuple[float, float]] = REACHED
    notes: ClassVar[Mapping[str, str]] = {
        **CLIPPED,
        **MUTE,
        "voice-of-another-language": "A sentence has letters of another language and is spoken by its voice.",
    }

    def __init__(self) -> None:
        self._voices: frozenset[str] | None = None  # Read for the first text that is checked.

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        """The library and all of its data: any voice may be used, and no version number covers them."""
        home = installed_at()
        library, data = library_in(home), home / "espeak-ng-data"
        parts = {"library": digests.of(str(library)), "data": digests.of_tree(str(data))}
        return Fingerprint(parts, (str(library), *files_and_folders(data)))

    def check_params(self, params: Mapping[str, Canonical]) -> None:
        word_pairs, language = words_of(params), str(params.get("language") or "en")
        utterance = utterance_of(word_pairs, str(params.get("text") or ""), language)
        if self._voices is None:
            self._voices = voices_in(installed_at())
        if not self._voices.intersection(utterance.languages):
            hint = "name a backend that speaks it, or a recording in `voice.file`"
            raise BackendError(
                "the draft voice does not support this language", facts={"language": language}, hint=hint
            )

    def run(self, order: WorkOrder) -> None:
        from episodec.audio.wav import clipped_text, write_wav
        from episodec.audio.words import write_words

        word_pairs = words_of(order.params)
        params = order.params
        utterance = utterance_of(word_pairs, str(params.get("text") or ""), str(params.get("language") or "en"))
        for note in spoken_notes(word_pairs):
            order.note(*note)
        head, pcm = _speak(utterance, order)
        _tell_voice(order, str(head["voice"]), str(params.get("language") or "en"))
        samples, offset = _trimmed(pcm, utterance)
        if clipped := write_wav(order.outputs["speech.wav"], samples):
            order.note(*clipped_text(clipped))
        write_words(order.outputs["words.json"], _timed(word_pairs, utterance, head["events"], offset, len(samples)))


def _tell_voice(order: WorkOrder, voice: str, language: str) -> None:
    """Note when another language's voice is used because the sentence has letters unknown to its own. Regional accents
    do not count: few languages have them.
    """
    spoken = voice.partition("+")[0]
    if primary_of(spoken) != primary_of(language):
        sentence = f"a sentence has letters not used in {language} and is spoken by the voice of {spoken}"
        order.note("voice-of-another-language", sentence, facts={"language": language, "voice": spoken})


def _speak(utterance: Utterance, order: WorkOrder) -> tuple[dict[str, Any], bytes]:
    """The program's answer: a header with the events, and samples of 16 bits at 22 050 Hz."""
    variant, pitch, span = _speaker(order)
    pace, faster = (order.params.get(name) for name in ("characters_per_second", "faster_percent"))
    manner = SpeechManner(variant, pitch, span, _rate(utterance.text, pace, faster))
    return spoken(utterance, manner)


def _speaker(order: WorkOrder) -> tuple[str, int, int]:
    """Variant, pitch and range from the character's register and reference tokens, if any."""
    from episodec.audio.ref_tokens import load_ref_tokens
    from episodec.backends.espeak.traits import traits
    from episodec.backends.espeak.voices import speaker

    register = order.params.get("register")
    range_hz = (float(register[0]), float(register[1])) if isinstance(register, list | tuple) else None
    has_tokens = "tokens.npy" in order.inputs
    return speaker(range_hz, traits(load_ref_tokens(order.input("tokens.npy"))) if has_tokens else None)


def _rate(text: str, pace: object, faster_percent: object = None) -> int:
    """Words per minute for this pace in letters per second, sped up by a percentage.

    Raises:
        BackendError: no rate of the library gives this pace.
    """
    target_pace = float(pace) if isinstance(pace, int | float) else 15.0
    target_pace *= 1 + (float(faster_percent) if isinstance(faster_percent, int | float) else 0.0) / 100
    slow, fast = EspeakBackend.paces
    if not slow <= target_pace <= fast:
        facts = {"characters_per_second": target_pace, "possible": f"{slow:g} to {fast:g}"}
        hint = "set `voice.characters_per_second` in character.yaml"
        raise BackendError("the draft voice cannot speak at this pace", facts=facts, hint=hint)
    return rate_of(text, target_pace)


def _trimmed(pcm: bytes, utterance: Utterance) -> tuple[Any, int]:
    """The speech at 48 kHz, (n, 1), without silence at its ends, and the number of samples removed at the start."""
    import numpy as np

    from episodec.audio.wav import resample

    raw = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)
    loud = np.flatnonzero(np.abs(raw) > EDGE)
    if not len(loud):
        facts = {"sentence": f"«{utterance.text[:80]}»"}
        raise BackendError("espeak-ng returned only silence for a sentence", facts=facts)
    samples = resample(raw[:, None], 22_050)
    first = max(0, _at_48k(int(loud[0])) - MARGIN)
    last = min(len(samples), _at_48k(int(loud[-1]) + 1) + MARGIN)
    return samples[first:last], first


def _at_48k(sample: int) -> int:
    return sample * 320 // 147  # 48 000 / 22 050.


def _timed(
    word_pairs: list[tuple[str, str]], utterance: Utterance, events: list[list[Any]], offset: int, length: int
) -> Any:
    """The times of each word and its phonemes."""
    from episodec.audio.words import Phoneme, SpokenWord, Words

    def at(sample: int | None) -> int:
        return length if sample is None else min(max(_at_48k(sample) - offset, 0), length)

    sounds: list[list[Phoneme]] = [[] for _ in word_pairs]
    for sound in phonemes_of(events, utterance):
        sounds[sound.word].append(Phoneme(sound.name, at(sound.start), max(at(sound.start), at(sound.end))))
    words, before = [], 0
    for (written, _), own in zip(word_pairs, sounds, strict=True):
        start = max(before, own[0].start) if own else before
        before = max(start, own[-1].end) if own else before
        words.append(SpokenWord(written, start, before, 0, tuple(own)))
    return Words(length, "measured", tuple(words))
