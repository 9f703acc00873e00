"""Servers of a shared cache: real ones as processes, and one in this process that does as it is answer."""

import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NGINX = """\
daemon off; error_log {root}/error.log; pid {root}/nginx.pid; worker_processes 1;
events {{ }}
http {{
  access_log {root}/access.log;
  client_body_temp_path {root}/body; proxy_temp_path {root}/p; fastcgi_temp_path {root}/f;
  uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;
  client_max_body_size 0;
  server {{
    listen 127.0.0.1:{port};
    root {root}/files;
    location / {{ dav_methods PUT DELETE; create_full_put_path on; dav_access user:rw; }}
  }}
}}
"""

S3 = """\
import sys, threading
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=int(sys.argv[1]), verbose=False)
server.start()
threading.Event().wait()
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        assert isinstance(port, int)
        return port


def why_no_nginx() -> str | None:
    """Why there is no nginx with WebDAV here; None if there is."""
    program = nginx()
    if program is None:
        return "nginx is not installed (Debian: nginx-light)"
    answer = subprocess.run([program, "-V"], capture_output=True, text=True, check=False)
    return None if "http_dav_module" in answer.stdout + answer.stderr else "this nginx has no dav module"


def nginx() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def running_nginx(root: Path) -> Iterator[str]:
    """nginx with WebDAV; its URL. Files are in `root`/files."""
    port, program = free_port(), nginx()
    assert program is not None
    (root / "files").mkdir(parents=True)
    root.chmod(0o755)
    (root / "nginx.conf").write_text(NGINX.format(root=root, port=port))
    user = ["-g", "user root;"] if Path("/proc/self").stat().st_uid == 0 else []
    with _process(
        [program, "-p", str(root), "-c", str(root / "nginx.conf"), "-e", str(root / "error.log"), *user], port
    ):
        yield f"http://127.0.0.1:{port}/series"


@contextmanager
def running_s3() -> Iterator[str]:
    """A server that speaks S3, with the bucket `studio`; its endpoint."""
    port = free_port()
    with _process([sys.executable, "-c", S3, str(port)], port):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/studio", method="PUT", headers={"Host": "s3.amazonaws.com"}
        )
        urllib.request.urlopen(request, timeout=20).close()
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _process(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, f"{command[0]} ended at once"
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


class Handler(BaseHTTPRequestHandler):
    """Answers from a folder, in the manner of its server's `fault`."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, FaultyServer)
        server.requests.append(f"{self.command} {self.path}")
        server.headers_seen.append(dict(self.headers))
        if server.fault == "errors":
            self._answer(500, b"broken")
            return
        file = server.folder / self.path.lstrip("/")
        if not file.is_file():
            self._answer(404, b"")
            return
        content = file.read_bytes()
        if server.fault == "truncated":
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
            return
        if server.fault == "wrong bytes" and "/cas/" in self.path:
            content = bytes(byte ^ 1 for byte in content)
        self._answer(200, content)

    do_HEAD = do_GET  # noqa: N815 - its name in the library.

    def do_PUT(self) -> None:
        server = self.server
        assert isinstance(server, FaultyServer)
        server.requests.append(f"PUT {self.path}")
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(500 if server.fault == "errors" else 201, b"")

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Last-Modified", "Tue, 01 Dec 2026 00:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *words: object) -> None:  # noqa: A002 - its name in the library.
        """Print nothing."""


class FaultyServer(ThreadingHTTPServer):
    """A server over a folder."""

    daemon_threads = True
    fault: str = ""

    def __init__(self, folder: Path, fault: str = "") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.fault = fault
        self.requests: list[str] = []
        self.headers_seen: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serving(folder: Path, fault: str = "") -> Iterator[FaultyServer]:
    with FaultyServer(folder, fault) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def black_hole() -> Iterator[tuple[str, list[socket.socket]]]:
    """A port that takes connections and never answers; its URL, and the connections."""
    taken: list[socket.socket] = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        listener.settimeout(0.2)
        is_over = threading.Event()

        def take() -> None:
            while not is_over.is_set():
                try:
                    taken.append(listener.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/series", taken
        finally:
            is_over.set()
            thread.join()
            for connection in taken:
                connection.close()
