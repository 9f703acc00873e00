"""Keeps Fish Speech loaded in a child process of its own Python: one request per reading, over pipes.

The child ends with its stdin, so it never outlives this process. Its output goes to the current stdout.
"""

import json
import os
import select
import subprocess
import sys
import weakref
from contextlib import suppress

from episodec.audio.ref_tokens import Tokens, load_ref_tokens
from episodec.audio.wav import Samples
from episodec.backends.fish_speech.install import CHUNK_BYTES, CODEC_CONFIG, MAX_NEW_TOKENS, FishSpeech, SpeechRequest
from episodec.backends.fish_speech.programs import SYSTEM, check_codes, read_decoded, write_tokens
from episodec.errors import BackendError
from episodec.ownfile import own_file
from episodec.tools.installed import now_ns, require_fresh_output, run_folder

_DRIVER = own_file(__file__, "driver.py")
_TAIL = 2000  # Characters of its last words that an error shows.


class WarmFish:
    """One loaded model. Not thread-safe: its random numbers are global to the process."""

    def __init__(self, installed: FishSpeech) -> None:
        """Start it and wait until it has loaded.

        Raises:
            BackendError: it did not start.
        """
        read_end, write_end = os.pipe()
        environment = installed.environment()
        environment.pop("TMPDIR", None)  # The action's own folder, which the child outlives.
        try:
            self._process = subprocess.Popen(
                [str(installed.python), *_arguments(installed), str(write_end)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd="/",  # It writes to paths that it is given, and to no current folder.
                env=environment,
                pass_fds=(write_end,),
            )
        except OSError as error:
            os.close(read_end)
            facts = {"python": installed.python, "error": error}
            raise BackendError("cannot start Fish Speech's Python", facts=facts) from error
        finally:
            os.close(write_end)
        self._answers = read_end
        self._tail = ""
        self._end = weakref.finalize(self, _end, self._process, read_end)
        self._wait("load its models")

    @property
    def is_alive(self) -> bool:
        return self._end.alive and self._process.poll() is None

    def close(self) -> None:
        """End the child process."""
        self._end()

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
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # `_wait` tells how it ended.
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        self._wait("read a sentence")
        codes = check_codes(load_ref_tokens(require_fresh_output(folder / "codes.npy", started, SYSTEM)))
        return codes, read_decoded(require_fresh_output(folder / "speech.wav", started, SYSTEM), codes.shape[1])

    def _wait(self, what: str) -> None:
        """Copy its output until it answers."""
        assert self._process.stdout is not None
        stdout, answer = self._process.stdout.fileno(), b""
        open_ends = {stdout, self._answers}
        while not answer.endswith(b"\n"):
            for end in select.select(list(open_ends), [], [])[0]:
                piece = os.read(end, 1 << 16)
                if not piece:
                    open_ends.discard(end)
                elif end == stdout:
                    self._pass_on(piece)
                else:
                    answer += piece
            if self._answers not in open_ends:
                break
        self._drain(stdout, open_ends)
        reply = json.loads(answer) if answer.endswith(b"\n") else {"error": "it ended"}
        if "error" in reply:
            facts = {
                "to do": what,
                "error": reply["error"],
                "said": " | ".join(self._tail.split("\n")[-5:]).strip(" |"),
            }
            self.close()
            raise BackendError("the loaded Fish Speech failed", facts=facts)

    def _drain(self, stdout: int, open_ends: set[int]) -> None:
        while stdout in open_ends and select.select([stdout], [], [], 0)[0]:
            piece = os.read(stdout, 1 << 16)
            if not piece:
                return
            self._pass_on(piece)

    def _pass_on(self, piece: bytes) -> None:
        text = piece.decode("utf-8", "replace")
        self._tail = (self._tail + text.replace("\r", "\n"))[-_TAIL:]
        sys.stdout.write(text)


def _arguments(installed: FishSpeech) -> list[str]:
    speak, codec = (
        path.removesuffix(".py").replace("/", ".") for path in (installed.layout.speak, installed.layout.codec)
    )
    models = [str(installed.checkpoints), str(installed.codec_file), CODEC_CONFIG, installed.device]
    return [str(_DRIVER), speak, codec, *models]


def _end(process: "subprocess.Popen[bytes]", answers: int) -> None:
    os.close(answers)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
