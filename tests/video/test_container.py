"""Which files are opened as videos: containers that hold their own content, and no list of other files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from episodec.errors import BackendError
from episodec.video.frames import frames_of
from episodec.video.probe import probe
from episodec.video.splice import is_even, splice
from tests.builds.studio import ROOT
from tests.video.videos import video

OPENED: dict[str, Callable[[Path], object]] = {
    "facts": probe,
    "frames": lambda path: list(frames_of(path)),
    "clock": lambda path: is_even(path, 30),
    "splice": lambda path: splice([path], 30, path.parent / "spliced.mp4"),
}


def hls(private: Path) -> str:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:1.0,\nfile://{private}\n#EXT-X-ENDLIST\n"


def concat(private: Path) -> str:
    return f"ffconcat version 1.0\nfile {private.name}\n"


@pytest.fixture
def private(tmp_path: Path) -> Path:
    return video(tmp_path / "private.ts", "-an")


@pytest.mark.parametrize("name", ["m.m3u8", "m.mp4", "m.mkv", "m.ffconcat"])
@pytest.mark.parametrize("script", [hls, concat])
@pytest.mark.parametrize("opened", OPENED)
def test_a_list_of_other_files_is_no_video_whatever_its_name(
    opened: str, script: Callable[[Path], str], name: str, private: Path
) -> None:
    path = private.parent / name
    path.write_text(script(private))
    with pytest.raises(BackendError, match="list of other files") as caught:
        OPENED[opened](path)
    assert caught.value.facts["file"] == name


@pytest.mark.parametrize("opened", OPENED)
@pytest.mark.parametrize("before", ["\n\n", "\ufeff", "# comment\n", "  "])
def test_nothing_before_a_script_hides_it(opened: str, before: str, private: Path) -> None:
    path = private.parent / "a.mp4"
    path.write_text(before + concat(private))
    with pytest.raises(BackendError):
        OPENED[opened](path)


@pytest.mark.parametrize("name", ["a.nut", "a.y4m", "a.flv"])
def test_a_container_that_is_not_taken_is_named_with_those_that_are(name: str, tmp_path: Path) -> None:
    more = [] if name != "a.y4m" else ["-an", "-c:v", "wrapped_avframe"]
    path = video(tmp_path / name, *more)
    with pytest.raises(BackendError, match="format is not supported") as caught:
        probe(path)
    assert caught.value.facts["file"] == name
    assert "MP4" in str(caught.value.facts["taken"])


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        *((suffix, ()) for suffix in ("mp4", "m4v", "mov", "mkv", "avi", "ts", "mts", "m2ts")),
        *((suffix, ("-c:v", "mpeg2video")) for suffix in ("mpg", "mpeg")),
        ("webm", ("-c:v", "libvpx")),
        ("gif", ("-c:v", "gif", "-pix_fmt", "rgb8")),
    ],
)
def test_containers_of_cameras_and_editors_are_taken(suffix: str, codec: tuple[str, ...], tmp_path: Path) -> None:
    path = video(tmp_path / f"a.{suffix}", "-an", *codec, rate="25")
    assert probe(path).frames == 30
    assert len(list(frames_of(path))) == 30


def test_one_module_opens_videos() -> None:
    """The other one writes them."""
    sources = Path(ROOT, "episodec")
    opens = [path for path in sources.rglob("*.py") if "av.open(" in path.read_text()]
    assert sorted(str(path.relative_to(sources)) for path in opens) == ["video/container.py", "video/splice.py"]
    assert Path(sources, "video/splice.py").read_text().count("av.open(") == 1
