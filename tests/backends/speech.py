"""Tokens, orders and measurements that the tests of voices share."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from episodec.audio.words import Words, read_words
from episodec.engine.backend import WorkOrder
from episodec.spec.sentences import words
from tests.toys.orders import task

CALIBRATED = 15.0  # Letters a second.


def tokens(seed: int, columns: int = 400) -> bytes:
    """A .npy file of reference tokens: each codebook has a favourite region, as a voice has."""
    random = np.random.default_rng(seed)
    favourite = random.integers(0, 1000, (8, 1))
    codes = np.where(random.random((8, columns)) < 0.5, random.integers(0, 1000, (8, columns)), favourite)
    file = io.BytesIO()
    np.save(file, codes.astype(np.int32))
    return file.getvalue()


def speech_order(root: Path, text: str, *, seed: int | None = 1, **more: Any) -> WorkOrder:
    """One sentence for a voice, as lowering orders it. More: lexicon, language, params of the order."""
    output = words(text, more.pop("lexicon", {}))
    params = {
        "text": " ".join(word.spoken for word in output) or text,
        "words": [[word.written, word.spoken] for word in output],
        "language": more.pop("language", "ru"),
        "characters_per_second": CALIBRATED,
        "take": 1,
        "transcript": None,
        **more,
    }
    inputs = {} if seed is None else {"tokens.npy": (tokens(seed),)}
    outputs = ("speech.wav", "words.json")
    return task(root, "espeak", stage="voice", params=params, inputs=inputs, outputs=outputs).order


def read_speech(order: WorkOrder) -> tuple[np.ndarray[Any, Any], Words]:
    """Samples (n,) and words that an order gave."""
    samples, rate = soundfile.read(order.outputs["speech.wav"])
    assert rate == 48_000
    assert samples.ndim == 1
    return samples, read_words(order.outputs["words.json"])
