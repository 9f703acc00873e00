"""The server beside `build --watch`: who gets what, and that everybody else learns nothing."""

import http.client
import json
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from episodec.cli.board import Notices
from episodec.cli.serving import served
from episodec.engine.events import PreviewWritten
from episodec.errors import ProjectError
from episodec.page.index import index_page

FILM = bytes(range(256)) * 40


@dataclass
class Site:
    root: Path
    notices: Notices
    port: int
    token: str

    def get(
        self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET"
    ) -> tuple[int, Mapping[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, headers=dict(headers or {}))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), content

    def own(self, path: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
        return self.get(f"/{self.token}/{path}", headers)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("site") / "project"
    files = {
        "dist/video/one.mp4": FILM,
        "dist/index.html": index_page([]),
        "dist/foreign.html": b"<script>1</script>",
        "dist/.hidden": b"x",
        "episodes/series.yaml": b"x",
        "distant/x.mp4": b"x",
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    (root / "dist/out.mp4").symlink_to(root / "episodes/series.yaml")
    (root / "dist/away").symlink_to(root / "distant")
    (root / "dist/in.mp4").symlink_to("video/one.mp4")
    os.mkfifo(root / "dist/pipe.mp4")
    notices = Notices(str(root), "Alpha")
    with served(str(root), "Alpha", notices) as address:
        _, _, host, token, _ = address.split("/")
        yield Site(root, notices, int(host.partition(":")[2]), token)


def test_the_page_comes_with_a_strict_policy(site: Site) -> None:
    status, headers, content = site.own("")
    assert status == 200
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert b"<h1>Alpha</h1>" in content


def test_files_in_dist_are_served_whole_and_in_parts(site: Site) -> None:
    status, headers, content = site.own("dist/video/one.mp4?7")
    assert (status, headers["Content-Type"], content) == (200, "video/mp4", FILM)
    assert site.own("dist/in.mp4")[2] == FILM
    status, headers, content = site.own("dist/video/one.mp4", Range="bytes=10-19")
    assert (status, headers["Content-Range"], content) == (206, f"bytes 10-19/{len(FILM)}", FILM[10:20])
    assert site.own("dist/video/one.mp4", Range="bytes=10200-")[2] == FILM[10200:]
    assert site.own("dist/video/one.mp4", Range="bytes=99999-")[0] == 416
    assert site.own("dist/video/one.mp4", Range="bytes=3-1")[0] == 416
    status, headers, content = site.get(f"/{site.token}/dist/video/one.mp4", method="HEAD")
    assert (status, headers["Content-Length"], content) == (200, str(len(FILM)), b"")


def test_an_index_page_is_served_and_any_other_page_in_a_sandbox(site: Site) -> None:
    for name, is_sandboxed in (("index", False), ("foreign", True)):
        status, headers, _ = site.own(f"dist/{name}.html")
        policy = headers["Content-Security-Policy"]
        assert (status, "frame-ancestors 'self'" in policy, "sandbox allow-scripts;" in policy) == (
            200,
            True,
            is_sandboxed,
        )
        assert "allow-same-origin" not in policy
        assert "connect-src 'none'" in policy


@pytest.mark.parametrize(
    "path",
    [
        "dist",
        "dist/",
        "dist/video",
        "dist/video/",
        "dist//video/one.mp4",
        "dist/none.mp4",
        "dist/.hidden",
        "dist/out.mp4",
        "dist/away/x.mp4",
        "dist/pipe.mp4",
        "dist/../episodes/series.yaml",
        "dist/%2e%2e/episodes/series.yaml",
        "dist/video/..%2f..%2fepisodes/series.yaml",
        "dist/video/one.mp4%00",
        "dist%2fvideo",
        "episodes/series.yaml",
        "../episodes/series.yaml",
        "/dist/video/one.mp4",
        "events/",
        "favicon.ico",
    ],
)
def test_nothing_else_is_served(site: Site, path: str) -> None:
    status, _, content = site.own(path)
    assert (status, content) == (404, b"")


@pytest.mark.parametrize("path", ["/", "", "/x/", "/TOKEN", "/TOKENx/", "/t%6fken/", "/dist/video/one.mp4"])
def test_who_does_not_know_the_token_gets_nothing(site: Site, path: str) -> None:
    status, headers, content = site.get(path.replace("TOKEN", site.token) or "*")
    assert (status, content) == (404, b"")
    assert site.token not in str(headers)


@pytest.mark.parametrize("host", ["localhost:PORT", "127.0.0.1", "127.0.0.1:1", "evil.example", "127.0.0.1:PORT."])
def test_another_host_name_gets_nothing(site: Site, host: str) -> None:
    headers = {"Host": host.replace("PORT", str(site.port))}
    status, _, content = site.get(f"/{site.token}/", headers)
    assert (status, content) == (404, b"")


def test_it_answers_no_other_method_and_survives_nonsense(site: Site) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "CONNECT"):
        status, _, content = site.get(f"/{site.token}/", method=method)
        assert (status, content) == (501, b"")
    for nonsense in (b"\0\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"x" * 70000, b""):
        with socket.create_connection(("127.0.0.1", site.port), timeout=30) as connection:
            connection.sendall(nonsense)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
    assert site.own("")[0] == 200


def test_it_listens_on_this_machine_only(site: Site) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", site.port), timeout=5)


def test_the_state_is_sent_at_once_with_each_change_and_until_the_end(site: Site) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    connection.request("GET", f"/{site.token}/events")
    answer = connection.getresponse()

    def state() -> Mapping[str, Any]:
        tree: Mapping[str, Any] = json.loads(answer.readline().removeprefix(b"data: "))
        assert answer.readline() == b"\n"
        return tree

    assert state()["phase"] == "building"
    site.notices.hear(PreviewWritten("s", "dist/video/one.mp4"))
    (file,) = state()["files"]
    assert (file["href"], file["kind"]) == ("dist/video/one.mp4", "film")
    site.notices.refuse(ProjectError("it cannot be read"))
    board = state()
    assert (board["phase"], board["problems"]) == ("bad", [{"severity": "error", "text": "it cannot be read"}])
    site.notices.end()
    assert answer.read().replace(b":\n\n", b"") == b""
    connection.close()
