"""Fish Speech 1.5 through its own programs: text to tokens, tokens to sound, a recording to tokens.

Each run has its own folder. Outputs are always checked: exit code 0 does not mean success here.
"""

from pathlib import Path
from typing import BinaryIO

import numpy as np

from episodec.audio.ref_tokens import Tokens, load_ref_tokens
from episodec.audio.wav import Samples, read_wav
from episodec.backends.fish_speech.install import FishSpeech, SpeechRequest
from episodec.errors import BackendError
from episodec.tools.installed import now_ns, require_fresh_output, run_folder
from episodec.tools.process import run_tool

SYSTEM = "Fish Speech"

CODEC_RATE = 44_100  # Hz.
SAMPLES_PER_TOKEN = 2048  # Hop of 512, downsampled by 4: 21.533 tokens a second.
TOKENS_PER_S = CODEC_RATE / SAMPLES_PER_TOKEN

MAX_REFERENCE_S = 90  # Of all references together, by the project's documentation.
CODES = 1000  # The codec decodes no more, though its vocabulary has 1024.
SILENCE = 1e-3  # -60 dBFS: a quieter sound contains no speech.


def speak(installed: FishSpeech, reading: SpeechRequest, tokens: Tokens) -> Tokens:
    """The tokens of one reading in the voice of the reference tokens.

    Raises:
        BackendError: the program failed, or its output is not valid tokens.
    """
    folder, started = run_folder("fish-speak"), now_ns()
    prompt = folder / "prompt.npy"
    write_tokens(prompt, tokens)
    codes = folder / "codes" if installed.layout.has_output_dir else folder
    run_tool(installed.speak_command(reading, prompt, codes), cwd=folder, env=installed.environment())
    loaded = load_ref_tokens(require_fresh_output(codes / "codes_0.npy", started, SYSTEM))
    if len(list(codes.glob("codes_*.npy"))) != 1:
        raise BackendError("a system made more than one reading", facts={"system": SYSTEM})
    return check_codes(loaded)


def decode(installed: FishSpeech, tokens: Tokens) -> Samples:
    """The sound of tokens: (n, 1) at 44.1 kHz, n = 2048 T.

    Raises:
        BackendError: the program failed, or its output is not that sound.
    """
    folder, started = run_folder("fish-decode"), now_ns()
    write_tokens(folder / "codes.npy", tokens)
    run_tool(
        installed.codec_command(folder / "codes.npy", folder / "speech.wav"), cwd=folder, env=installed.environment()
    )
    return read_decoded(require_fresh_output(folder / "speech.wav", started, SYSTEM), tokens.shape[1])


def encode(installed: FishSpeech, recording: Path, log: Path) -> Tokens:
    """The tokens of a plain wav; the sound that the codec decodes from them is discarded. Its output goes to `log`.

    Raises:
        BackendError: the program failed, or its output is not valid tokens.
    """
    folder, started = run_folder("fish-encode"), now_ns()
    # Its own path for -o: the program overwrites the recording when both are the same.
    out = folder / "again.wav"
    run_tool(installed.codec_command(recording, out), log=log, cwd=folder, env=installed.environment())
    return load_ref_tokens(require_fresh_output(out.with_suffix(".npy"), started, SYSTEM))


def write_tokens(to: Path | BinaryIO, tokens: Tokens) -> None:
    """Write plain int32 in row order: the author's file may hold other integers."""
    np.save(to, np.ascontiguousarray(tokens, np.int32), allow_pickle=False)


def read_decoded(path: Path, tokens: int) -> Samples:
    """The codec's sound, (n, 1) at 44.1 kHz.

    Raises:
        BackendError: it is of another form or length, or is silent.
    """
    samples, rate = read_wav(path)
    facts = {"system": SYSTEM, "found": f"{len(samples)} samples, {samples.shape[1]} channels, {rate} Hz"}
    if rate != CODEC_RATE or samples.shape[1] != 1 or len(samples) != tokens * SAMPLES_PER_TOKEN:
        facts["wanted"] = f"{tokens * SAMPLES_PER_TOKEN} samples, 1 channel, {CODEC_RATE} Hz"
        raise BackendError("a system wrote sound that does not match its tokens", facts=facts)
    check_audible(samples)
    return samples


def check_audible(samples: Samples) -> None:
    """Raises BackendError: the sound is silent, below -60 dBFS everywhere."""
    if float(np.abs(samples).max()) < SILENCE:
        raise BackendError("a system returned silence for a sentence", facts={"system": SYSTEM})


def check_codes(tokens: Tokens) -> Tokens:
    """The tokens. Raises BackendError: the codec does not know one of them."""
    if int(tokens.max()) >= CODES:
        facts = {"found": int(tokens.max()), "limit": CODES - 1}
        hint = "for a reading, use `take: 2`; for a reference, encode the recording again with Fish Speech 1.5"
        raise BackendError("voice tokens hold a code unknown to Fish Speech's codec", facts=facts, hint=hint)
    return tokens


def check_reference(tokens: Tokens) -> None:
    """Raises BackendError: these are not reference tokens for this model, or too many to leave room for a text."""
    check_codes(tokens)
    seconds = tokens.shape[1] / TOKENS_PER_S
    if seconds > MAX_REFERENCE_S:
        facts = {"reference": f"{seconds:.1f} s", "limit": f"{MAX_REFERENCE_S} s"}
        hint = "encode a shorter recording: 10 to 30 seconds are recommended"
        raise BackendError("the reference voice is too long for Fish Speech", facts=facts, hint=hint)


def check_plausible(text: str, seconds: float) -> None:
    """Raises BackendError: the duration is impossible for this text.

    Speech has 10 to 20 letters per second; the limits are far wider, for single words, numbers and slow voices.
    """
    letters = sum(6 if c.isdigit() else 1 for c in text if c.isalnum())
    least, most = letters / 45, 3 + letters / 2.5
    if not least <= seconds <= most:
        facts = {"said": f"{seconds:.2f} s", "plausible": f"{least:.2f} to {most:.2f} s", "letters": letters}
        hint = "try another reading: `take: 2`"
        raise BackendError("Fish Speech's reading is too long or too short for its text", facts=facts, hint=hint)
