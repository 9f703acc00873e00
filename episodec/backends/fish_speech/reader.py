"""A sentence read aloud by Fish Speech, in whichever of three ways this machine is set up for."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from episodec.audio.ref_tokens import load_ref_tokens
from episodec.audio.wav import Samples, resample, write_wav
from episodec.audio.words import Words, estimated, write_words
from episodec.backends.fish_speech.install import FishSpeech, SpeechRequest, server
from episodec.backends.fish_speech.programs import CODEC_RATE, check_plausible, check_reference, decode, speak
from episodec.backends.fish_speech.server import ask, one_at_a_time, request_body
from episodec.backends.fish_speech.warm import WarmFish
from episodec.engine.backend import Settings
from episodec.tools.installed import run_folder, yes_or_no

AUDIBLE = 0.006  # -44 dBFS: words are spread over what lies between the first and the last louder sample.


class Reader:
    """Keeps the models loaded between sentences if the setting `warm` is on."""

    def __init__(self, installed: FishSpeech, settings: Settings) -> None:
        self._installed = installed
        self._settings = settings
        self._warm: WarmFish | None = None

    def read_aloud(self, reading: SpeechRequest, reference: Path) -> Samples:
        """The sentence in the voice of the reference, (n, 1) at 48 kHz.

        Raises:
            BackendError: Fish Speech failed, or its sound cannot be this sentence.
        """
        sound = self._sound(reading, reference)
        check_plausible(reading.text, len(sound) / CODEC_RATE)
        return resample(sound, CODEC_RATE)

    def close(self) -> None:
        """Release the loaded models; they end with this process in any case."""
        if self._warm is not None:
            self._warm.close()
            self._warm = None

    def _sound(self, reading: SpeechRequest, reference: Path) -> Samples:
        installed = self._installed
        if "url" in self._settings:
            body = request_body(reading, reference.read_bytes())
            with one_at_a_time(installed.checkpoints / "config.json"):
                answer = run_folder("fish-http") / "answer.wav"
                return ask(server(self._settings), body, self._settings.get("key"), answer)
        tokens = load_ref_tokens(reference)
        check_reference(tokens)
        if not yes_or_no(self._settings, "warm"):
            return decode(installed, speak(installed, reading, tokens))
        if self._warm is None or not self._warm.is_alive:
            self._warm = WarmFish(installed)
        return self._warm.read_aloud(reading, tokens)[1]


def write_sentence(speech: Samples, written: Sequence[str], wav: Path, words: Path) -> int:
    """The sound; its words as written, spread over it by their letters; and the number of clipped samples."""
    clipped = write_wav(wav, speech)
    audible = np.flatnonzero(np.abs(speech[:, 0]) > AUDIBLE)
    start, end = (int(audible[0]), int(audible[-1]) + 1) if len(audible) else (0, len(speech))
    write_words(words, Words(len(speech), "estimated", estimated(written, start, end)))
    return clipped
