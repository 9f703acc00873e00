"""A server for the page beside `build --watch`: on this machine only, read-only, and only for clients that know its
address.

It serves the page, the state of the build, and the files in dist/. It lists no folder.
"""

import hmac
import os
import re
import secrets
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from episodec.cli.board import Notices
from episodec.page.index import is_ours
from episodec.page.watched import watched_icon, watched_page, watched_policy

HOST = "127.0.0.1"
MOST = 24  # Connections at a time.
TOKEN_BYTES = 24
_BEAT_S = 10.0  # Between two heartbeats.
_PATIENCE_S = 30.0  # With a client that neither sends nor receives.
_POLL_S = 0.1  # The longest wait for its end.
_PIECE = 1 << 16
_TYPES = {
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".srt": "text/plain; charset=utf-8",
    ".vtt": "text/vtt; charset=utf-8",
    ".wav": "audio/wav",
    ".webp": "image/webp",
}
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",  # The address holds the token.
    "X-Content-Type-Options": "nosniff",
}
# Besides the one that it brings, which names its script and style by their digests.
_INDEX_POLICY = "connect-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
# Any other page in dist/, a viewer or a foreign one, has no origin: its scripts can read nothing at this address.
_OTHER_POLICY = f"sandbox allow-scripts; {_INDEX_POLICY}"
_FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})")


@dataclass(frozen=True, slots=True)
class Served:
    """The content to serve, and its secret."""

    root: str  # The project's, absolute.
    title: str
    notices: Notices
    token: str


@contextmanager
def served(root: str, title: str, notices: Notices) -> Iterator[str]:
    """Serve the page within the block; the value is its address."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    server = _Server(Served(root, title, notices, token))
    thread = threading.Thread(target=server.serve_forever, args=(_POLL_S,), name="page", daemon=True)
    thread.start()
    try:
        yield f"http://{server.own_host}/{token}/"
    finally:
        notices.end()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = False

    def __init__(self, content: Served) -> None:
        super().__init__((HOST, 0), _Answer)
        self.content = content
        self.own_host = f"{HOST}:{self.server_address[1]}"
        self.room = threading.BoundedSemaphore(MOST)

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore a client that went away."""


class _Answer(BaseHTTPRequestHandler):
    """The answer to one request."""

    server: _Server  # type: ignore[mutable-override]  # Only this one makes answers.
    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE_S  # type: ignore[mutable-override]  # The base class has none.

    def handle(self) -> None:
        """Answer, unless there are too many others."""
        if not self.server.room.acquire(blocking=False):
            return
        try:
            super().handle()
        finally:
            self.server.room.release()

    def do_GET(self) -> None:
        """Answer with the page, the state or a file; with 404 to everything else, without a reason."""
        rest = self._rest()
        if rest is None:
            self._refuse()
        elif rest == "":
            self._send(_TYPES[".html"], watched_page(self.server.content.title), watched_policy())
        elif rest == "icon.svg":
            self._send("image/svg+xml", watched_icon(), _FILE_POLICY)
        elif rest == "events":
            self._send_events()
        elif rest.startswith("dist/"):
            self._send_file(rest)
        else:
            self._refuse()

    do_HEAD = do_GET  # noqa: N815 - the base class's names.

    def version_string(self) -> str:
        """Nothing about versions."""
        return "episodec"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name.
        """Log nothing: an address holds the token."""

    def _rest(self) -> str | None:
        """The path after the token; None if the host or the token is another's."""
        if self.headers.get_all("Host") != [self.server.own_host]:
            return None
        path = self.path.partition("?")[0]
        _, _, path = path.partition("/")
        token, slash, rest = path.partition("/")
        is_known = hmac.compare_digest(token.encode("utf-8", "replace"), self.server.content.token.encode())
        return unquote(rest, errors="surrogateescape") if slash and is_known else None

    def _refuse(self) -> None:
        self.send_error(404)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Send a bare status: no text repeats anything of a request."""
        del message, explain
        self.close_connection = True
        self._start(code, {"Content-Length": "0", "Content-Security-Policy": _FILE_POLICY, "Connection": "close"})

    def _start(self, code: int, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in {**_HEADERS, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, kind: str, content: bytes, policy: str) -> None:
        length = str(len(content))
        self._start(200, {"Content-Type": kind, "Content-Length": length, "Content-Security-Policy": policy})
        if self.command == "GET":
            self.wfile.write(content)

    def _send_events(self) -> None:
        """Send the state whenever it changes (server-sent events), until the client or the watching ends."""
        self.close_connection = True
        kind = "text/event-stream; charset=utf-8"
        self._start(200, {"Content-Type": kind, "Content-Security-Policy": _FILE_POLICY, "Connection": "close"})
        number, notices = 0, self.server.content.notices
        while self.command == "GET" and not notices.is_over():
            number, board = notices.after(number, _BEAT_S)
            self.wfile.write(b":\n\n" if board is None else b"data: " + board + b"\n\n")

    def _send_file(self, name: str) -> None:
        descriptor = opened_within(self.server.content.root, name)
        if descriptor is None:
            self._refuse()
            return
        with os.fdopen(descriptor, "rb") as file:
            extension = PurePosixPath(name).suffix
            if extension == ".html":
                content = file.read()
                self._send(_TYPES[extension], content, _INDEX_POLICY if is_ours(content) else _OTHER_POLICY)
                return
            size = os.fstat(file.fileno()).st_size
            code, start, end = _range(self.headers.get("Range"), size)
            headers = {"Content-Type": _TYPES.get(extension, "application/octet-stream"), "Accept-Ranges": "bytes"}
            if code == 416:
                headers["Content-Range"] = f"bytes */{size}"
            if code == 206:
                headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
            headers |= {"Content-Length": str(end - start), "Content-Security-Policy": _FILE_POLICY}
            self._start(code, headers)
            file.seek(start)
            left = end - start if self.command == "GET" else 0
            while left and (piece := file.read(min(left, _PIECE))):
                self.wfile.write(piece)
                left -= len(piece)
            self.close_connection = self.close_connection or bool(left)


def opened_within(root: str, name: str) -> int | None:
    """A descriptor of a regular file in the project's dist/; None if there is none of this name, if a link leads out,
    or if a part of the name is empty, hidden or no plain name.
    """
    parts = name.split("/")
    if parts[0] != "dist" or any(not part or part.startswith(".") or "\0" in part for part in parts):
        return None
    path = Path(root, *parts).resolve()
    if not path.is_relative_to(Path(root, "dist").resolve()):
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    return descriptor


def _range(asked: str | None, size: int) -> tuple[int, int, int]:
    """Status and half-open range of bytes for a Range header (RFC 9110, 14.2); anything but a single range from a
    start is answered with the whole file.
    """
    match = _RANGE.fullmatch(asked or "")
    if match is None:
        return 200, 0, size
    start, end = int(match[1]), min(int(match[2]) + 1, size) if match[2] else size
    return (206, start, end) if start < end else (416, 0, 0)
