"""Problems that browsers have with an author's video, and how far it can be decoded.

The limits are what Chrome, Firefox and Safari share: H.264, VP9 or AV1 in one track, 8 bits, 4:2:0, square pixels.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from episodec.errors import BackendError
from episodec.video.container import opened

CODECS = ("h264", "vp9", "av1")
PIXELS = ("yuv420p", "yuvj420p")


def unplayable(path: Path) -> Iterator[str]:
    """The reasons why some browsers will not play a video as intended: phrases to follow `the video`. From its headers
    only.

    Raises:
        BackendError: the file is not a video file.
    """
    with opened(path) as container:
        tracks = container.streams.video
        if not tracks:
            raise BackendError("the video file has no pictures", facts={"file": path.name})
        coded, stream = tracks[0].codec_context, tracks[0]
        if coded is None:
            raise BackendError("the video's codec is unknown", facts={"file": path.name})
        if coded.name not in CODECS:
            yield f"is coded as {coded.name}"
        if coded.pix_fmt not in PIXELS:
            yield f"has the pixel format {coded.pix_fmt}; browsers play yuv420p"
        if (shape := stream.sample_aspect_ratio) not in (None, 0, 1):
            yield f"has non-square pixels, {shape.numerator}:{shape.denominator}"
        if len(tracks) > 1:
            yield f"has {len(tracks)} video tracks, only one of which is played"


def decoded_frames(path: Path) -> int:
    """The number of frames from the first one on that are decoded without an error.

    Raises:
        BackendError: the file is not a video file.
    """
    import av

    count = 0
    with opened(path) as container:
        stream: Any = container.streams.video[0]
        stream.thread_count = 1
        stream.codec_context.options = {"err_detect": "explode"}  # Without it, decoders conceal errors.
        try:
            for frame in container.decode(stream):
                if frame.is_corrupt:
                    return count
                count += 1
        except (OSError, av.FFmpegError):
            return count
    return count
