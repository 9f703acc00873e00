"""Encodes a stream of frames as H.264: chunks for delivery, and lossless ones for stages that change pixels.

Every chunk is encoded by one thread and begins its own group of pictures, so chunks can be encoded in parallel, in any
order, and joined by copying. Knows neither the source of the frames nor the destination of the chunks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from episodec.errors import BackendError
from episodec.timebase import group_frames
from episodec.tools import ffmpeg
from episodec.video.frames import Frame
from episodec.video.quality import STANDARD, Quality

STEADY = "mbtree=0:qcomp=1.0:ipratio=1.0:pbratio=1.0"
"""One quantizer for all pictures, the CRF's, so that the start of a group is not visible: still parts are coded there
as they were half a second before. x264's defaults spend more on some pictures than on others, and a still background
visibly twitches. Measured on four seconds of episode 72 (frames 240 to 360), CRF 18, compared with the rendered
frames themselves, in 720 by 720 pixels (512 by 512): a group's first picture differs from the one before by 22 % (32
%) more than its neighbours do with the defaults, by 14 % (20 %) with these; in means of 4 by 4 pixels by 21 % (28 %)
and 10 % (15 %); the still background by 0.21 and 0.016 levels. The film grows from 619 to 960 KiB (386 to 600). The
rest is the noise of coding a picture anew. `ipratio` and `pbratio` alone changed nothing; presets up to `medium` 1
to 3 %; no B-frames saved 5 % more, at a third more bytes.
"""


@dataclass(frozen=True, slots=True)
class FrameForm:
    """The size and rate common to all frames of a chunk."""

    width: int  # Pixels; even, because chroma has half the resolution.
    height: int
    rate: int  # Frames a second.


def encode_chunk(
    frames: Iterable[Frame], form: FrameForm, path: Path, program: Path, quality: Quality = STANDARD
) -> int:
    """Encode frames for delivery to an mp4 at `path` as they arrive; returns their number.

    High profile, yuv420p, converted to and tagged as BT.709, closed groups of half a second, two B-frames.

    Raises:
        BackendError: a size is odd, a frame has another size, there are no frames, or ffmpeg failed.
    """
    import ffmpeg as compose

    if form.width % 2 or form.height % 2:
        hint = f"use {form.width + form.width % 2}x{form.height + form.height % 2}"
        facts = {"size": f"{form.width}x{form.height}"}
        raise BackendError(
            "a picture of odd size cannot be encoded: chroma has half its resolution", facts=facts, hint=hint
        )
    group = group_frames(form.rate)
    # x264's defaults would start groups at scene cuts, and let B-frames be referenced.
    fixed = f"keyint={group}:min-keyint={group}:scenecut=0:open-gop=0:bframes=2:b-pyramid=none:threads=1:{STEADY}"
    converted = "scale=in_range=pc:out_range=tv:out_color_matrix=bt709:flags=accurate_rnd+full_chroma_int+bitexact"
    # Newer versions take the tags from the pictures, older ones from the options.
    tagged = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
    options: dict[str, Any] = {
        **ffmpeg.BITEXACT,
        "format": "mp4",
        "c:v": "libx264",
        "preset": quality.preset,
        "crf": f"{quality.crf:g}",
        "profile:v": "high",
        "x264-params": fixed,
        "vf": f"{converted},format=yuv420p,setsar=1,{tagged}",
        "colorspace": "bt709",
        "color_primaries": "bt709",
        "color_trc": "bt709",
        "color_range": "tv",
        "movie_timescale": 48_000,  # All lengths are a whole number of it.
        "video_track_timescale": ticks(form.rate),
    }
    return _encode(compose.output(_raw(form), ffmpeg.file(path), **options), frames, form, path, program)


def encode_lossless(frames: Iterable[Frame], form: FrameForm, path: Path, program: Path) -> int:
    """Encode frames to a Matroska file at `path` from which `frames_of` reads identical ones; returns their number.

    x264 in RGB at quantizer 0 was the fastest and smallest when measured against FFV1, UtVideo, WebP and PNG. Of its
    presets, `faster` writes 298 kB a frame of 540 by 960, `ultrafast` 439, `medium` 279; for 30 frames it takes 0.5 s
    longer than the first of the two and 1.0 s less than `medium`, beside some 8 s for rendering them.

    Raises:
        BackendError: a frame has another size, there are no frames, or ffmpeg failed.
    """
    import ffmpeg as compose

    options: dict[str, Any] = {
        **ffmpeg.BITEXACT,
        "format": "matroska",
        "c:v": "libx264rgb",
        "preset": "faster",
        "qp": 0,
        "x264-params": "threads=1",
    }
    return _encode(compose.output(_raw(form), ffmpeg.file(path), **options), frames, form, path, program)


def ticks(rate: int) -> int:
    """The clock of video tracks, in ticks a second: 512 per frame, FFmpeg's choice at 30 frames a second."""
    return rate * 512


def _raw(form: FrameForm) -> Any:
    import ffmpeg as compose

    return compose.input(
        "pipe:0", format="rawvideo", pix_fmt="rgb24", s=f"{form.width}x{form.height}", framerate=form.rate
    )


def _encode(output: Any, frames: Iterable[Frame], form: FrameForm, path: Path, program: Path) -> int:
    pieces = _Pieces(frames, form)
    try:
        ffmpeg.run(output, program, feed=pieces)
        _check_count(path, pieces.count)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return pieces.count


@dataclass(slots=True)
class _Pieces:
    """Frames as bytes, counted."""

    frames: Iterable[Frame]
    form: FrameForm
    count: int = 0

    def __iter__(self) -> Iterator[memoryview]:
        shape = (self.form.height, self.form.width, 3)
        for frame in self.frames:
            if frame.shape != shape or frame.dtype != np.uint8:
                facts = {"frame": self.count, "wanted": f"{shape} uint8", "found": f"{frame.shape} {frame.dtype}"}
                raise BackendError("a frame differs in shape or type from its chunk", facts=facts)
            self.count += 1
            yield np.ascontiguousarray(frame).data


def _check_count(path: Path, count: int) -> None:
    """Check ffmpeg's output: it may exit successfully and have written less, for example on a full disk."""
    from episodec.video.probe import probe

    if count == 0:
        raise BackendError("there are no frames to encode")
    frame_count = probe(path).frames
    if frame_count != count:
        raise BackendError("ffmpeg wrote a different number of frames", facts={"given": count, "written": frame_count})
