"""Opens a video file by its content, never another file that it names. Knows nothing of its pictures or sound.

FFmpeg goes by a file's content, and some formats that it opens are lists of other files: HLS playlists, scripts of its
concat demuxer. A video may come from a stranger, so only containers that hold their own content are opened.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from episodec.errors import BackendError

TAKEN: Mapping[str, str] = {
    "mov": "MP4, MOV",
    "matroska": "Matroska, WebM",
    "avi": "AVI",
    "mpeg": "MPEG",
    "mpegts": "MPEG-TS",
    "gif": "GIF",
}
"""FFmpeg's names of the accepted demuxers, and the containers' usual names."""

_OPTIONS = {"format_whitelist": ",".join(TAKEN), "protocol_whitelist": "file"}
_HINT = "ffmpeg -i VIDEO -c copy VIDEO.mp4"
_LISTS = (b"#EXTM3U", b"ffconcat")  # The first bytes of lists; only for the message: the formats above keep them out.


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The open container of a video file, as PyAV gives it.

    Raises:
        BackendError: the file cannot be read, is a list of other files, is damaged, or its container is not supported.
    """
    import av

    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        facts = {"file": path.name, "error": error.strerror}
        raise BackendError("a video file cannot be read", facts=facts) from error
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_LISTS):
        raise BackendError("this is a list of other files, not a video", facts={"file": path.name}, hint=_HINT)
    try:
        # Titles and tags are not read; old tools write them in any encoding.
        container = av.open(str(path.absolute()), container_options=_OPTIONS, metadata_errors="replace")
    except av.error.ArgumentError as error:  # FFmpeg answers EINVAL for a format that is not in the list.
        facts = {"file": path.name, "taken": ", ".join(TAKEN.values())}
        raise BackendError("the video's container format is not supported", facts=facts, hint=_HINT) from error
    except (OSError, av.FFmpegError) as error:
        facts = {"file": path.name, "error": error.strerror or str(error)}
        raise BackendError("this is not a complete video file", facts=facts) from error
    with container:
        yield container
