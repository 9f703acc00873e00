"""Backend `fish-speech` by a server: what it is asked, and every way in which it fails."""

import base64
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from episodec.backends.fish_speech.backend import FishSpeechBackend, reading_of
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from tests.backends.test_fish_speech import FIELDS, PARAMS, fingerprint, order
from tests.standins.places import fish
from tests.toys.orders import task


class Server(BaseHTTPRequestHandler):
    """`POST /v1/tts` as v1.5 has it; fields it does not know it refuses, where the real one ignores them."""

    asked: list[dict[str, Any]]
    answer: str

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).asked.append(body)
        assert self.path == "/v1/tts"
        assert self.headers["Content-Type"] == "application/json"
        assert {name: type(value) for name, value in body.items()} == FIELDS
        match type(self).answer:
            case "error":
                self.reply(500, "application/json", b'{"statusCode": 500, "message": "no audio", "error": "x"}')
            case "text":
                self.reply(200, "audio/wav", b"not a sound")
            case "hangs up":
                self.close_connection = True
            case "elsewhere":
                self.send_response(302)
                self.send_header("Location", "http://example.com/")
                self.end_headers()
            case rate:
                file = io.BytesIO()
                soundfile.write(file, 0.3 * np.sin(np.arange(2 * 44_100) / 30), int(rate), format="wav")
                self.reply(200, "audio/wav", file.getvalue())

    def reply(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def server() -> Iterator[tuple[str, type[Server]]]:
    kind = type("OneServer", (Server,), {"asked": [], "answer": "44100"})
    with HTTPServer(("127.0.0.1", 0), kind) as actual:
        thread = threading.Thread(target=actual.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{actual.server_port}", kind
        actual.shutdown()
        thread.join()


def recorded(root: Path, settings: dict[str, str], **params: Any) -> WorkOrder:
    more: dict[str, Any] = {"stage": "voice", "settings": settings, "outputs": ("speech.wav", "words.json")}
    inputs = {"reference.wav": (b"RIFF" + bytes(400),)}
    return task(root, "fish-speech", inputs=inputs, params={**PARAMS, **params}, **more).order


def test_the_server_gets_the_recording_itself_and_every_field(tmp_path: Path, server: tuple[str, type[Server]]) -> None:
    url, kind = server
    first = recorded(tmp_path, {**fish(tmp_path), "url": url})
    FishSpeechBackend().run(first)
    assert soundfile.info(first.outputs["speech.wav"]).samplerate == 48_000
    (body,) = kind.asked
    assert base64.b64decode(body["references"][0]["audio"]).startswith(b"RIFF")
    assert body["references"][0]["text"] == "The reference says this."
    assert (body["reference_id"], body["use_memory_cache"], body["normalize"]) == (None, "off", False)
    assert body["seed"] == reading_of(first).seed
    assert (body["format"], body["streaming"]) == ("wav", False)
    assert 100 <= body["chunk_length"] <= 300
    assert not (tmp_path / "calls").exists()


def test_what_is_said_goes_to_the_server_and_through_no_proxy(
    tmp_path: Path, server: tuple[str, type[Server]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, kind = server
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    FishSpeechBackend().run(recorded(tmp_path, {**fish(tmp_path), "url": url}))
    assert len(kind.asked) == 1


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("error", "refused a sentence"),
        ("text", "without a sound"),
        ("hangs up", "does not answer"),
        ("elsewhere", "refused a sentence"),
        ("24000", "wrong kind of sound"),
    ],
)
def test_every_failure_of_the_server_is_found(
    tmp_path: Path, server: tuple[str, type[Server]], answer: str, sentence: str
) -> None:
    url, kind = server
    kind.answer = answer
    with pytest.raises(BackendError, match=sentence):
        FishSpeechBackend().run(recorded(tmp_path, {**fish(tmp_path), "url": url}))


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="does not answer"):
        FishSpeechBackend().run(recorded(tmp_path, {**fish(tmp_path), "url": "http://127.0.0.1:9"}))


def test_a_server_gets_no_tokens(tmp_path: Path, server: tuple[str, type[Server]]) -> None:
    with pytest.raises(BackendError, match="no reference recording"):
        FishSpeechBackend().run(order(tmp_path, {**fish(tmp_path), "url": server[0]}))


def test_a_server_is_another_way_in_the_fingerprint(tmp_path: Path) -> None:
    settings = fish(tmp_path)
    assert fingerprint({**settings, "url": "http://localhost:8080"}) != fingerprint(settings)
