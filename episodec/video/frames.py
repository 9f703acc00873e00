"""The pictures of a video file as arrays, one at a time. Knows no encoder."""

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError
from episodec.video.container import opened

Frame = NDArray[np.uint8]
"""(height, width, 3), sRGB."""

# FFmpeg's swscale.h: bilinear, and reproducible. Its accurate rounding takes more than twice the time.
_SCALING = 0x2 | 0x80000


def frames_of(path: Path) -> Iterator[Frame]:
    """The frames of a video file in display order; exact if the file is lossless RGB.

    Colours are converted as the file is tagged, by default as BT.601.

    Raises:
        BackendError: the file is not a video file, or is damaged.
    """
    return (frame for _, frame in some_frames_of(path, None))


def some_frames_of(path: Path, indices: Collection[int] | None) -> Iterator[tuple[int, Frame]]:
    """The frames of a video file whose numbers are in `wanted`, each with its number; the others are decoded, not
    converted.

    Raises:
        BackendError: the file is not a video file, or is damaged.
    """
    import av

    try:
        with opened(path) as container:
            if not container.streams.video:
                raise BackendError("the video file has no pictures", facts={"file": path.name})
            stream = container.streams.video[0]
            stream.thread_count = 1
            for index, frame in enumerate(container.decode(stream)):
                if frame.is_corrupt:
                    raise BackendError("the video file is damaged", facts={"file": path.name})
                if indices is None or index in indices:
                    yield index, np.asarray(frame.to_ndarray(format="rgb24", interpolation=_SCALING), np.uint8)
    except (OSError, av.FFmpegError) as error:
        facts = {"file": path.name, "error": error.strerror or error}
        raise BackendError("a video file cannot be decoded", facts=facts) from error


def picture_of(path: Path) -> Frame:
    """The pixels of a picture file.

    Raises:
        BackendError: the file is not a picture.
    """
    from PIL import Image

    try:
        with Image.open(path, formats=["PNG", "JPEG", "WEBP"]) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise BackendError("a picture cannot be read", facts={"file": path.name, "error": error}) from error
