"""The pictures of a video file as arrays, one after the other, never all at once. Knows no encoder."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from episodec.errors import BackendError

Frame = NDArray[np.uint8]
"""(height, width, 3), sRGB."""

# FFmpeg's swscale.h: bilinear (chroma), the whole chroma where the picture has it, and the same numbers on every
# processor.
_SCALING = 0x2 | 0x2000 | 0x40000 | 0x80000


def frames_of(path: Path) -> Iterator[Frame]:
    """The frames of a video file in the order they are shown; exact where the file is lossless RGB.

    Colours are converted as the file is tagged, by default as BT.601.

    Raises:
        BackendError: it is no video file, or damaged.
    """
    import av

    try:
        with av.open(str(path.absolute())) as container:
            if not container.streams.video:
                raise BackendError("the video file has no pictures", facts={"file": path.name})
            stream = container.streams.video[0]
            stream.thread_count = 1
            for frame in container.decode(stream):
                if frame.is_corrupt:
                    raise BackendError("the video file is damaged", facts={"file": path.name})
                picture: Frame = np.asarray(frame.to_ndarray(format="rgb24", interpolation=_SCALING), np.uint8)
                yield picture
    except (OSError, av.FFmpegError) as error:
        facts = {"file": path.name, "error": error.strerror or error}
        raise BackendError("a video file cannot be decoded", facts=facts) from error
