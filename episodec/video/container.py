"""Opens a video file by what it is, never another file that it names. Knows nothing of what is in it.

FFmpeg goes by a file's content, and some of what it opens are lists of other files: HLS playlists, scripts of its
concat demuxer. A video may be a stranger's, so that only containers are opened that hold their own content.
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
"""FFmpeg's names of the demuxers that are used, and the containers' own names."""

_OPTIONS = {"format_whitelist": ",".join(TAKEN), "protocol_whitelist": "file"}
_HINT = "ffmpeg -i VIDEO -c copy VIDEO.mp4"
_LISTS = (b"#EXTM3U", b"ffconcat")  # How lists begin; only for the words: the formats above are what keeps them out.


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The open container of a video file, as PyAV has it.

    Raises:
        BackendError: it cannot be read, is a list of other files, or is in no container that is taken, or damaged.
    """
    import av

    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        facts = {"file": path.name, "error": error.strerror}
        raise BackendError("a video file cannot be read", facts=facts) from error
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_LISTS):
        raise BackendError("this is a list of other files and no video", facts={"file": path.name}, hint=_HINT)
    try:
        # What titles and tags say is not read; old tools write them in any encoding.
        container = av.open(str(path.absolute()), container_options=_OPTIONS, metadata_errors="replace")
    except av.error.ArgumentError as error:  # EINVAL is FFmpeg's answer for a format that is not in the list.
        facts = {"file": path.name, "taken": ", ".join(TAKEN.values())}
        raise BackendError("the video is in none of the containers that are taken", facts=facts, hint=_HINT) from error
    except (OSError, av.FFmpegError) as error:
        facts = {"file": path.name, "error": error.strerror or str(error)}
        raise BackendError("this is no whole video file", facts=facts) from error
    with container:
        yield container
