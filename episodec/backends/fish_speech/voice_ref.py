"""Encodes a character's reference recording to voice tokens with Fish Speech's codec."""

import io
import math
from pathlib import Path

import numpy as np

from episodec.audio.ref_tokens import Tokens
from episodec.audio.wav import read_wav, write_wav
from episodec.backends.fish_speech.install import FishSpeech
from episodec.backends.fish_speech.programs import MAX_REFERENCE_S, TOKENS_PER_S, check_codes, encode, write_tokens
from episodec.errors import BackendError
from episodec.tools.installed import temporary_folder
from episodec.wholefile import write_whole

LEAST_S = 3  # Seconds: a shorter recording does not determine a voice.
SILENCE = 0.01  # -40 dBFS: a quieter recording contains no speech.
_ROUNDING = 2  # Tokens: the codec pads the last one.


def encode_reference(installed: FishSpeech, recording: Path) -> Tokens:
    """The tokens of a recording with any supported rate and number of channels.

    Raises:
        BackendError: it is not a recording of a voice, or Fish Speech failed.
    """
    samples, rate = read_wav(recording)
    seconds = len(samples) / rate
    facts: dict[str, object] = {"file": recording.name, "length": f"{seconds:.1f} s"}
    if not LEAST_S <= seconds <= MAX_REFERENCE_S:
        facts["taken"] = f"{LEAST_S} to {MAX_REFERENCE_S} s"
        hint = "use 10 to 30 seconds of clear speech"
        raise BackendError("the reference recording is too short or too long", facts=facts, hint=hint)
    mono = samples.mean(axis=1, keepdims=True, dtype=np.float32)
    if float(np.abs(mono).max()) < SILENCE:
        raise BackendError("the reference recording is silent", facts=facts)
    # A plain copy: the program depends on suffixes, and writes next to its input.
    with temporary_folder() as folder:
        write_wav(folder / "recording.wav", mono, rate)
        tokens = check_codes(encode(installed, folder / "recording.wav", folder / "log.txt"))
    expected = math.ceil(seconds * TOKENS_PER_S)
    if abs(tokens.shape[1] - expected) > _ROUNDING:
        facts |= {"found": f"{tokens.shape[1]} tokens", "wanted": f"about {expected}"}
        raise BackendError("Fish Speech's tokens do not match the length of the recording", facts=facts)
    return tokens


def save_reference(tokens: Tokens, path: Path) -> None:
    """Write the file atomically.

    Raises:
        BackendError: it cannot be written.
    """
    content = io.BytesIO()
    write_tokens(content, tokens)
    try:
        write_whole(path, content.getvalue())
    except OSError as error:
        facts = {"file": path, "error": error.strerror or error}
        raise BackendError("cannot write the voice tokens", facts=facts) from error
