"""Chunks of one picture into one track, their packets copied byte for byte. Decodes nothing.

The timestamps are counted, not added up: chunks' lengths in the microseconds of FFmpeg's own concat demuxer drift where
a chunk is no whole number of them, and joined raw H.264 loses frames with B-frames in it.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from episodec.errors import BackendError
from episodec.video.container import opened
from episodec.video.x264 import ticks

_OPTIONS = {"fflags": "+bitexact", "movie_timescale": "48000"}


def splice(chunks: Sequence[Path], rate: int, path: Path) -> int:
    """Write the chunks' packets one after the other to an mp4 at `path`; how many frames there are.

    Frames whose clock is too coarse for the rate (33, 67, 100 ms) are put where they belong: one file is enough for
    that.

    Raises:
        BackendError: a chunk is no such file, has another coding than the first, or gaps.
    """
    import av

    try:
        with av.open(str(path.absolute()), "w", format="mp4", options=_OPTIONS) as joined:
            return _copy(chunks, rate, joined)
    except (OSError, av.FFmpegError) as error:
        raise BackendError("chunks cannot be joined", facts={"error": error}) from error


def has_coarse_clock(path: Path, rate: int) -> bool:
    """Whether a frame's time at this rate is no whole number of ticks of the picture's clock."""
    with opened(path) as container:
        tick_s = container.streams.video[0].time_base or Fraction(1)
        return (Fraction(1, rate) / tick_s).denominator != 1


def _copy(chunks: Sequence[Path], rate: int, joined: Any) -> int:
    step = ticks(rate) // rate
    track, form, frames = None, None, 0
    for place, chunk in enumerate(chunks):
        with opened(chunk) as source:
            stream = source.streams.video[0]
            context = stream.codec_context
            found = (context.name, context.width, context.height, context.extradata)
            if track is None:
                track, form = joined.add_stream_from_template(stream), found
                track.time_base = Fraction(1, ticks(rate))
            if found != form:
                raise BackendError("a chunk has another coding than the first one", facts={"chunk": place})
            shown = []
            a_frame = Fraction(1, rate) / (stream.time_base or Fraction(1))  # In ticks of the chunk's own clock.
            for packet in _packets(source, stream):
                index = round(packet.pts / a_frame)
                if abs(packet.pts - index * a_frame) > 1:
                    raise BackendError("a chunk has another rate than the episode", facts={"chunk": place})
                shown.append(index)
                packet.pts, packet.dts = (frames + index) * step, (frames + round(packet.dts / a_frame)) * step
                packet.duration = step
                packet.time_base = track.time_base
                packet.stream = track
                joined.mux_one(packet)
        if sorted(shown) != list(range(len(shown))):
            raise BackendError("a chunk has gaps, or does not start at its first frame", facts={"chunk": place})
        frames += len(shown)
    return frames


def _packets(source: Any, stream: Any) -> Iterator[Any]:
    return (packet for packet in source.demux(stream) if packet.size)
