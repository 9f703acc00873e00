"""The public API for backends whose stages read or write sound: `voice`, `foley`. As stable as `episodec.plugin`. It
imports numpy: import it inside `run`.

- Sound files: `Samples` is (n, channels) float32, full scale ±1. `read_wav` and `write_wav` read and write them;
  `resample` converts them to 48 kHz, `padded` to a length, `levelled` to the loudness of ambience.
- Words: `Words` of `SpokenWord` and `Phoneme`, in samples; `write_words` and `read_words` are for words.json;
  `estimated` spreads words over a sound for voices without word times.
"""

from episodec.audio.ambience import levelled
from episodec.audio.wav import Samples, padded, read_wav, resample, write_wav
from episodec.audio.words import Phoneme, SpokenWord, Words, estimated, read_words, write_words

__all__ = [
    "Phoneme",
    "Samples",
    "SpokenWord",
    "Words",
    "estimated",
    "levelled",
    "padded",
    "read_wav",
    "read_words",
    "resample",
    "write_wav",
    "write_words",
]
