"""Backend `piper`: neural draft speech from a voice file of this machine, with Piper as a separate program.

Piper is GPL-3.0: nothing of it is imported here. It runs without noise, so the same order gives the same bytes on one
model of processor. Knows sentences, not episodes; the speaker is that of the voice file, not of the tokens.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, ClassVar

from episodec.backends.piper.install import DISTRIBUTIONS, PiperFile, find
from episodec.backends.piper.timing import PhonemeSpan, merged, owners
from episodec.engine.action import Resources
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError, TimedOut
from episodec.ownfile import own_file
from episodec.tools.fingerprint import both, needed
from episodec.tools.notes import CLIPPED, MUTE
from episodec.tools.utterance import Utterance, primary_of, spoken_notes, utterance_of, words_of

LIMIT_S = 600.0  # A sentence takes some seconds.

PROGRAM = own_file(__file__, "driver.py")

LICENCE = "Piper: engine GPL-3.0-or-later, run as a separate program; the voice file has its own terms, in MODEL_CARD"

# Texts with a known number of letters, as counted by `spec.fit`: a voice's natural pace is measured on them.
MEASURES: Mapping[str, tuple[float, str]] = {
    "en": (
        169.0,
        """\
Every episode is compiled from a spec, and only what changed is made again. The camera slowly circles around her.
She has one voice and one face, and both of them are kept in two small files.""",
    ),
    "ru": (
        160.0,
        """\
Если меняется одно предложение, заново звучит только оно, а картинка остаётся прежней. Камера медленно обходит героиню
по кругу. Файл живёт рядом с текстом, и голос не меняется.""",
    ),
}

EDGE = 0.004  # Relative to the loudest sample: quieter sound at both ends of a sentence is silence.
MARGIN = 480  # Samples kept of it, which rise from silence and fall to it.


class PiperBackend:
    """Stage voice: one sentence to `speech.wav` and `words.json`, at the character's pace. Setting: `checkpoint`."""

    stages: ClassVar[frozenset[str]] = frozenset({"voice"})
    deterministic: ClassVar[bool] = False  # Equal bytes only with the same processor model and software.
    is_adapter: ClassVar[bool] = True
    licence: ClassVar[str] = LICENCE
    notes: ClassVar[Mapping[str, str]] = {**CLIPPED, **MUTE}
    paces: ClassVar[tuple[float, float]] = (7.0, 30.0)  # Natural paces are 12 to 20; slower by up to 3 is possible.

    def resources(self, settings: Settings) -> Resources:
        """One thread, since more would change the sums; memory for a model of 60 MB and its engine."""
        return Resources(cpus=1, memory_mib=1024)

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        versions = needed(*DISTRIBUTIONS)
        return both(versions, find(settings).fingerprint(digests))

    def run(self, order: WorkOrder) -> None:
        from episodec.audio.wav import clipped_text, write_wav
        from episodec.audio.words import write_words

        voice, word_pairs = find(order.settings), words_of(order.params)
        language = str(order.params.get("language") or "en")
        utterance = _utterance(order, word_pairs, language, voice)
        for note in spoken_notes(word_pairs):
            order.note(*note)
        head, pcm = _speak(_request(order, utterance, voice), utterance.text)
        samples, offset = _trimmed(pcm, int(head["rate"]), utterance.text)
        if clipped := write_wav(order.outputs["speech.wav"], samples):
            order.note(*clipped_text(clipped))
        write_words(order.outputs["words.json"], _timed([word for word, _ in word_pairs], head, offset, len(samples)))


def _utterance(order: WorkOrder, word_pairs: list[tuple[str, str]], language: str, voice: PiperFile) -> Utterance:
    """The words in a form that the voice can say.

    Raises:
        BackendError: there is nothing to say, or the voice has another language.
    """
    utterance = utterance_of(word_pairs, str(order.params.get("text") or ""), voice.language)
    speaks = primary_of(voice.language)
    if speaks != primary_of(language) or primary_of(utterance.languages[0]) != speaks:
        facts = {"voice": voice.language, "language": language, "sentence": f"«{utterance.text[:80]}»"}
        hint = "set `checkpoint` to a voice of that language, or choose another backend: `backends: {voice: …}`"
        raise BackendError("the voice file's language differs from the sentence's", facts=facts, hint=hint)
    return utterance


def _request(order: WorkOrder, utterance: Utterance, voice: PiperFile) -> dict[str, Any]:
    measure = MEASURES.get(primary_of(voice.language))
    pace, faster = (order.params.get(name) for name in ("characters_per_second", "faster_percent"))
    return {
        "model": str(voice.model),
        "config": str(voice.config),
        "text": utterance.text,
        "words": [utterance.text[start:end] for start, end in utterance.spans],
        # Without a measuring text for its language, a voice keeps its trained pace.
        "pace": pace if measure else None,
        "faster": 1 + (float(faster) if isinstance(faster, int | float) else 0.0) / 100,
        "measure": measure and {"letters": measure[0], "text": measure[1]},
    }


def _speak(request: dict[str, Any], text: str) -> tuple[dict[str, Any], bytes]:
    """The program's answer: a header with the sounds, and samples as 32-bit floats."""
    command = [sys.executable, "-I", str(PROGRAM)]
    try:
        done = subprocess.run(
            command, input=json.dumps(request).encode(), capture_output=True, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise TimedOut("Piper exceeded its time limit", facts={"limit": f"{LIMIT_S:g} s"}) from error
    if done.returncode != 0:
        stderr_lines = done.stderr.decode(errors="replace").strip().splitlines()
        facts = {
            "sentence": f"«{text[:80]}»",
            "said": stderr_lines[-1] if stderr_lines else f"exit code {done.returncode}",
        }
        raise BackendError("Piper cannot speak a sentence", facts=facts)
    head, _, samples = done.stdout.partition(b"\n")
    return json.loads(head), samples


def _trimmed(pcm: bytes, rate: int, text: str) -> tuple[Any, int]:
    """The speech at 48 kHz, (n, 1), without silence at its ends, and the number of samples removed at the start."""
    import numpy as np

    from episodec.audio.wav import resample

    raw = np.frombuffer(pcm, "<f4")
    loud = np.flatnonzero(np.abs(raw) > EDGE * np.abs(raw).max(initial=0.0))
    if not len(loud) or not np.isfinite(raw).all():
        raise BackendError("Piper returned no sound for a sentence", facts={"sentence": f"«{text[:80]}»"})
    samples = resample(raw[:, None], rate)
    first = max(0, int(loud[0]) * 48_000 // rate - MARGIN)
    last = min(len(samples), (int(loud[-1]) + 1) * 48_000 // rate + MARGIN)
    kept = samples[first:last].copy()
    rise = np.linspace(0, 1, min(MARGIN, len(kept)), dtype=kept.dtype)[:, None]
    kept[: len(rise)] *= rise
    kept[-len(rise) :] *= rise[::-1]
    return kept, first


def _timed(written: list[str], head: Mapping[str, Any], offset: int, length: int) -> Any:
    """The times of each word and its phonemes."""
    from episodec.audio.words import Phoneme, SpokenWord, Words

    def at_48k(sample: int) -> int:
        return min(max(sample * 48_000 // int(head["rate"]) - offset, 0), length)

    sounds = [PhonemeSpan(*one) for one in head["sounds"]]
    own: list[list[Phoneme]] = [[] for _ in written]
    for (name, start, end), word in merged(sounds, owners([one.name for one in sounds], head["words"])):
        own[word].append(Phoneme(name, at_48k(start), at_48k(end)))
    words, before = [], 0
    for word_text, phonemes in zip(written, own, strict=True):
        start = phonemes[0].start if phonemes else before
        before = phonemes[-1].end if phonemes else before
        words.append(SpokenWord(word_text, start, before, 0, tuple(phonemes)))
    return Words(length, "measured", tuple(words))
