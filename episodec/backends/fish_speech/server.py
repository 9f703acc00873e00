"""Fish Speech 1.5 through its HTTP server on this machine: one complete request per sentence, including the recording.

The route does not accept tokens, so the server encodes the recording again for each sentence. `reference_id` is never
used: an unknown id gives a random voice and status 200, and with a missing transcript the server reads the file's path
aloud.
"""

import base64
import fcntl
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

from episodec.audio.wav import Samples, read_wav
from episodec.backends.fish_speech.install import MAX_NEW_TOKENS, SpeechRequest
from episodec.backends.fish_speech.programs import CODEC_RATE, check_audible
from episodec.errors import BackendError

CHUNK_LENGTH = 200  # 100 to 300 by its documentation; the server does not enforce it.

_TIMEOUT_S = 900
_LEAST_BASE64 = 256  # The server takes shorter text for the bytes themselves.
_MAX_ANSWER = 1 << 28  # bytes


def request_body(reading: SpeechRequest, recording: bytes) -> bytes:
    """The JSON of one request. Every field that has an effect is set; no default is used.

    Raises:
        BackendError: the recording is too short to be sent.
    """
    audio = base64.b64encode(recording).decode()
    if len(audio) < _LEAST_BASE64:
        raise BackendError("the reference recording is almost empty", facts={"bytes": len(recording)})
    body = {
        "text": reading.text,
        "chunk_length": CHUNK_LENGTH,
        "format": "wav",
        "references": [{"audio": audio, "text": reading.transcript}],
        "reference_id": None,
        "seed": reading.seed,
        "use_memory_cache": "off",  # It would remember the first transcript for a recording.
        "normalize": reading.language.lower().partition("-")[0]
        == "zh",  # A normaliser of Chinese that spoils other languages.
        "streaming": False,
        "max_new_tokens": MAX_NEW_TOKENS,
        "top_p": reading.top_p,
        "repetition_penalty": reading.repetition_penalty,
        "temperature": reading.temperature,
    }
    return json.dumps(body).encode()


def ask(url: str, body: bytes, key: str | None, answer: Path) -> Samples:
    """The sound of a reading, (n, 1) at 44.1 kHz; the server's file is stored at `answer`.

    Raises:
        BackendError: the server is unreachable, refused, or did not answer with sound.
    """
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    request = urllib.request.Request(f"{url}/v1/tts", data=body, headers=headers, method="POST")  # noqa: S310  # http, checked.
    # Neither proxy nor redirection: the text goes to this server or nowhere.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirection())
    facts: dict[str, object] = {"server": url}
    try:
        with opener.open(request, timeout=_TIMEOUT_S) as reply:
            facts["type"] = reply.headers.get_content_type()
            content = reply.read(_MAX_ANSWER)
    except urllib.error.HTTPError as error:
        facts |= {"status": error.code, "said": error.read(2000).decode("utf-8", "replace")}
        raise BackendError("Fish Speech's server refused a sentence", facts=facts) from error
    except (OSError, HTTPException) as error:
        facts["error"] = getattr(error, "reason", None) or error
        hint = "start it: python -m tools.api_server --listen 127.0.0.1:8080 …; it is ready after its first sentence"
        raise BackendError("Fish Speech's server does not answer", facts=facts, hint=hint) from error
    if not content.startswith(b"RIFF"):
        raise BackendError("Fish Speech's server answered without a sound", facts={**facts, "bytes": len(content)})
    answer.write_bytes(content)
    samples, rate = read_wav(answer)
    if rate != CODEC_RATE or samples.shape[1] != 1:
        facts |= {"found": f"{rate} Hz, {samples.shape[1]} channels", "wanted": f"{CODEC_RATE} Hz, 1 channel"}
        raise BackendError("Fish Speech's server answered with the wrong kind of sound", facts=facts)
    check_audible(samples)
    return samples


@contextmanager
def one_at_a_time(file: Path) -> Iterator[None]:
    """Hold a lock on this file: concurrent requests would share one stream of random numbers."""
    with file.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None
