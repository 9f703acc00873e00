"""Joins the chunks of a picture into one track, their packets copied byte for byte. Decodes nothing.

Timestamps are counted, not added up. FFmpeg's own concat demuxer measures chunks in microseconds, which drifts if a
chunk is not a whole number of them, and joining raw H.264 loses frames if it has B-frames. Decode times are counted
too: a chunk of one or two frames has no B-frames and so no delay; keeping its own times would make the rate variable.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from episodec.errors import BackendError
from episodec.video.container import opened
from episodec.video.probe import slack
from episodec.video.x264 import ticks

_OPTIONS = {"fflags": "+bitexact", "movie_timescale": "48000"}


def splice(chunks: Sequence[Path], rate: int, path: Path) -> int:
    """Write the chunks' packets one after the other to an mp4 at `path`; returns the number of frames.

    Every frame is decoded one frame after the one before it, and no earlier than the picture order requires. A single
    chunk is also valid: splicing moves frames with a coarse clock (33, 67, 100 ms) to their exact times.

    Raises:
        BackendError: a chunk is not a video, differs from the first in its coding, or has another rate, or gaps.
    """
    import av

    try:
        orders = [_order(place, chunk, rate) for place, chunk in enumerate(chunks)]
        with av.open(str(path.absolute()), "w", format="mp4", options=_OPTIONS) as joined:
            _copy(chunks, orders, rate, joined)
    except (OSError, av.FFmpegError) as error:
        raise BackendError("chunks cannot be joined", facts={"error": error}) from error
    return sum(map(len, orders))


def is_even(path: Path, rate: int) -> bool:
    """Whether each packet of the picture is decoded exactly one frame after the one before it, and lasts one frame."""
    with opened(path) as container:
        stream = container.streams.video[0]
        frame = Fraction(1, rate) / (stream.time_base or Fraction(1))
        packets = [(packet.dts, packet.duration) for packet in _packets(container, stream)]
    steps = {later - earlier for (earlier, _), (later, _) in pairwise(packets)}
    return steps <= {frame} and {duration for _, duration in packets} == {frame}


def _order(place: int, chunk: Path, rate: int) -> list[int]:
    """The frame numbers of a chunk's packets, in decode order.

    Raises:
        BackendError: a frame is not at its time, is missing, or is duplicated.
    """
    with opened(chunk) as source:
        stream = source.streams.video[0]
        tick_s = stream.time_base or Fraction(1)
        presented = [packet.pts * tick_s for packet in _packets(source, stream)]
    order = [round(moment * rate) for moment in presented]
    late = max((abs(moment - Fraction(index, rate)) for moment, index in zip(presented, order, strict=True)), default=0)
    if late > slack(tick_s):
        raise BackendError("a chunk's rate differs from the episode's", facts={"chunk": place})
    if sorted(order) != list(range(len(order))):
        raise BackendError("a chunk has gaps, or does not start at its first frame", facts={"chunk": place})
    return order


def _copy(chunks: Sequence[Path], orders: Sequence[Sequence[int]], rate: int, joined: Any) -> None:
    """Copy the packets of all chunks; `orders` has the frame numbers of each."""
    step = ticks(rate) // rate
    delay = max((at - index for order in orders for at, index in enumerate(order)), default=0)  # Frames.
    track, form, frames = None, None, 0
    for place, (chunk, order) in enumerate(zip(chunks, orders, strict=True)):
        with opened(chunk) as source:
            stream = source.streams.video[0]
            context = stream.codec_context
            stream_form = (context.name, context.width, context.height, context.extradata)
            if track is None:
                track, form = joined.add_stream_from_template(stream), stream_form
                track.time_base = Fraction(1, ticks(rate))
            if stream_form != form:
                raise BackendError("a chunk's coding differs from the first one's", facts={"chunk": place})
            for at, (index, packet) in enumerate(zip(order, _packets(source, stream), strict=True)):
                packet.pts, packet.dts = (frames + index) * step, (frames + at - delay) * step
                packet.duration = step
                packet.time_base = track.time_base
                packet.stream = track
                joined.mux_one(packet)
        frames += len(order)


def _packets(source: Any, stream: Any) -> Iterator[Any]:
    return (packet for packet in source.demux(stream) if packet.size)
