"""Backend `espeak`: draft speech by espeak-ng, each utterance by a fresh program over stdin and stdout.

The library is GPL-3.0: nothing of it, nor of the package that brings it, is imported here. It knows sentences, not
episodes; the voice follows from the character's reference tokens, as far as a formant voice can follow.
"""

import json
import subprocess
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from episodec.backends.espeak.install import installed_at, voices_in
from episodec.digest import Canonical
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError, TimedOut
from episodec.ownfile import own_file
from episodec.tools.installed import files_and_folders
from episodec.tools.notes import CLIPPED, MUTE
from episodec.tools.utterance import Utterance, primary_of, spoken_notes, utterance_of, words_of

LIMIT_S = 120.0  # An utterance takes 50 ms.

PROGRAM = own_file(__file__, "driver.py")

# At so many words a minute, letters a second (as `spec.fit` counts them) of Cyrillic and of Latin words: measured by
# `f5` at its whole range on eleven narrations of 7 to 30 s, Russian, English and mixed, between the fastest and the
# slowest of them. English gains more from a higher rate, so that one table would speak it 12 % too fast at 20 letters.
PACES = (
    (80, 9.2, 7.7),
    (100, 10.6, 9.1),
    (130, 13.2, 11.9),
    (165, 15.8, 14.9),
    (200, 18.3, 18.1),
    (230, 20.0, 20.6),
    (260, 21.4, 23.4),
    (300, 23.4, 27.3),
    (350, 25.8, 31.4),
    (400, 29.3, 36.0),
    (450, 39.1, 39.6),
)

VOLUME = 65  # Percent: some variants clip at 80.

EDGE = 0.001  # Full scale 1: what is below it at both ends of an utterance is silence.
MARGIN = 480  # Samples kept of it.


class EspeakBackend:
    """Stage voice: one sentence to `speech.wav` and `words.json`, at the character's pace."""

    stages: ClassVar[frozenset[str]] = frozenset({"voice"})
    deterministic: ClassVar[bool] = True
    paces: ClassVar[tuple[float, float]] = (max(PACES[0][1:]), min(PACES[-1][1:]))
    notes: ClassVar[Mapping[str, str]] = {
        **CLIPPED,
        **MUTE,
        "voice-of-another-language": "A sentence has letters of another language, whose voice speaks it.",
    }

    def __init__(self) -> None:
        self._voices: frozenset[str] | None = None  # Read for the first text that is checked.

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        """The library and all of its data: any voice may be a character's, and no version number stands for them."""
        home = installed_at()
        library, data = _library(home), home / "espeak-ng-data"
        parts = {"library": digests.of(str(library)), "data": digests.of_tree(str(data))}
        return Fingerprint(parts, (str(library), *files_and_folders(data)))

    def check_params(self, params: Mapping[str, Canonical]) -> None:
        said, language = words_of(params), str(params.get("language") or "en")
        utterance = utterance_of(said, str(params.get("text") or ""), language)
        if self._voices is None:
            self._voices = voices_in(installed_at())
        if not self._voices.intersection(utterance.languages):
            hint = "name a backend that speaks it, or a recording in `voice.file`"
            raise BackendError("the draft voice does not speak this language", facts={"language": language}, hint=hint)

    def run(self, order: WorkOrder) -> None:
        from episodec.audio.wav import clipped_text, write_wav
        from episodec.audio.words import write_words

        said = words_of(order.params)
        params = order.params
        utterance = utterance_of(said, str(params.get("text") or ""), str(params.get("language") or "en"))
        for told in spoken_notes(said):
            order.note(*told)
        head, pcm = _speak(utterance, order)
        _tell_voice(order, str(head["voice"]), str(params.get("language") or "en"))
        samples, offset = _trimmed(pcm, utterance)
        if clipped := write_wav(order.outputs["speech.wav"], samples):
            order.note(*clipped_text(clipped))
        write_words(order.outputs["words.json"], _timed(said, utterance, head["events"], offset, len(samples)))


def _tell_voice(order: WorkOrder, voice: str, language: str) -> None:
    """Tell where the voice is not that of the language, because the sentence has letters that it does not know. A
    region's accent counts for nothing: few have one.
    """
    spoken = voice.partition("+")[0]
    if primary_of(spoken) != primary_of(language):
        sentence = f"a sentence has letters of another language than {language}: the voice of {spoken} speaks it"
        order.note("voice-of-another-language", sentence, facts={"language": language, "voice": spoken})


def _speak(utterance: Utterance, order: WorkOrder) -> tuple[dict[str, Any], bytes]:
    """What the program answers: its head with the events, and samples of 16 bits at 22 050 Hz."""
    home = installed_at()
    library = _library(home)
    variant, pitch, span = _speaker(order)
    request = {
        "library": str(library),
        "data": "espeak-ng-data",  # Relative to the program's folder: the library cuts paths of some 160 bytes.
        "voices": [f"{name}+{variant}" if variant else name for name in utterance.languages],
        "text": utterance.text,
        "rate": _rate(utterance.text, order.params.get("characters_per_second"), order.params.get("faster_percent")),
        "volume": VOLUME,
        "pitch": pitch,
        "range": span,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(PROGRAM)],
            input=json.dumps(request).encode(),
            capture_output=True,
            cwd=home,
            env={"LC_ALL": "C"},
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimedOut("espeak-ng ran past its limit", facts={"limit": f"{LIMIT_S:g} s"}) from error
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode != 0:
        facts = {"sentence": f"«{utterance.text[:80]}»", "said": said or f"exit code {done.returncode}"}
        raise BackendError("espeak-ng cannot speak a sentence", facts=facts)
    head, _, samples = done.stdout.partition(b"\n")
    return json.loads(head), samples


def _library(home: Path) -> Path:
    return next(path for path in sorted(home.iterdir()) if path.name.startswith("libespeak-ng."))


def _speaker(order: WorkOrder) -> tuple[str, int, int]:
    """Variant, pitch and range: by the character's register and its reference tokens, as far as there are any."""
    from episodec.audio.ref_tokens import load_ref_tokens
    from episodec.backends.espeak.traits import traits
    from episodec.backends.espeak.voices import speaker

    register = order.params.get("register")
    range_hz = (float(register[0]), float(register[1])) if isinstance(register, list | tuple) else None
    has_tokens = "tokens.npy" in order.inputs
    return speaker(range_hz, traits(load_ref_tokens(order.input("tokens.npy"))) if has_tokens else None)


def _rate(text: str, pace: object, faster_percent: object = None) -> int:
    """Words a minute for letters a second of this text, and so much faster.

    Raises:
        BackendError: no rate of the library gives this pace.
    """
    wanted = float(pace) if isinstance(pace, int | float) else 15.0
    wanted *= 1 + (float(faster_percent) if isinstance(faster_percent, int | float) else 0.0) / 100
    slow, fast = EspeakBackend.paces
    if not slow <= wanted <= fast:
        facts = {"characters_per_second": wanted, "possible": f"{slow:g} to {fast:g}"}
        hint = "set `voice.characters_per_second` in character.yaml"
        raise BackendError("the draft voice cannot speak at this pace", facts=facts, hint=hint)
    import numpy as np

    latin = _latin_share(text)
    paces = [1 / ((1 - latin) / cyrillic_pace + latin / latin_pace) for _, cyrillic_pace, latin_pace in PACES]
    return round(float(np.interp(wanted, paces, [rate for rate, _, _ in PACES])))


def _latin_share(text: str) -> float:
    """How many of the letters are Latin, 0 to 1."""
    letters = [one for one in text if one.isalpha()]
    return sum("LATIN" in unicodedata.name(one, "") for one in letters) / max(1, len(letters))


def _trimmed(pcm: bytes, utterance: Utterance) -> tuple[Any, int]:
    """The speech at 48 kHz, (n, 1), without silence at its ends, and how many samples went at the start."""
    import numpy as np

    from episodec.audio.wav import resample

    raw = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)
    loud = np.flatnonzero(np.abs(raw) > EDGE)
    if not len(loud):
        facts = {"sentence": f"«{utterance.text[:80]}»"}
        raise BackendError("espeak-ng gave nothing but silence for a sentence", facts=facts)
    samples = resample(raw[:, None], 22_050)
    first = max(0, _at_48k(int(loud[0])) - MARGIN)
    last = min(len(samples), _at_48k(int(loud[-1]) + 1) + MARGIN)
    return samples[first:last], first


def _at_48k(sample: int) -> int:
    return sample * 320 // 147  # 48 000 / 22 050.


def _timed(said: list[tuple[str, str]], utterance: Utterance, events: list[list[Any]], offset: int, length: int) -> Any:
    """When each word and each of its phonemes sounds.

    Word events are not one to one with words (CamelCase gives two, a number several), so the position in the text
    decides; a phoneme lasts until the next event. An empty phoneme is a pause, `(en)` a switch of the language.
    """
    from episodec.audio.words import Phoneme, SpokenWord, Words

    sounds: list[list[Phoneme]] = [[] for _ in said]
    current = 0
    ends = [*(event[1] for event in events[1:]), None]
    for event, end in zip(events, ends, strict=True):
        if event[0] == "w":
            current = max(current, _word_at(event[2] - 1, utterance.spans))
        elif event[2] and not event[2].startswith("("):
            start, stop = (
                min(max(_at_48k(at) - offset, 0), length) if at is not None else length for at in (event[1], end)
            )
            sounds[current].append(Phoneme(event[2], start, max(start, stop)))
    words, before = [], 0
    for (written, _), own in zip(said, sounds, strict=True):
        start = max(before, own[0].start) if own else before
        before = max(start, own[-1].end) if own else before
        words.append(SpokenWord(written, start, before, 0, tuple(own)))
    return Words(length, "measured", tuple(words))


def _word_at(position: int, spans: Sequence[tuple[int, int]]) -> int:
    """The word that a position in the text belongs to; the one before it where it lies between two."""
    from bisect import bisect_right

    return max(0, bisect_right([start for start, _ in spans], position) - 1)
