"""Keeps Fish Speech loaded in a child process of its own Python: one request per reading (see `tools.warm`)."""

from pathlib import Path

from episodec.audio.ref_tokens import Tokens, load_ref_tokens
from episodec.audio.wav import Samples
from episodec.backends.fish_speech.install import CHUNK_BYTES, CODEC_CONFIG, MAX_NEW_TOKENS, FishSpeech, SpeechRequest
from episodec.backends.fish_speech.programs import SYSTEM, check_codes, read_decoded, write_tokens
from episodec.ownfile import own_file
from episodec.tools.installed import now_ns, require_fresh_output, run_folder
from episodec.tools.warm import WarmProgram

_DRIVER = own_file(__file__, "driver.py")


class WarmFish:
    """One loaded model. Not thread-safe: its random numbers are global to the process."""

    def __init__(self, installed: FishSpeech) -> None:
        """Start it and wait until it has loaded.

        Raises:
            BackendError: it did not start.
        """
        command = [str(installed.python), *_arguments(installed)]
        # It writes only to the paths that it is given.
        self._program = WarmProgram(SYSTEM, command, installed.environment(), Path("/"))

    @property
    def is_alive(self) -> bool:
        return self._program.is_alive

    def close(self) -> None:
        """End the child process."""
        self._program.close()

    def read_aloud(self, reading: SpeechRequest, tokens: Tokens) -> tuple[Tokens, Samples]:
        """The tokens of a reading and its sound, (n, 1) at 44.1 kHz.

        Raises:
            BackendError: it failed, or its outputs are invalid.
        """
        folder, started = run_folder("fish-warm"), now_ns()
        write_tokens(folder / "prompt.npy", tokens)
        request = {
            "prompt": str(folder / "prompt.npy"),
            "codes": str(folder / "codes.npy"),
            "sound": str(folder / "speech.wav"),
            "text": reading.text,
            "transcript": reading.transcript,
            "seed": reading.seed,
            "top_p": reading.top_p,
            "repetition_penalty": reading.repetition_penalty,
            "temperature": reading.temperature,
            "max_new_tokens": MAX_NEW_TOKENS,
            "chunk_length": CHUNK_BYTES,
        }
        self._program.ask("read a sentence", request)
        codes = check_codes(load_ref_tokens(require_fresh_output(folder / "codes.npy", started, SYSTEM)))
        return codes, read_decoded(require_fresh_output(folder / "speech.wav", started, SYSTEM), codes.shape[1])


def _arguments(installed: FishSpeech) -> list[str]:
    speak, codec = (
        path.removesuffix(".py").replace("/", ".") for path in (installed.layout.speak, installed.layout.codec)
    )
    models = [str(installed.checkpoints), str(installed.codec_file), CODEC_CONFIG, installed.device]
    return [str(_DRIVER), speak, codec, *models]
