"""The same builds over real servers: nginx with WebDAV, S3 as moto speaks it, and a plain one that only reads."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from episodec.errors import SharedCacheError
from episodec.remote.objects import Objects, open_objects
from episodec.remote.settings import SharedCacheSettings
from tests.remote.machines import Laboratory
from tests.remote.servers import running_nginx, running_s3, serving, why_no_nginx
from tests.remote.test_sharing import shared

needs_nginx = pytest.mark.skipif(why_no_nginx() is not None, reason=why_no_nginx() or "")
SECRETS = {"access_key_id": "writer", "secret_access_key": "secret", "region": "us-east-1"}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    pytest.importorskip("moto")
    with running_s3() as endpoint:
        yield endpoint


def share(laboratory: Laboratory) -> None:
    """A build that writes, and one on an empty machine that makes nothing."""
    first = laboratory.machine("first", write="main")
    assert first.build().exit_code == 0
    assert shared(first).written == 6, first.notices
    second = laboratory.machine("second")
    assert second.build().exit_code == 0
    assert second.ran() == set(), second.notices
    assert second.dist() == first.dist()


@needs_nginx
def test_nginx_carries_results(tmp_path: Path) -> None:
    with running_nginx(tmp_path / "nginx") as url:
        laboratory = Laboratory(tmp_path, url)
        share(laboratory)
        files = sorted(path.name for path in (tmp_path / "nginx/files/series/ac/main").iterdir())
    assert len(files) == 6


def test_s3_carries_results(tmp_path: Path, s3: str) -> None:
    share(Laboratory(tmp_path, "s3://studio/series", {**SECRETS, "endpoint": s3}))


def test_without_credentials_no_request_is_signed_whatever_the_environment_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")
    with serving(tmp_path) as server:
        objects = open_objects(
            SharedCacheSettings("s3://studio/series", credentials={"endpoint": server.url}), writes=False
        )
        assert objects.get("ac/main/x", 100) is None
        assert server.requests == ["GET /studio/series/ac/main/x"]
        assert "Authorization" not in {name.title() for name in server.headers_seen[0]}


def check(objects: Objects, folder: Path) -> None:
    """Check the operations of a store."""
    file = folder / "content"
    file.write_bytes(b"content" * 1000)
    assert objects.get("ac/main/one", 100) is None
    assert objects.size("ac/main/one") is None
    assert objects.chunks("cas/one") is None
    assert objects.put_first("ac/main/one", b"first")
    assert not objects.put_first("ac/main/one", b"second")
    assert objects.get("ac/main/one", 100) == b"first"
    objects.replace("ac/main/one", b"other")
    assert objects.get("ac/main/one", 100) == b"other"
    objects.put_file("cas/one", file)
    assert objects.size("cas/one") == 7000
    chunks = objects.chunks("cas/one")
    assert chunks is not None
    assert b"".join(chunks) == file.read_bytes()
    with pytest.raises(SharedCacheError, match="too large"):
        objects.get("cas/one", 100)
    objects.delete("ac/main/one")
    objects.delete("ac/main/one")
    assert objects.get("ac/main/one", 100) is None
    assert objects.off is None


def test_a_folder_holds_objects(tmp_path: Path) -> None:
    objects = open_objects(SharedCacheSettings(f"file://{tmp_path}/a%20folder"), writes=True)
    check(objects, tmp_path)
    assert [(one.path, one.size) for one in objects.list("cas")] == [("cas/one", 7000)]


def test_memory_holds_objects(tmp_path: Path) -> None:
    from obstore.store import MemoryStore

    store = MemoryStore()
    objects = Objects("memory://", store, store)
    check(objects, tmp_path)
    assert [one.path for one in objects.list("cas")] == ["cas/one"]


def test_a_bucket_holds_objects(tmp_path: Path, s3: str) -> None:
    settings = SharedCacheSettings("s3://studio/objects", credentials={**SECRETS, "endpoint": s3})
    objects = open_objects(settings, writes=True)
    check(objects, tmp_path)
    assert [one.path for one in objects.list("cas")] == ["cas/one"]


@needs_nginx
def test_webdav_holds_objects(tmp_path: Path) -> None:
    with running_nginx(tmp_path / "nginx") as url:
        objects = open_objects(SharedCacheSettings(url), writes=True)
        check(objects, tmp_path)
        with pytest.raises(SharedCacheError, match="cannot be listed"):
            objects.list("cas")


def test_a_folder_that_is_not_there_is_said_and_not_made_by_a_reader(tmp_path: Path) -> None:
    with pytest.raises(SharedCacheError, match="cannot be opened"):
        open_objects(SharedCacheSettings(f"file://{tmp_path}/none"), writes=False)
    assert not (tmp_path / "none").exists()
